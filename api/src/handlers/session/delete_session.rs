//! `DELETE /api/v1/session`: log out.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;

use crate::app::App;
use crate::auth::Caller;
use crate::problem::Problem;

/// Ends the caller's session.
#[utoipa::path(delete, path = "/api/v1/session", tag = "session",
    responses((status = 204), (status = 401, body = crate::problem::ProblemBody)))]
pub async fn delete_session(State(app): State<Arc<App>>, caller: Caller) -> Result<StatusCode, Problem> {
    app.accounts.logout(caller.token()).await?;
    Ok(StatusCode::NO_CONTENT)
}
