//! The first account of an empty store, and what to do without one.

use std::sync::Arc;

use pujiang_transactional::accounts::{AccountKind, NewAccount};

use super::{App, OpenError};
use crate::config::AdminConfig;

/// Login name of the first administrator.
const FIRST_ACCOUNT: &str = "sysadmin";

/// What was found at start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FirstStart {
    /// There are accounts already.
    NotFirst,
    /// The first administrator was made.
    AdministratorMade,
    /// Nobody can log in yet.
    NobodyYet,
}

impl App {
    /// On a store without accounts makes the administrator whose password the environment gives.
    pub async fn prepare_first_start(self: &Arc<Self>, admin: &AdminConfig) -> Result<FirstStart, OpenError> {
        let accounts = self.accounts.list().await.map_err(OpenError::FirstAccount)?;
        if !accounts.is_empty() {
            return Ok(FirstStart::NotFirst);
        }
        let Some(password) = &admin.password else {
            return Ok(FirstStart::NobodyYet);
        };
        let role = self.roles.of_first_account();
        let account = NewAccount {
            login_name: FIRST_ACCOUNT.to_owned(),
            name: role.map_or(FIRST_ACCOUNT, |role| role.title()).to_owned(),
            password: password.clone(),
            roles: role.iter().map(|role| role.id().clone()).collect(),
            assignments: Vec::new(),
            kind: AccountKind::Person,
        };
        self.accounts.create("first_start", account).await.map_err(OpenError::FirstAccount)?;
        Ok(FirstStart::AdministratorMade)
    }
}
