//! Who gets a report. The accounts are elsewhere (`api` over `transactional`); here they are grouped by what they may
//! see, rows and columns: a report is rendered once per distinct access, as its recipients would see it.

use async_trait::async_trait;
use pujiang_security::{Permission, Principal, RoleId, ScopeLevel};
use sm3::{Digest, Sm3};

/// Error of a [`Recipients`] implementation.
pub type RecipientsError = Box<dyn std::error::Error + Send + Sync>;

/// Lists the accounts a report goes to.
#[async_trait]
pub trait Recipients: Send + Sync {
    /// Active accounts that hold one of the roles.
    async fn recipients(&self, report: &str, roles: &[RoleId]) -> Result<Vec<Principal>, RecipientsError>;
}

/// Recipients that see the same rows and columns.
#[derive(Debug, Clone)]
pub struct ScopeGroup {
    /// Fingerprint of their access.
    pub fingerprint: String,
    /// Ending of file names where the scope in words does not tell groups apart: 本单位 is another one for everybody.
    pub ending: String,
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

/// Groups by access, the city first, then by fingerprint. Who may not view reports or sees no rows gets nothing.
/// `access` names what a principal may see.
#[must_use]
pub fn grouped(principals: Vec<Principal>, access: impl Fn(&Principal) -> String) -> Vec<ScopeGroup> {
    let mut groups: Vec<ScopeGroup> = vec![];
    for principal in principals {
        if principal.scope().level() == ScopeLevel::Nothing || !principal.can(Permission::ReportView) {
            tracing::debug!(
                account = principal.account(),
                "account gets no report: no rows or no permission"
            );
            continue;
        }
        let fingerprint = access(&principal);
        match groups.iter_mut().find(|group| group.fingerprint == fingerprint) {
            Some(group) => group.members.push(principal),
            None => {
                groups.push(ScopeGroup { fingerprint, ending: String::new(), members: vec![principal] });
            }
        }
    }
    groups
        .sort_by_key(|group| (group.reader().scope().level() != ScopeLevel::City, group.fingerprint.clone()));
    let labels: Vec<String> = groups.iter().map(|group| group.reader().scope().label()).collect();
    for (group, label) in groups.iter_mut().zip(&labels) {
        let alone = labels.iter().filter(|other| *other == label).count() == 1;
        if group.reader().scope().is_finer() || !alone {
            let digest = Sm3::digest(group.fingerprint.as_bytes());
            group.ending =
                digest.iter().take(4).fold("_".to_owned(), |text, byte| format!("{text}{byte:02x}"));
        }
    }
    groups
}

#[cfg(test)]
pub(super) mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use pujiang_security::{Assignment, Identity, PrincipalIssuer, Roles};

    /// An account with one role and these scopes.
    pub fn account(name: &str, role: &str, scope: &[&str]) -> Principal {
        PrincipalIssuer::new(Roles::builtin().expect("roles")).issue(Identity {
            account_id: name.into(),
            account: name.into(),
            name: name.into(),
            roles: vec![role.into()],
            assignments: scope.iter().map(|s| Assignment::parse(s).expect("a scope")).collect(),
            viewer: None,
        })
    }

    #[test]
    fn recipients_are_grouped_by_what_they_may_see_and_never_share_a_file_name() {
        let clerk = |name: &str, scope: &[&str]| account(name, "district_clerk", scope);
        let people = vec![
            clerk("a", &["310104"]),
            clerk("b", &["310104"]),
            account("c", "city_analyst", &["310104"]),
            clerk("d", &["organization:o1"]),
            clerk("e", &["organization:o2"]),
            clerk("f", &["street:310104003"]),
            clerk("g", &[]),
        ];
        // Analysts of this bench see columns that clerks see masked.
        let access = |principal: &Principal| {
            let columns = if principal.has_any_of(&["city_analyst".into()]) { "clear" } else { "masked" };
            format!("{}|{columns}", principal.scope().fingerprint())
        };
        let groups = grouped(people, access);
        let members = |group: &ScopeGroup| {
            group.members.iter().map(|member| member.account().to_owned()).collect::<Vec<_>>().join("+")
        };
        assert_eq!(groups.iter().map(members).collect::<Vec<_>>(), ["c", "a+b", "d", "e", "f"]);
        let names: BTreeSet<String> = groups
            .iter()
            .map(|group| format!("{}{}", group.reader().scope().label(), group.ending))
            .collect();
        assert_eq!(names.len(), groups.len(), "{names:?}");
        let plain = grouped(vec![clerk("a", &["310104"]), clerk("b", &["310105"])], access);
        assert!(plain.iter().all(|group| group.ending.is_empty()));
    }
}
