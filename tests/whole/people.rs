//! The people the tests ask as.

use pujiang_security::{Assignment, DistrictCode, Identity, Principal, PrincipalIssuer, Role};

/// Somebody with one role and these rows.
pub fn issue(role: Role, assignments: Vec<Assignment>) -> Principal {
    PrincipalIssuer::new().issue(Identity {
        account_id: role.as_str().into(),
        account: role.as_str().into(),
        name: role.as_str().into(),
        roles: vec![role],
        assignments,
        viewer: None,
    })
}

/// An analyst who sees the whole city.
pub fn city_analyst() -> Principal {
    issue(Role::CityAnalyst, vec![Assignment::City])
}

/// A clerk of one district.
pub fn district_clerk(code: &str) -> Principal {
    analyst_of(&[code], Role::DistrictClerk)
}

/// Somebody who sees these districts, or nothing.
pub fn analyst_of(codes: &[&str], role: Role) -> Principal {
    let assignments =
        codes.iter().map(|code| Assignment::District(DistrictCode::parse(code).unwrap())).collect();
    issue(role, assignments)
}
