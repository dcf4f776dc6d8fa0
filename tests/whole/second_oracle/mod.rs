//! The second oracle: PostgreSQL's values for PostgreSQL's words. Random statements of a typed grammar, asked of our wire
//! and of PostgreSQL over the same rows; values and classes of types must be the same, and what PostgreSQL fails on must
//! fail here, but for the deliberate differences of `differences.toml`.
//!
//! `PUJIANG_SECOND_ORACLE_SEED` sets the seed, `PUJIANG_SECOND_ORACLE_STATEMENTS` the number of statements,
//! `PUJIANG_SECOND_ORACLE_ONLY` asks one by its number. PostgreSQL comes from `scripts/with-postgres.sh`.

mod asking;
mod covered;
mod grow;
mod judge;
mod lake;
mod list;
mod pairs;
mod relations;
mod report;
mod rows;
mod rules;
mod run;
mod shrink;
mod tree;
mod value;

use std::cell::{Cell, RefCell};

use tokio_postgres::Config;

use crate::server::{PASSWORD, Server};
use list::entries;
use report::Report;
use rules::Grammar;
use run::Lane;

/// Statements of one run in CI.
const STATEMENTS: u64 = 3_000;
const SEED: u64 = 20_261_128;
/// Statements under way at the same moment.
const AT_ONCE: usize = 4;

fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok().and_then(|text| text.parse().ok())
}

/// The schema in PostgreSQL that holds the rows: other tests use the same server.
const SCHEMA: &str = "second_oracle";

/// PostgreSQL with the rows in a schema.
async fn postgres(schema: &str) -> Config {
    let url = std::env::var("PUJIANG_TEST_PG").expect("PUJIANG_TEST_PG; run under scripts/with-postgres.sh");
    let config: Config = url.parse().unwrap();
    let (client, connection) = config.connect(tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    let script: String = rows::filled().iter().map(rows::Filled::script).collect();
    let fresh = format!(
        "drop schema if exists {schema} cascade; create schema {schema}; set search_path = {schema};"
    );
    client.batch_execute(&format!("{fresh}\n{script}")).await.unwrap();
    config
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answers_are_postgresqls() {
    let folder = tempfile::tempdir().unwrap();
    lake::fill(folder.path()).await;
    let server = Server::start(folder.path()).await;
    let mut ours = Config::new();
    ours.host(server.postgres().ip().to_string()).port(server.postgres().port());
    ours.user(lake::ACCOUNT).password(PASSWORD).dbname("pujiang");
    let postgres = postgres(SCHEMA).await;

    let (grammar, entries) = (Grammar::builtin(), entries());
    let seed = setting("PUJIANG_SECOND_ORACLE_SEED").unwrap_or(SEED);
    let count = setting("PUJIANG_SECOND_ORACLE_STATEMENTS").unwrap_or(STATEMENTS);
    let only = setting("PUJIANG_SECOND_ORACLE_ONLY");
    println!("second oracle: {count} statements of PUJIANG_SECOND_ORACLE_SEED={seed}");
    let (next, end) = only.map_or((0, count), |only| (only, only + 1));
    let next = Cell::new(next);
    let report = RefCell::new(Report::new(&grammar, &entries));
    let explained = |compared: &run::Compared| report.borrow().explained(compared);
    let lane = async || {
        let mut lane = Lane::open(&postgres, &ours, SCHEMA).await.unwrap();
        while next.get() < end {
            let number = next.replace(next.get() + 1);
            let (whole, least) = lane.statement(&grammar, seed, number, &explained).await;
            report.borrow_mut().take(number, whole, least);
        }
    };
    futures::future::join_all((0..AT_ONCE).map(|_| lane())).await;

    let mut report = report.into_inner();
    let mut lane = Lane::open(&postgres, &ours, SCHEMA).await.unwrap();
    for entry in &entries {
        report.take_example(entry, &lane.written(&entry.example).await);
    }
    println!("{report}");
    report.assert_nothing_unexplained(seed);
    report.assert_every_entry_is_needed();
    if only.is_none() && count >= STATEMENTS {
        report.assert_meaningful();
        if seed == SEED && count == STATEMENTS {
            covered::check(&report.functions(), &entries);
        }
    }
    assert!(!server.log().contains("panicked"), "{}", server.log());
}
