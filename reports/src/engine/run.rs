//! One run: recipients grouped by access, ledger rows, rendering two scopes at a time, files kept, deliveries made.

use std::path::Path;
use std::sync::Arc;

use chrono::{DateTime, FixedOffset};
use futures::stream::{self, StreamExt};
use pujiang_security::Principal;
use serde::Serialize;
use sm3::{Digest, Sm3};
use uuid::Uuid;

use super::deliver::{ATTEMPTS, Delivered, Parcel};
use super::recipients::{ScopeGroup, grouped};
use super::render::{Progress, RenderedScope, typesetter};
use super::{ReportEngine, write_file};
use crate::definition::ReportDefinition;
use crate::error::ReportError;
use crate::ledger::{Cause, RunFile, RunRecord, RunState, stamp};
use crate::pdf::{self, Typesetter};
use crate::period::Period;

/// Scopes rendered at the same time.
const AT_ONCE: usize = 2;

/// What a run did.
#[derive(Debug, Clone, Serialize)]
pub struct RunSummary {
    /// The run as recorded.
    #[serde(flatten)]
    pub run: RunRecord,
    /// Files of all scopes. For the operator who started the run; callers of HTTP get `run_files`.
    pub files: Vec<RunFile>,
    /// Deliveries made now.
    pub sent: usize,
    /// Deliveries made earlier for the same due time.
    pub skipped: usize,
    /// Scopes that failed, and why.
    pub failures: Vec<ScopeFailure>,
}

/// A scope that failed.
#[derive(Debug, Clone, Serialize)]
pub struct ScopeFailure {
    /// The scope in words.
    pub scope: String,
    /// Why.
    pub reason: String,
}

/// What became of one scope.
#[derive(Default)]
struct ScopeResult {
    files: Vec<RunFile>,
    data_version: Option<String>,
    delivered: Delivered,
    failures: Vec<ScopeFailure>,
}

impl ReportEngine {
    /// Runs a report for a period, makes the files of every recipient's scope and sends them. Without a due time the
    /// run belongs to the period's own, so running again by hand sends nothing twice; new files are kept with the run.
    ///
    /// # Errors
    /// The report or period is wrong, or the store is not there. A failed scope is part of the summary.
    pub async fn run(
        &self,
        report: &str,
        period: &str,
        due: Option<DateTime<FixedOffset>>,
    ) -> Result<RunSummary, ReportError> {
        let (period, run) = self.admit(report, period, due, Cause::Manual).await?;
        self.execute(period, run).await
    }

    /// Starts such a run in the background and hands back its record.
    ///
    /// # Errors
    /// The report or period is wrong, or the store is not there.
    pub async fn start(self: &Arc<Self>, report: &str, period: &str) -> Result<RunRecord, ReportError> {
        let (period, run) = self.admit(report, period, None, Cause::Manual).await?;
        let (engine, record) = (self.clone(), run.clone());
        tokio::spawn(async move {
            if let Err(error) = engine.execute(period, run).await {
                tracing::error!(reason = error.chain(), "report run failed");
            }
        });
        Ok(record)
    }

    /// Runs a report for a due time unless that was done already.
    pub(crate) async fn run_due(
        &self,
        report: &str,
        due: DateTime<FixedOffset>,
        cause: Cause,
    ) -> Result<Option<RunSummary>, ReportError> {
        self.prepare().await?;
        let due_at = stamp(due);
        if self.ledger.is_done(report, &due_at).await? || self.ledger.all_sent(report, &due_at).await? {
            return Ok(None);
        }
        let (period, run) =
            self.admit(report, &Period::covered_by(due).to_string(), Some(due), cause).await?;
        self.execute(period, run).await.map(Some)
    }

    /// Renders a report for given principals into a folder. No ledger, no deliveries; for the command line.
    ///
    /// # Errors
    /// The report or period is wrong, there is nobody with rows, a scope cannot be rendered or a file not written.
    pub async fn render_to(
        &self,
        report: &str,
        period: &str,
        principals: &[Principal],
        out: &Path,
        progress: &(dyn Fn(Progress) + Send + Sync),
    ) -> Result<Vec<RunFile>, ReportError> {
        let report = self.report(report)?;
        let period = self.period(period)?;
        let groups = grouped(principals.to_vec(), |principal| self.source.access(principal));
        if groups.is_empty() {
            return Err(ReportError::NoScope);
        }
        let failed = |source| ReportError::File {
            operation: "making folder",
            path: out.display().to_string(),
            source,
        };
        tokio::fs::create_dir_all(out).await.map_err(failed)?;
        let typesetter = typesetter(report).await?;
        let total = groups.len();
        let rendering = stream::iter(groups).map(|group| {
            let typesetter = typesetter.clone();
            async move {
                let scope = self.render_scope(report, period, &group, typesetter).await?;
                let files = keep(&scope, &group.fingerprint, out).await?;
                Ok::<_, ReportError>((scope.data.scope.short, files))
            }
        });
        let mut rendering = rendering.buffered(AT_ONCE);
        let mut files = vec![];
        let mut done = 0;
        while let Some(finished) = rendering.next().await {
            let (scope, made) = finished?;
            done += 1;
            files.extend(made);
            progress(Progress { done, total, scope });
        }
        pdf::forget();
        Ok(files)
    }

    fn period(&self, text: &str) -> Result<Period, ReportError> {
        let period: Period = text.parse()?;
        match period.from() <= self.clock.now().date_naive() {
            true => Ok(period),
            false => Err(ReportError::NotYet(period.label())),
        }
    }

    /// Checks what is asked for and writes the beginning of the run.
    pub(super) async fn admit(
        &self,
        report: &str,
        period: &str,
        due: Option<DateTime<FixedOffset>>,
        cause: Cause,
    ) -> Result<(Period, RunRecord), ReportError> {
        let definition = self.report(report)?;
        let period = self.period(period)?;
        self.prepare().await?;
        let now = self.clock.now();
        // A month that is still running is not due yet: such a run must not use up its delivery.
        let due = due.or_else(|| definition.schedule.due_of(period).filter(|due| *due <= now)).unwrap_or(now);
        let run = RunRecord {
            run_id: Uuid::now_v7().to_string(),
            report: report.to_owned(),
            period: period.to_string(),
            due_at: stamp(due),
            cause,
            state: RunState::Running,
            started_at: stamp(now),
            finished_at: None,
            data_version: None,
            reason: None,
        };
        self.ledger.begin_run(&run).await?;
        Ok((period, run))
    }

    /// Executes an admitted run and writes its end, whatever happens.
    async fn execute(&self, period: Period, mut run: RunRecord) -> Result<RunSummary, ReportError> {
        let _turn = self.turn.lock().await;
        let begun = std::time::Instant::now();
        let outcome = self.scopes(period, &run).await;
        pdf::forget();
        let results = match outcome {
            Ok(results) => results,
            Err(error) => {
                (run.state, run.reason, run.finished_at) =
                    (RunState::Failed, Some(error.chain()), Some(stamp(self.clock.now())));
                self.ledger.finish_run(&run).await?;
                return Err(error);
            }
        };
        let mut summary = RunSummary { run, files: vec![], sent: 0, skipped: 0, failures: vec![] };
        let mut versions: Vec<String> = vec![];
        for result in results {
            summary.files.extend(result.files);
            summary.sent += result.delivered.sent;
            summary.skipped += result.delivered.skipped;
            summary.failures.extend(result.failures);
            versions.extend(result.data_version.filter(|v| !versions.contains(v)));
        }
        let run = &mut summary.run;
        run.state = if summary.failures.is_empty() { RunState::Done } else { RunState::Failed };
        run.reason = (!summary.failures.is_empty()).then(|| {
            summary
                .failures
                .iter()
                .map(|f| format!("{}：{}", f.scope, f.reason))
                .collect::<Vec<_>>()
                .join("；")
        });
        run.data_version = (!versions.is_empty()).then(|| versions.join(" | "));
        run.finished_at = Some(stamp(self.clock.now()));
        self.ledger.finish_run(run).await?;
        tracing::info!(
            report.id = run.report,
            period = run.period,
            files = summary.files.len(),
            sent = summary.sent,
            failed = summary.failures.len(),
            duration_ms = begun.elapsed().as_millis() as u64,
            "report run finished"
        );
        Ok(summary)
    }

    async fn scopes(&self, period: Period, run: &RunRecord) -> Result<Vec<ScopeResult>, ReportError> {
        let report = self.report(&run.report)?;
        let listed = self.recipients.recipients(&report.id, &report.recipients).await;
        let listed =
            listed.map_err(|source| ReportError::Recipients { report: report.id.clone(), source })?;
        let groups = grouped(listed, |principal| self.source.access(principal));
        let typesetter = typesetter(report).await?;
        let folder = self.run_folder(&run.run_id);
        let failed = |source| ReportError::File {
            operation: "making folder",
            path: folder.display().to_string(),
            source,
        };
        tokio::fs::create_dir_all(&folder).await.map_err(failed)?;
        let working = stream::iter(groups).map(|group| {
            let typesetter = typesetter.clone();
            let folder = &folder;
            async move { self.scope(report, period, run, &group, typesetter, folder).await }
        });
        let results: Vec<Result<ScopeResult, ReportError>> = working.buffered(AT_ONCE).collect().await;
        results.into_iter().collect()
    }

    /// Everything for one scope: ledger rows, rendering with retries, files, deliveries.
    async fn scope(
        &self,
        report: &ReportDefinition,
        period: Period,
        run: &RunRecord,
        group: &ScopeGroup,
        typesetter: Option<Arc<Typesetter>>,
        folder: &Path,
    ) -> Result<ScopeResult, ReportError> {
        let (planned, skipped) = self.plan(report, run, group).await?;
        let mut result = ScopeResult {
            delivered: Delivered { skipped, ..Delivered::default() },
            ..ScopeResult::default()
        };
        let rendered = match self.render_with_retries(report, period, group, typesetter).await {
            Ok(rendered) => rendered,
            Err(error) => {
                let (scope, reason) = (group.reader().scope().label(), error.chain());
                tracing::error!(report.id = report.id, scope, reason, "report scope failed");
                self.give_up(&planned, &reason).await?;
                result.failures.push(ScopeFailure { scope, reason });
                return Ok(result);
            }
        };
        result.files = keep(&rendered, &group.fingerprint, folder).await?;
        for file in &result.files {
            self.ledger.add_file(&run.run_id, file).await?;
        }
        let scope = &rendered.data.scope;
        let parcel = Parcel { report, run, period, scope, files: &result.files, folder };
        let (delivered, reasons) = self.deliver(&parcel, group, planned).await?;
        result.delivered.sent += delivered.sent;
        result.delivered.skipped += delivered.skipped;
        result
            .failures
            .extend(reasons.into_iter().map(|reason| ScopeFailure { scope: scope.label.clone(), reason }));
        result.data_version = Some(rendered.data.data_version);
        Ok(result)
    }

    async fn render_with_retries(
        &self,
        report: &ReportDefinition,
        period: Period,
        group: &ScopeGroup,
        typesetter: Option<Arc<Typesetter>>,
    ) -> Result<RenderedScope, ReportError> {
        let mut attempt = 1;
        loop {
            match self.render_scope(report, period, group, typesetter.clone()).await {
                Err(error) if attempt < ATTEMPTS => {
                    tracing::warn!(
                        report.id = report.id,
                        attempt,
                        reason = error.chain(),
                        "rendering a report scope failed, trying again"
                    );
                    self.pause(attempt).await;
                    attempt += 1;
                }
                finished => return finished,
            }
        }
    }
}

/// Writes the files of a scope and describes them.
async fn keep(scope: &RenderedScope, fingerprint: &str, folder: &Path) -> Result<Vec<RunFile>, ReportError> {
    let mut kept = vec![];
    for file in &scope.files {
        write_file(&folder.join(&file.name), &file.bytes).await?;
        kept.push(RunFile {
            name: file.name.clone(),
            scope: fingerprint.to_owned(),
            scope_label: scope.data.scope.label.clone(),
            format: file.format.as_str().to_owned(),
            bytes: file.bytes.len() as u64,
            sm3: Sm3::digest(&file.bytes).iter().map(|byte| format!("{byte:02x}")).collect(),
        });
    }
    Ok(kept)
}
