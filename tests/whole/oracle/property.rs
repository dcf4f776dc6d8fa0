//! The rows of any set of grants, as a property: what a person with these grants counts and lists in each table is
//! what the naive filter keeps, and equal fingerprints mean equal rows. Shrinks to the fewest grants that differ.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use proptest::prelude::*;
use proptest::sample::subsequence;
use proptest::test_runner::{Config, TestRunner};
use pujiang_security::{Assignment, Principal};
use pujiang_warehouse::TableKind;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use super::channel::ask_library;
use super::data::World;
use super::grants::Grant;
use crate::people::issue;

/// Grants that overlap, contain each other, or lie apart.
const POOL: [Grant; 14] = [
    Grant::District("310104"),
    Grant::District("310105"),
    Grant::District("310115"),
    Grant::Street("310104003"),
    Grant::Street("310104004"),
    Grant::Street("310101002"),
    Grant::Organization("organization0-001"),
    Grant::Organization("organization0-003"),
    Grant::Organization("organization0-005"),
    Grant::Organization("organization0-011"),
    Grant::Organization("nobody-knows-it"),
    Grant::Person("person0-002"),
    Grant::Person("person0-007"),
    Grant::City,
];

fn principal(grants: &[Grant]) -> Principal {
    let assignments: Vec<Assignment> = grants.iter().map(|grant| grant.assignment()).collect();
    issue("city_analyst", assignments)
}

type Rows = BTreeMap<String, BTreeSet<String>>;

/// The keys of every district table, as the engine lists them.
async fn listed(world: &World, principal: &Principal) -> Rows {
    let mut rows = Rows::new();
    for def in world.tables().iter().filter(|def| def.kind == TableKind::District) {
        let ask = async |sql: &str| ask_library(&world.door(), principal, sql).await.0.unwrap();
        let keys = ask(&format!("select {} from {}", def.key, def.id)).await;
        // Counting may take another way than listing: statistics instead of rows.
        let count = ask(&format!("select count(*) from {}", def.id)).await;
        assert_eq!(count[0][0], Some(keys.len().to_string()), "{} counts other rows than it lists", def.id);
        rows.insert(def.id.clone(), keys.into_iter().filter_map(|row| row[0].clone()).collect());
    }
    rows
}

#[test]
fn any_grants_show_exactly_their_rows() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let world = runtime.block_on(World::random(&mut ChaCha8Rng::seed_from_u64(7)));
    let seen: Mutex<BTreeMap<String, Rows>> = Mutex::default();
    let config = Config { cases: 96, failure_persistence: None, ..Config::default() };
    let grants = subsequence(POOL.to_vec(), 0..=4).prop_shuffle();
    let finer = Mutex::new(0);
    TestRunner::new(config)
        .run(&grants, |grants| {
            let asker = principal(&grants);
            let rows = runtime.block_on(listed(&world, &asker));
            let expected: Rows = world.visible_keys(&grants);
            for (table, expected) in &expected {
                let (more, less): (Vec<_>, Vec<_>) = (
                    rows[table].difference(expected).take(3).collect(),
                    expected.difference(&rows[table]).take(3).collect(),
                );
                prop_assert!(more.is_empty() && less.is_empty(), "{table}: shown {more:?}, missing {less:?}");
            }
            *finer.lock().unwrap() += usize::from(asker.scope().is_finer() && !rows["person"].is_empty());
            let before = seen.lock().unwrap().insert(asker.scope().fingerprint(), rows.clone());
            prop_assert!(before.is_none_or(|before| before == rows), "one fingerprint, two answers");
            Ok(())
        })
        .unwrap();
    assert!(
        *finer.lock().unwrap() > 20,
        "hardly any set of grants was finer than a district and showed persons"
    );
}
