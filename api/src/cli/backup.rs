//! `pujiang backup`: a consistent copy of the operational store, the lake at the versions it had when the copy began,
//! keys and report files. The server may go on working meanwhile.

use std::collections::BTreeMap;
use std::path::Path;

use pujiang_transactional::Dialect;
use serde::{Deserialize, Serialize};

use super::args::BackupArgs;
use super::{CliError, Verdict, data_dir, output};
use crate::app::App;

/// What a backup holds; the first file `restore` looks at.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Format of the backup.
    pub format: u32,
    /// Program that made it.
    pub program: String,
    /// When, in Shanghai.
    pub made_at: String,
    /// Delta version of each table.
    pub tables: BTreeMap<String, i64>,
}

/// Name of the manifest in a backup.
pub const MANIFEST: &str = "backup.json";
/// Name of the operational store in a backup and in a data folder.
pub const DATABASE: &str = "pujiang.db";

/// How often a moment without commits is looked for.
const ATTEMPTS: u32 = 30;
/// How long to wait between two looks.
const PAUSE: std::time::Duration = std::time::Duration::from_millis(700);

/// Copies a data folder.
pub async fn run(args: BackupArgs) -> Result<Verdict, CliError> {
    let data = &args.data.data;
    let app = data_dir::open(data).await?;
    if app.store.dialect() != Dialect::Sqlite {
        return Err(CliError::usage("业务库是 PostgreSQL，请用 pg_dump 备份业务库，再备份数据湖目录"));
    }
    empty_or_new(&args.out)?;
    let tables = copy_store(&app, &args.out.join(DATABASE)).await?;
    let mut copied = 0_u64;
    for (table, version) in &tables {
        copied += copy_table(&data.join("lake").join(table), &args.out.join("lake").join(table), *version)?;
    }
    for name in ["keys.json", "definitions", "reports", "quarantine"] {
        copied += copy_all(&data.join(name), &args.out.join(name))?;
    }
    let manifest = Manifest {
        format: 1,
        program: env!("CARGO_PKG_VERSION").to_owned(),
        made_at: crate::clock::shanghai_now(),
        tables,
    };
    let text = serde_json::to_string_pretty(&manifest).map_err(CliError::failed("整理备份说明"))?;
    let path = args.out.join(MANIFEST);
    std::fs::write(&path, text).map_err(CliError::path("写入", &path))?;
    output::say(&format!("备份完成：{}（{copied} 个文件）。其中含密钥，请妥善保管。", args.out.display()))?;
    Ok(Verdict::Yes)
}

/// Makes the folder, and refuses one that holds something.
pub fn empty_or_new(dir: &Path) -> Result<(), CliError> {
    std::fs::create_dir_all(dir).map_err(CliError::path("建立目录", dir))?;
    let mut entries = std::fs::read_dir(dir).map_err(CliError::path("读取目录", dir))?;
    if entries.next().is_some() {
        return Err(CliError::usage(format!("目录 {} 不是空的，请换一个空目录", dir.display())));
    }
    Ok(())
}

/// Copies the store at a moment when the lake stood still, so that both tell of the same rows: a store ahead of the
/// lake would call files loaded that are not, a lake ahead of the store would skip events to come.
async fn copy_store(app: &App, target: &Path) -> Result<BTreeMap<String, i64>, CliError> {
    for _ in 0..ATTEMPTS {
        let before = versions(app).await?;
        vacuum_into(&app.store, target).await?;
        if versions(app).await? == before {
            return Ok(before);
        }
        std::fs::remove_file(target).map_err(CliError::path("删除", target))?;
        tokio::time::sleep(PAUSE).await;
    }
    Err(CliError::Failed {
        operation: "备份", cause: "数据一直在写入，请稍后在空闲时重试".to_owned()
    })
}

async fn versions(app: &App) -> Result<BTreeMap<String, i64>, CliError> {
    app.lake.refresh().await.map_err(CliError::failed("读取数据湖版本"))?;
    Ok(app.lake.versions())
}

async fn vacuum_into(store: &pujiang_transactional::Store, target: &Path) -> Result<(), CliError> {
    sqlx::query("VACUUM INTO $1")
        .bind(target.display().to_string())
        .execute(store.pool())
        .await
        .map_err(CliError::failed("复制业务库"))?;
    Ok(())
}

/// Data files are never changed once written: copying them all and the log up to a version gives that version.
fn copy_table(from: &Path, to: &Path, version: i64) -> Result<u64, CliError> {
    let log = to.join("_delta_log");
    std::fs::create_dir_all(&log).map_err(CliError::path("建立目录", &log))?;
    let mut copied = 0;
    let source_log = from.join("_delta_log");
    for entry in std::fs::read_dir(&source_log).map_err(CliError::path("读取目录", &source_log))?.flatten()
    {
        let name = entry.file_name().to_string_lossy().into_owned();
        let of = name.split('.').next().and_then(|digits| digits.parse::<i64>().ok());
        // `_last_checkpoint` may point beyond the version; Delta finds the newest checkpoint without it.
        if of.is_some_and(|of| of <= version) {
            std::fs::copy(entry.path(), log.join(&name)).map_err(CliError::path("复制", &entry.path()))?;
            copied += 1;
        }
    }
    for entry in std::fs::read_dir(from).map_err(CliError::path("读取目录", from))?.flatten() {
        if entry.file_name() != "_delta_log" {
            copied += copy_all(&entry.path(), &to.join(entry.file_name()))?;
        }
    }
    Ok(copied)
}

/// Copies a file or a folder; what is not there, or goes away meanwhile, is no part of the state.
pub fn copy_all(from: &Path, to: &Path) -> Result<u64, CliError> {
    if from.is_file() {
        return match std::fs::copy(from, to) {
            Ok(_) => Ok(1),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(0),
            Err(error) => Err(CliError::path("复制", from)(error)),
        };
    }
    if !from.is_dir() {
        return Ok(0);
    }
    std::fs::create_dir_all(to).map_err(CliError::path("建立目录", to))?;
    let mut copied = 0;
    for entry in std::fs::read_dir(from).map_err(CliError::path("读取目录", from))?.flatten() {
        copied += copy_all(&entry.path(), &to.join(entry.file_name()))?;
    }
    Ok(copied)
}
