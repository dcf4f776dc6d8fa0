//! `GET /api/v1/session`: who is logged in, with the roles and rows of this moment.

use axum::Json;
use serde::Serialize;
use utoipa::ToSchema;

use super::PrincipalView;
use crate::auth::Caller;

/// The session.
#[derive(Debug, Serialize, ToSchema)]
pub struct SessionView {
    principal: PrincipalView,
}

/// The caller's own session.
#[utoipa::path(get, path = "/api/v1/session", tag = "session",
    responses((status = 200, body = SessionView), (status = 401, body = crate::problem::ProblemBody)))]
pub async fn get_session(caller: Caller) -> Json<SessionView> {
    Json(SessionView { principal: PrincipalView::from(caller.principal()) })
}
