//! Entries in groups: all of them durable when their callers go on, in one chain, many to a transaction.

use std::sync::Arc;
use std::time::Instant;

use pujiang_security::audit::{GENESIS, canonical, link};
use pujiang_transactional::audit::{self, AuditWriter, Entry};
use pujiang_transactional::clock::SystemClock;
use pujiang_transactional::store::Dialect;
use serde_json::json;

use crate::support::{Bench, on_each};

fn entry(writer: usize, number: usize) -> Entry {
    Entry {
        actor: format!("w{writer}"),
        action: "sql".into(),
        target_type: "query".into(),
        target_id: number.to_string(),
        after: Some(json!({"tables": ["benefit_transaction"], "rows": number})),
        ..Default::default()
    }
}

fn writer(bench: &Bench) -> AuditWriter {
    AuditWriter::start(bench.engine.store().clone(), Arc::new(SystemClock))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_writers_share_the_commits() {
    on_each(async |bench| {
        const WRITERS: usize = 200;
        const EACH: usize = 20;
        let writer = writer(&bench);
        let started = Instant::now();
        let mut tasks = tokio::task::JoinSet::new();
        for number in 0..WRITERS {
            let writer = writer.clone();
            tasks.spawn(async move {
                for i in 0..EACH {
                    writer.record(entry(number, i)).await.unwrap();
                }
            });
        }
        tasks.join_all().await;
        let seconds = started.elapsed().as_secs_f64();
        let many = (WRITERS * EACH) as f64 / seconds;
        let store = bench.engine.store();
        assert_eq!(audit::verify(store).await.unwrap().map(|v| v.entries), Ok((WRITERS * EACH) as u64));
        let started = Instant::now();
        for i in 0..50 {
            writer.record(entry(0, i)).await.unwrap();
        }
        let alone = 50.0 / started.elapsed().as_secs_f64();
        println!("audit on {:?}: {many:.0} entries/s by 200 writers, {alone:.0} by one", store.dialect());
    })
    .await;
}

#[tokio::test]
async fn what_waits_is_one_transaction() {
    // On SQLite the transactions of a process take turns in the order in which they ask, so they can be counted.
    let bench = Bench::sqlite().await;
    let (store, writer) = (bench.engine.store().clone(), writer(&bench));
    let count = async || bench.column("SELECT target_id FROM audit_log").await.len();
    let first = store.begin_write().await.unwrap();
    let recording: Vec<_> = (0..100)
        .map(|i| {
            let writer = writer.clone();
            tokio::spawn(async move { writer.record(entry(1, i)).await })
        })
        .collect();
    // Two transactions may run between ours: what the task had in hand, and everything that came in meanwhile.
    let mut held = first;
    for _ in 0..2 {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        let next = tokio::spawn({
            let store = store.clone();
            async move { store.begin_write().await }
        });
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        drop(held);
        held = next.await.unwrap().unwrap();
    }
    assert_eq!(count().await, 100);
    drop(held);
    for task in recording {
        task.await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn stopping_writes_what_waits_and_refuses_what_comes() {
    on_each(async |bench| {
        let writer = writer(&bench);
        // Nothing is written before all of them wait and the stop is asked for.
        let held = bench.engine.store().begin_write().await.unwrap();
        let record = |i| {
            let writer = writer.clone();
            tokio::spawn(async move { writer.record(entry(1, i)).await })
        };
        // The task has the first in hand while the others and the stop come in together.
        let mut waiting = vec![record(0)];
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        waiting.extend((1..50).map(record));
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        let stopping = tokio::spawn({
            let writer = writer.clone();
            async move { writer.stop().await }
        });
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        drop(held);
        for task in waiting {
            task.await.unwrap().unwrap();
        }
        stopping.await.unwrap();
        writer.stop().await;
        assert_eq!(bench.column("SELECT target_id FROM audit_log").await.len(), 50);
        assert!(writer.record(entry(2, 0)).await.is_err());
        assert!(audit::verify(bench.engine.store()).await.unwrap().is_ok());
    })
    .await;
}

#[tokio::test]
async fn an_entry_without_viewer_has_the_hash_it_had_before_there_were_any() {
    on_each(async |bench| {
        writer(&bench).record(entry(1, 0)).await.unwrap();
        let stored = audit::list(bench.engine.store(), 0, 1).await.unwrap().pop().unwrap();
        // The columns of the first version, and no others.
        let mut covered = json!({"seq": 1});
        for name in [
            "occurred_at",
            "actor_account_id",
            "actor",
            "origin",
            "action",
            "target_type",
            "target_id",
            "before",
            "after",
            "reason",
            "result",
        ] {
            covered[name] = stored.content[name].clone();
        }
        assert_eq!(stored.hash, link(GENESIS, &canonical(&covered)));
    })
    .await;
}

#[tokio::test]
async fn an_entry_survives_its_caller_and_a_bad_one_harms_no_other() {
    on_each(async |bench| {
        let writer = writer(&bench);
        // The caller gives up while its entry waits: what was asked for was asked for.
        let given_up = tokio::time::timeout(std::time::Duration::ZERO, writer.record(entry(1, 7))).await;
        drop(given_up);
        let bad = Entry { actor: "nul\u{0}".into(), ..entry(1, 8) };
        let (good, bad) = tokio::join!(writer.record(entry(1, 9)), writer.record(bad));
        good.unwrap();
        if bench.engine.store().dialect() == Dialect::Postgres {
            assert!(bad.is_err(), "PostgreSQL refuses NUL in texts");
        }
        writer.stop().await;
        let kept = bench.column("SELECT target_id FROM audit_log ORDER BY seq").await;
        for target in ["7", "9"] {
            assert!(kept.iter().any(|found| found == target), "{target} is not in {kept:?}");
        }
        assert!(audit::verify(bench.engine.store()).await.unwrap().is_ok());
    })
    .await;
}

#[tokio::test]
async fn the_viewer_is_part_of_what_the_hash_covers() {
    on_each(async |bench| {
        let writer = writer(&bench);
        let seen = Entry { viewer: Some("secadmin".into()), ..entry(1, 1) };
        for entry in [entry(1, 0), seen, entry(1, 2)] {
            writer.record(entry).await.unwrap();
        }
        let store = bench.engine.store();
        assert_eq!(audit::verify(store).await.unwrap().map(|v| v.entries), Ok(3));
        for (sql, broken) in [
            ("UPDATE audit_log SET viewer = NULL WHERE seq = 2", Some(2)),
            ("UPDATE audit_log SET viewer = 'secadmin' WHERE seq = 2", None),
            ("UPDATE audit_log SET viewer = 'secadmin' WHERE seq = 3", Some(3)),
        ] {
            sqlx::query(sql).execute(store.pool()).await.unwrap();
            assert_eq!(audit::verify(store).await.unwrap().err().map(|e| e.seq), broken, "{sql}");
        }
    })
    .await;
}
