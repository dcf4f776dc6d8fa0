//! The oracle of row security: whatever is asked under a scope gives what the city gives on a lake that never held
//! anything else. Random queries over every table, through the library, HTTP and the PostgreSQL wire.
//!
//! `PUJIANG_ORACLE_SEED` sets the seed, `PUJIANG_ORACLE_QUERIES` the number of queries, `PUJIANG_ORACLE_ONLY` asks one
//! query by its number. Each query has a random source of its own, so one can be asked again alone.

pub mod cells;
pub mod channel;
mod data;
mod grants;
mod masks;
mod property;
mod query;
mod sides;
mod tally;

use std::sync::Arc;

use futures::StreamExt;
use futures::stream;
use pujiang_security::Principal;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::server::Server;
use cells::sorted;
use channel::{Channel, ask_http, ask_library, ask_wire, is_fault};
use data::World;
use query::Asker;
use sides::{Side, clear_eye, sides};
use tally::{Asked, Tally};

/// Queries of one run in CI, two thirds of them through the library.
const QUERIES: u64 = 3_000;
/// Queries under way at the same moment: caches and pools are shared by different scopes while they run.
const AT_ONCE: usize = 4;

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

/// The lake, the lakes to compare with, and perhaps a server over the first.
struct Oracle {
    seed: u64,
    whole: World,
    sides: Vec<Side>,
    server: Option<Server>,
    eye: Principal,
}

impl Oracle {
    async fn in_process() -> Self {
        let seed = setting("PUJIANG_ORACLE_SEED", 20_261_122);
        let whole = World::random(&mut ChaCha8Rng::seed_from_u64(seed)).await;
        let sides = sides(&whole).await;
        Self { seed, whole, sides, server: None, eye: clear_eye() }
    }

    async fn with_server() -> Self {
        let mut oracle = Self::in_process().await;
        let people: Vec<_> = oracle.sides.iter().map(Side::person).collect();
        crate::server::create(oracle.whole.data(), &people).await;
        let server = Server::start(oracle.whole.data()).await;
        for side in &mut oracle.sides {
            side.log_in(&server).await;
        }
        oracle.server = Some(server);
        oracle
    }

    /// The number decides everything about a query.
    fn draw(&self, number: u64) -> (ChaCha8Rng, usize, Channel) {
        let mut rng = ChaCha8Rng::seed_from_u64(self.seed);
        rng.set_stream(number * 2 + u64::from(self.server.is_some()) + 1);
        let shares: u32 = self.sides.iter().map(|side| side.share).sum();
        let mut drawn = rng.random_range(0..shares);
        let of_share = |side: &Side| {
            let found = drawn < side.share;
            drawn = drawn.saturating_sub(side.share);
            found
        };
        let at = self.sides.iter().position(of_share).unwrap();
        let channel = match rng.random_range(0..4) {
            _ if self.server.is_none() => Channel::Library,
            0..2 => Channel::Http,
            2 => Channel::WireText,
            _ => Channel::WireBinary,
        };
        (rng, at, channel)
    }

    async fn ask(&self, number: u64) -> Vec<Asked> {
        let (mut rng, at, channel) = self.draw(number);
        let (shape, sql) = self.sides[at].asker.query(&mut rng);
        let mut asked = vec![self.compare(number, &self.sides[at], channel, shape, &sql).await];
        // The same words by everybody: an answer kept for one scope must not reach another.
        if rng.random_range(0..40) == 0 {
            for other in self.sides.iter().filter(|other| other.hidden == self.sides[at].hidden) {
                asked.push(self.compare(number, other, channel, shape, &sql).await);
            }
        }
        asked
    }

    async fn compare(
        &self,
        number: u64,
        side: &Side,
        channel: Channel,
        shape: &'static str,
        sql: &str,
    ) -> Asked {
        let (expected, kinds) = ask_library(&side.truth.door(), &self.eye, sql).await;
        let scoped = match channel {
            Channel::Library => ask_library(&self.whole.door(), &side.principal, sql).await.0,
            Channel::Http => ask_http(side.http(), sql).await,
            Channel::WireText | Channel::WireBinary => ask_wire(side.wire(), channel, sql).await,
        };
        let place = || {
            format!(
                "query {number} ({shape}) of PUJIANG_ORACLE_SEED={}, {channel:?} as {}\n{sql}",
                self.seed, side.name
            )
        };
        match (&scoped, &expected) {
            (Ok(scoped), Ok(expected)) => {
                let (scoped, expected) = (sorted(scoped, &kinds), sorted(expected, &kinds));
                assert!(scoped == expected, "{}\n{}", place(), differences(&scoped, &expected));
            }
            (Err(said), Err(cause)) => {
                assert!(tally::is_about_a_row(cause), "{}\ncannot be asked at all: {cause}", place());
                assert!(!is_fault(said), "{}\n{said}", place());
                let foreign = side.foreign_key(&self.whole, said);
                assert!(foreign.is_none(), "{}\nthe error names the hidden {foreign:?}: {said}", place());
            }
            _ => panic!("{}\nscoped:   {scoped:?}\nexpected: {expected:?}", place()),
        }
        Asked { shape, side: side.name, channel, rows: expected.ok().map(|rows| rows.len()) }
    }
}

fn differences(scoped: &[String], expected: &[String]) -> String {
    let only = |these: &[String], those: &[String]| -> Vec<String> {
        these.iter().filter(|row| !those.contains(row)).take(5).cloned().collect()
    };
    format!(
        "{} rows, expected {}; only scoped: {:?}; only expected: {:?}",
        scoped.len(),
        expected.len(),
        only(scoped, expected),
        only(expected, scoped)
    )
}

#[expect(clippy::print_stdout, reason = "the tally is what a long run is read for")]
async fn ask_many(oracle: Oracle, thirds: u64, channels: &[Channel]) {
    let oracle = Arc::new(oracle);
    if let Ok(only) = std::env::var("PUJIANG_ORACLE_ONLY") {
        oracle.ask(only.parse().unwrap()).await;
        return;
    }
    let count = setting("PUJIANG_ORACLE_QUERIES", QUERIES) * thirds / 3;
    let answers = stream::iter(0..count).map(|number| {
        let oracle = oracle.clone();
        // Tasks of their own, so that both cores are used.
        async move { tokio::spawn(async move { oracle.ask(number).await }).await }
    });
    let mut answers = answers.buffer_unordered(AT_ONCE);
    let mut tally = Tally::default();
    while let Some(asked) = answers.next().await {
        match asked {
            Ok(asked) => tally.extend(asked),
            Err(stopped) => std::panic::resume_unwind(stopped.into_panic()),
        }
    }
    println!("{tally}");
    tally.assert_meaningful(count, channels);
    let log = oracle.server.as_ref().map(Server::log).unwrap_or_default();
    assert!(!log.contains("panicked"), "{log}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_scope_sees_exactly_its_rows() {
    ask_many(Oracle::in_process().await, 2, &[Channel::Library]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_scope_sees_exactly_its_rows_over_http_and_the_wire() {
    let channels = [Channel::Http, Channel::WireText, Channel::WireBinary];
    ask_many(Oracle::with_server().await, 1, &channels).await;
}

/// The oracle must be able to fail: seen with the city's eyes, most queries differ from one district's truth.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_oracle_notices_a_missing_fence() {
    let rng = &mut ChaCha8Rng::seed_from_u64(1);
    let whole = World::random(rng).await;
    let truth = whole.cut_to(&[grants::Grant::District("310104")], "holder").await;
    let eye = clear_eye();
    let tables = whole.tables();
    let asker = Asker::new(tables.iter().map(AsRef::as_ref), &[]);
    let mut noticed = 0;
    for _ in 0..60 {
        let (_, sql) = asker.query(rng);
        let (unfenced, kinds) = ask_library(&whole.door(), &eye, &sql).await;
        let (expected, _) = ask_library(&truth.door(), &eye, &sql).await;
        noticed += u32::from(match (unfenced, expected) {
            (Ok(unfenced), Ok(expected)) => sorted(&unfenced, &kinds) != sorted(&expected, &kinds),
            (Err(_), Err(_)) => false,
            _ => true,
        });
    }
    assert!(noticed > 25, "only {noticed} of 60 queries would notice");
}

/// The eye is what it must be: it reads every value as it was written.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_eye_sees_everything_in_clear() {
    let whole = World::random(&mut ChaCha8Rng::seed_from_u64(2)).await;
    for (table, column, values) in whole.texts() {
        let sql = format!("select {column} from {table} where {column} is not null");
        let seen = ask_library(&whole.door(), &clear_eye(), &sql).await.0.unwrap();
        let mut seen: Vec<String> = seen.into_iter().filter_map(|row| row[0].clone()).collect();
        seen.sort_unstable();
        assert_eq!(seen, values, "{table}.{column}");
    }
}
