//! `pujiang doctor`: opens a data folder and says of each part whether it is well, and what to do if not. Keys and the
//! order of store and lake are looked at when it opens; pages, files and the audit chain here.

use pujiang_definition::Layers;
use pujiang_transactional::audit;

use super::args::DataArgs;
use super::{CliError, Verdict, check, data_dir, output};
use crate::app::{App, Room};

/// What to do about damage.
const RESTORE: &str = "请停止服务，用 pujiang restore 恢复最近的备份，并检查磁盘";

/// A feed that lags longer than this does not work.
const LAG_SECONDS: u64 = 600;

/// Prints one line per part; a part that is not well is the answer no.
pub async fn run(args: DataArgs) -> Result<Verdict, CliError> {
    let mut verdict = Verdict::Yes;
    let mut line = |part: &str, well: Result<String, String>| {
        let (mark, text) = match well {
            Ok(text) => ("正常", text),
            Err(text) => {
                verdict = Verdict::No;
                ("异常", text)
            }
        };
        output::say(&format!("{mark}  {part}：{text}"))
    };
    let layers = Layers::builtin().over(&args.data.join("definitions"));
    let wrong = check::errors(&layers);
    line(
        "定义",
        if wrong.is_empty() {
            Ok("全部正确".to_owned())
        } else {
            let data = args.data.display();
            Err(format!("{} 处错误，请运行 pujiang check --data {data}", wrong.len()))
        },
    )?;
    let app = match data_dir::open(&args.data).await {
        Ok(app) => app,
        Err(CliError::Usage(text)) => return Err(CliError::Usage(text)),
        Err(error) => {
            line("数据目录", Err(error.to_string()))?;
            return Ok(Verdict::No);
        }
    };
    line("磁盘", room(&app))?;
    let damage = app.store.damage().await.map_err(CliError::failed("检查业务库"))?;
    line(
        "业务库",
        match damage.first() {
            None => Ok("数据页完整".to_owned()),
            Some(first) => Err(format!("数据页已损坏（{first}）；{RESTORE}")),
        },
    )?;
    let accounts = app.accounts.list().await.map_err(CliError::failed("读取账号"))?;
    line(
        "账号",
        if accounts.is_empty() {
            Err("还没有账号，请设置 PUJIANG_ADMIN_PASSWORD 后启动一次服务".to_owned())
        } else {
            Ok(format!("{} 个", accounts.len()))
        },
    )?;
    let chain = audit::verify(&app.store).await.map_err(CliError::failed("读取审计日志"))?;
    line(
        "审计链",
        chain.map(|chain| format!("{} 条，完整", chain.entries)).map_err(|broken| broken.to_string()),
    )?;
    for table in app.lake.status() {
        let text = format!(
            "版本 {}，{} 行，{} 个文件，{} MiB",
            table.version,
            table.rows,
            table.files,
            table.bytes >> 20
        );
        line(&format!("数据表 {}", table.id), Ok(text))?;
    }
    let (files, faults) = app.lake.verify().await.map_err(CliError::failed("检查数据文件"))?;
    for fault in &faults {
        let text = format!("{}；{RESTORE}", fault.what);
        line(&format!("数据文件 {}/{}", fault.table, fault.path), Err(text))?;
    }
    if faults.is_empty() {
        line("数据文件", Ok(format!("{files} 个，长度和内容都对")))?;
    }
    for (feed, status) in app.feeds.status().await.map_err(CliError::failed("读取接入状态"))? {
        let quarantined: usize = status.quarantined.values().sum();
        let lag = status.lag_seconds.map_or("尚未运行".to_owned(), |lag| format!("滞后 {lag} 秒"));
        let text = format!("入库 {} 行，隔离 {quarantined} 行，{lag}", status.rows_stored);
        let well = if status.lag_seconds > Some(LAG_SECONDS) {
            Err(format!("{text}；请确认服务在运行"))
        } else {
            Ok(text)
        };
        line(&format!("来源 {feed}"), well)?;
    }
    Ok(verdict)
}

fn room(app: &App) -> Result<String, String> {
    let free = app.space.free().map_or_else(|| "未知".to_owned(), |free| format!("{} MiB", free >> 20));
    match app.space.room() {
        Room::Enough => Ok(format!("可用空间 {free}")),
        Room::Low => Err(format!("可用空间只剩 {free}，请尽快清理")),
        Room::Short => Err(format!("可用空间只剩 {free}，服务已不接收新数据，请立即清理")),
    }
}
