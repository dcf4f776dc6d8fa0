//! `GET /api/v1/accounts`: every account with its roles, rows, state and last log-in. No password, no session, no row.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderName, header};
use pujiang_security::{Permission, Roles};
use pujiang_transactional::accounts::{Account, AccountKind};
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::{ACTIVE, App};
use crate::auth::Caller;
use crate::handlers::access::grant_words;
use crate::problem::Problem;

/// All accounts.
#[derive(Debug, Serialize, ToSchema)]
pub struct AccountList {
    accounts: Vec<AccountView>,
}

/// One account.
#[derive(Debug, Serialize, ToSchema)]
pub struct AccountView {
    account: String,
    name: String,
    /// Roles in words; of a role that there is no more, that it gives nothing.
    roles: Vec<String>,
    /// Grants in words.
    assignments: Vec<String>,
    /// Whether it is one of the demonstration.
    demonstration: bool,
    active: bool,
    /// RFC 3339; nothing if it never logged in.
    last_login_at: Option<String>,
}

/// Accounts by login name.
#[utoipa::path(get, path = "/api/v1/accounts", tag = "accounts",
    responses((status = 200, body = AccountList), (status = 403, body = crate::problem::ProblemBody)))]
pub async fn list_accounts(
    State(app): State<Arc<App>>,
    caller: Caller,
) -> Result<([(HeaderName, &'static str); 1], Json<AccountList>), Problem> {
    caller.require(Permission::AccountManage)?;
    let stored = app.accounts.list().await?;
    let accounts = stored.into_iter().map(|account| AccountView::of(account, &app.roles)).collect();
    Ok(([(header::CACHE_CONTROL, "private, no-store")], Json(AccountList { accounts })))
}

impl AccountView {
    fn of(account: Account, known: &Roles) -> Self {
        Self {
            account: account.identity.account,
            name: account.identity.name,
            roles: account.identity.roles.iter().map(|role| known.title(role)).collect(),
            assignments: account.identity.assignments.iter().map(grant_words).collect(),
            demonstration: account.kind == AccountKind::Demonstration,
            active: account.state == ACTIVE,
            last_login_at: account.last_login_at,
        }
    }
}
