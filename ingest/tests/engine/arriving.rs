//! Files that arrive in odd ways: replaced while they are read, written with pauses, many of one name.

use std::io::Write;
use std::time::{Duration, Instant};

use crate::support::{Bench, HEAD, row};

/// Rows enough to be busy with for a while.
fn many(prefix: &str, rows: usize) -> String {
    let lines: String = (0..rows).map(|n| row(&format!("{prefix}{n}"), "文旅", "1")).collect();
    format!("{HEAD}{lines}")
}

async fn until(what: &str, mut reached: impl AsyncFnMut() -> bool) {
    let started = Instant::now();
    while !reached().await {
        assert!(started.elapsed() < Duration::from_secs(60), "{what}: not within a minute");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

async fn rows(bench: &Bench) -> String {
    bench.one("select count(*) from benefit_transaction").await
}

#[tokio::test(flavor = "multi_thread")]
async fn attack_8_a_file_replaced_while_it_is_read_loses_nothing() {
    let folder = tempfile::tempdir().expect("folder");
    let bench = Bench::open(folder.path()).await;
    bench.drop_file("bank", "day.csv", many("A", 30_000));
    let engine = bench.engine.clone();
    let run = tokio::spawn(async move { engine.run(Some("bank")).await });
    let inbox = folder.path().join("inbox/bank");
    while !inbox.join(".reading/day.csv").exists() {
        assert!(!run.is_finished(), "the file was never seen being read");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    bench.drop_file("bank", "day.csv.part", many("B", 10));
    std::fs::rename(inbox.join("day.csv.part"), inbox.join("day.csv")).expect("rename");
    run.await.expect("task").expect("run");
    bench.engine.run(Some("bank")).await.expect("run");
    assert_eq!(rows(&bench).await, "30010");
    let status = bench.status("bank").await;
    assert_eq!((&status["files"], &status["unaccounted"]), (&2.into(), &0.into()), "{status}");
    assert!(inbox.join(".done/day.csv").exists() && inbox.join(".done/day~2.csv").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn attack_8_a_file_written_with_a_pause_is_waited_for() {
    let folder = tempfile::tempdir().expect("folder");
    let bench = Bench::open(folder.path()).await;
    let cancel = tokio_util::sync::CancellationToken::new();
    let watchers = bench.engine.spawn_watch(cancel.clone());
    let path = folder.path().join("inbox/bank/day.csv");
    let whole = many("A", 100);
    let (first, second) = whole.as_bytes().split_at(whole.len() / 2);
    // A program that closes the file in between, as `cat >>` does: only the pause tells.
    std::fs::write(&path, first).expect("write");
    tokio::time::sleep(Duration::from_secs(4)).await;
    let mut file = std::fs::File::options().append(true).open(&path).expect("open");
    file.write_all(second).expect("write");
    // A program that keeps it open and writes nothing for longer than that.
    tokio::time::sleep(Duration::from_secs(7)).await;
    assert_eq!(bench.status("bank").await["files"], 0);
    file.write_all(row("LATE", "文旅", "1").as_bytes()).expect("write");
    drop(file);
    until("the file", async || bench.status("bank").await["files"] == 1).await;
    assert_eq!(rows(&bench).await, "101");
    assert_eq!(bench.status("bank").await["quarantined"], serde_json::json!({}));
    // A program that opens it once more after it was loaded.
    let done = folder.path().join("inbox/bank/.done/day.csv");
    until("the move", async || done.exists()).await;
    let mut file = std::fs::File::options().append(true).open(&done).expect("open");
    file.write_all(row("LATER", "文旅", "1").as_bytes()).expect("write");
    drop(file);
    until("the late row", async || rows(&bench).await == "102").await;
    assert_eq!(bench.status("bank").await["unaccounted"], 0);
    cancel.cancel();
    for watcher in watchers {
        watcher.await.expect("watcher ends");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn attack_8_a_run_leaves_a_file_that_is_still_open() {
    let folder = tempfile::tempdir().expect("folder");
    let bench = Bench::open(folder.path()).await;
    let path = folder.path().join("inbox/bank/day.csv");
    let mut file = std::fs::File::create(&path).expect("create");
    file.write_all(many("A", 3).as_bytes()).expect("write");
    let report = bench.engine.run(Some("bank")).await.expect("run");
    assert_eq!((report.files.len(), report.left.as_slice()), (0, ["bank/day.csv".to_owned()].as_slice()));
    file.write_all(row("B", "文旅", "1").as_bytes()).expect("write");
    drop(file);
    let report = bench.engine.run(Some("bank")).await.expect("run");
    assert_eq!((report.files[0].rows_in, report.left.len()), (4, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn attack_16_two_files_of_one_name_of_254_bytes_are_both_loaded() {
    let folder = tempfile::tempdir().expect("folder");
    let bench = Bench::open(folder.path()).await;
    let name = format!("{}.csv", "x".repeat(250));
    for key in ["A", "B", "C"] {
        bench.drop_file("bank", &name, many(key, 1));
        assert_eq!(bench.engine.run(Some("bank")).await.expect("run").files.len(), 1);
    }
    assert_eq!(rows(&bench).await, "3");
    assert_eq!(std::fs::read_dir(folder.path().join("inbox/bank/.done")).expect("folder").count(), 3);
    assert_eq!(bench.status("bank").await["lag_seconds"], 0);
}
