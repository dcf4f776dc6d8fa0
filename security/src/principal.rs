//! Who is asking. A principal cannot be written down by hand: the one issuer of the program makes it from a stored
//! identity, so every read carries a scope that comes from stored assignments.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::assignment::Assignment;
use crate::role::{Permission, Role};
use crate::scope::DataScope;

/// What storage knows about an account that has proved who it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Id of the account row.
    pub account_id: String,
    /// Login name.
    pub account: String,
    /// Name for people.
    pub name: String,
    /// Granted roles.
    pub roles: Vec<Role>,
    /// Granted rows.
    pub assignments: Vec<Assignment>,
    /// Login name of the account that looks through these eyes; `None` for the account itself.
    pub viewer: Option<String>,
}

/// An authenticated account with its roles and rows. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Principal {
    inner: Arc<Inner>,
    origin: Option<Arc<str>>,
}

#[derive(Debug)]
struct Inner {
    account_id: String,
    account: String,
    name: String,
    roles: Vec<Role>,
    permissions: BTreeSet<Permission>,
    scope: DataScope,
    viewer: Option<String>,
}

impl Principal {
    /// Id of the account row.
    pub fn account_id(&self) -> &str {
        &self.inner.account_id
    }

    /// Login name.
    pub fn account(&self) -> &str {
        &self.inner.account
    }

    /// Name for people.
    pub fn name(&self) -> &str {
        &self.inner.name
    }

    /// Roles, sorted and without repetition.
    pub fn roles(&self) -> &[Role] {
        &self.inner.roles
    }

    /// Everything the roles allow together.
    pub fn permissions(&self) -> &BTreeSet<Permission> {
        &self.inner.permissions
    }

    /// The rows it may see.
    pub fn scope(&self) -> &DataScope {
        &self.inner.scope
    }

    /// The account that looks through these eyes, when it is another one. Its name belongs into the audit.
    pub fn viewer(&self) -> Option<&str> {
        self.inner.viewer.as_deref()
    }

    /// The address it asks from, when it asks over a network. It changes no right; it belongs into the audit.
    pub fn origin(&self) -> Option<&str> {
        self.origin.as_deref()
    }

    /// The same account, asking from an address.
    #[must_use]
    pub fn asking_from(self, origin: Option<String>) -> Self {
        Self { origin: origin.map(Arc::from), ..self }
    }

    /// Whether any role allows this.
    pub fn can(&self, permission: Permission) -> bool {
        self.inner.permissions.contains(&permission)
    }
}

/// The only maker of principals. One is built in `main` (or in a test application) and handed to the logins and to
/// the job worker; library code takes a `&Principal` instead.
#[derive(Debug)]
pub struct PrincipalIssuer {
    _private: (),
}

impl PrincipalIssuer {
    /// Builds the issuer of this process.
    #[expect(clippy::new_without_default, reason = "a default would let any code mint principals unnoticed")]
    pub fn new() -> Self {
        Self { _private: () }
    }

    /// Turns a proved identity into a principal.
    pub fn issue(&self, identity: Identity) -> Principal {
        let roles: BTreeSet<Role> = identity.roles.into_iter().collect();
        let granted = roles.iter().flat_map(|r| r.permissions()).copied();
        // Another's eyes see; its hands stay where they are: who looks as somebody changes and takes out nothing.
        let permissions = granted.filter(|p| identity.viewer.is_none() || p.reads_data()).collect();
        Principal {
            inner: Arc::new(Inner {
                account_id: identity.account_id,
                account: identity.account,
                name: identity.name,
                roles: roles.into_iter().collect(),
                permissions,
                scope: DataScope::of(&identity.assignments),
                viewer: identity.viewer,
            }),
            origin: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::district::DistrictCode;

    fn issue(roles: &[Role], assignments: &[Assignment]) -> Principal {
        seen_by(None, roles, assignments)
    }

    fn seen_by(viewer: Option<&str>, roles: &[Role], assignments: &[Assignment]) -> Principal {
        PrincipalIssuer::new().issue(Identity {
            account_id: "1".into(),
            account: "a".into(),
            name: "甲".into(),
            roles: roles.to_vec(),
            assignments: assignments.to_vec(),
            viewer: viewer.map(str::to_owned),
        })
    }

    #[test]
    fn no_role_may_do_nothing_and_no_assignment_sees_nothing() {
        let principal = issue(&[], &[]);
        assert!(Permission::ALL.iter().all(|p| !principal.can(*p)));
        assert!(!principal.scope().allows(DistrictCode::CITY));
    }

    #[test]
    fn permissions_of_several_roles_unite() {
        let principal = issue(&[Role::Auditor, Role::Leader, Role::Auditor], &[Assignment::City]);
        assert_eq!(principal.roles(), [Role::Leader, Role::Auditor]);
        assert!(principal.can(Permission::AuditRead) && principal.can(Permission::BoardView));
        assert!(!principal.can(Permission::ResourceRead));
    }
    #[test]
    fn another_sees_the_same_rows_and_changes_nothing() {
        let own = issue(&Role::ALL, &[Assignment::City]);
        let viewed = seen_by(Some("secadmin"), &Role::ALL, &[Assignment::City]);
        assert_eq!((own.viewer(), viewed.viewer()), (None, Some("secadmin")));
        assert_eq!((viewed.account(), viewed.scope()), ("a", own.scope()));
        let left: Vec<_> = viewed.permissions().iter().copied().collect();
        use Permission::*;
        assert_eq!(left, [ResourceRead, MetricsQuery, BoardView, ReportView, SqlQuery, FeedView]);
        assert!(own.can(Export) && own.can(ViewAs));
    }
}
