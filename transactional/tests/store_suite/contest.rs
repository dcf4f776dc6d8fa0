//! Attack 12: a unique value of another district is answered as if nobody held it, and goes to who may see both. Right
//! answer 26: forms of one identifier are one.

use pujiang_security::Principal;
use pujiang_transactional::engine::{Decision, TaskKind, TaskList};
use pujiang_transactional::{ErrorKind, Record, audit};
use serde_json::{Value as Json, json};

use crate::support::{Bench, CARD, UNIT_A, UNIT_B, faults, id_number, map, on_each};

async fn person(bench: &Bench, who: &Principal, id_no: &str) -> Record {
    bench.create(who, "person", json!({"full_name": "周五", "id_no": id_no})).await.unwrap()
}

/// An answer without what differs between any two records.
fn blurred(record: &Record) -> String {
    let mut body = record.body.clone();
    for key in ["id", "created_at", "updated_at", "id_no"] {
        body.shift_remove(key);
    }
    Json::Object(body).to_string()
}

#[tokio::test]
async fn attack_12_a_number_of_another_district_is_answered_like_a_free_one() {
    on_each(async |bench| {
        let (pudong, xuhui, city) = (bench.clerk("310115"), bench.clerk("310104"), bench.city());
        let taken = id_number("000111");
        let holder = person(&bench, &pudong, &taken).await;
        let guessed = person(&bench, &xuhui, &taken).await;
        let free = person(&bench, &xuhui, &id_number("000112")).await;
        assert_eq!(blurred(&guessed), blurred(&free));
        // Everything done with it answers alike: reading, listing, changing, its history, deleting.
        let engine = &bench.engine;
        let mut seen = Vec::new();
        for made in [&guessed, &free] {
            let read = engine.get(&xuhui, "person", made.id()).await.unwrap();
            let body = map(json!({"address": "天平路1号"}));
            let changed = engine.update(&xuhui, "person", made.id(), Some(1), &body).await.unwrap();
            let history = engine.history(&xuhui, "person", made.id()).await.unwrap();
            let told: Vec<_> = history.items.iter().map(|i| (i.action.clone(), i.changes.clone())).collect();
            seen.push((blurred(&read), blurred(&changed), told));
        }
        assert_eq!(seen[0], seen[1]);
        assert!(
            engine.tasks(&xuhui, TaskList::Started).await.unwrap().is_empty(),
            "the applicant is not told"
        );
        assert!(engine.tasks(&pudong, TaskList::Todo).await.unwrap().is_empty());
        // Whoever sees both is asked, and told which.
        let todo = engine.tasks(&city, TaskList::Todo).await.unwrap();
        assert_eq!(todo.len(), 1);
        assert_eq!((todo[0].kind, todo[0].record_id.as_str()), (TaskKind::Duplicate, guessed.id()));
        let other = todo[0].other.as_ref().unwrap();
        assert_eq!((other.id.as_str(), other.district), (holder.id(), "浦东新区"));
        assert!(!todo[0].changes[0].to.as_deref().unwrap().contains(&taken));
        // In the own district, and to who sees both, a duplicate is a duplicate; a second try tells no more than the first.
        for (who, district) in [(&pudong, "310115"), (&city, "310104"), (&xuhui, "310104")] {
            let body = json!({"full_name": "周五", "id_no": taken, "district_code": district});
            let error = bench.create(who, "person", body).await.unwrap_err();
            assert_eq!(
                (error.kind(), faults(&error)),
                (ErrorKind::Conflict, vec!["id_no:duplicate".to_owned()])
            );
        }
        // A deleted guess leaves nothing to decide.
        engine.delete(&xuhui, "person", guessed.id(), Some(2), Some("误录")).await.unwrap();
        assert!(engine.tasks(&city, TaskList::Todo).await.unwrap().is_empty());
        assert!(audit::verify(engine.store()).await.unwrap().is_ok());
    })
    .await;
}

#[tokio::test]
async fn attack_12_whoever_sees_both_decides() {
    on_each(async |bench| {
        let (pudong, xuhui, city) = (bench.clerk("310115"), bench.clerk("310104"), bench.city());
        let taken = id_number("000121");
        let first = person(&bench, &pudong, &taken).await;
        let second = person(&bench, &xuhui, &taken).await;
        let engine = &bench.engine;
        let todo = engine.tasks(&city, TaskList::Todo).await.unwrap();
        let error = engine.act(&city, "person", second.id(), "freeze", None, Some("x")).await.unwrap_err();
        assert_eq!(faults(&error), ["id_no:contested"], "decided first");
        let refused =
            engine.decide(&city, &todo[0].id, Decision::Refuse, Some("已在浦东登记")).await.unwrap();
        assert_eq!(refused.decision_reason.as_deref(), Some("已在浦东登记"));
        let told = engine.tasks(&xuhui, TaskList::Started).await.unwrap();
        assert_eq!(told.len(), 1, "now the applicant hears of it, from a person");
        // Corrected, the record stands by itself; with the number again, it is asked again.
        let change = async |id_no: &str, version| {
            let body = map(json!({"id_no": id_no}));
            engine.update(&xuhui, "person", second.id(), Some(version), &body).await.unwrap()
        };
        change(&id_number("000122"), 1).await;
        engine.act(&city, "person", second.id(), "freeze", None, Some("x")).await.unwrap();
        engine.act(&city, "person", second.id(), "unfreeze", None, None).await.unwrap();
        change(&taken, 4).await;
        let todo = engine.tasks(&city, TaskList::Todo).await.unwrap();
        engine.decide(&city, &todo[0].id, Decision::Approve, None).await.unwrap();
        // The number has gone over: the other record is the doubtful one.
        let error = engine.act(&city, "person", first.id(), "freeze", None, Some("x")).await.unwrap_err();
        assert_eq!(faults(&error), ["id_no:contested"]);
        engine.act(&city, "person", second.id(), "freeze", None, Some("x")).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn attack_12_every_unique_value_is_covered() {
    on_each(async |bench| {
        let city = bench.city();
        let (pudong, xuhui) = (bench.clerk("310115"), bench.clerk("310104"));
        // credit_code, by two clerks at the same moment too.
        let unit = async |who: &Principal, code: &str| {
            let body = json!({"name": "甲", "credit_code": code, "category": "文旅"});
            bench.create(who, "merchant_profile", body).await.unwrap()
        };
        let a = unit(&pudong, UNIT_A).await;
        let (one, two) = tokio::join!(unit(&pudong, UNIT_B), unit(&xuhui, UNIT_B));
        assert_ne!(one.id(), two.id());
        // card_no and org_code
        let mine = bench.holder("310104", &id_number("000131")).await;
        let theirs = bench.holder("310115", &id_number("000132")).await;
        for (who, holder) in [(&pudong, &theirs), (&xuhui, &mine)] {
            let card = json!({"card_no": "3100123456780131", "holder_id": holder});
            bench.create(who, "preferential_card", card).await.unwrap();
            let org = json!({"name": "站", "org_type": "服务单位", "org_code": "org-9"});
            bench.create(who, "organization", org).await.unwrap();
        }
        let kinds = bench.engine.tasks(&city, TaskList::Todo).await.unwrap();
        assert_eq!(kinds.iter().filter(|task| task.kind == TaskKind::Duplicate).count(), 3);
        // txn_no is a key of the lake: there cannot be two. Refused without a word about whose it is, and counted.
        bench.card(CARD).await;
        bench.act("merchant_profile", a.id(), "activate").await;
        let own = bench.merchant("310104", "913157614035081877").await;
        let pay = async |who: &Principal, unit: &str, number: &str| {
            let body =
                json!({"merchant_id": unit, "card_no": CARD, "original_amount": "1", "txn_no": number});
            bench.create(who, "benefit_transaction", body).await
        };
        pay(&pudong, a.id(), "BK2026-1").await.unwrap();
        for _ in 0..5 {
            let error = pay(&xuhui, &own, "BK2026-1").await.unwrap_err();
            assert_eq!(faults(&error), ["txn_no:unusable_number"]);
            assert!(!error.to_string().contains("存在"), "{error}");
        }
        let error = pay(&xuhui, &own, "BK2026-2").await.unwrap_err();
        assert!(error.to_string().contains("24 小时"), "a free number is refused as well: {error}");
        let body = json!({"merchant_id": own, "card_no": CARD, "original_amount": "1"});
        bench.create(&xuhui, "benefit_transaction", body).await.unwrap();
        assert_eq!(bench.column("SELECT account_id FROM taken_number").await.len(), 5);
    })
    .await;
}

#[tokio::test]
async fn right_answer_26_identifiers_that_differ_in_form_are_one() {
    on_each(async |bench| {
        let city = bench.city();
        let unit = async |code: &str| {
            let body =
                json!({"name": "甲", "credit_code": code, "category": "文旅", "district_code": "310104"});
            bench.create(&city, "merchant_profile", body).await
        };
        let made = unit("91310104MA1FR3XE42").await.unwrap();
        for form in [
            "91310104ma1fr3xe42",
            "９１３１０１０４ＭＡ１ＦＲ３ＸＥ４２",
            "91310104\u{200b}MA1FR3XE42",
            " 9131 0104 MA1F R3XE 42\u{feff}",
        ] {
            assert_eq!(faults(&unit(form).await.unwrap_err()), ["credit_code:duplicate"], "{form:?}");
            let query = pujiang_transactional::ListQuery { search: Some(form.into()), ..Default::default() };
            let found = bench.engine.list(&city, "merchant_profile", &query).await.unwrap();
            assert_eq!(found.items.first().map(Record::id), Some(made.id()), "{form:?}");
        }
        let person = async |id_no: &str| {
            let body = json!({"full_name": "周六", "id_no": id_no, "district_code": "310104"});
            bench.create(&city, "person", body).await
        };
        person("11010519491231002X").await.unwrap();
        for form in
            ["11010519491231002x", "１１０１０５１９４９１２３１００２Ｘ", "110105 19491231\u{2060}002x"]
        {
            assert_eq!(faults(&person(form).await.unwrap_err()), ["id_no:duplicate"], "{form:?}");
        }
        // A letter that only looks like another one is a fault, not a form.
        assert_eq!(faults(&unit("91310104МA1FR3XE42").await.unwrap_err()), ["credit_code:bad_format"]);
    })
    .await;
}
