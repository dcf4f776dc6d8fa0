//! Principals out of stored sessions and accounts. Demonstration accounts are worth something only while nobody but
//! this machine can reach the server.

use std::sync::Arc;

use pujiang_security::{Principal, ScopeLevel};
use pujiang_transactional::Error as StoreError;
use pujiang_transactional::accounts::{Account, AccountKind, Accounts, Login, PasswordChange};
use pujiang_transactional::clock::Moment;

use super::App;
use super::lost_roles::tell_lost_roles;
use crate::auth::Caller;
use crate::config::Reach;
use crate::problem::{FieldProblem, Problem};

/// State of accounts that may be used.
pub const ACTIVE: &str = "active";

/// The account demonstrations always have.
const DEMONSTRATION: &str = "city";

impl App {
    /// Logs in; the token and who it belongs to.
    pub async fn log_in(
        &self,
        account: &str,
        password: &str,
        origin: Option<&str>,
    ) -> Result<(String, Principal), Problem> {
        let stored = self.accounts.find(account).await?;
        if let Some(stored) = stored
            && self.is_out_of_reach(stored.kind)
        {
            return Err(demonstration_only());
        }
        match Box::pin(self.accounts.login(account, password, origin)).await? {
            Login::Granted { token, session } => {
                let principal = self.issuer.issue(session.identity);
                tell_lost_roles(&principal);
                Ok((token, principal))
            }
            Login::Refused => {
                Err(Problem::unauthenticated("wrong_credentials", "账号或密码不正确，请核对后重试。"))
            }
            Login::Locked { until } => Err(locked(until)),
        }
    }

    /// Changes the password of a caller's own account.
    pub async fn change_password(&self, caller: &Caller, current: &str, new: String) -> Result<(), Problem> {
        let change = self.accounts.change_password(caller.principal(), caller.token(), current, new);
        match Box::pin(change).await? {
            PasswordChange::Made => Ok(()),
            PasswordChange::Wrong => {
                let error = FieldProblem {
                    field: "current".to_owned(),
                    code: "wrong_password".to_owned(),
                    message: "现在的密码不正确，请重新输入".to_owned(),
                };
                Err(Problem::invalid("invalid_fields", error.message.clone()).with_errors(vec![error]))
            }
            PasswordChange::Locked { until } => Err(locked(until)),
        }
    }

    /// The principal of an open session.
    pub async fn principal_of_session(&self, token: &str) -> Result<Principal, Problem> {
        // Before the look-up: what changes while it is under way must not be kept as if it had not.
        let epoch = self.accounts.epoch();
        if let Some(principal) = self.known.get(token, epoch) {
            return Ok(principal);
        }
        let session = self.accounts.resolve(token).await?;
        let over = || Problem::unauthenticated("session_over", "登录已失效，请重新登录。");
        let session = session.ok_or_else(over)?;
        if self.is_out_of_reach(session.kind) {
            return Err(demonstration_only());
        }
        let ends = chrono::DateTime::parse_from_rfc3339(&session.expires_at).ok();
        let principal = self.issuer.issue(session.identity);
        self.known.put(token, epoch, ends.map(|ends| ends.to_utc()), principal.clone());
        Ok(principal)
    }

    /// The principal of an active account, for the command line of whoever holds the data folder.
    pub async fn principal_of(&self, account: &str) -> Result<Option<Principal>, StoreError> {
        let stored = self.accounts.find(account).await?.filter(|stored| stored.state == ACTIVE);
        Ok(stored.map(|stored| self.issuer.issue(stored.identity)))
    }

    /// The principal of an account that is active now, for connections that stay open and ask anew before each statement.
    pub async fn principal_of_account(&self, account_id: &str) -> Result<Option<Principal>, StoreError> {
        let stored = self.accounts.identity(account_id).await?;
        Ok(stored.map(|stored| self.issuer.issue(stored.identity)))
    }

    /// The principal of an account that has just proved who it is; none for a demonstration account where others than
    /// this machine can reach the door it came by.
    pub fn admitted(&self, account: Account, reach: Reach) -> Option<Principal> {
        let refused = account.kind == AccountKind::Demonstration && reach == Reach::Network;
        let principal = (!refused).then(|| self.issuer.issue(account.identity))?;
        tell_lost_roles(&principal);
        Some(principal)
    }

    /// Principals of all active accounts.
    pub async fn principals(&self) -> Result<Vec<Principal>, StoreError> {
        let accounts = self.accounts.list().await?.into_iter().filter(|stored| stored.state == ACTIVE);
        Ok(accounts.map(|stored| self.issuer.issue(stored.identity)).collect())
    }

    /// One principal per distinct scope that may see boards, the city first: for warming caches.
    pub async fn readers(&self) -> Result<Vec<Principal>, StoreError> {
        let mut readers = self.principals().await?;
        readers.retain(|reader| {
            reader.can(pujiang_security::Permission::BoardView)
                && reader.scope().level() != ScopeLevel::Nothing
        });
        readers
            .sort_by_key(|reader| (reader.scope().level() != ScopeLevel::City, reader.scope().fingerprint()));
        readers.dedup_by_key(|reader| reader.scope().fingerprint());
        Ok(readers)
    }

    /// Whether demonstration accounts are here and usable.
    pub async fn demo_usable(self: &Arc<Self>) -> bool {
        let found = self.accounts.find(DEMONSTRATION).await;
        self.reach == Reach::Loopback
            && found.is_ok_and(|account| {
                account.is_some_and(|account| account.kind == AccountKind::Demonstration)
            })
    }

    fn is_out_of_reach(&self, kind: AccountKind) -> bool {
        kind == AccountKind::Demonstration && self.reach == Reach::Network
    }
}

/// Whether a session is still open; a store that does not answer closes nothing.
pub async fn is_session_open(accounts: &Accounts, token: &str) -> bool {
    match accounts.resolve(token).await {
        Ok(session) => session.is_some(),
        Err(error) => {
            tracing::warn!(error = %crate::problem::chain(&error), "cannot look at a session");
            true
        }
    }
}

fn locked(until: Moment) -> Problem {
    let seconds = (until.to_utc() - chrono::Utc::now()).num_seconds().max(1).unsigned_abs();
    let detail = format!("连续输错次数过多，账号已锁定到 {}，请届时再试。", until.format("%H:%M"));
    let status = axum::http::StatusCode::TOO_MANY_REQUESTS;
    Problem::new(status, "account_locked", "账号已锁定", detail).with_retry_after(seconds)
}

fn demonstration_only() -> Problem {
    Problem::forbidden(
        "demonstration_account",
        "演示账号只能在服务监听本机地址（127.0.0.1）时使用；当前服务对外开放，请使用正式账号。",
    )
}
