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
    responses((status = 204), (status = 403, body = crate::problem::ProblemBody),
        (status = 404, body = crate::problem::ProblemBody)))]
pub async fn read_message(
    State(app): State<Arc<App>>,
    caller: Caller,
    ApiPath(id): ApiPath<String>,
) -> Result<StatusCode, Problem> {
    // Whoever looks through other eyes must not unsettle what their owner has and has not read.
    if caller.principal().viewer().is_some() {
        return Err(Problem::forbidden("view_is_read_only", "正在以他人身份查看，只能读取，不能改动。"));
    }
    app.reports.mark_read(caller.principal(), &id).await?;
    Ok(StatusCode::NO_CONTENT)
}
