//! File feeds all the way into the lake: exactly once, whatever is repeated or killed.

use std::time::Duration;

use crate::support::{Bench, HEAD, fixture, row};
use pujiang_definition::{FEEDS, Sources};
use pujiang_ingest::{FeedDefinitions, FileOutcome, IngestError, Originals, RefusalReason};

#[tokio::test(flavor = "multi_thread")]
async fn the_given_files_are_stored_once() {
    let folder = tempfile::tempdir().expect("folder");
    let bench = Bench::open(folder.path()).await;
    bench.drop_given();
    let report = bench.engine.run(None).await.expect("run");
    assert_eq!(report.files.len(), 6);
    bench.assert_given().await;
    assert!(bench.folder.join("inbox/bank/.done/bank_2026-09.csv").exists());
    // The same files again, and one of them under another name: nothing changes.
    bench.drop_given();
    bench.drop_file("bank", "bank_copy.csv", std::fs::read(fixture("bank_2026-09.csv")).expect("fixture"));
    let again = bench.engine.run(None).await.expect("run");
    assert!(again.files.len() == 7 && again.files.iter().all(|f| f.outcome == FileOutcome::Repeated));
    bench.assert_given().await;
    let card = bench.one("select card_no, length(card_token), state, mode from benefit_transaction where txn_no = 'BK20260900000000'").await;
    assert_eq!(card, "3100********3510 32 confirmed 被扫");
    let same = "select count(*) from benefit_transaction where card_no not like '____********____' or card_token is null";
    assert_eq!(bench.one(same).await, "0");
    // A fresh engine over the same folder finds everything as it was.
    drop(bench);
    Bench::open(folder.path()).await.assert_given().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_repeated_across_files_and_late_versions_are_merged() {
    let folder = tempfile::tempdir().expect("folder");
    let bench = Bench::open(folder.path()).await;
    let line = |op: &str, key: &str, version: i64, paid: &str| {
        format!(
            "{{\"op\":\"{op}\",\"trade_no\":\"{key}\",\"version\":{version},\"paid_at\":\"2026-09-05T16:30:00Z\",\"district\":\"310104\",\"merchant\":\"913196107872023385\",\
             \"card\":\"3100386247984683\",\"category\":\"金融\",\"original\":\"{paid}\",\"discount\":\"0\",\"paid\":\"{paid}\"}}\n"
        )
    };
    let first = [
        line("upsert", "K1", 1, "1"),
        line("upsert", "K1", 2, "2"),
        line("upsert", "K2", 1, "5"),
        line("upsert", "K3", 1, "7"),
    ]
    .concat();
    bench.drop_file("transit", "1.ndjson", &first);
    bench.engine.run(Some("transit")).await.expect("run");
    let rows = "select txn_no, amount, record_version from benefit_transaction order by 1";
    assert_eq!(bench.one(rows).await, "K1 2.00 2 K2 5.00 1 K3 7.00 1");
    // The first file once more with a new row; a late older version; a delete without the rest; a record that moves.
    let second = format!(
        "{first}{}{}{{\"op\":\"delete\",\"trade_no\":\"K2\",\"version\":2}}\n{}",
        line("upsert", "K4", 1, "9"),
        line("upsert", "K1", 1, "1"),
        line("upsert", "K3", 2, "8").replace("310104", "310105")
    );
    bench.drop_file("transit", "2.ndjson", second);
    bench.drop_file("transit", "3.ndjson", line("upsert", "K2", 1, "5"));
    bench.engine.run(Some("transit")).await.expect("run");
    assert_eq!(bench.one(rows).await, "K1 2.00 2 K3 8.00 2 K4 9.00 1");
    assert_eq!(
        bench.one("select district_code from benefit_transaction where txn_no = 'K3'").await,
        "310105"
    );
    let status = bench.status("transit").await;
    let n = |key: &str| status[key].as_u64().expect("count");
    assert_eq!(
        [n("files"), n("rows_in"), n("rows_stored"), n("duplicates_merged"), n("superseded"), n("deleted")],
        [3, 13, 3, 6, 3, 1],
        "{status}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn refused_files_are_put_aside_with_their_reason() {
    let folder = tempfile::tempdir().expect("folder");
    let bench = Bench::open(folder.path()).await;
    bench.drop_file("bank", "login.csv", "<!DOCTYPE html><html></html>");
    bench.drop_file("bank", "empty.csv", "");
    bench.drop_file("bank", "half.csv.part", "x");
    bench.drop_file("bank", ".hidden", "x");
    let report = bench.engine.run(Some("bank")).await.expect("run");
    assert!(
        report.files.len() == 2
            && report.files.iter().all(|f| f.outcome == FileOutcome::Refused && !f.detail.is_empty())
    );
    let status = bench.status("bank").await;
    assert_eq!(status["files_refused"], serde_json::json!({"empty_file": 1, "wrong_format": 1}));
    assert_eq!((&status["files"], &status["rows_in"]), (&0.into(), &0.into()));
    assert_eq!(
        bench.status("museum").await["lag_seconds"],
        serde_json::Value::Null,
        "page 7: a feed that never ran is not up to date"
    );
    assert!(
        bench.folder.join("inbox/bank/.refused/login.csv").exists()
            && bench.folder.join("inbox/bank/half.csv.part").exists()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn quarantined_rows_are_kept_encrypted_and_replayed_without_doubling() {
    let folder = tempfile::tempdir().expect("folder");
    let bench = Bench::open(folder.path()).await;
    let file = format!(
        "{HEAD}{}{}{}{}",
        row("K1", "文旅", "1"),
        row("K2", "旅游", "2"),
        row("K3", "其他", "3"),
        row("K4", "旅游", "4")
    );
    bench.drop_file("bank", "a.csv", file);
    bench.engine.run(Some("bank")).await.expect("run");
    let page = bench.engine.quarantine("bank", None, 2, Originals::Shown).await.expect("page");
    assert_eq!((page.items.len(), page.items[0].reason.as_str(), page.items[0].row_no), (2, "bad_code", 3));
    assert!(
        page.items[0].raw.as_deref().is_some_and(|r| r.starts_with("K2,2026/9/5"))
            && !page.items[0].detail.contains("旅游")
    );
    let next =
        bench.engine.quarantine("bank", page.next.as_deref(), 2, Originals::Withheld).await.expect("page");
    assert!(
        next.items.len() == 1
            && next.items[0].row_no == 5
            && next.items[0].raw.is_none()
            && next.next.is_none()
    );
    use sqlx::Row;
    let stored: Vec<String> = sqlx::query("SELECT raw || context || detail AS t FROM quarantine")
        .fetch_all(&bench.pool)
        .await
        .expect("rows")
        .iter()
        .map(|r| r.get("t"))
        .collect();
    assert!(stored.iter().all(|t| !t.contains("3100608965573510")));
    // With the present definition nothing fits.
    let answer = bench.engine.replay("bank", None).await.expect("replay");
    assert_eq!((answer.replayed, answer.still_quarantined), (0, 3));
    // K4 came again, corrected, in a later file.
    bench.drop_file("bank", "b.csv", format!("{HEAD}{}", row("K4", "文旅", "44")));
    bench.engine.run(Some("bank")).await.expect("run");
    let source = std::fs::read_to_string(fixture("../../feeds/bank.toml")).expect("feed");
    let source = source.replace("[\"文旅类\"]", "[\"文旅类\", \"旅游\"]");
    let feeds = FeedDefinitions::read(&Sources::texts(&FEEDS, [("bank.toml", source.as_str())]));
    drop(bench);
    let bench = Bench::with(folder.path(), feeds.finished().expect("feeds")).await;
    for (replayed, left) in [(2, 1), (0, 1)] {
        let answer = bench.engine.replay("bank", None).await.expect("replay");
        assert_eq!((answer.replayed, answer.still_quarantined), (replayed, left));
        // The corrected row stays: a replayed one is older than whatever came since.
        assert_eq!(
            bench.one("select txn_no, amount from benefit_transaction order by 1").await,
            "K1 1.00 K2 2.00 K4 44.00"
        );
        let status = bench.status("bank").await;
        let n = |key: &str| status[key].as_u64().expect("count");
        assert_eq!(
            [n("rows_in"), n("rows_stored"), n("duplicates_merged"), n("superseded")],
            [5, 3, 1, 0],
            "{status}"
        );
        assert_eq!(status["quarantined"], serde_json::json!({"bad_code": 1}));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pushed_batches_are_idempotent() {
    let folder = tempfile::tempdir().expect("folder");
    let bench = Bench::open(folder.path()).await;
    let batch = format!("{HEAD}{}{}", row("K1", "文旅", "1"), row("K2", "其他", "2")).into_bytes();
    let first = bench.engine.push("bank", batch.clone(), "batch", "key-1").await.expect("push");
    assert_eq!((first.rows_in, first.accepted, first.quarantined, first.repeated), (2, 1, 1, false));
    let again = bench.engine.push("bank", batch, "batch", "key-1").await.expect("push");
    assert_eq!((again.accepted, again.quarantined, again.repeated), (1, 1, true));
    let other = bench
        .engine
        .push("bank", format!("{HEAD}{}", row("K9", "文旅", "1")).into_bytes(), "batch", "key-1")
        .await;
    assert!(matches!(other, Err(IngestError::KeyReused(_))));
    let page = bench.engine.push("bank", b"<html></html>".to_vec(), "batch", "key-2").await;
    assert!(matches!(page, Err(IngestError::Refused(r)) if r.reason == RefusalReason::WrongFormat));
    assert!(matches!(
        bench.engine.push("nobody", Vec::new(), "b", "k").await,
        Err(IngestError::UnknownFeed(_))
    ));
    assert!(matches!(
        bench.engine.push("outbox", Vec::new(), "b", "k").await,
        Err(IngestError::NotAFileFeed(_))
    ));
    assert_eq!(bench.one("select count(*) from benefit_transaction").await, "1");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_watch_takes_files_that_are_complete() {
    let folder = tempfile::tempdir().expect("folder");
    let bench = Bench::open(folder.path()).await;
    let cancel = tokio_util::sync::CancellationToken::new();
    let watchers = bench.engine.spawn_watch(cancel.clone());
    bench.drop_file("bank", "a.csv", format!("{HEAD}{}", row("K1", "文旅", "1")));
    let mut waited = 0;
    while bench.status("bank").await["files"] != 1 {
        waited += 1;
        assert!(waited < 100, "not loaded within ten seconds");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    cancel.cancel();
    for watcher in watchers {
        watcher.await.expect("watcher ends");
    }
    assert_eq!(bench.one("select count(*) from benefit_transaction").await, "1");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_keeps_the_district_of_its_time_and_counts_for_the_one_of_today() {
    let folder = tempfile::tempdir().expect("folder");
    let bench = Bench::open(folder.path()).await;
    let line = |key: &str, time: &str, district: &str| {
        format!("{key},{time},{district},913157614035081808,3100608965573510,文旅,9.00,0,9.00\n")
    };
    let text = [
        HEAD.to_owned(),
        line("a", "2014/6/5 10:55:43", "闸北区"),
        line("b", "2015/11/3 23:59:59", "310108"),
        line("c", "2015/11/4 00:00:00", "闸北区"),
        line("d", "2014/6/5 10:55:43", "静安区"),
        line("e", "2014/6/5 10:55:43", "彭浦新村街道"),
        line("f", "2026/6/5 10:55:43", "310108"),
        line("g", "2016/7/21 10:55:43", "崇明区"),
    ]
    .concat();
    bench.drop_file("bank", "old.csv", text);
    bench.engine.run(Some("bank")).await.expect("run");
    let rows =
        bench.ask("select txn_no, district_code, place_code from benefit_transaction order by 1").await;
    let shown: Vec<String> = rows.iter().map(|row| row.join(" ")).collect();
    assert_eq!(
        shown,
        [
            "A 310106 310108",
            "B 310106 310108",
            "C 310106 310106",
            "D 310106 310106",
            "E 310106 310108",
            "F 310106 310106",
            "G 310151 310230",
        ]
    );
    assert_eq!(bench.status("bank").await["quarantined"], serde_json::json!({}));
}
