//! Wakes up at the due times and catches up, at start, on the latest one that was missed.

use std::sync::Arc;

use tokio_cron_scheduler::{Job, JobScheduler};

use crate::engine::ReportEngine;
use crate::error::ReportError;
use crate::ledger::Cause;
use crate::period::shanghai;

/// Running schedules; they stop when this is told to.
pub struct Schedules {
    scheduler: JobScheduler,
}

impl ReportEngine {
    /// Starts the schedules of all reports. Returns at once; missed due times are made up for in the background, at
    /// most the latest of each report.
    ///
    /// # Errors
    /// The store or the scheduler is not there.
    pub async fn start_schedules(self: &Arc<Self>) -> Result<Schedules, ReportError> {
        let failed = |e: tokio_cron_scheduler::JobSchedulerError| ReportError::Schedule(e.to_string());
        self.prepare().await?;
        let scheduler = JobScheduler::new().await.map_err(failed)?;
        for report in self.definitions().all() {
            let (engine, id) = (self.clone(), report.id.clone());
            let job = Job::new_async_tz(report.schedule.as_str(), shanghai(), move |_, _| {
                let (engine, id) = (engine.clone(), id.clone());
                Box::pin(async move { engine.attend(&id, Cause::Schedule).await })
            });
            scheduler.add(job.map_err(failed)?).await.map_err(failed)?;
        }
        scheduler.start().await.map_err(failed)?;
        let engine = self.clone();
        tokio::spawn(async move { engine.catch_up().await });
        Ok(Schedules { scheduler })
    }

    /// Makes up for the latest missed due time of each report.
    pub async fn catch_up(&self) {
        for report in self.definitions().all() {
            self.attend(&report.id, Cause::CatchUp).await;
        }
    }

    /// Runs a report for the latest due time that has come. The due time is computed, not taken from the clock, so
    /// that a late wake-up still belongs to the right row of the ledger.
    async fn attend(&self, report: &str, cause: Cause) {
        let due = self.report(report).ok().and_then(|r| r.schedule.latest_at(self.clock().now()));
        let Some(due) = due else { return };
        if let Err(error) = self.run_due(report, due, cause).await {
            tracing::error!(report.id = report, reason = error.chain(), "scheduled report failed");
        }
    }
}

impl Schedules {
    /// Stops the schedules. A run under way goes on to its end.
    ///
    /// # Errors
    /// The scheduler is gone already.
    pub async fn stop(mut self) -> Result<(), ReportError> {
        self.scheduler.shutdown().await.map_err(|e| ReportError::Schedule(e.to_string()))
    }
}
