//! Runs and their files.

use serde::{Deserialize, Serialize};
use sqlx::Row;
use sqlx::any::AnyRow;

use super::{Ledger, during};
use crate::definition::Format;
use crate::error::ReportError;

/// Why a run was started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// The due time came.
    Schedule,
    /// The due time passed while the server was down.
    CatchUp,
    /// Somebody asked.
    Manual,
}

impl Cause {
    fn as_str(self) -> &'static str {
        match self {
            Self::Schedule => "schedule",
            Self::CatchUp => "catch_up",
            Self::Manual => "manual",
        }
    }

    fn parse(text: &str) -> Self {
        match text {
            "schedule" => Self::Schedule,
            "catch_up" => Self::CatchUp,
            _ => Self::Manual,
        }
    }
}

/// How far a run is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunState {
    /// Under way.
    Running,
    /// All files are made and sent.
    Done,
    /// Something failed; the reason says what.
    Failed,
}

impl RunState {
    fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed => "failed",
        }
    }

    fn parse(text: &str) -> Self {
        match text {
            "running" => Self::Running,
            "done" => Self::Done,
            _ => Self::Failed,
        }
    }
}

/// One run of a report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunRecord {
    /// Id.
    pub run_id: String,
    /// Report id.
    pub report: String,
    /// Period covered, `2026-10`.
    pub period: String,
    /// Due time it belongs to.
    pub due_at: String,
    /// Why it was started.
    pub cause: Cause,
    /// How far it is.
    pub state: RunState,
    /// When it began.
    pub started_at: String,
    /// When it ended.
    pub finished_at: Option<String>,
    /// Data versions of the figures.
    pub data_version: Option<String>,
    /// What failed.
    pub reason: Option<String>,
}

/// One file of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunFile {
    /// File name, `社会优待月报_2026-10_徐汇区.pdf`.
    pub name: String,
    /// Fingerprint of the scope it was made for; compared with the caller's, never shown.
    #[serde(skip)]
    pub scope: String,
    /// The scope in words.
    #[serde(rename = "scope")]
    pub scope_label: String,
    /// `xlsx` or `pdf`.
    pub format: String,
    /// Size.
    pub bytes: u64,
    /// SM3 hash of the content, hexadecimal.
    pub sm3: String,
}

impl RunFile {
    /// Media type for the download.
    #[must_use]
    pub fn media_type(&self) -> &'static str {
        Format::parse(&self.format).map_or("application/octet-stream", Format::media_type)
    }
}

const COLUMNS: &str =
    "run_id, report, period, due_at, cause, state, started_at, finished_at, data_version, reason";

impl Ledger {
    /// Writes the beginning of a run.
    pub async fn begin_run(&self, run: &RunRecord) -> Result<(), ReportError> {
        sqlx::query("INSERT INTO report_run (run_id, report, period, due_at, cause, state, started_at) VALUES ($1, $2, $3, $4, $5, $6, $7)")
            .bind(run.run_id.as_str())
            .bind(run.report.as_str())
            .bind(run.period.as_str())
            .bind(run.due_at.as_str())
            .bind(run.cause.as_str())
            .bind(run.state.as_str())
            .bind(run.started_at.as_str())
            .execute(&self.pool)
            .await
            .map_err(during("beginning a run"))?;
        Ok(())
    }

    /// Writes the end of a run.
    pub async fn finish_run(&self, run: &RunRecord) -> Result<(), ReportError> {
        sqlx::query("UPDATE report_run SET state = $2, finished_at = $3, data_version = $4, reason = $5 WHERE run_id = $1")
            .bind(run.run_id.as_str())
            .bind(run.state.as_str())
            .bind(run.finished_at.as_deref())
            .bind(run.data_version.as_deref())
            .bind(run.reason.as_deref())
            .execute(&self.pool)
            .await
            .map_err(during("ending a run"))?;
        Ok(())
    }

    /// Marks runs that were under way when the process died as failed; called before the first run of a process.
    pub async fn close_interrupted(&self, now: &str) -> Result<u64, ReportError> {
        let done = sqlx::query(
            "UPDATE report_run SET state = 'failed', finished_at = $1, reason = $2 WHERE state = 'running'",
        )
        .bind(now)
        .bind("服务在生成期间停止")
        .execute(&self.pool)
        .await
        .map_err(during("closing interrupted runs"))?;
        Ok(done.rows_affected())
    }

    /// Runs of a report, newest first.
    pub async fn runs(&self, report: &str, limit: i64) -> Result<Vec<RunRecord>, ReportError> {
        let text = sqlx::AssertSqlSafe(format!(
            "SELECT {COLUMNS} FROM report_run WHERE report = $1 ORDER BY started_at DESC, run_id DESC LIMIT $2"
        ));
        let rows = sqlx::query(text)
            .bind(report)
            .bind(limit)
            .fetch_all(&self.pool)
            .await
            .map_err(during("listing runs"))?;
        rows.iter().map(record).collect::<Result<_, _>>().map_err(during("reading a run"))
    }

    /// One run.
    pub async fn run(&self, run_id: &str) -> Result<Option<RunRecord>, ReportError> {
        let text = sqlx::AssertSqlSafe(format!("SELECT {COLUMNS} FROM report_run WHERE run_id = $1"));
        let row = sqlx::query(text)
            .bind(run_id)
            .fetch_optional(&self.pool)
            .await
            .map_err(during("finding a run"))?;
        row.as_ref().map(record).transpose().map_err(during("reading a run"))
    }

    /// Whether a due time has a run that is done.
    pub async fn is_done(&self, report: &str, due_at: &str) -> Result<bool, ReportError> {
        let row = sqlx::query(
            "SELECT run_id FROM report_run WHERE report = $1 AND due_at = $2 AND state = 'done' LIMIT 1",
        )
        .bind(report)
        .bind(due_at)
        .fetch_optional(&self.pool)
        .await
        .map_err(during("looking for a run of a due time"))?;
        Ok(row.is_some())
    }

    /// Writes a file of a run.
    pub async fn add_file(&self, run_id: &str, file: &RunFile) -> Result<(), ReportError> {
        sqlx::query("INSERT INTO report_file (run_id, name, scope, scope_label, format, bytes, sm3) VALUES ($1, $2, $3, $4, $5, $6, $7)")
            .bind(run_id)
            .bind(file.name.as_str())
            .bind(file.scope.as_str())
            .bind(file.scope_label.as_str())
            .bind(file.format.as_str())
            .bind(i64::try_from(file.bytes).unwrap_or(i64::MAX))
            .bind(file.sm3.as_str())
            .execute(&self.pool)
            .await
            .map_err(during("adding a file"))?;
        Ok(())
    }

    /// Files of a run that were made for exactly this scope.
    pub async fn files(&self, run_id: &str, scope: &str) -> Result<Vec<RunFile>, ReportError> {
        let rows = sqlx::query("SELECT name, scope, scope_label, format, bytes, sm3 FROM report_file WHERE run_id = $1 AND scope = $2 ORDER BY name")
            .bind(run_id)
            .bind(scope)
            .fetch_all(&self.pool)
            .await
            .map_err(during("listing files"))?;
        rows.iter().map(file).collect::<Result<_, _>>().map_err(during("reading a file"))
    }
}

fn record(row: &AnyRow) -> Result<RunRecord, sqlx::Error> {
    let text = |name: &str| row.try_get::<String, _>(name);
    let maybe = |name: &str| row.try_get::<Option<String>, _>(name);
    Ok(RunRecord {
        run_id: text("run_id")?,
        report: text("report")?,
        period: text("period")?,
        due_at: text("due_at")?,
        cause: Cause::parse(&text("cause")?),
        state: RunState::parse(&text("state")?),
        started_at: text("started_at")?,
        finished_at: maybe("finished_at")?,
        data_version: maybe("data_version")?,
        reason: maybe("reason")?,
    })
}

fn file(row: &AnyRow) -> Result<RunFile, sqlx::Error> {
    Ok(RunFile {
        name: row.try_get("name")?,
        scope: row.try_get("scope")?,
        scope_label: row.try_get("scope_label")?,
        format: row.try_get("format")?,
        bytes: u64::try_from(row.try_get::<i64, _>("bytes")?).unwrap_or(0),
        sm3: row.try_get("sm3")?,
    })
}
