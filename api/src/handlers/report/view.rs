//! Runs and files as the portal sees them.

use pujiang_reports::{Cause, RunFile, RunRecord, RunState};
use serde::Serialize;
use utoipa::ToSchema;

/// One run; `files` only those of the caller's own scope.
#[derive(Debug, Serialize, ToSchema)]
pub struct RunView {
    run: String,
    report: String,
    period: String,
    due_at: String,
    #[schema(value_type = String)]
    cause: Cause,
    #[schema(value_type = String)]
    state: RunState,
    started_at: String,
    finished_at: Option<String>,
    data_version: Option<String>,
    files: Vec<FileView>,
}

/// One file.
#[derive(Debug, Serialize, ToSchema)]
pub struct FileView {
    name: String,
    scope: String,
    format: String,
    bytes: u64,
    sm3: String,
}

impl RunView {
    /// A run with the files the caller may have. Reasons of failures name other scopes and stay in the ledger.
    pub fn new(run: RunRecord, files: Vec<RunFile>) -> Self {
        Self {
            run: run.run_id,
            report: run.report,
            period: run.period,
            due_at: run.due_at,
            cause: run.cause,
            state: run.state,
            started_at: run.started_at,
            finished_at: run.finished_at,
            data_version: run.data_version,
            files: files.into_iter().map(FileView::from).collect(),
        }
    }
}

impl From<RunFile> for FileView {
    fn from(file: RunFile) -> Self {
        Self {
            name: file.name,
            scope: file.scope_label,
            format: file.format,
            bytes: file.bytes,
            sm3: file.sm3,
        }
    }
}
