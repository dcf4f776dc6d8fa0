//! Accounts as somebody else asks about them: what they would see, and a look through their eyes. Reading for them stays
//! with whoever is logged in.

use pujiang_security::{Assignment, Principal};
use pujiang_transactional::Error as StoreError;
use pujiang_transactional::accounts::Account;

use super::App;
use super::sessions::ACTIVE;

/// An account with the principal it is when it logs in.
pub struct Subject {
    /// Roles and rows.
    pub principal: Principal,
    /// The grants its rows come from.
    pub assignments: Vec<Assignment>,
    /// Whether it may log in.
    pub active: bool,
}

impl App {
    /// All accounts.
    pub async fn subjects(&self) -> Result<Vec<Subject>, StoreError> {
        Ok(self.accounts.list().await?.into_iter().map(|account| self.subject_of(account)).collect())
    }

    /// The account of this login name.
    pub async fn subject(&self, account: &str) -> Result<Option<Subject>, StoreError> {
        Ok(self.accounts.find(account).await?.map(|account| self.subject_of(account)))
    }

    /// Opens a session of `account` for `viewer`; its token and what it sees.
    pub async fn open_view(
        &self,
        viewer: &Principal,
        account: &str,
        reason: &str,
        origin: Option<&str>,
    ) -> Result<(String, Principal), StoreError> {
        let (token, session) = Box::pin(self.accounts.open_view(viewer, account, reason, origin)).await?;
        Ok((token, self.issuer.issue(session.identity)))
    }

    fn subject_of(&self, account: Account) -> Subject {
        Subject {
            assignments: account.identity.assignments.clone(),
            active: account.state == ACTIVE,
            principal: self.issuer.issue(account.identity),
        }
    }
}
