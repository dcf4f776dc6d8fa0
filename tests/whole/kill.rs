//! kill -9 at random points of an ingest: nothing lost, nothing doubled. The six partner files of one month are
//! loaded by the real binary; after any number of deaths the lake holds exactly what the partners' answer sheet says.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use arrow::array::RecordBatch;
use arrow::util::display::array_value_to_string;
use pujiang_tests::{binary, repository::root};
use pujiang_warehouse::Lake;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};

use crate::lake_tables;
use crate::people::city_analyst;

const KILLS: u32 = 50;
/// Kills one data folder suffers at most before it may finish; each must have met a running ingest to count.
const KILLS_PER_FOLDER: u32 = 5;

/// The answer sheet, with the feed in place of the file name and the note left out.
fn expected() -> BTreeMap<String, Value> {
    let text = std::fs::read_to_string(root().join("ingest/tests/fixtures/expected_2026-09.json")).unwrap();
    let sheet: BTreeMap<String, Value> = serde_json::from_str(&text).unwrap();
    sheet
        .into_iter()
        .map(|(file, mut facts)| {
            facts.as_object_mut().unwrap().remove("note");
            (feed_of(&file).to_owned(), facts)
        })
        .collect()
}

fn feed_of(file: &str) -> &str {
    file.split('_').next().unwrap()
}

/// A data folder with the six files in their inboxes.
fn fill(data: &Path) {
    for entry in std::fs::read_dir(root().join("ingest/tests/fixtures")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if name.contains("_2026-09.") && !name.starts_with("expected") {
            let inbox = data.join("inbox").join(feed_of(name));
            std::fs::create_dir_all(&inbox).unwrap();
            std::fs::copy(&path, inbox.join(name)).unwrap();
        }
    }
}

fn cells(batches: &[RecordBatch]) -> Vec<Vec<String>> {
    let row = |batch: &RecordBatch, row: usize| {
        batch.columns().iter().map(|column| array_value_to_string(column, row).unwrap()).collect()
    };
    batches.iter().flat_map(|batch| (0..batch.num_rows()).map(move |at| row(batch, at))).collect()
}

/// What the lake and the status command say, in the form of the answer sheet.
async fn facts(data: &Path) -> BTreeMap<String, Value> {
    let status = binary::ask(&["ingest", "status", "--json", "--data", data.to_str().unwrap()]).unwrap();
    let status: Value = serde_json::from_str(&status).unwrap();
    let lake = Lake::open(&data.join("lake"), lake_tables::catalog()).await.unwrap();
    let session = lake.door().session(&city_analyst()).await.unwrap();
    let ask = async |sql: &str| cells(&session.sql(sql).await.unwrap().batches);

    let mut facts: BTreeMap<String, Value> = BTreeMap::new();
    // `distinct` beside `count`: a doubled row would show even if the partner's own sums hid it.
    let totals =
        "select feed, count(*), count(distinct txn_no), sum(amount) from benefit_transaction group by feed";
    for row in ask(totals).await {
        assert_eq!(row[1], row[2], "feed {} holds a transaction twice", row[0]);
        let of = &status[&row[0]];
        let fact = json!({
            "rows_stored": row[1].parse::<u64>().unwrap(),
            "paid_total": row[3],
            "by_district": {},
            "by_shanghai_day": {},
            "quarantined": of["quarantined"],
            "duplicates_merged": of["duplicates_merged"],
        });
        facts.insert(row[0].clone(), fact);
    }
    for (key, column) in [("by_district", "district_code"), ("by_shanghai_day", "cast(pay_time as date)")] {
        let sql =
            format!("select feed, {column} as k, count(*) from benefit_transaction group by feed, {column}");
        for row in ask(&sql).await {
            facts.get_mut(&row[0]).unwrap()[key][&row[1]] = json!(row[2].parse::<u64>().unwrap());
        }
    }
    facts
}

fn assert_complete(found: &BTreeMap<String, Value>, when: &str) {
    let expected = expected();
    for (feed, fact) in &expected {
        assert_eq!(found.get(feed), Some(fact), "feed {feed}, {when}");
    }
    assert_eq!(found.len(), expected.len(), "feeds in the lake, {when}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kill_nine_loses_and_doubles_nothing() {
    let seed =
        std::env::var("PUJIANG_KILL_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or(20_261_122);
    let rng = &mut ChaCha8Rng::seed_from_u64(seed);

    // Undisturbed first: the measure of the others, and the time within which to strike.
    let calm = tempfile::tempdir().unwrap();
    fill(calm.path());
    let arguments = ["ingest", "run", "--data", calm.path().to_str().unwrap()];
    let started = Instant::now();
    binary::ask(&arguments).unwrap();
    let whole = started.elapsed();
    assert_complete(&facts(calm.path()).await, "undisturbed");
    // Once more changes nothing.
    binary::ask(&arguments).unwrap();
    assert_complete(&facts(calm.path()).await, "run twice");

    let mut struck = 0;
    let mut folders = 0;
    while struck < KILLS {
        folders += 1;
        assert!(folders <= KILLS, "only {struck} kills of {folders} folders met a running ingest");
        let data = tempfile::tempdir().unwrap();
        fill(data.path());
        let arguments = ["ingest", "run", "--data", data.path().to_str().unwrap()];
        let mut strikes = Vec::new();
        for _ in 0..KILLS_PER_FOLDER {
            let after = Duration::from_secs_f64(rng.random_range(0.0..whole.as_secs_f64()));
            let mut child = binary::command(&arguments).unwrap().spawn().unwrap();
            std::thread::sleep(after);
            // SIGKILL on Unix: no destructor, no flush, no goodbye.
            child.kill().unwrap();
            if child.wait().unwrap().success() {
                break;
            }
            struck += 1;
            strikes.push(after);
        }
        binary::ask(&arguments).unwrap();
        let when = format!("PUJIANG_KILL_SEED={seed}, folder {folders}, killed after {strikes:?}");
        assert_complete(&facts(data.path()).await, &when);
    }
}
