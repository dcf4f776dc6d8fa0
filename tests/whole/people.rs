//! The people the tests ask as.

use pujiang_security::{Assignment, DistrictCode, Identity, Principal, PrincipalIssuer, Roles};

/// Somebody with one role and these rows.
pub fn issue(role: &str, assignments: Vec<Assignment>) -> Principal {
    PrincipalIssuer::new(Roles::builtin().unwrap()).issue(Identity {
        account_id: role.into(),
        account: role.into(),
        name: role.into(),
        roles: vec![role.into()],
        assignments,
        viewer: None,
    })
}

/// An analyst who sees the whole city.
pub fn city_analyst() -> Principal {
    issue("city_analyst", vec![Assignment::City])
}

/// A clerk of one district.
pub fn district_clerk(code: &str) -> Principal {
    analyst_of(&[code], "district_clerk")
}

/// Somebody who sees these districts, or nothing.
pub fn analyst_of(codes: &[&str], role: &str) -> Principal {
    let assignments =
        codes.iter().map(|code| Assignment::District(DistrictCode::parse(code).unwrap())).collect();
    issue(role, assignments)
}
