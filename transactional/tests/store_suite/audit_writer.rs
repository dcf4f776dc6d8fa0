//! Entries in groups: all of them durable when their callers go on, in one chain, many to a transaction.

use std::sync::Arc;
use std::time::Instant;

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
        if store.dialect() == Dialect::Sqlite {
            assert!(many > 2.0 * alone, "entries do not share commits: {many:.0}/s against {alone:.0}/s");
        }
    })
    .await;
}

#[tokio::test]
async fn stopping_writes_what_waits_and_refuses_what_comes() {
    on_each(async |bench| {
        let writer = writer(&bench);
        let waiting: Vec<_> = (0..50)
            .map(|i| {
                let writer = writer.clone();
                tokio::spawn(async move { writer.record(entry(1, i)).await })
            })
            .collect();
        // Each has at least put its entry into the queue.
        while bench.column("SELECT target_id FROM audit_log").await.is_empty() {
            tokio::task::yield_now().await;
        }
        writer.stop().await;
        writer.stop().await;
        let mut written = 0;
        for task in waiting {
            written += usize::from(task.await.unwrap().is_ok());
        }
        assert_eq!(bench.column("SELECT target_id FROM audit_log").await.len(), written);
        assert!(writer.record(entry(2, 0)).await.is_err());
        assert!(audit::verify(bench.engine.store()).await.unwrap().is_ok());
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
