//! `GET /api/v1/definitions/plan`: what applying the definitions of the data folder would change.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderName, header};
use pujiang_security::Permission;

use super::DefinitionPlan;
use crate::app::App;
use crate::auth::Caller;
use crate::problem::Problem;

/// What applying would change; with mistakes in the files, every one of them.
#[utoipa::path(get, path = "/api/v1/definitions/plan", tag = "definitions",
    responses((status = 200, body = DefinitionPlan), (status = 400, body = crate::problem::ProblemBody),
        (status = 403, body = crate::problem::ProblemBody)))]
pub async fn get_plan(
    State(app): State<Arc<App>>,
    caller: Caller,
) -> Result<([(HeaderName, &'static str); 1], Json<DefinitionPlan>), Problem> {
    caller.require(Permission::DefinitionManage)?;
    let plan = Box::pin(app.desk.plan()).await?;
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(plan.into())))
}
