//! Who gets a report: every active account that holds one of its roles, with the rows it may see at that moment.

use std::sync::Arc;

use async_trait::async_trait;
use pujiang_reports::{Recipients, RecipientsError};
use pujiang_security::{Principal, PrincipalIssuer, RoleId};
use pujiang_transactional::accounts::Accounts;

use super::sessions::ACTIVE;

/// Recipients out of the stored accounts.
pub struct StoredRecipients {
    accounts: Accounts,
    issuer: Arc<PrincipalIssuer>,
}

impl StoredRecipients {
    /// Over these accounts.
    pub fn new(accounts: Accounts, issuer: Arc<PrincipalIssuer>) -> Self {
        Self { accounts, issuer }
    }
}

#[async_trait]
impl Recipients for StoredRecipients {
    async fn recipients(&self, _report: &str, roles: &[RoleId]) -> Result<Vec<Principal>, RecipientsError> {
        let accounts = self.accounts.list().await?;
        Ok(accounts
            .into_iter()
            .filter(|account| account.state == ACTIVE)
            .filter(|account| account.identity.roles.iter().any(|role| roles.contains(role)))
            .map(|account| self.issuer.issue(account.identity))
            .collect())
    }
}
