//! `pujiang ingest run` and `status`.

use pujiang_ingest::{ErrorKind, FileOutcome, IngestError};
use serde_json::Value;

use super::args::{IngestRunArgs, IngestStatusArgs};
use super::table::{Align, Heading, aligned};
use super::{CliError, Verdict, data_dir, output};

/// Pulls now; a refused file is the answer no.
pub async fn run(args: IngestRunArgs) -> Result<Verdict, CliError> {
    let app = data_dir::open(&args.data.data).await?;
    let report = Box::pin(app.feeds.run(args.feed.as_deref())).await.map_err(refused)?;
    let mut verdict = Verdict::Yes;
    for file in &report.files {
        let outcome = match file.outcome {
            FileOutcome::Loaded if file.detail.is_empty() => file.accounting.clone(),
            FileOutcome::Loaded => format!("{}；{}", file.accounting, file.detail),
            FileOutcome::Repeated => "内容与已接入的文件相同，未重复接入".to_owned(),
            FileOutcome::Refused => {
                verdict = Verdict::No;
                format!("整个文件被拒收（{}）：{}", file.refused.as_deref().unwrap_or("-"), file.detail)
            }
        };
        output::say(&format!("{}/{}：{outcome}", file.feed, file.file))?;
    }
    for file in &report.left {
        output::say(&format!("{file}：还在写入，未接入，请稍后再试"))?;
    }
    output::say(&format!("共 {} 个文件，{} 条业务变更", report.files.len(), report.events))?;
    Ok(verdict)
}

/// What each feed has loaded.
pub async fn status(args: IngestStatusArgs) -> Result<Verdict, CliError> {
    let app = data_dir::open(&args.data.data).await?;
    let status = app.feeds.status().await.map_err(refused)?;
    if args.json {
        let text = serde_json::to_string_pretty(&status).map_err(CliError::failed("整理结果"))?;
        output::say(&text)?;
        return Ok(Verdict::Yes);
    }
    let heading = |title: &str, align| Heading { title: title.to_owned(), align };
    let headings = [
        heading("来源", Align::Left),
        heading("文件", Align::Right),
        heading("收到行", Align::Right),
        heading("入库行", Align::Right),
        heading("合并行", Align::Right),
        heading("旧版本行", Align::Right),
        heading("删除行", Align::Right),
        heading("隔离行", Align::Right),
        heading("拒收文件", Align::Right),
        heading("滞后秒", Align::Right),
        heading("最近接入", Align::Left),
    ];
    let words: Vec<String> = status
        .iter()
        .flat_map(|(feed, status)| {
            let accounting = (status.rows_in > 0).then_some(&status.accounting);
            accounting.into_iter().chain(&status.set_aside_advice).map(move |text| format!("{feed}：{text}"))
        })
        .collect();
    let rows: Vec<Vec<Value>> = status
        .into_iter()
        .map(|(feed, status)| {
            vec![
                Value::from(feed),
                Value::from(status.files),
                Value::from(status.rows_in),
                Value::from(status.rows_stored),
                Value::from(status.duplicates_merged),
                Value::from(status.superseded),
                Value::from(status.deleted),
                Value::from(status.quarantined.values().sum::<usize>()),
                Value::from(status.files_refused.values().sum::<usize>()),
                Value::from(status.lag_seconds),
                Value::from(status.last_run),
            ]
        })
        .collect();
    output::say(&aligned(&headings, &rows))?;
    for text in words {
        output::say(&text)?;
    }
    Ok(Verdict::Yes)
}

fn refused(error: IngestError) -> CliError {
    match error.kind() {
        ErrorKind::NotFound | ErrorKind::Invalid => CliError::usage(error.to_string()),
        _ => CliError::failed("数据接入")(error),
    }
}
