//! Attack 14: what writing leaves behind goes as fast as it comes, and nothing goes that is still read.

use std::path::Path;

use datafusion::common::ParamValues;
use futures::StreamExt;

use super::support::{TestLake, ask, lake, mark, principal, reopen, upserts};

const DISTRICTS: [&str; 3] = ["310104", "310105", "310106"];

fn files(folder: &Path, ends: &str) -> usize {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    entries
        .map(|path| match path.is_dir() {
            true => files(&path, ends),
            false => usize::from(path.to_str().unwrap().ends_with(ends)),
        })
        .sum()
}

async fn write(t: &TestLake, from: usize, to: usize) {
    let writer = t.lake.writer("pay").unwrap();
    for i in from..to {
        let row = (&*format!("k{i}"), DISTRICTS[i % 3], i as i64, "文旅", "p", 1, 1);
        writer.upsert(upserts(&t.lake, &[row]), mark(i as i64 + 1)).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn attack_14_writing_leaves_nothing_behind() {
    let t = lake().await;
    let table = t.dir.path().join("lake/pay");
    for round in 0..4 {
        write(&t, round * 60, round * 60 + 60).await;
        // The question is kept, and its plan holds on to the files it was read from.
        let count = ask(&t.lake, &["city"], "select count(*) from pay").await;
        assert_eq!(count, [[(round * 60 + 60).to_string()]]);
        t.lake.tidy().await.unwrap();
    }
    // The answer of the last round is of the present data: it may hold what is live, nothing else.
    let live = t.lake.status()[0].files;
    assert_eq!(files(&table, ".parquet") - files(&table.join("_delta_log"), ".parquet"), live);
    assert!(files(&table.join("_delta_log"), ".json") <= 160, "log entries behind the checkpoints go");
    assert!(files(&table.join("_delta_log"), ".checkpoint.parquet") <= 4);

    drop(t.lake);
    let again = reopen(t.dir.path()).await;
    assert_eq!(ask(&again, &["310104"], "select count(*) from pay").await, [["80"]]);
    let committed = again.writer("pay").unwrap().committed("feed/test").await.unwrap();
    assert_eq!(committed, Some(240), "marks outlive the log entries that carried them");
}

#[tokio::test(flavor = "multi_thread")]
async fn attack_14_what_is_read_stays_until_it_is_read() {
    let t = lake().await;
    let table = t.dir.path().join("lake/pay");
    write(&t, 0, 30).await;
    let session = t.lake.door().session(&principal(&["city"])).await.unwrap();
    let statement = pujiang_warehouse::parse("select no from pay").unwrap().remove(0);
    let prepared = session.prepare(statement).await.unwrap();
    let mut stream = session.stream(prepared, ParamValues::List(vec![])).await.unwrap().stream;
    drop(session);
    write(&t, 30, 90).await;
    t.lake.tidy().await.unwrap();
    t.lake.maintain().await.unwrap();
    let mut rows = 0;
    while let Some(batch) = stream.next().await {
        rows += batch.unwrap().num_rows();
    }
    assert_eq!(rows, 30, "the rows of the moment it was asked");
    drop(stream);

    // Another process, or another opening, may read any of them.
    let other = reopen(t.dir.path()).await;
    let before = files(&table, ".parquet");
    write(&t, 90, 100).await;
    t.lake.tidy().await.unwrap();
    assert!(files(&table, ".parquet") > before, "nothing is removed beside others");
    assert_eq!(ask(&other, &["city"], "select count(*) from pay").await, [["90"]], "its own snapshot");
    drop(other);
    t.lake.tidy().await.unwrap();
    assert_eq!(
        files(&table, ".parquet"),
        t.lake.status()[0].files + files(&table.join("_delta_log"), ".parquet")
    );
    assert_eq!(ask(&t.lake, &["city"], "select count(*) from pay").await, [["100"]]);
}

#[tokio::test(flavor = "multi_thread")]
async fn attack_14_what_a_killed_process_left_goes_at_the_next_start() {
    let t = lake().await;
    let table = t.dir.path().join("lake/pay");
    write(&t, 0, 60).await;
    assert!(files(&table, ".parquet") > t.lake.status()[0].files + 2, "left behind");
    let TestLake { dir, lake } = t;
    drop(lake);
    std::thread::sleep(std::time::Duration::from_millis(20));
    let again = reopen(dir.path()).await;
    again.maintain().await.unwrap();
    let log = files(&table.join("_delta_log"), ".parquet");
    assert_eq!(files(&table, ".parquet"), again.status()[0].files + log);
    assert_eq!(ask(&again, &["city"], "select count(*) from pay").await, [["60"]]);
}
