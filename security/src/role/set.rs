//! All roles there are. An application makes its principals by the roles of the set of definitions it works by; what names a
//! role that is not in it gives nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use pujiang_definition::{DefinitionError, Layers, Loaded, Places, ROLES, Sources, read_all};
use rust_embed::RustEmbed;

use super::{Role, RoleId, read};
use crate::permission::Permission;

#[derive(RustEmbed)]
#[folder = "roles/"]
struct Builtin;

/// All roles. Made only by reading definitions.
#[derive(Debug)]
pub struct Roles {
    by_id: BTreeMap<RoleId, Arc<Role>>,
}

impl Roles {
    /// The roles compiled into the program.
    ///
    /// # Errors
    /// Every mistake of every file.
    pub fn builtin() -> Result<Arc<Self>, Vec<DefinitionError>> {
        Self::load(&Layers::builtin()).finished().map(Arc::new)
    }

    /// The roles of these layers.
    #[must_use]
    pub fn load(layers: &Layers) -> Loaded<Self> {
        Self::read(&layers.sources::<Builtin>(&ROLES))
    }

    /// The roles of these files.
    #[must_use]
    pub fn read(sources: &Sources) -> Loaded<Self> {
        read_all(sources, read::role).map(|read, errors| {
            check_first(&read, errors);
            let by_id = read.into_iter().map(|(role, _)| (role.id.clone(), Arc::new(role))).collect();
            Self { by_id }
        })
    }

    /// A role by its id.
    pub fn get(&self, id: &RoleId) -> Option<&Arc<Role>> {
        self.by_id.get(id)
    }

    /// All roles, as lists show them.
    pub fn all(&self) -> Vec<&Arc<Role>> {
        let mut all: Vec<_> = self.by_id.values().collect();
        all.sort();
        all
    }

    /// The role of the account that is made where there is none yet.
    pub fn of_first_account(&self) -> Option<&Arc<Role>> {
        self.by_id.values().find(|role| role.first_account)
    }

    /// Whether one of these roles may do something.
    pub fn may(&self, ids: &[RoleId], permission: Permission) -> bool {
        ids.iter().filter_map(|id| self.get(id)).any(|role| role.permissions.contains(&permission))
    }

    /// The role's title, or for a role that there is not what became of it.
    pub fn title(&self, id: &RoleId) -> String {
        self.get(id).map_or_else(|| lost_title(id), |role| role.title.clone())
    }

    /// Titles in a row, for sentences.
    pub fn titles(&self, ids: &[RoleId]) -> String {
        ids.iter().map(|id| self.title(id)).collect::<Vec<_>>().join("、")
    }

    /// The roles of an account, sorted and without repetition, and the ids that name none.
    pub(crate) fn held(&self, ids: &[RoleId]) -> (Vec<Arc<Role>>, Vec<RoleId>) {
        let ids: BTreeSet<&RoleId> = ids.iter().collect();
        let mut held: Vec<Arc<Role>> = ids.iter().filter_map(|id| self.get(id).cloned()).collect();
        held.sort();
        let lost = ids.into_iter().filter(|id| self.get(id).is_none()).cloned().collect();
        (held, lost)
    }
}

/// What people read instead of the title of a role that there is not.
pub(crate) fn lost_title(id: &RoleId) -> String {
    format!("{id}（没有这个角色，不带任何权限）")
}

/// Somebody must be able to make the other accounts: exactly one role is that of the first one.
fn check_first(read: &[(Role, Places)], errors: &mut Vec<DefinitionError>) {
    let mut first = read.iter().filter(|(role, _)| role.first_account);
    match first.next() {
        Some((one, _)) => errors.extend(first.map(|(_, places)| {
            let message = format!("只能有一个角色写明 first_account，“{}”已经写了，请删去一处", one.title);
            places.error("first_account", message)
        })),
        // A file with mistakes may have been the one.
        None if errors.is_empty() => {
            let message = "没有首个账号的角色，请在能管理账号的角色中写明 first_account = true";
            errors.push(DefinitionError::of_file(ROLES.folder, message));
        }
        None => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn builtin() -> Arc<Roles> {
        Roles::builtin().unwrap_or_else(|errors| panic!("{errors:#?}"))
    }

    #[test]
    fn the_built_in_roles_come_in_their_order() {
        let roles = builtin();
        let ids: Vec<&str> = roles.all().into_iter().map(|role| role.id().as_str()).collect();
        assert_eq!(
            ids,
            [
                "city_analyst",
                "district_clerk",
                "street_clerk",
                "unit_clerk",
                "holder",
                "leader",
                "sys_admin",
                "sec_admin",
                "auditor"
            ]
        );
        assert_eq!(roles.of_first_account().map(|role| role.id().as_str()), Some("sys_admin"));
    }

    #[test]
    fn the_built_in_roles_may_what_they_always_might() {
        use Permission::*;
        let roles = builtin();
        let expected: [(&str, &[Permission]); 9] = [
            (
                "city_analyst",
                &[
                    ResourceRead,
                    ResourceWrite,
                    ResourceReview,
                    Export,
                    MetricsQuery,
                    BoardView,
                    ReportView,
                    ReportRun,
                    SqlQuery,
                    FeedView,
                    FeedManage,
                ],
            ),
            (
                "district_clerk",
                &[ResourceRead, ResourceWrite, Export, MetricsQuery, BoardView, ReportView, SqlQuery],
            ),
            ("street_clerk", &[ResourceRead, ResourceWrite, MetricsQuery, BoardView, SqlQuery]),
            ("unit_clerk", &[ResourceRead, MetricsQuery, BoardView, SqlQuery]),
            ("holder", &[ResourceRead, SqlQuery]),
            ("leader", &[MetricsQuery, BoardView]),
            ("sys_admin", &[FeedView, FeedManage, AccountManage, DefinitionManage]),
            ("sec_admin", &[AccountManage, AccessExplain, ViewAs]),
            ("auditor", &[AuditRead]),
        ];
        for (id, permissions) in expected {
            let role = roles.get(&id.into()).unwrap_or_else(|| panic!("{id}"));
            assert_eq!(role.permissions(), &permissions.iter().copied().collect::<BTreeSet<_>>(), "{id}");
        }
        for permission in Permission::ALL {
            assert!(
                roles.all().iter().any(|role| role.permissions().contains(&permission)),
                "{permission:?}"
            );
        }
    }

    #[test]
    fn administrators_have_no_business_data() {
        let roles = builtin();
        for id in ["sys_admin", "sec_admin", "auditor"] {
            let role = roles.get(&id.into()).unwrap_or_else(|| panic!("{id}"));
            assert!(!role.is_of_business(), "{id}");
        }
        for id in ["city_analyst", "holder", "leader"] {
            let role = roles.get(&id.into()).unwrap_or_else(|| panic!("{id}"));
            assert!(role.is_of_business(), "{id}");
        }
    }

    #[test]
    fn a_role_that_is_gone_gives_nothing_and_says_so() {
        let roles = builtin();
        let ids: Vec<RoleId> = ["king", "leader", "auditor", "leader"].map(RoleId::from).to_vec();
        let (held, lost) = roles.held(&ids);
        assert_eq!(held.iter().map(|role| role.title()).collect::<Vec<_>>(), ["领导", "审计管理员"]);
        assert_eq!(lost, [RoleId::from("king")]);
        assert!(!roles.may(&["king".into()], Permission::BoardView));
        assert!(roles.may(&ids, Permission::BoardView) && !roles.may(&ids, Permission::Export));
        assert_eq!(roles.titles(&ids[..2]), "king（没有这个角色，不带任何权限）、领导");
    }
}
