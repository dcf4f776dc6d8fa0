//! `POST /api/v1/session`: log in.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderName, header};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::PrincipalView;
use crate::app::App;
use crate::auth::Origin;
use crate::extract::ApiJson;
use crate::problem::Problem;

/// Longest password; hashing cost grows with it.
const LONGEST: usize = 1024;

/// Account and password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Credentials {
    account: String,
    password: String,
}

/// An open session.
#[derive(Debug, Serialize, ToSchema)]
pub struct SessionOpened {
    /// Goes into `Authorization: Bearer …`.
    pub(super) token: String,
    pub(super) principal: PrincipalView,
}

/// Opens a session. Five failures lock the account for 15 minutes.
#[utoipa::path(post, path = "/api/v1/session", tag = "session", security(()), request_body = Credentials,
    responses((status = 200, body = SessionOpened), (status = 401, body = crate::problem::ProblemBody),
        (status = 403, body = crate::problem::ProblemBody), (status = 429, body = crate::problem::ProblemBody)))]
pub async fn create_session(
    State(app): State<Arc<App>>,
    Origin(origin): Origin,
    ApiJson(credentials): ApiJson<Credentials>,
) -> Result<([(HeaderName, &'static str); 1], Json<SessionOpened>), Problem> {
    if credentials.password.len() > LONGEST || credentials.account.len() > LONGEST {
        return Err(Problem::unauthenticated("wrong_credentials", "账号或密码不正确，请核对后重试。"));
    }
    let (token, principal) =
        app.log_in(&credentials.account, &credentials.password, origin.as_deref()).await?;
    let opened = SessionOpened { token, principal: PrincipalView::from(&principal) };
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(opened)))
}
