//! Audit chain and outbox: written with the row or not at all, in the order of the commits.

use std::sync::Arc;

use pujiang_transactional::audit;
use serde_json::{Value as Json, json};

use crate::support::{CARD, UNIT_A, map, on_each};

/// A person, a holder, its certification and the card.
const CARD_WRITES: u64 = 4;

#[tokio::test]
async fn each_write_leaves_one_entry_and_one_event() {
    on_each(async |bench| {
        let city = bench.city();
        let unit = bench.merchant("310104", UNIT_A).await;
        let made = bench.transaction(&city, &unit, "5").await.unwrap();
        bench.engine.update(&city, "benefit_transaction", made.id(), Some(1), &map(json!({"risk_flagged": true}))).await.unwrap();
        bench.engine.act(&city, "benefit_transaction", made.id(), "reverse", Some(2), Some("退款")).await.unwrap();
        // A state that lets go of its records, with a reason.
        sqlx::query("UPDATE benefit_transaction SET state = 'rejected'").execute(bench.engine.store().pool()).await.unwrap();
        bench.engine.delete(&city, "benefit_transaction", made.id(), Some(3), Some("误录")).await.unwrap();
        // Refused writes leave nothing.
        bench.transaction(&city, &unit, "-5").await.unwrap_err();
        let events = bench
            .column("SELECT op || ' ' || CAST(version AS TEXT) || ' ' || district_code FROM outbox WHERE resource = 'benefit_transaction' ORDER BY seq")
            .await;
        assert_eq!(events, ["upsert 1 310104", "upsert 2 310104", "upsert 3 310104", "delete 4 310104"]);
        let json = |texts: Vec<String>| -> Vec<Json> { texts.iter().map(|t| serde_json::from_str(t).unwrap_or_default()).collect() };
        let before = json(bench.column("SELECT before FROM outbox WHERE resource = 'benefit_transaction' ORDER BY seq").await);
        let after = json(bench.column("SELECT after FROM outbox WHERE resource = 'benefit_transaction' ORDER BY seq").await);
        assert_eq!((&before[0], &after[3]), (&Json::Null, &Json::Null));
        assert_eq!(before[1], after[0], "an event starts where the one before ended");
        assert_eq!(after[2]["state"], json!("reversed"));
        let first = &after[0];
        assert_eq!(first["card_no"], json!("3100********3510"));
        assert_eq!(first["card_no_token"].as_str().map(str::len), Some(32));
        assert_eq!(first["amount"], json!("5.00"));
        assert!(first["pay_time"].as_str().is_some_and(|t| t.ends_with("+08:00")));
        for key in ["id", "state", "district_code", "row_version", "created_at", "updated_at"] {
            assert!(first.get(key).is_some(), "{key}");
        }
        let verified = audit::verify(bench.engine.store()).await.unwrap().unwrap();
        assert_eq!(verified.entries, 6 + CARD_WRITES);
        let entries = audit::list(bench.engine.store(), 0, 100).await.unwrap();
        assert_eq!(entries.last().map(|e| (&e.hash, &e.content["action"])), Some((&verified.head, &json!("delete"))));
    })
    .await;
}

#[tokio::test]
async fn many_writers_make_one_chain_and_one_order() {
    on_each(async |bench| {
        let unit = bench.merchant("310104", UNIT_A).await;
        bench.card(CARD).await;
        let bench = Arc::new(bench);
        let mut tasks = tokio::task::JoinSet::new();
        for writer in 0..8 {
            let (bench, unit) = (bench.clone(), unit.clone());
            tasks.spawn(async move {
                for i in 1..=10 {
                    bench.transaction(&bench.city(), &unit, &format!("{writer}.{i:02}")).await.unwrap();
                }
            });
        }
        tasks.join_all().await;
        assert_eq!(
            audit::verify(bench.engine.store()).await.unwrap().map(|v| v.entries),
            Ok(82 + CARD_WRITES)
        );
        let seqs = bench.column("SELECT CAST(seq AS TEXT) FROM outbox ORDER BY outbox.seq").await;
        let expected: Vec<_> = (1..=82 + CARD_WRITES).map(|i| i.to_string()).collect();
        assert_eq!(seqs, expected, "no number is skipped by a committed write");
    })
    .await;
}

#[tokio::test]
async fn tampering_with_the_log_is_found() {
    on_each(async |bench| {
        for code in ["913157614035081801", "913157614035081802", "913157614035081803"] {
            bench.merchant("310104", code).await;
        }
        let pool = bench.engine.store().pool();
        let broken = async || audit::verify(bench.engine.store()).await.unwrap().unwrap_err().seq;
        sqlx::query("UPDATE audit_log SET actor = 'someone' WHERE seq = 3").execute(pool).await.unwrap();
        assert_eq!(broken().await, 3);
        sqlx::query("UPDATE audit_log SET actor = 'city' WHERE seq = 3").execute(pool).await.unwrap();
        assert_eq!(audit::verify(bench.engine.store()).await.unwrap().map(|v| v.entries), Ok(6));
        sqlx::query("DELETE FROM audit_log WHERE seq = 4").execute(pool).await.unwrap();
        assert_eq!(broken().await, 5);
    })
    .await;
}
