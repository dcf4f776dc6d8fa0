//! Who gets a report. The accounts are elsewhere (`api` over `transactional`); here they are grouped by scope, because
//! a report is rendered once per distinct scope, as its recipients would see it.

use async_trait::async_trait;
use pujiang_security::{Permission, Principal, Role, ScopeLevel};

/// Error of a [`Recipients`] implementation.
pub type RecipientsError = Box<dyn std::error::Error + Send + Sync>;

/// Lists the accounts a report goes to.
#[async_trait]
pub trait Recipients: Send + Sync {
    /// Active accounts that hold one of the roles.
    async fn recipients(&self, report: &str, roles: &[Role]) -> Result<Vec<Principal>, RecipientsError>;
}

/// Recipients that see the same rows.
#[derive(Debug, Clone)]
pub struct ScopeGroup {
    /// Fingerprint of the scope.
    pub fingerprint: String,
    /// At least one.
    pub members: Vec<Principal>,
}

impl ScopeGroup {
    /// The principal the figures are asked for as.
    #[must_use]
    pub fn reader(&self) -> &Principal {
        &self.members[0]
    }
}

/// Groups by scope, the city first, then by district code. Who may not view reports or sees no rows gets nothing.
#[must_use]
pub fn grouped(principals: Vec<Principal>) -> Vec<ScopeGroup> {
    let mut groups: Vec<ScopeGroup> = vec![];
    for principal in principals {
        if principal.scope().level() == ScopeLevel::Nothing || !principal.can(Permission::ReportView) {
            tracing::debug!(
                account = principal.account(),
                "account gets no report: no rows or no permission"
            );
            continue;
        }
        let fingerprint = principal.scope().fingerprint();
        match groups.iter_mut().find(|group| group.fingerprint == fingerprint) {
            Some(group) => group.members.push(principal),
            None => groups.push(ScopeGroup { fingerprint, members: vec![principal] }),
        }
    }
    groups
        .sort_by_key(|group| (group.reader().scope().level() != ScopeLevel::City, group.fingerprint.clone()));
    groups
}
