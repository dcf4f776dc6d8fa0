//! `pujiang demo`: fills an empty data folder with a reproducible city.
//!
//! The generator (calendar to transactions) is pure: seed, scale and last day decide every value. The loaders put
//! its records through the same rooms as real ones: resource engine, lake, outbox feed, report engine.

mod accounts;
mod batches;
mod calendar;
mod city;
mod fill;
mod ground;
mod history;
mod identity;
mod lake_rows;
mod lifecycle;
mod members;
mod names;
mod operational;
mod people;
mod places;
mod progress;
mod recent;
mod records;
mod sampling;
mod season;
mod suppliers;
mod transactions;
mod units;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use chrono::{Days, NaiveDateTime};
use pujiang_reports::RunState;
use pujiang_security::{FieldCipher, FileKeyStore};

use self::accounts::Password;
use self::city::{Sizes, Span};
use self::fill::{Plan, Rooms, fill};
use self::progress::Progress;
use crate::app::App;
use crate::config::{Config, Flags, Sources};

/// The report made for the last complete month.
const REPORT: &str = "benefit_monthly";

/// Arguments of `pujiang demo`.
#[derive(Debug, Clone, clap::Args)]
pub struct DemoArgs {
    /// 数据目录（必须为空或不存在）
    #[arg(long, value_name = "DIR")]
    pub data: PathBuf,
    /// 规模：1 为全市三年，5 万人、700 万条记录
    #[arg(long, default_value_t = 1.0, value_name = "S")]
    pub scale: f64,
    /// 随机种子；同一种子得到同一座城市
    #[arg(long, default_value_t = 20_261_122, value_name = "N")]
    pub seed: u64,
}

/// Fills the folder. Refuses a folder that holds anything.
pub async fn run(args: DemoArgs) -> anyhow::Result<()> {
    let progress = Progress::new();
    let sizes = Sizes::of(args.scale)?;
    make_empty(&args.data)?;
    let now = shanghai_now();
    let span = Span::ending(now.date() - Days::new(1))?;

    let flags = Flags { data: Some(args.data.clone()), ..Flags::default() };
    let config = Config::from_sources(&Sources::read(flags, None)?)?;
    let app = Box::pin(App::open(&config)).await?;
    let password = Password::for_folder(&args.data)?;
    accounts::create(&app.accounts, &password).await?;

    let keys = FileKeyStore::open_or_create(config.store.keys()).context("opening the key file")?;
    let cipher = FieldCipher::new(Arc::new(keys));
    let rooms = Rooms { engine: &app.records, lake: &app.lake, cipher: &cipher };
    let plan = Plan { seed: args.seed, span, sizes, loaded_at: now };
    let filled = Box::pin(fill(&rooms, plan, &progress)).await?;
    accounts::create_narrow(&app.accounts, &password, &filled.narrow).await?;
    let entered = Box::pin(recent::enter(&app, &filled.recent, &progress)).await?;
    Box::pin(finish(&app, &progress)).await?;

    progress.say(&format!(
        "演示数据已备好：{} 条记录，{} 至 {}，用时 {:.0} 秒",
        filled.records + entered,
        span.first,
        span.last,
        progress.elapsed().as_secs_f64()
    ));
    progress.say("账号：city、d310101 … d310151、street、unit、holder、leader、sysadmin、secadmin、auditor（仅本机可用）");
    if let Password::Made(made) = &password {
        progress.say(&format!("演示密码：{made}（保存在数据目录的 demo-password）"));
    }
    Ok(())
}

/// Rollups beside the tables, so that the first start is quick, and last month's report in the inboxes.
async fn finish(app: &App, progress: &Progress) -> anyhow::Result<()> {
    for reader in app.readers().await.map_err(|error| anyhow::anyhow!("{error}"))?.iter().take(1) {
        app.metrics.warm(reader).await.context("preparing the rollups")?;
    }
    // The schedule's own way: what has been due comes to the inboxes as it would on a server that was down.
    let started = std::time::Instant::now();
    app.reports.catch_up().await;
    let runs = app.reports.runs(REPORT).await.context("looking for last month's report")?;
    let run = runs.first().filter(|run| run.state == RunState::Done);
    let run = run.context("last month's report was not made; the lines above say why")?;
    progress.say(&format!("{} 月报 完成，{:.1} 秒", run.period, started.elapsed().as_secs_f64()));
    Ok(())
}

fn make_empty(data: &Path) -> anyhow::Result<()> {
    let inside = match std::fs::read_dir(data) {
        Ok(mut entries) => entries.next().is_some(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => false,
        Err(error) => return Err(error).with_context(|| format!("读取数据目录 {}", data.display())),
    };
    anyhow::ensure!(
        !inside,
        "数据目录 {} 不是空的；演示数据只写入空目录，请换一个目录，或先移走其中的内容",
        data.display()
    );
    std::fs::create_dir_all(data).with_context(|| format!("建立数据目录 {}", data.display()))
}

/// The wall clock of Shanghai, whatever zone the machine is in.
fn shanghai_now() -> NaiveDateTime {
    chrono::Utc::now().naive_utc() + chrono::Duration::hours(8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_with_anything_in_it_is_refused() {
        let folder = std::env::temp_dir().join(format!("pujiang-demo-{}", std::process::id()));
        make_empty(&folder).unwrap();
        make_empty(&folder).unwrap();
        std::fs::write(folder.join("x"), "").unwrap();
        assert!(make_empty(&folder).unwrap_err().to_string().contains("不是空的"));
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
