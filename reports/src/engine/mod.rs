//! The face of this crate: runs reports, keeps their files, answers who may have which. Rendering is in `render`,
//! a run from due time to ledger in `run`, sending in `deliver`.

mod deliver;
mod recipients;
mod render;
mod run;

#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use pujiang_metrics::MetricsEngine;
use pujiang_security::{Principal, ScopeLevel};
use sqlx::AnyPool;
use tokio::sync::{Mutex, OnceCell};

pub use recipients::{Recipients, RecipientsError};
pub use render::{Progress, RenderedFile};
pub use run::{RunSummary, ScopeFailure};

use crate::channel::{self, Channel};
use crate::clock::{Clock, SystemClock};
use crate::data::source::{FigureSource, MetricsSource};
use crate::definition::{ReportDefinition, ReportDefinitions};
use crate::error::ReportError;
use crate::ledger::{InboxMessage, Ledger, RunFile, RunRecord, ensure_schema, stamp};

/// Folder below the output root that holds the files of each run as made.
const RUNS: &str = "runs";
/// Most rows of a listing.
const LISTED: i64 = 200;

/// Makes, sends and hands out reports. One per process, shared.
pub struct ReportEngine {
    source: Arc<dyn FigureSource>,
    ledger: Ledger,
    pool: AnyPool,
    out_root: PathBuf,
    definitions: ReportDefinitions,
    recipients: Arc<dyn Recipients>,
    channels: Vec<Box<dyn Channel>>,
    clock: Arc<dyn Clock>,
    /// Pause before the second attempt; doubled before the third.
    retry_pause: Duration,
    prepared: Arc<OnceCell<()>>,
    /// One run at a time: two would not be faster on few cores and need twice the memory.
    turn: Arc<Mutex<()>>,
}

/// What the list of reports shows.
#[derive(Debug, Clone, serde::Serialize)]
pub struct ReportEntry {
    /// Id.
    pub id: String,
    /// Title.
    pub title: String,
    /// What it is for.
    pub description: String,
    /// Cron expression, Shanghai time.
    pub schedule: String,
    /// Next due time.
    pub next_due: Option<String>,
    /// Files made.
    pub formats: Vec<String>,
    /// Latest run.
    pub last_run: Option<RunRecord>,
}

impl ReportEngine {
    /// An engine on the machine's clock. `out_root` is where files go; tables are made at the first use.
    #[must_use]
    pub fn new(
        metrics: Arc<MetricsEngine>,
        pool: AnyPool,
        out_root: PathBuf,
        definitions: ReportDefinitions,
        recipients: Arc<dyn Recipients>,
    ) -> Self {
        Self::with_source(Arc::new(MetricsSource::new(metrics)), pool, out_root, definitions, recipients)
    }

    /// An engine with figures from elsewhere, for tests.
    #[must_use]
    pub fn with_source(
        source: Arc<dyn FigureSource>,
        pool: AnyPool,
        out_root: PathBuf,
        definitions: ReportDefinitions,
        recipients: Arc<dyn Recipients>,
    ) -> Self {
        let ledger = Ledger::new(pool.clone());
        let channels = channel::all(&ledger, &out_root);
        Self {
            source,
            ledger,
            pool,
            out_root,
            definitions,
            recipients,
            channels,
            clock: Arc::new(SystemClock),
            retry_pause: Duration::from_secs(2),
            prepared: Arc::default(),
            turn: Arc::default(),
        }
    }

    /// An engine for other definitions beside this one: the same ledger and files, and one run at a time of both. Who gets
    /// a report is told anew, since what roles may do is defined, too.
    #[must_use]
    pub fn redefined(
        &self,
        metrics: Arc<MetricsEngine>,
        definitions: ReportDefinitions,
        recipients: Arc<dyn Recipients>,
    ) -> Self {
        Self {
            source: Arc::new(MetricsSource::new(metrics)),
            ledger: self.ledger.clone(),
            pool: self.pool.clone(),
            out_root: self.out_root.clone(),
            definitions,
            recipients,
            channels: channel::all(&self.ledger, &self.out_root),
            clock: self.clock.clone(),
            retry_pause: self.retry_pause,
            // Runs under way are the other engine's, and no dead process's.
            prepared: self.prepared.clone(),
            turn: self.turn.clone(),
        }
    }

    /// The same engine on another clock.
    #[must_use]
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// The same engine with another pause between attempts.
    #[must_use]
    pub fn with_retry_pause(mut self, pause: Duration) -> Self {
        self.retry_pause = pause;
        self
    }

    /// All reports.
    #[must_use]
    pub fn definitions(&self) -> &ReportDefinitions {
        &self.definitions
    }

    /// All reports with schedule and latest run.
    ///
    /// # Errors
    /// The store is not there.
    pub async fn reports(&self) -> Result<Vec<ReportEntry>, ReportError> {
        self.prepare().await?;
        let mut list = vec![];
        for report in self.definitions.all() {
            list.push(ReportEntry {
                id: report.id.clone(),
                title: report.title.clone(),
                description: report.description.clone(),
                schedule: report.schedule.as_str().to_owned(),
                next_due: report.schedule.next_after(self.clock.now()).map(stamp),
                formats: report.formats.iter().map(|f| f.as_str().to_owned()).collect(),
                last_run: self.ledger.runs(&report.id, 1).await?.into_iter().next(),
            });
        }
        Ok(list)
    }

    /// Runs of a report, newest first.
    ///
    /// # Errors
    /// There is no such report.
    pub async fn runs(&self, report: &str) -> Result<Vec<RunRecord>, ReportError> {
        self.report(report)?;
        self.prepare().await?;
        self.ledger.runs(report, LISTED).await
    }

    /// One run of a report.
    ///
    /// # Errors
    /// There is no such run.
    pub async fn run_record(&self, report: &str, run_id: &str) -> Result<RunRecord, ReportError> {
        self.prepare().await?;
        let found = self.ledger.run(run_id).await?.filter(|run| run.report == report);
        found.ok_or(ReportError::NotFound)
    }

    /// Files of a run made for exactly what the caller may see; others do not exist for the caller. Runs of before
    /// columns were treated are kept under the scope alone.
    ///
    /// # Errors
    /// The store is not there.
    pub async fn run_files(&self, run_id: &str, principal: &Principal) -> Result<Vec<RunFile>, ReportError> {
        self.prepare().await?;
        if principal.scope().level() == ScopeLevel::Nothing {
            return Ok(vec![]);
        }
        let mut files = self.ledger.files(run_id, &self.source.access(principal)).await?;
        files.extend(self.ledger.files(run_id, &principal.scope().fingerprint()).await?);
        Ok(files)
    }

    /// Where a file of a run lies, for the download.
    ///
    /// # Errors
    /// There is no such file for this caller's scope.
    pub async fn file_path(
        &self,
        report: &str,
        run_id: &str,
        name: &str,
        principal: &Principal,
    ) -> Result<(PathBuf, RunFile), ReportError> {
        let run = self.run_record(report, run_id).await?;
        let files = self.run_files(&run.run_id, principal).await?;
        // The name is compared with stored names and never becomes a path by itself.
        let file = files.into_iter().find(|file| file.name == name).ok_or(ReportError::NotFound)?;
        Ok((self.run_folder(&run.run_id).join(&file.name), file))
    }

    /// Messages of the caller, newest first.
    ///
    /// # Errors
    /// The store is not there.
    pub async fn inbox(&self, principal: &Principal) -> Result<Vec<InboxMessage>, ReportError> {
        self.prepare().await?;
        self.ledger.inbox(principal.account(), LISTED).await
    }

    /// How many messages of the caller are unread.
    ///
    /// # Errors
    /// The store is not there.
    pub async fn unread(&self, principal: &Principal) -> Result<i64, ReportError> {
        self.prepare().await?;
        self.ledger.unread(principal.account()).await
    }

    /// Marks a message of the caller as read.
    ///
    /// # Errors
    /// The caller has no such message.
    pub async fn mark_read(&self, principal: &Principal, message: &str) -> Result<(), ReportError> {
        self.prepare().await?;
        match self.ledger.mark_read(principal.account(), message, &stamp(self.clock.now())).await? {
            true => Ok(()),
            false => Err(ReportError::NotFound),
        }
    }

    pub(crate) fn report(&self, id: &str) -> Result<&ReportDefinition, ReportError> {
        self.definitions.get(id).ok_or_else(|| ReportError::UnknownReport(id.to_owned()))
    }

    pub(crate) fn clock(&self) -> &dyn Clock {
        self.clock.as_ref()
    }

    /// Makes the tables and closes what a dead process left open, once.
    pub(crate) async fn prepare(&self) -> Result<(), ReportError> {
        let make = || async {
            ensure_schema(&self.pool).await?;
            let closed = self.ledger.close_interrupted(&stamp(self.clock.now())).await?;
            if closed > 0 {
                tracing::warn!(report.runs = closed, "report runs were interrupted by a stop of the server");
            }
            Ok(())
        };
        self.prepared.get_or_try_init(make).await.map(|_| ())
    }

    fn run_folder(&self, run_id: &str) -> PathBuf {
        self.out_root.join(RUNS).join(run_id)
    }
}

/// Writes a file so that it is there whole or not at all.
async fn write_file(path: &Path, bytes: &[u8]) -> Result<(), ReportError> {
    let failed =
        |source| ReportError::File { operation: "writing", path: path.display().to_string(), source };
    let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let part = path.with_file_name(format!(".{name}.part"));
    tokio::fs::write(&part, bytes).await.map_err(failed)?;
    tokio::fs::rename(&part, path).await.map_err(failed)
}
