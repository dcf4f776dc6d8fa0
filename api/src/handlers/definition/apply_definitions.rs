//! `POST /api/v1/definitions/apply`: applies the definitions of the data folder; the server works by them when it answers.

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

/// Why, and what was looked at.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ApplyRequest {
    /// Goes into the history and the audit log.
    note: Option<String>,
    /// `edition` of the plan; where the files have changed since, nothing is applied.
    edition: Option<String>,
}

/// Applies the definitions of the data folder, all or nothing.
#[utoipa::path(post, path = "/api/v1/definitions/apply", tag = "definitions", request_body = ApplyRequest,
    responses((status = 200, body = AppliedView), (status = 400, body = crate::problem::ProblemBody),
        (status = 403, body = crate::problem::ProblemBody), (status = 409, body = crate::problem::ProblemBody)))]
pub async fn apply_definitions(
    State(app): State<Arc<App>>,
    caller: Caller,
    ApiJson(request): ApiJson<ApplyRequest>,
) -> Result<Json<AppliedView>, Problem> {
    caller.require(Permission::DefinitionManage)?;
    let entry = Entry::of(caller.principal());
    let applying = app.desk.apply(entry, note(request.note)?, request.edition.as_deref());
    let applied = Box::pin(applying).await?;
    taken_up(&app, applied).await.map(Json)
}
