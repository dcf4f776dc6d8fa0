//! `GET /api/v1/reports`: the reports with schedule and latest run.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use pujiang_security::Permission;
use serde::Serialize;
use utoipa::ToSchema;

use super::RunView;
use crate::app::App;
use crate::auth::Caller;
use crate::problem::Problem;

/// All reports.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReportList {
    reports: Vec<ReportView>,
}

/// One report.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReportView {
    id: String,
    title: String,
    description: String,
    schedule: String,
    next_due: Option<String>,
    formats: Vec<String>,
    last_run: Option<RunView>,
}

/// All reports; the latest run with the files of the caller's scope.
#[utoipa::path(get, path = "/api/v1/reports", tag = "reports",
    responses((status = 200, body = ReportList), (status = 403, body = crate::problem::ProblemBody)))]
pub async fn list_reports(State(app): State<Arc<App>>, caller: Caller) -> Result<Json<ReportList>, Problem> {
    caller.require(Permission::ReportView)?;
    let mut reports = Vec::new();
    for entry in app.reports.reports().await? {
        let last_run = match entry.last_run {
            Some(run) => {
                let files = app.reports.run_files(&run.run_id, caller.principal()).await?;
                Some(RunView::new(run, files))
            }
            None => None,
        };
        reports.push(ReportView {
            id: entry.id,
            title: entry.title,
            description: entry.description,
            schedule: entry.schedule,
            next_due: entry.next_due,
            formats: entry.formats,
            last_run,
        });
    }
    Ok(Json(ReportList { reports }))
}
