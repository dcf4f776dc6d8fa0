//! Whether roles and rows may be granted to one account together. What was granted before a definition changed stays; this
//! is asked when somebody grants.

use std::collections::BTreeSet;

use super::{RoleId, Roles};
use crate::assignment::{Assignment, AssignmentKind};

/// Why a grant is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GrantProblem {
    /// No definition has this id.
    #[error("没有角色“{id}”，可用的有 {known}")]
    UnknownRole {
        /// What was to be granted.
        id: RoleId,
        /// What there is.
        known: String,
    },
    /// Two roles that two persons must have.
    #[error("“{one}”与“{other}”须由不同的人担任，请授予两个账号")]
    SeparateRoles {
        /// Title of the one.
        one: String,
        /// Title of the other.
        other: String,
    },
    /// Rows that none of the roles may be granted with.
    #[error("“{titles}”不能以“{assignment}”为数据范围，可用的范围有：{known}")]
    UnfitAssignment {
        /// Titles of the roles.
        titles: String,
        /// The rows.
        assignment: Assignment,
        /// Titles of the kinds of rows that fit.
        known: String,
    },
}

impl Roles {
    /// Everything wrong with granting these roles and rows to one account; empty when nothing is.
    pub fn grant_problems(&self, ids: &[RoleId], assignments: &[Assignment]) -> Vec<GrantProblem> {
        let (held, lost) = self.held(ids);
        let mut problems: Vec<GrantProblem> = Vec::new();
        if !lost.is_empty() {
            let all: Vec<&str> = self.all().into_iter().map(|role| role.id().as_str()).collect();
            let known = all.join("、");
            problems
                .extend(lost.into_iter().map(|id| GrantProblem::UnknownRole { id, known: known.clone() }));
        }
        for (position, one) in held.iter().enumerate() {
            for other in &held[position + 1..] {
                if one.separate_from.contains(&other.id) || other.separate_from.contains(&one.id) {
                    let (one, other) = (one.title.clone(), other.title.clone());
                    problems.push(GrantProblem::SeparateRoles { one, other });
                }
            }
        }
        // Rows without a role show nothing; which they may be is said by the role that is granted one day.
        if held.is_empty() {
            return problems;
        }
        let fit: BTreeSet<AssignmentKind> = held.iter().flat_map(|role| &role.assignments).copied().collect();
        for assignment in assignments.iter().filter(|assignment| !fit.contains(&assignment.kind())) {
            let known: Vec<&str> = fit.iter().map(|kind| kind.title()).collect();
            let known = if known.is_empty() { "无".to_owned() } else { known.join("、") };
            let titles = held.iter().map(|role| role.title.as_str()).collect::<Vec<_>>().join("、");
            problems.push(GrantProblem::UnfitAssignment { titles, assignment: assignment.clone(), known });
        }
        problems
    }
}

#[cfg(test)]
mod tests {
    use pujiang_definition::{ROLES, Sources};

    use super::*;

    fn problems(roles: &[&str], rows: &[&str]) -> Vec<String> {
        let known = Roles::builtin().unwrap_or_else(|errors| panic!("{errors:#?}"));
        problems_among(&known, roles, rows)
    }

    fn problems_among(known: &Roles, roles: &[&str], rows: &[&str]) -> Vec<String> {
        let ids: Vec<RoleId> = roles.iter().map(|id| RoleId::from(*id)).collect();
        let rows: Vec<Assignment> =
            rows.iter().map(|text| Assignment::parse(text).unwrap_or_else(|e| panic!("{e}"))).collect();
        known.grant_problems(&ids, &rows).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn the_three_administrators_are_three_persons() {
        for pair in [["sys_admin", "sec_admin"], ["auditor", "sec_admin"], ["sys_admin", "auditor"]] {
            let found = problems(&pair, &[]);
            assert_eq!(found.len(), 1, "{found:?}");
            assert!(found[0].contains("须由不同的人担任"), "{found:?}");
        }
        assert_eq!(problems(&["sys_admin", "sec_admin", "auditor"], &[]).len(), 3);
    }

    #[test]
    fn rows_fit_one_of_the_roles() {
        let role = |title: &str, order: u32, rest: &str| {
            format!("format = 1\ntitle = \"{title}\"\ndescription = \"无\"\norder = {order}\n{rest}")
        };
        let narrow =
            role("窗口", 1, "rights = [\"resource_read\"]\nassignments = [\"street\", \"district\"]");
        let keeper = role("账号", 2, "rights = [\"account_manage\"]\nassignments = []\nfirst_account = true");
        let sources =
            Sources::texts(&ROLES, [("narrow.toml", narrow.as_str()), ("keeper.toml", keeper.as_str())]);
        let known = Roles::read(&sources).finished().unwrap_or_else(|errors| panic!("{errors:#?}"));
        let rows = ["street:310104003", "310105"];
        assert_eq!(problems_among(&known, &["narrow"], &rows), [""; 0]);
        assert_eq!(problems_among(&known, &["keeper", "narrow"], &rows), [""; 0]);
        assert_eq!(problems_among(&known, &[], &rows), [""; 0]);
        assert_eq!(
            problems_among(&known, &["narrow", "keeper"], &["310105", "city"]),
            ["“窗口、账号”不能以“city”为数据范围，可用的范围有：区、街镇"]
        );
        assert_eq!(
            problems_among(&known, &["keeper"], &["person:p1"]),
            ["“账号”不能以“person:p1”为数据范围，可用的范围有：无"]
        );
    }

    #[test]
    fn unknown_roles_are_named() {
        let found = problems(&["king", "leader"], &["city"]);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].starts_with("没有角色“king”，可用的有 city_analyst、"), "{found:?}");
    }
}
