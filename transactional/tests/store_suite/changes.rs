//! Changing, deleting and moving records from state to state.

use pujiang_transactional::{Error, ErrorKind};
use serde_json::json;

use crate::support::{UNIT_A, UNIT_B, faults, map, on_each};

#[tokio::test]
async fn of_two_changes_of_one_version_one_wins() {
    on_each(async |bench| {
        let city = bench.city();
        let body =
            json!({"name": "甲", "credit_code": UNIT_A, "category": "文旅", "district_code": "310104"});
        let unit = bench.create(&city, "merchant_profile", body).await.unwrap().id().to_owned();
        for round in 0..5 {
            let version = bench.engine.get(&city, "merchant_profile", &unit).await.unwrap().version;
            let (first, second) =
                (map(json!({"name": format!("甲{round}")})), map(json!({"name": format!("乙{round}")})));
            let (a, b) = tokio::join!(
                bench.engine.update(&city, "merchant_profile", &unit, Some(version), &first),
                bench.engine.update(&city, "merchant_profile", &unit, Some(version), &second),
            );
            let results = [a, b];
            assert_eq!(results.iter().filter(|r| r.is_ok()).count(), 1);
            let lost = results.into_iter().find_map(Result::err).unwrap();
            assert!(
                matches!(lost, Error::PreconditionFailed { current } if current == version + 1),
                "{lost:?}"
            );
        }
    })
    .await;
}

#[tokio::test]
async fn a_form_sent_back_whole_changes_only_what_differs() {
    on_each(async |bench| {
        let city = bench.city();
        let unit = bench.merchant("310104", UNIT_A).await;
        let made = bench.transaction(&city, &unit, "20").await.unwrap();
        bench.card("3100999988887777").await;
        // As it comes from a synchronisation: confirmed ones are not changed.
        let sql = "UPDATE benefit_transaction SET state = 'received'";
        sqlx::query(sql).execute(bench.engine.store().pool()).await.unwrap();
        let made = bench.engine.get(&city, "benefit_transaction", made.id()).await.unwrap();
        let update = async |version, body| {
            bench.engine.update(&city, "benefit_transaction", made.id(), version, &body).await
        };
        let same = update(Some(1), made.body.clone()).await.unwrap();
        assert_eq!(same.version, 1, "nothing changed, so no version");
        let mut body = made.body.clone();
        body.insert("terminal_id".into(), json!("T-1"));
        let changed = update(Some(1), body).await.unwrap();
        assert_eq!((changed.version, &changed.body["card_no"]), (2, &json!("3100********3510")));
        assert_eq!(
            bench
                .column("SELECT CAST(op AS TEXT) FROM outbox WHERE resource = 'benefit_transaction'")
                .await
                .len(),
            2
        );
        let moved = update(Some(2), map(json!({"card_no": "3100999988887777"}))).await.unwrap();
        assert_eq!(moved.body["card_no"], json!("3100********7777"));
        for (body, fault) in [
            (json!({"amount": "19"}), "amount:amounts_do_not_add_up"),
            (json!({"amount": null}), "amount:required"),
            (json!({"merchant_code": UNIT_B}), "merchant_code:readonly"),
            (json!({"state": "reversed"}), "state:readonly"),
            (json!({"amount": "12,50"}), "amount:bad_number"),
            (json!({"row_version": 7}), "row_version:readonly"),
            (json!({"nothing": 7}), "nothing:unknown_field"),
        ] {
            assert_eq!(faults(&update(Some(3), map(body)).await.unwrap_err()), [fault]);
        }
        let other = bench.merchant("310105", UNIT_B).await;
        let moved = update(Some(3), map(json!({"merchant_id": other}))).await.unwrap();
        assert_eq!(moved.body["merchant_code"], json!(UNIT_B), "the copy follows the reference");
        assert_eq!(moved.body["district_code"], json!("310104"), "a default does not");
    })
    .await;
}

#[tokio::test]
async fn versions_are_asked_for_and_checked() {
    on_each(async |bench| {
        let unit = bench.merchant("310104", UNIT_A).await;
        let update = async |version| {
            let body = map(json!({"name": "新名"}));
            bench
                .engine
                .update(&bench.city(), "merchant_profile", &unit, version, &body)
                .await
                .unwrap_err()
                .kind()
        };
        assert_eq!(update(None).await, ErrorKind::PreconditionRequired);
        assert_eq!(update(Some(1)).await, ErrorKind::PreconditionFailed);
        assert_eq!(update(Some(i64::MAX)).await, ErrorKind::PreconditionFailed);
        for id in ["x", "", "00000000-0000-7000-8000-000000000000", "'; DROP TABLE person; --"] {
            let error = bench.engine.get(&bench.city(), "merchant_profile", id).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::NotFound);
        }
    })
    .await;
}

#[tokio::test]
async fn transitions_have_a_start_a_role_and_sometimes_a_reason() {
    on_each(async |bench| {
        let (city, clerk) = (bench.city(), bench.clerk("310104"));
        let body = json!({"name": "博物馆", "credit_code": UNIT_A, "category": "文旅"});
        let unit = bench.create(&clerk, "merchant_profile", body).await.unwrap();
        assert_eq!(
            (&unit.body["district_code"], &unit.body["activated_at"]),
            (&json!("310104"), &json!(null))
        );
        let act = async |who: &_, action: &str, reason| {
            bench.engine.act(who, "merchant_profile", unit.id(), action, None, reason).await
        };
        assert_eq!(act(&clerk, "activate", None).await.unwrap_err().kind(), ErrorKind::Forbidden);
        assert_eq!(act(&city, "explode", None).await.unwrap_err().kind(), ErrorKind::NotFound);
        assert_eq!(faults(&act(&city, "unfreeze", None).await.unwrap_err()), ["state:wrong_state"]);
        let active = act(&city, "activate", None).await.unwrap();
        let since = active.body["activated_at"].clone();
        assert!(active.body["state"] == json!("active") && since.is_string());
        assert_eq!(faults(&act(&city, "freeze", Some("  ")).await.unwrap_err()), ["reason:required"]);
        act(&city, "freeze", Some("投诉核查")).await.unwrap();
        let again = act(&city, "unfreeze", None).await.unwrap();
        assert_eq!((again.version, &again.body["activated_at"]), (4, &since));
        assert!(
            bench
                .column("SELECT reason FROM audit_log WHERE action = 'freeze'")
                .await
                .contains(&"投诉核查".to_owned())
        );
    })
    .await;
}

#[tokio::test]
async fn deleted_records_are_gone_and_used_ones_stay() {
    on_each(async |bench| {
        let city = bench.city();
        let unit = bench.merchant("310104", UNIT_A).await;
        let made = bench.transaction(&city, &unit, "1").await.unwrap();
        // As they come from other systems, before anybody has confirmed or approved them.
        for sql in [
            "UPDATE benefit_transaction SET state = 'received'",
            "UPDATE merchant_profile SET state = 'pending'",
        ] {
            sqlx::query(sql).execute(bench.engine.store().pool()).await.unwrap();
        }
        let delete = async |resource: &str, id: &str, version, reason| {
            bench.engine.delete(&city, resource, id, version, reason).await
        };
        let error = delete("merchant_profile", &unit, Some(2), Some("重复")).await.unwrap_err();
        assert_eq!((error.kind(), faults(&error)), (ErrorKind::Conflict, vec!["id:in_use".to_owned()]));
        for (version, reason, kind) in [
            (Some(9), Some("重复"), ErrorKind::PreconditionFailed),
            (None, Some("重复"), ErrorKind::PreconditionRequired),
            (Some(1), None, ErrorKind::Invalid),
            (Some(1), Some(" "), ErrorKind::Invalid),
        ] {
            let error = delete("benefit_transaction", made.id(), version, reason).await.unwrap_err();
            assert_eq!(error.kind(), kind, "{version:?} {reason:?}");
        }
        delete("benefit_transaction", made.id(), Some(1), Some("重复")).await.unwrap();
        for gone in [
            bench.engine.get(&city, "benefit_transaction", made.id()).await.err(),
            delete("benefit_transaction", made.id(), None, None).await.err(),
            bench.engine.act(&city, "benefit_transaction", made.id(), "reverse", None, Some("x")).await.err(),
        ] {
            assert_eq!(gone.map(|e| e.kind()), Some(ErrorKind::NotFound));
        }
        delete("merchant_profile", &unit, Some(2), Some("重复")).await.unwrap();
        let reasons = bench.column("SELECT reason FROM audit_log WHERE action = 'delete'").await;
        assert_eq!(reasons, ["重复", "重复"]);
        // A key that other systems keep is never given twice.
        let other = bench.merchant("310104", UNIT_B).await;
        let body = json!({"txn_no": made.body["txn_no"], "merchant_id": other, "card_no": "3100123456783510",
            "original_amount": "1", "amount": "1"});
        assert_eq!(
            faults(&bench.create(&city, "benefit_transaction", body).await.unwrap_err()),
            ["txn_no:duplicate"]
        );
    })
    .await;
}
