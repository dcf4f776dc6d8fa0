//! `GET /api/v1/reports/{report}/runs`: runs of a report, newest first.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use pujiang_security::Permission;
use serde::Serialize;
use utoipa::ToSchema;

use super::RunView;
use crate::app::App;
use crate::auth::Caller;
use crate::extract::ApiPath;
use crate::problem::Problem;

/// Runs with files; older ones are asked for one by one.
const WITH_FILES: usize = 24;

/// Runs of a report.
#[derive(Debug, Serialize, ToSchema)]
pub struct RunList {
    runs: Vec<RunView>,
}

/// Runs of a report, the newest with the files of the caller's scope.
#[utoipa::path(get, path = "/api/v1/reports/{report}/runs", tag = "reports",
    params(("report" = String, Path, description = "Id of the report")),
    responses((status = 200, body = RunList), (status = 404, body = crate::problem::ProblemBody)))]
pub async fn list_report_runs(
    State(app): State<Arc<App>>,
    caller: Caller,
    ApiPath(report): ApiPath<String>,
) -> Result<Json<RunList>, Problem> {
    caller.require(Permission::ReportView)?;
    let mut runs = Vec::new();
    for run in app.reports.runs(&report).await? {
        let files = if runs.len() < WITH_FILES {
            app.reports.run_files(&run.run_id, caller.principal()).await?
        } else {
            Vec::new()
        };
        runs.push(RunView::new(run, files));
    }
    Ok(Json(RunList { runs }))
}
