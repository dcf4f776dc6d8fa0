//! Who is asking. A principal cannot be written down by hand: the one issuer of the program makes it from a stored
//! identity, so every read carries a scope that comes from stored assignments.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::assignment::Assignment;
use crate::permission::Permission;
use crate::role::{Role, RoleId, Roles, lost_title};
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
    /// Granted roles, also such as there are no more.
    pub roles: Vec<RoleId>,
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
    roles: Vec<Arc<Role>>,
    lost_roles: Vec<RoleId>,
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
    pub fn roles(&self) -> &[Arc<Role>] {
        &self.inner.roles
    }

    /// Granted roles that no definition has; they give nothing.
    pub fn lost_roles(&self) -> &[RoleId] {
        &self.inner.lost_roles
    }

    /// Titles of the roles; of lost ones, what became of them.
    pub fn role_titles(&self) -> Vec<String> {
        let titles = self.inner.roles.iter().map(|role| role.title().to_owned());
        titles.chain(self.inner.lost_roles.iter().map(lost_title)).collect()
    }

    /// Whether it has one of the roles a definition names.
    pub fn has_any_of(&self, roles: &[RoleId]) -> bool {
        self.inner.roles.iter().any(|role| roles.contains(role.id()))
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
    roles: Arc<Roles>,
}

impl PrincipalIssuer {
    /// Builds the issuer of one application; these roles say what an account may do.
    pub fn new(roles: Arc<Roles>) -> Self {
        Self { roles }
    }

    /// Turns a proved identity into a principal.
    pub fn issue(&self, identity: Identity) -> Principal {
        let (roles, lost_roles) = self.roles.held(&identity.roles);
        let granted = roles.iter().flat_map(|role| role.permissions()).copied();
        // Another's eyes see; its hands stay where they are: who looks as somebody changes and takes out nothing.
        let permissions = granted.filter(|p| identity.viewer.is_none() || p.reads_data()).collect();
        Principal {
            inner: Arc::new(Inner {
                account_id: identity.account_id,
                account: identity.account,
                name: identity.name,
                roles,
                lost_roles,
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

    const ALL: [&str; 9] = [
        "city_analyst",
        "district_clerk",
        "street_clerk",
        "unit_clerk",
        "holder",
        "leader",
        "sys_admin",
        "sec_admin",
        "auditor",
    ];

    fn issue(roles: &[&str], assignments: &[Assignment]) -> Principal {
        seen_by(None, roles, assignments)
    }

    fn seen_by(viewer: Option<&str>, roles: &[&str], assignments: &[Assignment]) -> Principal {
        let known = Roles::builtin().unwrap_or_else(|errors| panic!("{errors:#?}"));
        PrincipalIssuer::new(known).issue(Identity {
            account_id: "1".into(),
            account: "a".into(),
            name: "甲".into(),
            roles: roles.iter().map(|id| RoleId::from(*id)).collect(),
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
        let principal = issue(&["auditor", "leader", "auditor"], &[Assignment::City]);
        assert_eq!(principal.role_titles(), ["领导", "审计管理员"]);
        assert!(principal.can(Permission::AuditRead) && principal.can(Permission::BoardView));
        assert!(!principal.can(Permission::ResourceRead));
    }

    #[test]
    fn a_role_that_is_gone_gives_nothing() {
        let principal = issue(&["king"], &[Assignment::City]);
        assert!(principal.permissions().is_empty() && principal.roles().is_empty());
        assert_eq!(principal.lost_roles(), ["king".into()]);
        assert!(!principal.has_any_of(&["king".into()]));
        let beside = issue(&["king", "leader"], &[Assignment::City]);
        assert_eq!(beside.permissions(), issue(&["leader"], &[]).permissions());
        assert_eq!(beside.role_titles(), ["领导", "king（没有这个角色，不带任何权限）"]);
        assert!(beside.has_any_of(&["auditor".into(), "leader".into()]));
    }

    #[test]
    fn another_sees_the_same_rows_and_changes_nothing() {
        let own = issue(&ALL, &[Assignment::City]);
        let viewed = seen_by(Some("secadmin"), &ALL, &[Assignment::City]);
        assert_eq!((own.viewer(), viewed.viewer()), (None, Some("secadmin")));
        assert_eq!((viewed.account(), viewed.scope()), ("a", own.scope()));
        let left: Vec<_> = viewed.permissions().iter().copied().collect();
        use Permission::*;
        assert_eq!(left, [ResourceRead, MetricsQuery, BoardView, ReportView, SqlQuery, FeedView]);
        assert!(own.can(Export) && own.can(ViewAs));
    }
}
