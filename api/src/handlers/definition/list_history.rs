//! `GET /api/v1/definitions/history`: which sets of definitions were applied, by whom, when and why.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderName, header};
use pujiang_security::Permission;

use super::DefinitionHistory;
use crate::app::App;
use crate::auth::Caller;
use crate::problem::Problem;

/// The applied sets, newest first.
#[utoipa::path(get, path = "/api/v1/definitions/history", tag = "definitions",
    responses((status = 200, body = DefinitionHistory), (status = 403, body = crate::problem::ProblemBody)))]
pub async fn list_history(
    State(app): State<Arc<App>>,
    caller: Caller,
) -> Result<([(HeaderName, &'static str); 1], Json<DefinitionHistory>), Problem> {
    caller.require(Permission::DefinitionManage)?;
    let sets = app.desk.history().await?;
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(DefinitionHistory::new(sets, app.applied))))
}
