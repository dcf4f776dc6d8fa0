//! Creating: defaults, copies, masks, all errors at once, garbage.

use pujiang_transactional::ErrorKind;
use serde_json::json;

use crate::support::{CARD, UNIT_A, faults, map, on_each};

#[tokio::test]
async fn a_transaction_is_filled_from_its_unit_and_masked() {
    on_each(async |bench| {
        let unit = bench.merchant("310104", UNIT_A).await;
        let made = bench.transaction(&bench.city(), &unit, "12.5").await.unwrap();
        let body = &made.body;
        assert_eq!(made.version, 1);
        for (field, expected) in [
            ("merchant_code", json!(UNIT_A)),
            ("district_code", json!("310104")),
            ("category", json!("文旅")),
            ("mode", json!("电子证")),
            ("state", json!("confirmed")),
            ("card_no", json!("3100********3510")),
            ("original_amount", json!("12.50")),
            ("discount", json!("0.00")),
            ("amount", json!("12.50")),
            ("risk_flagged", json!(false)),
        ] {
            assert_eq!(body[field], expected, "{field}");
        }
        assert_eq!(body["labels"]["merchant_id"], json!(format!("单位{UNIT_A}")));
        assert_eq!(body["holder_id"], json!(bench.card(CARD).await), "the card's holder");
        let number = body["txn_no"].as_str().unwrap();
        assert!(number.starts_with("PT20") && number.len() == 24, "{number}");
        let read = bench.engine.get(&bench.city(), "benefit_transaction", made.id()).await.unwrap();
        assert_eq!(read, made, "what is stored is what was answered");
    })
    .await;
}

#[tokio::test]
async fn every_type_survives_the_store() {
    on_each(async |bench| {
        let city = bench.city();
        let body = json!({"region_code": "310104001", "name": "测试街道", "level": "street", "parent_code": "310104",
            "center_lon": "121.436525", "center_lat": 31.18, "boundary": {"type": "Point", "coordinates": [1.5, 2]},
            "valid_from": "2000-02-29"});
        let made = bench.create(&city, "region", body).await.unwrap();
        let read = bench.engine.get(&city, "region", made.id()).await.unwrap();
        assert_eq!(read.body["center_lat"], json!("31.180000"));
        assert_eq!(read.body["valid_from"], json!("2000-02-29"));
        assert_eq!(read.body["boundary"]["coordinates"], json!([1.5, 2]));
        let unit = bench.merchant("310104", UNIT_A).await;
        let body = json!({"merchant_id": unit, "name": "免票", "mode": "线下", "is_hot": true});
        let service = bench.create(&city, "benefit_service", body).await.unwrap();
        let read = bench.engine.get(&city, "benefit_service", service.id()).await.unwrap();
        assert_eq!(read.body["is_hot"], json!(true));
        assert_eq!(read.body["district_code"], json!("310104"));
    })
    .await;
}

#[tokio::test]
async fn all_errors_come_at_once_and_name_their_field() {
    on_each(async |bench| {
        let unit = bench.merchant("310104", UNIT_A).await;
        bench.card(CARD).await;
        let cases = [
            (json!({}), vec!["card_no:required", "merchant_id:required", "original_amount:required"]),
            (
                json!({"merchant_id": unit, "card_no": "31", "original_amount": "10", "discount": "1", "amount": "8",
                    "mode": "现金", "pay_time": "2999-01-01T00:00:00+08:00", "colour": 1, "merchant_code": "x"}),
                vec!["amount:amounts_do_not_add_up", "card_no:bad_format", "colour:unknown_field", "merchant_code:readonly",
                    "mode:bad_code", "pay_time:bad_time"],
            ),
            (
                json!({"merchant_id": unit, "card_no": "3100123456783510", "original_amount": "-1", "amount": "1",
                    "pay_time": "2199-01-01 00:00"}),
                vec!["original_amount:negative_amount", "pay_time:time_in_future"],
            ),
            (
                json!({"merchant_id": "00000000-0000-7000-8000-000000000000", "card_no": "3100123456783510",
                    "original_amount": "1", "amount": "1"}),
                vec!["merchant_id:unknown_reference"],
            ),
        ];
        for (body, expected) in cases {
            let error = bench.create(&bench.city(), "benefit_transaction", body.clone()).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Invalid);
            assert_eq!(faults(&error), expected, "{body}");
            assert!(error.field_errors().iter().all(|e| e.message.chars().any(|c| c > '\u{4e00}')));
        }
    })
    .await;
}

#[tokio::test]
async fn identity_numbers_are_checked_unique_and_never_in_clear() {
    on_each(async |bench| {
        let body = json!({"full_name": "张三", "id_no": "11010519491231002x", "mobile": "13812341234",
            "birth_date": "1949-12-31", "address": "上海市徐汇区漕溪北路1号", "district_code": "310104"});
        let made = bench.create(&bench.city(), "person", body.clone()).await.unwrap();
        for (field, mask) in [
            ("full_name", "张*"),
            ("id_no", "1101**********002X"),
            ("mobile", "138****1234"),
            ("birth_date", "****"),
            ("address", "上海市徐汇区****"),
        ] {
            assert_eq!(made.body[field], json!(mask));
        }
        let error = bench.create(&bench.city(), "person", body.clone()).await.unwrap_err();
        assert_eq!((error.kind(), faults(&error)), (ErrorKind::Conflict, vec!["id_no:duplicate".to_owned()]));
        let mut wrong = map(body.clone());
        wrong.insert("id_no".into(), json!("110105194912310021"));
        let error = bench.engine.create(&bench.city(), "person", &wrong).await.unwrap_err();
        assert_eq!(faults(&error), ["id_no:bad_format"]);
        // Deleted, the number may come again.
        bench.engine.delete(&bench.city(), "person", made.id(), Some(1), Some("重复")).await.unwrap();
        bench.create(&bench.city(), "person", body).await.unwrap();
        for sql in [
            "SELECT CAST(after AS TEXT) FROM outbox",
            "SELECT CAST(after AS TEXT) FROM audit_log",
            "SELECT id_no_cipher FROM person",
            "SELECT full_name_cipher FROM person",
        ] {
            for text in bench.column(sql).await {
                for secret in ["张三", "11010519491231002X", "13812341234", "漕溪北路"] {
                    assert!(!text.contains(secret), "{sql}: {text}");
                }
            }
        }
    })
    .await;
}

#[tokio::test]
async fn secrets_never_come_back() {
    on_each(async |bench| {
        let city = bench.city();
        let person = json!({"full_name": "李四", "id_no": "11010519491231002X", "district_code": "310104"});
        let person = bench.create(&city, "person", person).await.unwrap();
        let holder = bench
            .create(&city, "card_holder", json!({"person_id": person.id(), "category": "退役军人"}))
            .await
            .unwrap();
        assert_eq!(holder.body["district_code"], json!("310104"));
        let body = json!({"card_no": "3100123456783510", "holder_id": holder.id(), "e_card_seed": "seed-7"});
        let card = bench.create(&city, "preferential_card", body).await.unwrap();
        assert_eq!(card.body["labels"]["holder_id"], json!("李*"));
        assert!(!card.body.contains_key("e_card_seed"));
        for sql in
            ["SELECT CAST(after AS TEXT) FROM outbox", "SELECT e_card_seed_cipher FROM preferential_card"]
        {
            assert!(bench.column(sql).await.iter().all(|t| !t.contains("seed-7")));
        }
    })
    .await;
}

#[tokio::test]
async fn garbage_is_refused_and_never_an_internal_error() {
    on_each(async |bench| {
        let values = [
            json!(null),
            json!(true),
            json!(-1),
            json!(1e300),
            json!(u64::MAX),
            json!(""),
            json!("\u{0}"),
            json!("' OR 1=1 --"),
            json!("9".repeat(5000)),
            json!("２０２６年"),
            json!([]),
            json!([[1]]),
            json!({"a": {"b": []}}),
            json!("-0"),
            json!("1e5"),
            json!("0x10"),
            json!("2026-02-30"),
            json!("\u{202e}\u{feff}"),
        ];
        for def in bench.engine.definitions().iter() {
            for (shift, _) in values.iter().enumerate() {
                let mut body = serde_json::Map::new();
                for (i, name) in def.fields.keys().enumerate() {
                    body.insert(name.clone(), values[(i * 7 + shift) % values.len()].clone());
                }
                body.insert("id\u{0}".into(), json!(1));
                let error = bench.engine.create(&bench.city(), &def.id, &body).await.unwrap_err();
                assert_eq!(error.kind(), ErrorKind::Invalid, "{} {error:?}", def.id);
            }
        }
        let error = bench.create(&bench.city(), "no_such", json!({})).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound);
    })
    .await;
}
