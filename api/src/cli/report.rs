//! `pujiang report run`: renders a report for every distinct scope of its recipients into a folder.

use indicatif::{ProgressBar, ProgressStyle};
use pujiang_reports::{ErrorKind, ReportError};
use pujiang_security::Principal;

use super::args::ReportRunArgs;
use super::{CliError, Verdict, data_dir, output};

/// Renders all scopes; no ledger, no deliveries.
pub async fn run(args: ReportRunArgs) -> Result<Verdict, CliError> {
    let app = data_dir::open(&args.data.data).await?;
    let definition = app
        .reports
        .definitions()
        .get(&args.report)
        .ok_or_else(|| CliError::usage(format!("没有报表 {}", args.report)))?;
    let roles = definition.recipients.clone();
    let mut readers: Vec<Principal> = app.principals().await.map_err(CliError::failed("读取账号"))?;
    readers.retain(|reader| reader.has_any_of(&roles));
    // On a terminal a bar, otherwise a line per scope: indicatif draws nothing into a pipe.
    let bar = ProgressBar::new(0);
    if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len} {msg}") {
        bar.set_style(style);
    }
    let progress = |progress: pujiang_reports::Progress| {
        if bar.is_hidden() {
            output::complain(&format!("{}/{} {}", progress.done, progress.total, progress.scope));
        } else {
            bar.set_length(progress.total as u64);
            bar.set_position(progress.done as u64);
            bar.set_message(progress.scope);
        }
    };
    let rendering = app.reports.render_to(&args.report, &args.period, &readers, &args.out, &progress);
    let files = Box::pin(rendering).await.map_err(refused)?;
    bar.finish_and_clear();
    output::say(&format!("{} 个文件，位于 {}", files.len(), args.out.display()))?;
    Ok(Verdict::Yes)
}

fn refused(error: ReportError) -> CliError {
    match error.kind() {
        ErrorKind::Invalid | ErrorKind::NotFound => CliError::usage(error.to_string()),
        _ => CliError::failed("生成报表")(error),
    }
}
