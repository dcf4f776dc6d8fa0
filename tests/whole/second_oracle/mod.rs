//! The second oracle: PostgreSQL's values for PostgreSQL's words. Random statements of a typed grammar, asked of our wire
//! and of PostgreSQL over the same rows; values and classes of types must be the same, and what PostgreSQL fails on must
//! fail here, but for the deliberate differences of `differences.toml`.
//!
//! `PUJIANG_SECOND_ORACLE_STATEMENTS` says how many statements are compared; 3,000 of a fixed seed in CI, 50,000 at night.
//! `PUJIANG_SECOND_ORACLE_SEED` sets the seed, `PUJIANG_SECOND_ORACLE_ONLY` asks one by its number. PostgreSQL comes from
//! `scripts/with-postgres.sh`.

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

/// Asks the statements, some at the same moment.
async fn ask(ways: &Ways, grammar: &Grammar, report: &RefCell<Report<'_>>, numbers: std::ops::Range<u64>) {
    let next = Cell::new(numbers.start);
    let explained = |compared: &run::Compared| report.borrow().explained(compared);
    let lane = async || {
        let mut lane = Lane::open(&ways.postgres, &ways.ours, SCHEMA).await.unwrap();
        while next.get() < numbers.end {
            let number = next.replace(next.get() + 1);
            let (whole, least) = lane.statement(grammar, ways.seed, number, &explained).await;
            report.borrow_mut().take(number, whole, least);
        }
    };
    futures::future::join_all((0..AT_ONCE).map(|_| lane())).await;
}

/// Who is asked, and by which seed.
struct Ways {
    postgres: Config,
    ours: Config,
    seed: u64,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answers_are_postgresqls() {
    let count = setting("PUJIANG_SECOND_ORACLE_STATEMENTS").unwrap_or(STATEMENTS);
    let folder = tempfile::tempdir().unwrap();
    lake::fill(folder.path()).await;
    let server = Server::start(folder.path()).await;
    let mut ours = Config::new();
    ours.host(server.postgres().ip().to_string()).port(server.postgres().port());
    ours.user(lake::ACCOUNT).password(PASSWORD).dbname("pujiang");
    let seed = setting("PUJIANG_SECOND_ORACLE_SEED").unwrap_or(SEED);
    let ways = Ways { postgres: postgres(SCHEMA).await, ours, seed };
    println!("second oracle: {count} statements of PUJIANG_SECOND_ORACLE_SEED={seed}");

    let (grammar, entries) = (Grammar::builtin(), entries());
    let report = RefCell::new(Report::new(&grammar, &entries));
    let only = setting("PUJIANG_SECOND_ORACLE_ONLY");
    ask(&ways, &grammar, &report, only.map_or(0..count, |only| only..only + 1)).await;
    let mut report = report.into_inner();
    let mut lane = Lane::open(&ways.postgres, &ways.ours, SCHEMA).await.unwrap();
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

/// The grammar is PostgreSQL's, and the oracle is not blind to it: every statement is answered the same by the same server.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgresql_knows_the_grammar_and_agrees_with_itself() {
    let postgres = postgres(SCHEMA).await;
    let mut ours = postgres.clone();
    ours.options(format!("-c search_path={SCHEMA}"));
    let ways = Ways { postgres, ours, seed: SEED };
    let grammar = Grammar::builtin();
    let report = RefCell::new(Report::new(&grammar, &[]));
    ask(&ways, &grammar, &report, 0..STATEMENTS).await;
    let report = report.into_inner();
    println!("{report}");
    report.assert_nothing_unexplained(SEED);
    report.assert_meaningful();
    assert!(report.functions().len() > 150, "only {} functions\n{report}", report.functions().len());
}

/// The oracle can fail: one cell of one table is another, and the reports say so in few words.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_planted_difference_is_found_and_cut_down() {
    let (postgres, mut ours) = (postgres(SCHEMA).await, postgres("planted").await);
    let (client, connection) = ours.connect(tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    let plant =
        "update planted.benefit_transaction set amount = coalesce(amount, 0) + 0.01 where txn_no = 'b07'";
    client.batch_execute(plant).await.unwrap();
    ours.options("-c search_path=planted");
    let ways = Ways { postgres, ours, seed: SEED };
    let grammar = Grammar::builtin();
    let report = RefCell::new(Report::new(&grammar, &[]));
    ask(&ways, &grammar, &report, 1_600..2_200).await;
    let found = report.into_inner().least();
    let least = "select t1.amount from benefit_transaction t1";
    assert!(found.iter().any(|sql| sql == least) && found.iter().all(|sql| sql.len() < 60), "{found:?}");
}
