//! The price of the door, measured with TPC-H: every query as plain DataFusion, with the city's scope and with one
//! district's, interleaved in one process over the same files; answers are compared with DuckDB's for every scope.
//!
//! cargo bench --profile dev -p pujiang-tests --bench tpch [-- check | explain N | phases]
//! PUJIANG_TPCH_SCALE (1), PUJIANG_TPCH_ROUNDS (5), PUJIANG_TPCH_FOLDER (where the lake is kept; else temporary),
//! PUJIANG_BENCH_PYTHON (a Python with duckdb)

#![expect(clippy::unwrap_used, reason = "a benchmark may stop at what it did not expect")]
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "its results go to the terminal")]

mod phases;
mod plain;
mod report;
#[path = "mod.rs"]
mod tpch;
mod ways;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Instant;

use pujiang_warehouse::Lake;
use tpch::{answer, load, query, scope};
use ways::{Way, Ways};

fn setting<T: std::str::FromStr>(name: &str, default: T) -> T {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

#[tokio::main]
async fn main() -> ExitCode {
    let scale: f64 = setting("PUJIANG_TPCH_SCALE", 1.0);
    let temporary = tempfile::tempdir().unwrap();
    let folder = std::env::var_os("PUJIANG_TPCH_FOLDER").map_or(temporary.path().to_owned(), PathBuf::from);
    let lake_folder = folder.join(format!("tpch-{scale}"));
    let begun = Instant::now();
    let lake = load::lake(&lake_folder, scale).await;
    eprintln!("TPC-H at scale {scale} is loaded ({:.0} s)", begun.elapsed().as_secs_f64());
    let answers = lake_folder.join("_answers");
    if !answers.join("times.txt").exists() {
        ask_duckdb(&lake_folder, scale, &answers);
    }
    let arguments: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let ways = Ways::new(&lake, &lake_folder).await;
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["explain", number] => explain(&ways, &query::all(scale), number).await,
        ["phases"] => phases::measure(&lake.door(), &query::all(scale)).await,
        ["check"] => return passed(check(&lake, scale, &answers).await),
        _ => {
            let right = check(&lake, scale, &answers).await;
            let held = measure(&ways, scale, &answers).await;
            return passed(right && held);
        }
    }
    ExitCode::SUCCESS
}

fn passed(yes: bool) -> ExitCode {
    if yes { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn ask_duckdb(lake: &Path, scale: f64, out: &Path) {
    let python = std::env::var("PUJIANG_BENCH_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let script = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("bench/tpch/duckdb_answers.py");
    let mut command = Command::new(python);
    command.arg(script).arg("--lake").arg(lake).args(["--scale", &scale.to_string()]).arg("--out").arg(out);
    assert!(command.status().unwrap().success(), "DuckDB did not answer; is the module duckdb installed?");
}

/// Every query under every scope; whether all answers agree with DuckDB's.
async fn check(lake: &Lake, scale: f64, answers: &Path) -> bool {
    let (mut asked, mut wrong) = (0, 0);
    for scope in scope::all() {
        let expected = answer::read(&answers.join(format!("{}.txt", scope.name)));
        for query in query::all(scale) {
            let batches = ways::through_the_door(&lake.door(), &scope.principal, &query.sql).await;
            asked += 1;
            if let Some(difference) = answer::difference(&answer::texts(&batches), &expected[&query.name()]) {
                wrong += 1;
                eprintln!("{} under scope {}: {difference}", query.name(), scope.name);
            }
        }
    }
    println!("{} of {asked} answers agree with DuckDB's on the rows of their scope", asked - wrong);
    wrong == 0
}

/// Interleaved rounds; whether the limits hold.
async fn measure(ways: &Ways, scale: f64, answers: &Path) -> bool {
    let rounds: usize = setting("PUJIANG_TPCH_ROUNDS", 5);
    let mut times = report::Times::default();
    // The first round warms caches of the machine and of both engines; it is not counted.
    for round in 0..=rounds {
        for query in query::all(scale) {
            for turn in 0..Way::ALL.len() {
                // Each way is the first, the second … equally often.
                let way = Way::ALL[(turn + round + query.number) % Way::ALL.len()];
                let begun = Instant::now();
                let rows = ways.ask(way, &query.sql).await;
                let took = begun.elapsed();
                assert!(rows < 1_000_000, "no query of TPC-H answers with so many rows");
                if round > 0 {
                    times.add(query.number, way, took);
                }
            }
        }
        eprintln!("round {round} of {rounds}");
    }
    report::print(&times, &answers.join("times.txt"), rounds)
}

async fn explain(ways: &Ways, queries: &[query::Query], number: &str) {
    let query = queries.iter().find(|query| query.number.to_string() == number).unwrap();
    for way in Way::ALL {
        ways.ask(way, &query.sql).await;
        println!("──── {}\n{}", way.title(), ways.explain(way, &query.sql).await);
    }
}
