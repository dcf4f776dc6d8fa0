//! The words of the command line, as `contract.md` fixes them.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// 浦江：退役军人事务数据平台
#[derive(Debug, Parser)]
#[command(name = "pujiang", version, disable_help_subcommand = true)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// A command.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// 启动服务（接口、网页、接入、报表都在一个进程内）
    Serve(ServeArgs),
    /// 生成可重复的演示数据
    Demo(crate::demo::DemoArgs),
    /// 数据接入
    Ingest {
        /// What to do.
        #[command(subcommand)]
        action: IngestAction,
    },
    /// 报表
    Report {
        /// What to do.
        #[command(subcommand)]
        action: ReportAction,
    },
    /// 指标
    Metrics {
        /// What to do.
        #[command(subcommand)]
        action: MetricsAction,
    },
    /// 以某个账号的数据权限执行一条只读 SQL
    Sql(SqlArgs),
    /// 检查全部定义文件，列出每一处错误
    Check(CheckArgs),
    /// 定义：查看变更计划、启用、历史、还原（运行中的服务不用重启）
    Definitions {
        /// What to do.
        #[command(subcommand)]
        action: DefinitionsAction,
    },
    /// 建立或升级业务库的表结构
    Migrate(DataArgs),
    /// 检查数据目录是否健康
    Doctor(DataArgs),
    /// 账号：新建、授予角色与数据范围、设置密码
    Account {
        /// What to do.
        #[command(subcommand)]
        action: super::account::AccountAction,
    },
    /// 审计日志
    Audit {
        /// What to do.
        #[command(subcommand)]
        action: AuditAction,
    },
    /// 备份：业务库一致快照加数据湖固定版本
    Backup(BackupArgs),
    /// 恢复备份到一个空目录
    Restore(RestoreArgs),
}

/// Actions on feeds.
#[derive(Debug, Subcommand)]
pub enum IngestAction {
    /// 立即接入（不写名称则全部）
    Run(IngestRunArgs),
    /// 各来源已接入多少、隔离多少、滞后多少
    Status(IngestStatusArgs),
}

/// Actions on reports.
#[derive(Debug, Subcommand)]
pub enum ReportAction {
    /// 立即生成全部范围的报表文件
    Run(ReportRunArgs),
}

/// Actions on indicators.
#[derive(Debug, Subcommand)]
pub enum MetricsAction {
    /// 查询指标；不写参数则从标准输入读取 JSON
    Query(MetricsQueryArgs),
}

/// Actions on the audit log.
#[derive(Debug, Subcommand)]
pub enum AuditAction {
    /// 核对审计日志的哈希链
    Verify(DataArgs),
}

/// Actions on sets of definitions.
#[derive(Debug, Subcommand)]
pub enum DefinitionsAction {
    /// 启用数据目录里的定义会有哪些变更
    Plan(DefinitionsPlanArgs),
    /// 整体检查并启用数据目录里的定义
    Apply(DefinitionsApplyArgs),
    /// 启用过哪些：时间、启用人、说明
    History(DataArgs),
    /// 第几套有哪些文件，与前一套有何不同
    Show(DefinitionsShowArgs),
    /// 还原到第几套（作为新的一套启用，并写回定义目录）
    Revert(DefinitionsRevertArgs),
}

/// Arguments of `definitions plan`.
#[derive(Debug, Args)]
pub struct DefinitionsPlanArgs {
    /// 用这个目录里的定义，而不是数据目录里的
    #[arg(long, value_name = "ROOT")]
    pub from: Option<PathBuf>,
    /// The data folder.
    #[command(flatten)]
    pub data: DataArgs,
}

/// Arguments of `definitions apply`.
#[derive(Debug, Args)]
pub struct DefinitionsApplyArgs {
    /// 用这个目录里的定义，并写回数据目录
    #[arg(long, value_name = "ROOT")]
    pub from: Option<PathBuf>,
    /// 由谁启用，记入历史和审计日志
    #[arg(long, value_name = "NAME")]
    pub by: Option<String>,
    /// 说明
    #[arg(long, value_name = "TEXT")]
    pub note: Option<String>,
    /// The data folder.
    #[command(flatten)]
    pub data: DataArgs,
}

/// Arguments of `definitions show`.
#[derive(Debug, Args)]
pub struct DefinitionsShowArgs {
    /// 第几套
    #[arg(value_name = "N")]
    pub number: i64,
    /// The data folder.
    #[command(flatten)]
    pub data: DataArgs,
}

/// Arguments of `definitions revert`.
#[derive(Debug, Args)]
pub struct DefinitionsRevertArgs {
    /// 还原到第几套
    #[arg(value_name = "N")]
    pub number: i64,
    /// 由谁还原，记入历史和审计日志
    #[arg(long, value_name = "NAME")]
    pub by: Option<String>,
    /// 说明
    #[arg(long, value_name = "TEXT")]
    pub note: Option<String>,
    /// The data folder.
    #[command(flatten)]
    pub data: DataArgs,
}

/// How a table is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Aligned columns.
    Table,
    /// Comma separated, with a header.
    Csv,
    /// The JSON of the HTTP interface.
    Json,
}

/// The data folder alone.
#[derive(Debug, Args)]
pub struct DataArgs {
    /// 数据目录
    #[arg(long, default_value = "data", value_name = "DIR")]
    pub data: PathBuf,
}

/// Arguments of `serve`.
#[derive(Debug, Args)]
pub struct ServeArgs {
    /// 数据目录（默认 ./data）
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// 监听地址（默认 127.0.0.1:8080）
    #[arg(long, value_name = "ADDR:PORT")]
    pub listen: Option<String>,
    /// PostgreSQL 协议的监听地址，例如 127.0.0.1:5433（不写则不开放）
    #[arg(long, value_name = "ADDR:PORT")]
    pub pg_listen: Option<String>,
    /// PostgreSQL 协议的证书（PEM；不写则用首次启动时自动生成的）
    #[arg(long, value_name = "FILE")]
    pub pg_cert: Option<PathBuf>,
    /// 证书的私钥（PEM）
    #[arg(long, value_name = "FILE")]
    pub pg_key: Option<PathBuf>,
    /// 其余设置的 TOML 文件
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

/// Arguments of `ingest run`.
#[derive(Debug, Args)]
pub struct IngestRunArgs {
    /// 来源名称
    #[arg(value_name = "FEED")]
    pub feed: Option<String>,
    /// The data folder.
    #[command(flatten)]
    pub data: DataArgs,
}

/// Arguments of `ingest status`.
#[derive(Debug, Args)]
pub struct IngestStatusArgs {
    /// 输出 JSON
    #[arg(long)]
    pub json: bool,
    /// The data folder.
    #[command(flatten)]
    pub data: DataArgs,
}

/// Arguments of `report run`.
#[derive(Debug, Args)]
pub struct ReportRunArgs {
    /// 报表名称
    #[arg(value_name = "REPORT")]
    pub report: String,
    /// 月份，例如 2026-10
    #[arg(long, value_name = "YYYY-MM")]
    pub period: String,
    /// 文件放到哪里
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// The data folder.
    #[command(flatten)]
    pub data: DataArgs,
}

/// Who asks, and in which form the answer comes.
#[derive(Debug, Args)]
pub struct AskArgs {
    /// 以哪个账号的数据权限查询
    #[arg(long = "as", default_value = "city", value_name = "ACCOUNT")]
    pub account: String,
    /// 输出形式
    #[arg(long, value_enum, default_value = "table")]
    pub format: Format,
    /// The data folder.
    #[command(flatten)]
    pub data: DataArgs,
}

/// Arguments of `metrics query`.
#[derive(Debug, Args)]
pub struct MetricsQueryArgs {
    /// 指标编号，可重复或用逗号分隔
    #[arg(long = "indicator", alias = "indicators", value_delimiter = ',', value_name = "CODE")]
    pub indicators: Vec<String>,
    /// 维度，可重复或用逗号分隔
    #[arg(long = "dimension", alias = "dimensions", value_delimiter = ',', value_name = "NAME")]
    pub dimensions: Vec<String>,
    /// 时间粒度
    #[arg(long, default_value = "month", value_name = "day|week|month|quarter|year|total")]
    pub grain: String,
    /// 开始日期
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub from: Option<String>,
    /// 结束日期（含）
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub to: Option<String>,
    /// 比较：yoy、mom、cumulative、share、rank
    #[arg(long = "compare", value_delimiter = ',', value_name = "NAME")]
    pub compare: Vec<String>,
    /// 筛选，例如 district=310104，可重复
    #[arg(long = "filter", alias = "filters", value_name = "NAME=VALUE")]
    pub filters: Vec<String>,
    /// 排序，例如 -S1-U03
    #[arg(long = "order", value_delimiter = ',', allow_hyphen_values = true, value_name = "COLUMN")]
    pub order: Vec<String>,
    /// 最多多少行
    #[arg(long, value_name = "N")]
    pub limit: Option<u32>,
    /// Who asks.
    #[command(flatten)]
    pub ask: AskArgs,
}

/// Arguments of `sql`.
#[derive(Debug, Args)]
pub struct SqlArgs {
    /// 一条 SELECT 语句
    #[arg(value_name = "SQL")]
    pub sql: String,
    /// Who asks.
    #[command(flatten)]
    pub ask: AskArgs,
}

/// Arguments of `check`.
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// 检查这个目录下的定义，而不是程序内置的
    #[arg(long, value_name = "ROOT")]
    pub definitions: Option<PathBuf>,
    /// 连同这个数据目录里的定义（DIR/definitions）一起检查
    #[arg(long, value_name = "DIR", conflicts_with = "definitions")]
    pub data: Option<PathBuf>,
}

/// Arguments of `backup`.
#[derive(Debug, Args)]
pub struct BackupArgs {
    /// 备份放到哪个（空）目录
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// The data folder.
    #[command(flatten)]
    pub data: DataArgs,
}

/// Arguments of `restore`.
#[derive(Debug, Args)]
pub struct RestoreArgs {
    /// 备份所在目录
    #[arg(long, value_name = "DIR")]
    pub from: PathBuf,
    /// The data folder.
    #[command(flatten)]
    pub data: DataArgs,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contract_words_parse() {
        use clap::CommandFactory;
        Cli::command().debug_assert();
        for line in [
            "pujiang serve --data D --listen 127.0.0.1:0 --config c.toml",
            "pujiang serve --pg-listen 127.0.0.1:5433 --pg-cert c.pem --pg-key k.pem",
            "pujiang ingest run bank --data D",
            "pujiang ingest run --data D",
            "pujiang ingest status --json --data D",
            "pujiang report run benefit_monthly --period 2026-10 --data D --out O",
            "pujiang metrics query --indicator S1-U03 --dimension district --from 2026-10-01 --to 2026-10-31 --order -S1-U03 --as d310104 --format json",
            "pujiang check --definitions ROOT",
            "pujiang definitions plan --data D --from ROOT",
            "pujiang definitions apply --by zhang --note 新增看板 --data D",
            "pujiang definitions history --data D",
            "pujiang definitions show 3 --data D",
            "pujiang definitions revert 2 --by zhang --data D",
            "pujiang migrate --data D",
            "pujiang doctor",
            "pujiang account list --format json --data D",
            "pujiang account create zhang --name 张三 --role street_clerk --scope street:310104003 --scope 310105",
            "pujiang account grant zhang --role unit_clerk --scope organization:0198c0de-0000-7000-8000-000000000000",
            "pujiang account password zhang --password-stdin",
            "pujiang audit verify --data D",
            "pujiang backup --data D --out B",
            "pujiang restore --from B --data D",
        ] {
            Cli::try_parse_from(line.split(' ')).unwrap_or_else(|error| panic!("{line}: {error}"));
        }
        for line in [
            "pujiang dance",
            "pujiang account grant zhang --scope 310104",
            "pujiang account grant zhang --role street_clerk --scope street:310104999",
        ] {
            assert!(Cli::try_parse_from(line.split(' ')).is_err(), "{line}");
        }
    }
}
