//! The oracle of row security: whatever is asked under a scope gives what the city gives on a lake that never held
//! anything else. Random queries; the seed is fixed and can be set by `PUJIANG_ORACLE_SEED`.

mod data;
mod query;

use arrow::array::RecordBatch;
use arrow::util::display::{ArrayFormatter, FormatOptions};
use pujiang_security::{Principal, Role};
use pujiang_warehouse::Door;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::people::{analyst_of, city_analyst};
use data::World;
use query::Asker;

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

/// Rows as sorted texts, or that the query failed. What the failure says may name a row of the scope, and which row
/// it meets first depends on files; that it fails is what must agree.
async fn answer(door: &Door, principal: &Principal, sql: &str) -> Result<Vec<String>, String> {
    let session = door.session(principal).await.map_err(|error| format!("session: {error}"))?;
    let answer = session.sql(sql).await.map_err(|error| {
        let mut text = error.to_string();
        let mut cause = std::error::Error::source(&error);
        while let Some(error) = cause {
            text.push_str(&format!(": {error}"));
            cause = error.source();
        }
        text
    })?;
    let mut rows: Vec<String> = answer.batches.iter().flat_map(texts).collect();
    rows.sort_unstable();
    Ok(rows)
}

fn texts(batch: &RecordBatch) -> Vec<String> {
    let options = FormatOptions::default().with_null("∅");
    let columns: Vec<_> =
        batch.columns().iter().map(|column| ArrayFormatter::try_new(column, &options).unwrap()).collect();
    (0..batch.num_rows())
        .map(|row| columns.iter().map(|column| column.value(row).to_string()).collect::<Vec<_>>().join("|"))
        .collect()
}

/// A scope's principal, and the lake that holds only what it may see.
struct Side {
    name: &'static str,
    principal: Principal,
    truth: World,
}

async fn sides(whole: &World) -> Vec<Side> {
    let scoped = |codes: &[&str]| analyst_of(codes, Role::CityAnalyst);
    let scopes: [(&'static str, Principal); 4] = [
        ("city", city_analyst()),
        ("one district", scoped(&["310104"])),
        ("two districts", scoped(&["310101", "310115"])),
        ("nothing", scoped(&[])),
    ];
    let mut sides = Vec::new();
    for (name, principal) in scopes {
        let truth = whole.cut_to(principal.scope()).await;
        sides.push(Side { name, principal, truth });
    }
    sides
}

/// Outcomes agree if both give the same rows, or both fail.
fn agree(left: &Result<Vec<String>, String>, right: &Result<Vec<String>, String>) -> bool {
    match (left, right) {
        (Ok(left), Ok(right)) => left == right,
        (Err(_), Err(_)) => true,
        _ => false,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_scope_sees_exactly_its_rows() {
    let seed = setting("PUJIANG_ORACLE_SEED", 20_261_122);
    let count = setting("PUJIANG_ORACLE_QUERIES", 2_000);
    let rng = &mut ChaCha8Rng::seed_from_u64(seed);
    let whole = World::random(rng).await;
    let sides = sides(&whole).await;
    let city = city_analyst();
    let asker = Asker::new(whole.tables());
    let mut failed = 0;
    let mut filled = 0;
    for number in 0..count {
        let side = match rng.random_range(0..10) {
            0 => &sides[0],
            1..=4 => &sides[1],
            5..=8 => &sides[2],
            _ => &sides[3],
        };
        let sql = asker.query(rng);
        let scoped = answer(&whole.door(), &side.principal, &sql).await;
        let expected = answer(&side.truth.door(), &city, &sql).await;
        assert!(
            agree(&scoped, &expected),
            "query {number} of PUJIANG_ORACLE_SEED={seed}, scope {}\n{sql}\nscoped:   {scoped:?}\nexpected: {expected:?}",
            side.name
        );
        match expected {
            Err(text) if !text.contains("Divide by zero") && !text.contains("Cannot cast") => {
                panic!("query {number} of seed {seed} cannot be asked at all: {text}\n{sql}")
            }
            Err(_) => failed += 1,
            Ok(rows) => filled += u64::from(!rows.is_empty()),
        }
    }
    // The comparison means something only if most queries find rows, and some fail on visible ones.
    assert!(filled * 10 > count * 6, "only {filled} of {count} queries found rows");
    assert!(failed > 0, "no query failed on a visible row");
}

/// The oracle must be able to fail: seen with the city's eyes, most queries differ from one district's truth.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_oracle_notices_a_missing_fence() {
    let rng = &mut ChaCha8Rng::seed_from_u64(1);
    let whole = World::random(rng).await;
    let sides = sides(&whole).await;
    let city = city_analyst();
    let asker = Asker::new(whole.tables());
    let mut noticed = 0;
    for _ in 0..60 {
        let sql = asker.query(rng);
        let unfenced = answer(&whole.door(), &city, &sql).await;
        let expected = answer(&sides[1].truth.door(), &city, &sql).await;
        noticed += u32::from(!agree(&unfenced, &expected));
    }
    assert!(noticed > 30, "only {noticed} of 60 queries would notice");
}
