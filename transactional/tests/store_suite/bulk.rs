//! Bulk load: complete rows, all checked, in large transactions.

use pujiang_transactional::{ErrorKind, Events, ListQuery, audit};
use serde_json::{Map, Value as Json, json};

use crate::support::{UNIT_A, faults, map, on_each};

fn rows(unit: &str, count: usize) -> Vec<Map<String, Json>> {
    (0..count)
        .map(|i| {
            map(json!({"txn_no": format!("H{i:08}"), "merchant_id": unit, "merchant_code": UNIT_A, "district_code": "310104",
                "category": "文旅", "card_no": format!("31{i:014}"), "original_amount": "12.50", "discount": "2.50", "amount": "10.00",
                "pay_time": "2026-01-01T08:00:00+08:00", "mode": "券", "source": "历史迁移", "state": "reversed",
                "created_at": "2026-01-01T08:00:00+08:00", "updated_at": "2026-01-01T08:00:00+08:00"}))
        })
        .collect()
}

#[tokio::test]
async fn rows_arrive_complete_with_or_without_events() {
    on_each(async |bench| {
        let unit = bench.merchant("310104", UNIT_A).await;
        let load = rows(&unit, 12_000);
        let started = std::time::Instant::now();
        assert_eq!(
            bench
                .engine
                .bulk_insert("demo", "benefit_transaction", load[..10_000].to_vec(), Events::Skip)
                .await
                .unwrap(),
            10_000
        );
        let plain = started.elapsed();
        let started = std::time::Instant::now();
        bench
            .engine
            .bulk_insert("demo", "benefit_transaction", load[10_000..].to_vec(), Events::Write)
            .await
            .unwrap();
        println!(
            "bulk on {:?}: {:.0} rows/s, with events {:.0} rows/s",
            bench.engine.store().dialect(),
            10_000.0 / plain.as_secs_f64(),
            2_000.0 / started.elapsed().as_secs_f64()
        );
        let page =
            bench.engine.list(&bench.city(), "benefit_transaction", &ListQuery::default()).await.unwrap();
        assert_eq!(page.total, 12_000);
        assert_eq!(page.items[0].body["state"], json!("reversed"));
        assert_eq!(page.items[0].body["created_at"], json!("2026-01-01T08:00:00+08:00"));
        assert_eq!(
            bench.column("SELECT after FROM outbox WHERE resource = 'benefit_transaction'").await.len(),
            2_000
        );
        assert!(audit::verify(bench.engine.store()).await.unwrap().is_ok());
    })
    .await;
}

#[tokio::test]
async fn a_bad_row_is_named_and_its_transaction_left_out() {
    on_each(async |bench| {
        let unit = bench.merchant("310104", UNIT_A).await;
        let mut bad = rows(&unit, 3);
        bad[2].insert("amount".into(), json!("11"));
        let error =
            bench.engine.bulk_insert("demo", "benefit_transaction", bad, Events::Write).await.unwrap_err();
        assert_eq!(faults(&error), ["amount:amounts_do_not_add_up"]);
        assert!(error.to_string().contains("第 3 行"), "{error}");
        let mut twice = rows(&unit, 2);
        twice[1].insert("txn_no".into(), json!("H00000000"));
        let error =
            bench.engine.bulk_insert("demo", "benefit_transaction", twice, Events::Write).await.unwrap_err();
        assert_eq!(
            (error.kind(), faults(&error)),
            (ErrorKind::Conflict, vec!["txn_no:duplicate".to_owned()])
        );
        let mut stray = rows(&unit, 1);
        stray[0].insert("merchant_id".into(), json!("00000000-0000-7000-8000-000000000000"));
        let error =
            bench.engine.bulk_insert("demo", "benefit_transaction", stray, Events::Write).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Conflict);
        let page =
            bench.engine.list(&bench.city(), "benefit_transaction", &ListQuery::default()).await.unwrap();
        assert_eq!(page.total, 0);
    })
    .await;
}
