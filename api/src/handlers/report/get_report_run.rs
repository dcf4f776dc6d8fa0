//! `GET /api/v1/reports/{report}/runs/{run}`: one run with the caller's files.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use pujiang_security::Permission;

use super::RunView;
use crate::app::App;
use crate::auth::Caller;
use crate::extract::ApiPath;
use crate::problem::Problem;

/// One run; files are those of the caller's own scope.
#[utoipa::path(get, path = "/api/v1/reports/{report}/runs/{run}", tag = "reports",
    params(("report" = String, Path, description = "Id of the report"), ("run" = String, Path, description = "Id of the run")),
    responses((status = 200, body = RunView), (status = 404, body = crate::problem::ProblemBody)))]
pub async fn get_report_run(
    State(app): State<Arc<App>>,
    caller: Caller,
    ApiPath((report, run)): ApiPath<(String, String)>,
) -> Result<Json<RunView>, Problem> {
    caller.require(Permission::ReportView)?;
    let record = app.reports.run_record(&report, &run).await?;
    let files = app.reports.run_files(&record.run_id, caller.principal()).await?;
    Ok(Json(RunView::new(record, files)))
}
