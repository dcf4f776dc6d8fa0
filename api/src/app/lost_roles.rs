//! Granted roles whose definition is gone: they give nothing, and the log says so at the start and at each log-in. The pages of
//! accounts and of permissions say the same of each account.

use pujiang_security::Principal;

use super::App;
use crate::problem::chain;

impl App {
    /// Names every active account with such a role.
    pub(super) async fn look_for_lost_roles(&self) {
        match self.principals().await {
            Ok(principals) => principals.iter().for_each(tell_lost_roles),
            Err(error) => {
                tracing::warn!(error = %chain(&error), "cannot look for roles without a definition")
            }
        }
    }
}

/// Names the roles of one account that no definition has.
pub(super) fn tell_lost_roles(principal: &Principal) {
    for role in principal.lost_roles() {
        let account = principal.account();
        tracing::warn!(account, role = %role, "a granted role has no definition and gives no rights");
    }
}
