//! `POST /api/v1/inbox/{id}/read`: marks a message as read.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;

use crate::app::App;
use crate::auth::Caller;
use crate::extract::ApiPath;
use crate::problem::Problem;

/// Marks one of the caller's messages as read.
#[utoipa::path(post, path = "/api/v1/inbox/{id}/read", tag = "inbox",
    params(("id" = String, Path, description = "Id of the message")),
    responses((status = 204), (status = 404, body = crate::problem::ProblemBody)))]
pub async fn read_message(
    State(app): State<Arc<App>>,
    caller: Caller,
    ApiPath(id): ApiPath<String>,
) -> Result<StatusCode, Problem> {
    app.reports.mark_read(caller.principal(), &id).await?;
    Ok(StatusCode::NO_CONTENT)
}
