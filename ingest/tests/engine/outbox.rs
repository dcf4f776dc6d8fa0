//! The outbox feed: events become rows once, state events keep the stock, broken events are set aside.

use crate::support::Bench;
use serde_json::{Value as Json, json};

async fn event(
    bench: &Bench,
    resource: &str,
    id: &str,
    op: &str,
    version: i64,
    before: Option<Json>,
    after: Option<Json>,
) {
    let sql = "INSERT INTO outbox (event_id, resource, record_id, op, version, district_code, occurred_at, actor, before, after)
               VALUES ($1, $2, $3, $4, $5, '310104', '2026-10-01T00:30:00.000+08:00', 'city', $6, $7)";
    let text = |j: Option<Json>| j.map(|j| j.to_string());
    sqlx::query(sql)
        .bind(uuid::Uuid::now_v7().to_string())
        .bind(resource)
        .bind(id)
        .bind(op)
        .bind(version)
        .bind(text(before))
        .bind(text(after))
        .execute(&bench.pool)
        .await
        .expect("event");
}

fn transaction(key: &str, amount: &str, version: i64) -> Json {
    json!({"id": key, "txn_no": key, "merchant_code": "913157614035081808", "district_code": "310104", "card_no": "3100********3510",
           "card_no_token": "0123456789abcdef0123456789abcdef", "category": "文旅", "mode": "主扫", "original_amount": amount, "discount": "0.00",
           "amount": amount, "pay_time": "2026-10-01T00:20:00.000+08:00", "state": "confirmed", "row_version": version,
           "created_at": "2026-10-01T00:30:00.000+08:00", "updated_at": "2026-10-01T00:30:00.000+08:00"})
}

#[tokio::test(flavor = "multi_thread")]
async fn events_become_rows_once() {
    let folder = tempfile::tempdir().expect("folder");
    let bench = Bench::open(folder.path()).await;
    event(&bench, "benefit_transaction", "T1", "upsert", 1, None, Some(transaction("T1", "10.50", 1))).await;
    event(&bench, "benefit_transaction", "T2", "upsert", 1, None, Some(transaction("T2", "1.00", 1))).await;
    event(&bench, "audit_thing", "x", "upsert", 1, None, Some(json!({"id": "x"}))).await;
    assert_eq!(bench.engine.run(Some("outbox")).await.expect("run").events, 3);
    let rows = "select txn_no, feed, amount, record_version, pay_time, card_token is not null from benefit_transaction order by 1";
    assert_eq!(
        bench.one(rows).await,
        "T1 portal 10.50 1 2026-10-01T00:20:00 true T2 portal 1.00 1 2026-10-01T00:20:00 true"
    );
    assert_eq!(bench.engine.run(Some("outbox")).await.expect("run").events, 0);
    event(
        &bench,
        "benefit_transaction",
        "T1",
        "upsert",
        2,
        Some(transaction("T1", "10.50", 1)),
        Some(transaction("T1", "11.00", 2)),
    )
    .await;
    event(&bench, "benefit_transaction", "T2", "delete", 2, Some(transaction("T2", "1.00", 1)), None).await;
    let mut broken = transaction("T3", "1.00", 1);
    broken["pay_time"] = Json::Null;
    event(&bench, "benefit_transaction", "T3", "upsert", 1, None, Some(broken)).await;
    drop(bench);
    let bench = Bench::open(folder.path()).await;
    bench.engine.run(Some("outbox")).await.expect("run");
    assert_eq!(
        bench.one("select txn_no, amount, record_version from benefit_transaction").await,
        "T1 11.00 2"
    );
    let status = bench.status("outbox").await;
    let n = |key: &str| status[key].as_u64().expect("count");
    assert_eq!(
        [n("rows_in"), n("rows_stored"), n("superseded"), n("deleted"), n("lag_seconds")],
        [5, 1, 2, 1, 0],
        "{status}"
    );
    assert_eq!(status["quarantined"], json!({"required_missing": 1}));
    // Still wrong, then put right in the outbox itself (a defect of the portal that was mended).
    let again = bench.engine.replay("outbox", None).await.expect("replay");
    assert_eq!((again.replayed, again.still_quarantined), (0, 1));
    let mended = transaction("T3", "1.00", 1).to_string();
    sqlx::query("UPDATE outbox SET after = $1 WHERE record_id = 'T3'")
        .bind(mended)
        .execute(&bench.pool)
        .await
        .expect("mend");
    for replayed in [1, 0] {
        assert_eq!(bench.engine.replay("outbox", None).await.expect("replay").replayed, replayed);
        assert_eq!(
            bench.one("select txn_no, amount from benefit_transaction order by 1").await,
            "T1 11.00 T3 1.00"
        );
        let status = bench.status("outbox").await;
        assert_eq!((&status["rows_stored"], &status["quarantined"]), (&2.into(), &json!({})), "{status}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn state_events_sum_up_to_the_stock() {
    let folder = tempfile::tempdir().expect("folder");
    let bench = Bench::open(folder.path()).await;
    let holder = |state: &str, district: &str| json!({"id": "H1", "state": state, "district_code": district, "category": "退役军人", "row_version": 1});
    let life = [("active", "310104"), ("active", "310104"), ("active", "310105"), ("cancelled", "310105")];
    let mut before = None;
    for (version, (state, district)) in (1..).zip(life) {
        let after = Some(holder(state, district));
        event(&bench, "card_holder", "H1", "upsert", version, before, after.clone()).await;
        before = after;
    }
    for _ in 0..2 {
        bench.engine.run(Some("outbox")).await.expect("run");
        let stock =
            "select state, district_code, sum(delta), count(*) from state_event group by 1, 2 order by 1, 2";
        assert_eq!(bench.one(stock).await, "active 310104 0 2 active 310105 0 2 cancelled 310105 1 1");
        assert_eq!(
            bench.one("select state, district_code, row_version from card_holder").await,
            "cancelled 310105 4"
        );
    }
}
