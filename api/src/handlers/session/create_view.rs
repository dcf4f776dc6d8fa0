//! `POST /api/v1/session/view-as`: look through the eyes of another account. Reading only, ended by `DELETE /session`
//! with the token given here; who looked, as whom and why stands in the audit log before the token is handed out.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderName, header};
use pujiang_security::Permission;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{PrincipalView, SessionOpened};
use crate::app::App;
use crate::auth::{Caller, Origin};
use crate::extract::ApiJson;
use crate::problem::Problem;

/// As whom, and why.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ViewRequest {
    /// Login name of the account.
    account: String,
    /// Why; goes into the audit log.
    reason: String,
}

/// Opens a session that sees what another account sees.
#[utoipa::path(post, path = "/api/v1/session/view-as", tag = "session", request_body = ViewRequest,
    responses((status = 200, body = SessionOpened), (status = 400, body = crate::problem::ProblemBody),
        (status = 403, body = crate::problem::ProblemBody), (status = 404, body = crate::problem::ProblemBody)))]
pub async fn create_view(
    State(app): State<Arc<App>>,
    caller: Caller,
    Origin(origin): Origin,
    ApiJson(request): ApiJson<ViewRequest>,
) -> Result<([(HeaderName, &'static str); 1], Json<SessionOpened>), Problem> {
    caller.require(Permission::ViewAs)?;
    let view = app.open_view(caller.principal(), &request.account, &request.reason, origin.as_deref());
    let (token, principal) = view.await?;
    let opened = SessionOpened { token, principal: PrincipalView::from(&principal) };
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(opened)))
}
