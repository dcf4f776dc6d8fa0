//! Where the time of a question goes before its first row: the session, the statement, the plan; and the rest.

use std::time::{Duration, Instant};

use datafusion::common::ParamValues;
use futures::TryStreamExt;
use pujiang_warehouse::{Door, parse};

use crate::tpch::query::Query;
use crate::tpch::scope::{self, Scope};

const TIMES: usize = 9;

/// Prints the medians of each phase for every query, for the city and for one district.
pub async fn measure(door: &Door, queries: &[Query]) {
    for Scope { name, principal } in scope::all().into_iter().take(2) {
        println!("| scope {name} | session | statement | plan | rows |\n|---|---|---|---|---|");
        for query in queries {
            let mut phases: [Vec<Duration>; 4] = Default::default();
            for _ in 0..TIMES {
                let mut begun = Instant::now();
                let mut lap = |phase: usize| {
                    phases[phase].push(begun.elapsed());
                    begun = Instant::now();
                };
                let session = door.session(&principal).await.unwrap();
                lap(0);
                let statement = parse(&query.sql).unwrap().pop().unwrap();
                let prepared = session.prepare(statement).await.unwrap();
                lap(1);
                let answer = session.stream(prepared, ParamValues::List(vec![])).await.unwrap();
                lap(2);
                let _rows: Vec<_> = answer.stream.try_collect().await.unwrap();
                lap(3);
            }
            let medians = phases.map(|mut times| {
                times.sort_unstable();
                format!("{:.2} ms", times[TIMES / 2].as_secs_f64() * 1000.0)
            });
            println!("| {} | {} |", query.number, medians.join(" | "));
        }
    }
}
