//! `POST /api/v1/reports/{report}/runs`: starts a run by hand.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use pujiang_security::Permission;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::app::App;
use crate::auth::Caller;
use crate::extract::{ApiJson, ApiPath};
use crate::problem::Problem;

/// Which period.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RunRequest {
    /// `2026-10`.
    period: String,
}

/// A run under way.
#[derive(Debug, Serialize, ToSchema)]
pub struct RunStarted {
    run: String,
    period: String,
}

/// Starts a run; ask for the run to see how far it is.
#[utoipa::path(post, path = "/api/v1/reports/{report}/runs", tag = "reports",
    params(("report" = String, Path, description = "Id of the report")), request_body = RunRequest,
    responses((status = 202, body = RunStarted), (status = 400, body = crate::problem::ProblemBody),
        (status = 403, body = crate::problem::ProblemBody), (status = 404, body = crate::problem::ProblemBody)))]
pub async fn create_report_run(
    State(app): State<Arc<App>>,
    caller: Caller,
    ApiPath(report): ApiPath<String>,
    ApiJson(request): ApiJson<RunRequest>,
) -> Result<(StatusCode, Json<RunStarted>), Problem> {
    caller.require(Permission::ReportRun)?;
    let run = app.reports.start(&report, &request.period).await?;
    Ok((StatusCode::ACCEPTED, Json(RunStarted { run: run.run_id, period: run.period })))
}
