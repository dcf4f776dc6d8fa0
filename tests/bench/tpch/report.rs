//! The table of the benchmark, and whether the limits hold.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use crate::ways::Way;

/// City through the door against the faster way of plain DataFusion with the same settings.
const CITY_LIMIT: f64 = 1.05;
/// One of sixteen districts against the city.
const DISTRICT_LIMIT: f64 = 1.0 / 6.0;

/// Milliseconds of each query and way, one per round.
#[derive(Default)]
pub struct Times(BTreeMap<(usize, Way), Vec<f64>>);

impl Times {
    /// Notes one run.
    pub fn add(&mut self, query: usize, way: Way, took: Duration) {
        self.0.entry((query, way)).or_default().push(took.as_secs_f64() * 1000.0);
    }

    fn median(&self, query: usize, way: Way) -> f64 {
        let mut times = self.0[&(query, way)].clone();
        times.sort_by(f64::total_cmp);
        let half = times.len() / 2;
        if times.len() % 2 == 1 { times[half] } else { f64::midpoint(times[half - 1], times[half]) }
    }

    fn total(&self, way: Way) -> f64 {
        (1..=22).map(|query| self.median(query, way)).sum()
    }
}

/// Prints the table; whether both limits hold.
pub fn print(times: &Times, duckdb: &Path, rounds: usize) -> bool {
    let duckdb: BTreeMap<String, f64> = std::fs::read_to_string(duckdb)
        .unwrap()
        .lines()
        .filter_map(|line| line.split_once(' '))
        .map(|(query, time)| (query.to_owned(), time.parse().unwrap()))
        .collect();
    let heads: Vec<&str> = Way::ALL.iter().map(|way| way.title()).collect();
    println!("| query | {} | DuckDB |\n|---|---|---|---|---|---|", heads.join(" | "));
    for query in 1..=22 {
        let cells: Vec<String> =
            Way::ALL.iter().map(|way| format!("{:.0} ms", times.median(query, *way))).collect();
        println!("| {query} | {} | {:.0} ms |", cells.join(" | "), duckdb[&format!("q{query:02}")]);
    }
    let totals: Vec<String> = Way::ALL.iter().map(|way| format!("{:.0} ms", times.total(*way))).collect();
    println!(
        "| all, medians of {rounds} rounds | {} | {:.0} ms |",
        totals.join(" | "),
        duckdb.values().sum::<f64>()
    );
    let plain = times.total(Way::Plain).min(times.total(Way::PlainDefaults));
    let city = times.total(Way::City) / plain;
    let district = times.total(Way::District) / times.total(Way::City);
    println!("\ncity / plain (the faster one) = {city:.3} (must be ≤ {CITY_LIMIT})");
    println!("one district / city = {district:.3} = 1/{:.1} (must be ≤ 1/6)", 1.0 / district);
    city <= CITY_LIMIT && district <= DISTRICT_LIMIT
}
