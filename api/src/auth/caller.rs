//! The authenticated caller of a request.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use pujiang_security::{Permission, Principal};

use super::bearer::bearer_token;
use super::origin::Origin;
use crate::app::App;
use crate::layers::LoggedAccount;
use crate::problem::Problem;

/// Who asks; a handler that takes one is closed to everybody else.
pub struct Caller {
    principal: Principal,
    token: String,
}

impl Caller {
    /// Roles and rows.
    pub fn principal(&self) -> &Principal {
        &self.principal
    }

    /// The token of the session, to end it or to look whether it still holds.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// Refuses callers without the permission.
    pub fn require(&self, permission: Permission) -> Result<(), Problem> {
        if self.principal.can(permission) {
            return Ok(());
        }
        Err(Problem::forbidden("forbidden", "当前账号没有这项权限，如工作需要请联系安全管理员授权。"))
    }
}

impl FromRequestParts<Arc<App>> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        let token = bearer_token(&parts.headers)?.to_owned();
        let Ok(Origin(origin)) = Origin::from_request_parts(parts, app).await;
        // What is written for this request is audited with the address it came from, whichever room writes it.
        let principal = app.principal_of_session(&token).await?.asking_from(origin);
        if let Some(logged) = parts.extensions.get::<LoggedAccount>() {
            logged.set(principal.account());
        }
        Ok(Self { principal, token })
    }
}
