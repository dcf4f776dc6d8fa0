//! `POST /api/v1/definitions/revert`: applies an earlier set again, as a new entry of the history.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use pujiang_security::Permission;
use pujiang_transactional::audit::Entry;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{AppliedView, note, taken_up};
use crate::app::App;
use crate::auth::Caller;
use crate::extract::ApiJson;
use crate::problem::Problem;

/// Which set, and why.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RevertRequest {
    /// Number of the earlier set.
    number: i64,
    /// Goes into the history and the audit log.
    note: Option<String>,
}

/// Applies an earlier set again and brings the folder to it.
#[utoipa::path(post, path = "/api/v1/definitions/revert", tag = "definitions", request_body = RevertRequest,
    responses((status = 200, body = AppliedView), (status = 400, body = crate::problem::ProblemBody),
        (status = 403, body = crate::problem::ProblemBody), (status = 404, body = crate::problem::ProblemBody),
        (status = 409, body = crate::problem::ProblemBody)))]
pub async fn revert_definitions(
    State(app): State<Arc<App>>,
    caller: Caller,
    ApiJson(request): ApiJson<RevertRequest>,
) -> Result<Json<AppliedView>, Problem> {
    caller.require(Permission::DefinitionManage)?;
    let entry = Entry::of(caller.principal());
    let applied = Box::pin(app.desk.revert(request.number, entry, note(request.note)?)).await?;
    taken_up(&app, applied).await.map(Json)
}
