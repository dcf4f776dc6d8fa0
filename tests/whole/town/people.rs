//! Who lives in the town, and the words each of them must never read.

use pujiang_security::{Assignment, Identity, Principal, PrincipalIssuer, RoleId, Roles};

use crate::server::Person;

/// Somebody of the town.
#[derive(Debug)]
pub struct Townsman {
    pub account: &'static str,
    roles: &'static [&'static str],
    grants: &'static [&'static str],
    /// Words of rows and values this person may not see.
    pub forbidden: &'static [&'static str],
}

const fn townsman(
    account: &'static str,
    roles: &'static [&'static str],
    grants: &'static [&'static str],
    forbidden: &'static [&'static str],
) -> Townsman {
    Townsman { account, roles, grants, forbidden }
}

/// Everybody, with names that say what they see.
pub const PEOPLE: [Townsman; 12] = [
    townsman("city", &["city_analyst"], &["city"], &["3101**********1234"]),
    townsman("xuhui", &["district_clerk"], &["310104"], &["SECRET"]),
    townsman("two", &["district_clerk"], &["310104", "310105"], &["SECRET-PD"]),
    townsman(
        "tianping",
        &["street_clerk"],
        &["street:310104003"],
        &["SECRET", "INNER", "张三", "李四", "CC-m-1"],
    ),
    townsman("unit", &["unit_clerk"], &["organization:o-1"], &["SECRET", "INNER", "张三"]),
    townsman("holder", &["holder"], &["person:p-1"], &["SECRET", "INNER", "李四"]),
    townsman("nobody", &["district_clerk"], &[], &["SECRET", "INNER", "徐汇楼"]),
    townsman("leader", &["leader"], &["city"], &["SECRET", "INNER", "徐汇楼"]),
    townsman("sysadmin", &["sys_admin"], &[], &["SECRET", "INNER", "徐汇楼"]),
    townsman("secadmin", &["sec_admin"], &[], &["SECRET", "INNER", "徐汇楼"]),
    townsman("auditor", &["auditor"], &[], &["SECRET", "INNER", "徐汇楼"]),
    // Several assignments unite: a street and, elsewhere, a district.
    townsman(
        "mixed",
        &["district_clerk", "street_clerk"],
        &["310105", "street:310104003"],
        &["SECRET-PD", "INNER"],
    ),
];

impl Townsman {
    fn roles(&self) -> Vec<RoleId> {
        self.roles.iter().map(|id| (*id).into()).collect()
    }

    fn assignments(&self) -> Vec<Assignment> {
        self.grants.iter().map(|grant| Assignment::parse(grant).unwrap()).collect()
    }

    /// As the library knows the person.
    pub fn principal(&self) -> Principal {
        PrincipalIssuer::new(Roles::builtin().unwrap()).issue(Identity {
            account_id: self.account.into(),
            account: self.account.into(),
            name: self.account.into(),
            roles: self.roles(),
            assignments: self.assignments(),
            viewer: None,
        })
    }

    /// As the operational store knows the person.
    pub fn account(&self) -> Person {
        Person { account: self.account.into(), roles: self.roles(), assignments: self.assignments() }
    }
}
