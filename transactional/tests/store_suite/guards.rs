//! Attack 13: what a state lets nobody do, and what a reference must be. Each refusal says the right way.

use pujiang_security::Principal;
use pujiang_transactional::definition::{Deletion, Fields};
use pujiang_transactional::{Definitions, Error, ErrorKind};
use serde_json::{Value as Json, json};

use crate::support::{Bench, CARD, UNIT_A, UNIT_B, faults, id_number, map, on_each};

/// Code of the first fault, and whether the sentence holds a word.
#[track_caller]
fn refused(result: Result<impl std::fmt::Debug, Error>, code: &str, way: &str) {
    let error = result.unwrap_err();
    assert_eq!(error.field_errors().first().map(|e| e.code.as_ref()), Some(code), "{error}");
    assert!(error.to_string().contains(way), "{error} does not say {way}");
}

async fn patch(
    bench: &Bench,
    who: &Principal,
    resource: &str,
    id: &str,
    body: Json,
) -> Result<pujiang_transactional::Record, Error> {
    let version = bench.engine.get(who, resource, id).await.unwrap().version;
    bench.engine.update(who, resource, id, Some(version), &map(body)).await
}

#[tokio::test]
async fn attack_13_confirmed_and_reversed_transactions_stay_as_they_are() {
    on_each(async |bench| {
        let unit = bench.merchant("310104", UNIT_A).await;
        let clerk = bench.clerk("310104");
        let made = bench.transaction(&clerk, &unit, "20").await.unwrap();
        let resource = "benefit_transaction";
        for who in [&clerk, &bench.city()] {
            for body in [
                json!({"amount": "1", "original_amount": "1"}),
                json!({"pay_time": "2026-01-01 08:00"}),
                json!({"card_no": "3100999988887777"}),
                json!({"terminal_id": "T"}),
                json!({"amount": "nonsense"}),
            ] {
                refused(patch(&bench, who, resource, made.id(), body).await, "state_guard", "冲正");
            }
            let version = Some(1);
            for (version, reason) in [(None, None), (version, None), (version, Some("误录"))] {
                let delete = bench.engine.delete(who, resource, made.id(), version, reason).await;
                refused(delete, "state_guard", "冲正");
            }
        }
        // A form sent back whole changes nothing and is no attempt.
        let mut same = made.body.clone();
        same.insert("original_amount".into(), json!("20.0"));
        assert_eq!(
            bench.engine.update(&clerk, resource, made.id(), Some(1), &same).await.unwrap().version,
            1
        );
        bench.engine.act(&clerk, resource, made.id(), "reverse", Some(1), Some("退款")).await.unwrap();
        refused(
            patch(&bench, &clerk, resource, made.id(), json!({"amount": "1"})).await,
            "state_guard",
            "重新录入",
        );
        refused(
            bench.engine.delete(&clerk, resource, made.id(), Some(2), Some("x")).await,
            "state_guard",
            "重新录入",
        );
        let left = bench.engine.get(&clerk, resource, made.id()).await.unwrap();
        assert_eq!((&left.body["amount"], left.version), (&json!("20.00"), 2));
    })
    .await;
}

#[tokio::test]
async fn attack_13_approved_units_change_by_review_and_closed_ones_not_at_all() {
    on_each(async |bench| {
        let unit = bench.merchant("310104", UNIT_A).await;
        let clerk = bench.clerk("310104");
        let resource = "merchant_profile";
        for body in [
            json!({"settle_account": "6222021234567890"}),
            json!({"name": "改名"}),
            json!({"credit_code": UNIT_B}),
            json!({"district_code": "310105"}),
        ] {
            for who in [&clerk, &bench.city()] {
                refused(patch(&bench, who, resource, &unit, body.clone()).await, "needs_review", "申请变更");
            }
        }
        let delete = bench.engine.delete(&clerk, resource, &unit, Some(2), Some("x")).await;
        refused(delete, "state_guard", "退出");
        bench.act(resource, &unit, "freeze").await;
        bench.act(resource, &unit, "close").await;
        for body in [json!({"name": "改名"}), json!({"settle_account": "6222021234567890"})] {
            refused(
                patch(&bench, &bench.city(), resource, &unit, body.clone()).await,
                "state_guard",
                "重新登记",
            );
            let asked =
                bench.engine.request_change(&clerk, resource, &unit, Some(4), &map(body), Some("x")).await;
            refused(asked, "state_guard", "重新登记");
        }
    })
    .await;
}

#[tokio::test]
async fn attack_13_a_refused_unit_is_mended_and_handed_in_again() {
    on_each(async |bench| {
        let (clerk, city) = (bench.clerk("310104"), bench.city());
        let body = json!({"name": "甲", "credit_code": UNIT_A, "category": "文旅"});
        let made = bench.create(&clerk, "merchant_profile", body).await.unwrap();
        let act = async |who: &Principal, action: &str, reason| {
            bench.engine.act(who, "merchant_profile", made.id(), action, None, reason).await
        };
        assert_eq!(act(&clerk, "reject", Some("x")).await.unwrap_err().kind(), ErrorKind::Forbidden);
        assert_eq!(faults(&act(&city, "reject", None).await.unwrap_err()), ["reason:required"]);
        assert_eq!(act(&city, "reject", Some("地址不全")).await.unwrap().body["state"], json!("rejected"));
        patch(&bench, &clerk, "merchant_profile", made.id(), json!({"address": "天平路1号"})).await.unwrap();
        assert_eq!(act(&clerk, "resubmit", None).await.unwrap().body["state"], json!("pending"));
        act(&city, "activate", None).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn attack_13_references_must_be_in_their_state() {
    on_each(async |bench| {
        let city = bench.city();
        let body = json!({"name": "甲", "credit_code": UNIT_A, "category": "文旅", "district_code": "310104"});
        let pending = bench.create(&city, "merchant_profile", body).await.unwrap().id().to_owned();
        let service = async |unit: &str| {
            let body = json!({"merchant_id": unit, "name": "免票", "mode": "线下"});
            bench.create(&city, "benefit_service", body).await
        };
        refused(service(&pending).await, "wrong_reference_state", "审核通过");
        refused(bench.transaction(&city, &pending, "1").await, "wrong_reference_state", "审核通过");
        bench.act("merchant_profile", &pending, "activate").await;
        let unit = pending;
        let own = service(&unit).await.unwrap().id().to_owned();
        let foreign_unit = bench.merchant("310105", UNIT_B).await;
        let foreign = service(&foreign_unit).await.unwrap().id().to_owned();
        for id in [&own, &foreign] {
            let with = async |service: &str| {
                let body = json!({"merchant_id": unit, "service_id": service, "card_no": CARD, "original_amount": "1"});
                bench.create(&city, "benefit_transaction", body).await
            };
            bench.card(CARD).await;
            if id == &own {
                refused(with(id).await, "wrong_reference_state", "上线");
            }
            bench.act("benefit_service", id, "publish").await;
            match id == &own {
                true => drop(with(id).await.unwrap()),
                false => refused(with(id).await, "reference_mismatch", "提供单位"),
            }
        }
        bench.act("merchant_profile", &unit, "freeze").await;
        refused(bench.transaction(&city, &unit, "1").await, "wrong_reference_state", "解冻");
        bench.act("merchant_profile", &unit, "close").await;
        refused(bench.transaction(&city, &unit, "1").await, "wrong_reference_state", "另选");
        // What was in order when it was written is asked again before it goes on.
        bench.act("benefit_service", &own, "withdraw").await;
        let again = bench.engine.act(&city, "benefit_service", &own, "publish", None, None).await;
        refused(again, "wrong_reference_state", "已退出");
    })
    .await;
}

#[tokio::test]
async fn attack_13_cards_and_holders_must_be_in_order() {
    on_each(async |bench| {
        let city = bench.city();
        let unit = bench.merchant("310104", UNIT_A).await;
        let holder = bench.card(CARD).await;
        let pay = async |more: Json| {
            let mut body = map(json!({"merchant_id": unit, "card_no": CARD, "original_amount": "1"}));
            body.extend(map(more));
            bench.engine.create(&city, "benefit_transaction", &body).await
        };
        let made = pay(json!({})).await.unwrap();
        assert_eq!(made.body["holder_id"], json!(holder));
        refused(pay(json!({"card_no": "3100999988887777"})).await, "unknown_reference", "登记");
        let other = bench.holder("310105", &id_number("000901")).await;
        refused(pay(json!({"holder_id": other})).await, "reference_mismatch", "持证对象");
        // A card of another district is used here; nothing of it is told.
        let body = json!({"card_no": "3100123456780901", "holder_id": other});
        let card = bench.create(&city, "preferential_card", body).await.unwrap();
        let clerk = bench.clerk("310104");
        let body = json!({"merchant_id": unit, "card_no": "3100123456780901", "original_amount": "1"});
        let made = bench.create(&clerk, "benefit_transaction", body.clone()).await.unwrap();
        assert!(made.body["labels"].get("holder_id").is_none());
        bench.act("card_holder", &other, "freeze").await;
        let error = bench.create(&clerk, "benefit_transaction", body.clone()).await.unwrap_err();
        assert_eq!(faults(&error), ["card_no:wrong_reference_state"]);
        assert!(!error.to_string().contains("冻结"), "{error}");
        let error = bench.create(&city, "benefit_transaction", body.clone()).await.unwrap_err();
        assert!(error.to_string().contains("解冻"), "{error}");
        bench.act("card_holder", &other, "unfreeze").await;
        bench.act("preferential_card", card.id(), "report_lost").await;
        let error = bench.create(&clerk, "benefit_transaction", body).await.unwrap_err();
        assert_eq!(faults(&error), ["card_no:wrong_reference_state"]);
        // Nor is the card of somebody who has died taken, whatever its own state.
        let person = made.body["person_id"].as_str().unwrap();
        bench.act("preferential_card", card.id(), "recover").await;
        bench.act("person", person, "decease").await;
        refused(pay(json!({"card_no": "3100123456780901"})).await, "wrong_reference_state", "已故");
        // A cancelled holder gets no new card.
        bench.act("card_holder", &holder, "cancel").await;
        let body = json!({"card_no": "3100123456780902", "holder_id": holder});
        refused(bench.create(&city, "preferential_card", body).await, "wrong_reference_state", "另选");
    })
    .await;
}

#[tokio::test]
async fn attack_13_years_and_streets_that_cannot_be() {
    on_each(async |bench| {
        let unit = bench.merchant("310104", UNIT_A).await;
        let clerk = bench.clerk("310104");
        bench.card(CARD).await;
        let pay = async |more: Json| {
            let mut body = map(json!({"merchant_id": unit, "card_no": CARD, "original_amount": "1"}));
            body.extend(map(more));
            bench.engine.create(&clerk, "benefit_transaction", &body).await
        };
        for time in ["1900-01-01 08:00", "1999-12-31 23:59", "2019-12-31 23:59:59"] {
            refused(pay(json!({"pay_time": time})).await, "time_too_early", "年份");
        }
        pay(json!({"pay_time": "2020-01-01 00:00"})).await.unwrap();
        refused(pay(json!({"street_code": "310105001"})).await, "street_of_other_district", "长宁区");
        refused(pay(json!({"street_code": "310104999"})).await, "bad_format", "街镇");
        assert_eq!(
            pay(json!({"street_code": "３１０１０４003"})).await.unwrap().body["street_code"],
            json!("310104003")
        );
        let person = json!({"full_name": "周三", "id_no": id_number("000903"), "district_code": "310104",
            "street_code": "310115005"});
        refused(bench.create(&bench.city(), "person", person).await, "street_of_other_district", "户籍街镇");
    })
    .await;
}

#[tokio::test]
async fn page_11_inner_fields_are_not_the_clerks_and_the_amount_is_computed() {
    on_each(async |bench| {
        let unit = bench.merchant("310104", UNIT_A).await;
        let (clerk, city) = (bench.clerk("310104"), bench.city());
        bench.card(CARD).await;
        let pay = async |who: &Principal, more: Json| {
            let mut body = map(json!({"merchant_id": unit, "card_no": CARD, "original_amount": "128.50"}));
            body.extend(map(more));
            bench.engine.create(who, "benefit_transaction", &body).await
        };
        assert_eq!(pay(&clerk, json!({"discount": "28.50"})).await.unwrap().body["amount"], json!("100.00"));
        assert_eq!(pay(&clerk, json!({"amount": ""})).await.unwrap().body["amount"], json!("128.50"));
        refused(pay(&clerk, json!({"discount": "200"})).await, "negative_amount", "实付");
        refused(pay(&clerk, json!({"discount": "1", "amount": "1"})).await, "amounts_do_not_add_up", "原价");
        refused(pay(&clerk, json!({"risk_flagged": true})).await, "not_yours", "市级");
        refused(pay(&clerk, json!({"source": "同步"})).await, "readonly", "来源");
        // A form may send the default back.
        let made = pay(&clerk, json!({"risk_flagged": false})).await.unwrap();
        assert_eq!(made.body["risk_flagged"], json!(false));
        refused(
            patch(&bench, &clerk, "benefit_transaction", made.id(), json!({"risk_flagged": true})).await,
            "not_yours",
            "市级",
        );
        let flagged =
            patch(&bench, &city, "benefit_transaction", made.id(), json!({"risk_flagged": true})).await;
        assert_eq!(flagged.unwrap().body["risk_flagged"], json!(true));
        let def = bench.engine.definitions().get("benefit_transaction").unwrap();
        let rights = |who: &Principal, state: &str| {
            let rights = bench.engine.state_rights(who, def, def.state(state).unwrap());
            (rights.edit.join(" "), rights.delete)
        };
        assert_eq!(rights(&clerk, "confirmed"), (String::new(), Deletion::Never));
        assert_eq!(rights(&city, "confirmed"), ("risk_flagged".into(), Deletion::Never));
        assert_eq!(rights(&clerk, "received"), (String::new(), Deletion::Never), "the city's to mend");
        assert_eq!(rights(&city, "received").1, Deletion::Reason);
        let reader = bench.granted("unit_clerk", &["310104"]);
        assert_eq!(rights(&reader, "received"), (String::new(), Deletion::Never));
    })
    .await;
}

/// A new state states what may be done in it: nothing here rests on what an absent key means.
#[test]
fn every_state_of_the_built_in_resources_has_its_guard() {
    let definitions = Definitions::builtin().unwrap();
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("resources");
    for def in definitions.iter() {
        let text = std::fs::read_to_string(folder.join(format!("{}.toml", def.id))).unwrap();
        let states: Vec<&str> = text.split("[[").filter(|part| part.starts_with("state]]")).collect();
        assert_eq!(states.len(), def.states.len(), "{}", def.id);
        for state in states {
            for key in ["\nedit = ", "\ndelete = "] {
                assert!(state.contains(key), "{}: {state}\nhas no {}", def.id, key.trim());
            }
        }
        // What somebody approves or confirms is not changed afterwards but by review, nor deleted without a reason.
        for transition in def
            .transitions
            .iter()
            .filter(|t| matches!(t.id.as_str(), "activate" | "approve" | "certify" | "publish" | "confirm"))
        {
            let guard = &def.state(&transition.to).unwrap().guard;
            assert!(
                guard.edit != Fields::All && guard.delete == Deletion::Never,
                "{} {}",
                def.id,
                transition.to
            );
            let back = def
                .transitions
                .iter()
                .any(|t| t.id == "reject" && transition.from.iter().any(|f| t.from.contains(f)));
            assert!(back, "{}: beside {} there is no refusal", def.id, transition.id);
        }
    }
}
