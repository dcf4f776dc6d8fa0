//! The people the oracle asks as, each with a lake that holds only what it may see.

use pujiang_security::{Assignment, Identity, Principal, PrincipalIssuer, Roles};

use super::data::World;
use super::grants::Grant;
use super::masks;
use super::query::Asker;
use crate::server::{Http, Person, Server, Wire};

/// Somebody, and what the answers must be.
pub struct Side {
    pub name: &'static str,
    /// How often it asks, compared with the others.
    pub share: u32,
    pub principal: Principal,
    pub truth: World,
    pub asker: Asker,
    /// Columns this person cannot name.
    pub hidden: Vec<(&'static str, &'static str)>,
    role: &'static str,
    assignments: Vec<Assignment>,
    http: Option<Http>,
    wire: Option<Wire>,
}

/// Name, share, role and grants.
const SIDES: [(&str, u32, &str, &[Grant]); 12] = [
    ("city", 1, "city_analyst", &[Grant::City]),
    ("one-district", 4, "city_analyst", &[Grant::District("310104")]),
    ("two-districts", 3, "city_analyst", &[Grant::District("310101"), Grant::District("310115")]),
    ("street", 3, "city_analyst", &[Grant::Street("310104003")]),
    (
        "streets-and-a-district",
        3,
        "city_analyst",
        &[Grant::Street("310104003"), Grant::Street("310101002"), Grant::District("310105")],
    ),
    ("unit", 2, "city_analyst", &[Grant::Organization("organization0-001")]),
    ("person", 1, "city_analyst", &[Grant::Person("person0-007")]),
    ("nothing", 1, "city_analyst", &[]),
    // The same rows through other roles: their masks.
    ("district-clerk", 2, "district_clerk", &[Grant::District("310104")]),
    ("street-clerk", 2, "street_clerk", &[Grant::Street("310104003")]),
    ("unit-clerk", 1, "unit_clerk", &[Grant::Organization("organization0-001"), Grant::Street("310104003")]),
    ("holder", 1, "holder", &[Grant::Person("person0-007"), Grant::Street("310104004")]),
];

/// The eye the expectation is seen with: the whole of a lake, in clear. No single role sees everything so; a person
/// with both of these does, since both name every treated column and the weaker treatment holds.
pub fn clear_eye() -> Principal {
    PrincipalIssuer::new(Roles::builtin().unwrap()).issue(Identity {
        account_id: "eye".into(),
        account: "eye".into(),
        name: "eye".into(),
        roles: vec!["district_clerk".into(), "holder".into()],
        assignments: vec![Assignment::City],
        viewer: None,
    })
}

/// All of them over a lake.
pub async fn sides(whole: &World) -> Vec<Side> {
    let mut sides = Vec::new();
    let tables = whole.tables();
    for (name, share, role, grants) in SIDES {
        let hidden = masks::hidden_from(role);
        let assignments: Vec<Assignment> = grants.iter().map(|grant| grant.assignment()).collect();
        let principal = PrincipalIssuer::new(Roles::builtin().unwrap()).issue(Identity {
            account_id: name.into(),
            account: name.into(),
            name: name.into(),
            roles: vec![role.into()],
            assignments: assignments.clone(),
            viewer: None,
        });
        sides.push(Side {
            name,
            share,
            principal,
            truth: whole.cut_to(grants, role).await,
            asker: Asker::new(tables.iter().map(AsRef::as_ref), &hidden),
            hidden,
            role,
            assignments,
            http: None,
            wire: None,
        });
    }
    sides
}

impl Side {
    /// The account to make.
    pub fn person(&self) -> Person {
        Person {
            account: self.name.into(),
            roles: vec![self.role.into()],
            assignments: self.assignments.clone(),
        }
    }

    /// Opens its session and its connection.
    pub async fn log_in(&mut self, server: &Server) {
        self.http = Some(server.http(self.name).await);
        self.wire = Some(server.wire(self.name).await);
    }

    pub fn http(&self) -> &Http {
        self.http.as_ref().unwrap()
    }

    pub fn wire(&self) -> &Wire {
        self.wire.as_ref().unwrap()
    }

    /// A key in a text that belongs to a row this person may not see.
    pub fn foreign_key(&self, whole: &World, text: &str) -> Option<String> {
        let tables = whole.tables();
        let all = tables.iter().flat_map(|def| {
            let own = self.truth.keys(&def.id);
            whole.keys(&def.id).into_iter().filter(move |key| !own.contains(key))
        });
        let mut mentioned = all.filter(|key| text.contains(key.as_str()));
        mentioned.next()
    }
}
