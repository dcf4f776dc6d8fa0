//! The scopes every query is asked under.

use pujiang_security::{Assignment, DistrictCode, Identity, Principal, PrincipalIssuer, Roles};

/// A scope: its name stands in the names of the answer files.
pub struct Scope {
    /// `city`, `one`, `two` or `none`.
    pub name: &'static str,
    /// Who asks.
    pub principal: Principal,
}

/// City, one district, two districts, none; `duckdb_answers.py` has the same lists.
pub fn all() -> [Scope; 4] {
    let some = |codes: &[&str]| {
        codes.iter().map(|code| Assignment::District(DistrictCode::parse(code).unwrap())).collect()
    };
    [
        Scope { name: "city", principal: analyst(vec![Assignment::City]) },
        Scope { name: "one", principal: analyst(some(&["310104"])) },
        Scope { name: "two", principal: analyst(some(&["310101", "310115"])) },
        Scope { name: "none", principal: analyst(vec![]) },
    ]
}

fn analyst(assignments: Vec<Assignment>) -> Principal {
    PrincipalIssuer::new(Roles::builtin().unwrap()).issue(Identity {
        account_id: "1".into(),
        account: "analyst".into(),
        name: "分析员".into(),
        roles: vec!["city_analyst".into()],
        assignments,
        viewer: None,
    })
}
