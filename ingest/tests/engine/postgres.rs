//! The ledger and the outbox on PostgreSQL, when `PUJIANG_TEST_PG` names one (scripts/with-postgres.sh): the same
//! statements, the same result. On SQLite the other files of this folder say the same in detail.

use crate::support::Bench;
use pujiang_ingest::{FeedDefinitions, Originals};

#[tokio::test(flavor = "multi_thread")]
async fn the_ledger_is_the_same_on_postgresql() {
    let Ok(server) = std::env::var("PUJIANG_TEST_PG") else { return };
    sqlx::any::install_default_drivers();
    let name = format!("ingest_{}", uuid::Uuid::now_v7().simple());
    let admin = sqlx::AnyPool::connect(&server).await.expect("server");
    let create = sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}"));
    sqlx::raw_sql(create).execute(&admin).await.expect("database");
    let (host, _) = server.rsplit_once('/').expect("a database in the URL");
    let url = format!("{host}/{name}");
    let folder = tempfile::tempdir().expect("folder");
    let feeds = || FeedDefinitions::builtin().expect("feeds");
    for _ in 0..2 {
        let bench = Bench::on(folder.path(), feeds(), &url).await;
        bench.drop_given();
        bench.engine.run(None).await.expect("run");
        bench.assert_given().await;
    }
    let bench = Bench::on(folder.path(), feeds(), &url).await;
    let page = bench.engine.quarantine("bank", None, 3, Originals::Shown).await.expect("page");
    let next =
        bench.engine.quarantine("bank", page.next.as_deref(), 500, Originals::Shown).await.expect("page");
    assert_eq!((page.items.len(), next.items.len()), (3, 7));
    let answer = bench.engine.replay("bank", None).await.expect("replay");
    assert_eq!((answer.replayed, answer.still_quarantined), (0, 10));
    let push = bench.engine.push("bank", Vec::new(), "empty", "key").await;
    assert!(push.is_err());
    let event = "INSERT INTO outbox (event_id, resource, record_id, op, version, district_code, occurred_at, actor, after)
        VALUES ('e1', 'card_holder', 'H1', 'upsert', 1, '310104', '2026-10-01T00:30:00+08:00', 'city',
        '{\"id\":\"H1\",\"state\":\"active\",\"district_code\":\"310104\"}')";
    sqlx::raw_sql(event).execute(&bench.pool).await.expect("event");
    assert_eq!(bench.engine.run(Some("outbox")).await.expect("run").events, 1);
    assert_eq!(bench.one("select state, delta from state_event").await, "active 1");
}
