//! `GET /api/v1/inbox`: the caller's messages, newest first.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use pujiang_reports::InboxMessage;
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::auth::Caller;
use crate::problem::Problem;

/// The caller's messages.
#[derive(Debug, Serialize, ToSchema)]
pub struct MessageList {
    #[schema(value_type = Vec<Object>)]
    messages: Vec<InboxMessage>,
    unread: i64,
}

/// The caller's messages and how many are unread.
#[utoipa::path(get, path = "/api/v1/inbox", tag = "inbox",
    responses((status = 200, body = MessageList), (status = 401, body = crate::problem::ProblemBody)))]
pub async fn list_messages(
    State(app): State<Arc<App>>,
    caller: Caller,
) -> Result<Json<MessageList>, Problem> {
    let messages = app.reports.inbox(caller.principal()).await?;
    let unread = app.reports.unread(caller.principal()).await?;
    Ok(Json(MessageList { messages, unread }))
}
