//! `POST /api/v1/session/password`: replaces the caller's own password. This session goes on, others end.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::auth::Caller;
use crate::extract::ApiJson;
use crate::problem::Problem;

/// The present password and the new one.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPassword {
    current: String,
    new: String,
}

/// Changes the caller's password. Five wrong present passwords lock the account for 15 minutes.
#[utoipa::path(post, path = "/api/v1/session/password", tag = "session", request_body = NewPassword,
    responses((status = 204), (status = 400, body = crate::problem::ProblemBody),
        (status = 403, body = crate::problem::ProblemBody), (status = 429, body = crate::problem::ProblemBody)))]
pub async fn change_password(
    State(app): State<Arc<App>>,
    caller: Caller,
    ApiJson(NewPassword { current, new }): ApiJson<NewPassword>,
) -> Result<StatusCode, Problem> {
    app.change_password(&caller, &current, new).await?;
    Ok(StatusCode::NO_CONTENT)
}
