//! Numbers and names in the place of ids and codes, as files of clerks hold them.

use pujiang_security::Principal;
use serde_json::{Value as Json, json};

use crate::support::{Bench, UNIT_A, UNIT_B, id_number, map, on_each};

/// The body after the look-up, and `field:code` of what was not understood.
async fn asked(bench: &Bench, who: &Principal, body: Json) -> (Json, Vec<String>) {
    let mut body = map(body);
    let errors = bench.engine.look_up(who, "benefit_transaction", &mut body).await.unwrap();
    let told = errors.iter().map(|error| format!("{}:{}", error.field, error.code)).collect();
    (Json::Object(body), told)
}

#[tokio::test]
async fn a_number_or_a_name_leads_to_a_record_of_the_own_scope() {
    on_each(async |bench| {
        let unit = bench.merchant("310104", UNIT_A).await;
        bench.merchant("310105", UNIT_B).await;
        let clerk = bench.clerk("310104");
        let name = format!("单位{UNIT_A}");
        for text in [unit.as_str(), UNIT_A, " 913157614035081808 ", "９13157614035081808", &name] {
            let (body, told) = asked(&bench, &clerk, json!({"merchant_id": text})).await;
            assert_eq!((&body["merchant_id"], told.len()), (&json!(unit), 0), "{text}");
        }
        // What is elsewhere is answered like what is nowhere.
        let elsewhere = format!("单位{UNIT_B}");
        for text in [UNIT_B, &elsewhere, "没有这家", "单位"] {
            let (body, told) = asked(&bench, &clerk, json!({"merchant_id": text})).await;
            assert_eq!(
                (&body["merchant_id"], told),
                (&json!(text), vec!["merchant_id:unknown_reference".into()])
            );
        }
    })
    .await;
}

#[tokio::test]
async fn a_name_of_several_records_is_refused_unless_one_of_them_fits() {
    on_each(async |bench| {
        let city = bench.city();
        let mut units = Vec::new();
        for code in [UNIT_A, UNIT_B] {
            let body = json!({"name": "同名书店", "credit_code": code, "category": "文旅", "district_code": "310104"});
            units.push(bench.create(&city, "merchant_profile", body).await.unwrap().id().to_owned());
        }
        bench.act("merchant_profile", &units[1], "activate").await;
        let by_name = || asked(&bench, &city, json!({"merchant_id": "同名书店"}));
        assert_eq!(by_name().await, (json!({"merchant_id": units[1]}), vec![]), "the other is not active");
        bench.act("merchant_profile", &units[0], "activate").await;
        assert_eq!(by_name().await.1, ["merchant_id:ambiguous_reference"]);
        // Services of one name are told apart by the unit of the row.
        let mut services = Vec::new();
        for unit in &units {
            let body = json!({"merchant_id": unit, "name": "免票", "mode": "线下"});
            services.push(bench.create(&city, "benefit_service", body).await.unwrap().id().to_owned());
        }
        let (body, told) = asked(&bench, &city, json!({"merchant_id": UNIT_B, "service_id": "免票"})).await;
        assert_eq!((&body["service_id"], told.len()), (&json!(services[1]), 0));
        assert_eq!(
            asked(&bench, &city, json!({"service_id": "免票"})).await.1,
            ["service_id:ambiguous_reference"]
        );
        // A holder is called as the person is.
        let first = bench.holder("310104", &id_number("101")).await;
        assert_eq!(asked(&bench, &city, json!({"holder_id": "周一"})).await.0, json!({"holder_id": first}));
        let second = bench.holder("310104", &id_number("202")).await;
        assert_eq!(asked(&bench, &city, json!({"holder_id": "周一"})).await.1, ["holder_id:ambiguous_reference"]);
        let by_number = asked(&bench, &city, json!({"holder_id": id_number("202")})).await;
        assert_eq!(by_number, (json!({"holder_id": second}), vec![]));
    })
    .await;
}

#[tokio::test]
async fn districts_and_streets_are_understood_by_name() {
    on_each(async |bench| {
        let city = bench.city();
        let codes = json!({"district_code": "310104", "street_code": "310104003"});
        for body in [
            codes.clone(),
            json!({"district_code": "徐汇区", "street_code": "天平路街道"}),
            json!({"district_code": "310104", "street_code": " 天平路街道"}),
        ] {
            assert_eq!(asked(&bench, &city, body).await, (codes.clone(), vec![]));
        }
        // 310103 was a district once; 天平路街道 is none of 长宁区.
        for (body, fault) in [
            (json!({"district_code": "310103"}), "district_code:bad_format"),
            (json!({"district_code": "卢湾区"}), "district_code:bad_format"),
            (json!({"district_code": "长宁区", "street_code": "天平路街道"}), "street_code:bad_format"),
        ] {
            assert_eq!(asked(&bench, &city, body).await.1, [fault]);
        }
    })
    .await;
}
