//! Grants finer than a district: street, organisation with all below it, own person, and their union, for every verb.
//! What a grant does not show answers like what does not exist.

use pujiang_security::Principal;
use pujiang_transactional::engine::{Filter, FilterOp};
use pujiang_transactional::{ErrorKind, ListQuery};
use serde_json::json;

use crate::support::{Bench, faults, map, on_each};

const HERE: &str = "310104003";
const NEXT_DOOR: &str = "310104004";
const ELSEWHERE: &str = "310105001";
const NOBODY: &str = "00000000-0000-7000-8000-000000000000";

/// Four units, each with one service, one point and one transaction of one of two persons:
///
/// | | district | street | organisation | person |
/// |---|---|---|---|---|
/// | a | 徐汇 | HERE | child | p |
/// | b | 徐汇 | NEXT_DOOR | other | q |
/// | c | 长宁 | ELSEWHERE | grandchild | q |
/// | d | 黄浦 | | | q |
struct World {
    bench: Bench,
    root: String,
    child: String,
    other: String,
    p: String,
    units: Vec<String>,
    transactions: Vec<String>,
}

impl World {
    async fn new(bench: Bench) -> Self {
        let root = organization(&bench, "总站", "310101", None).await;
        let child = organization(&bench, "分站", "310104", Some(&root)).await;
        let grandchild = organization(&bench, "小站", "310105", Some(&child)).await;
        let other = organization(&bench, "别站", "310104", None).await;
        let (p, p_card) = person(&bench, "张三", "11010519491231002X", "310104", Some(HERE)).await;
        let (_, q_card) = person(&bench, "李四", "310105195003070016", "310105", None).await;
        let city = bench.city();
        let (mut units, mut transactions) = (Vec::new(), Vec::new());
        for (name, code, district, street, organization, card) in [
            ("a", "913157614035081801", "310104", json!(HERE), json!(child), &p_card),
            ("b", "913157614035081802", "310104", json!(NEXT_DOOR), json!(other), &q_card),
            ("c", "913157614035081803", "310105", json!(ELSEWHERE), json!(grandchild), &q_card),
            ("d", "913157614035081804", "310101", json!(null), json!(null), &q_card),
        ] {
            let body = json!({"name": name, "credit_code": code, "category": "文旅", "district_code": district,
                "street_code": street, "org_id": organization});
            let unit = bench.create(&city, "merchant_profile", body).await.unwrap();
            bench.act("merchant_profile", unit.id(), "activate").await;
            let body = json!({"merchant_id": unit.id(), "name": name, "mode": "线下"});
            let service = bench.create(&city, "benefit_service", body).await.unwrap();
            let body =
                json!({"service_id": service.id(), "name": name, "address": "路1号", "street_code": street});
            bench.create(&city, "service_point", body).await.unwrap();
            let body = json!({"txn_no": name, "merchant_id": unit.id(), "card_no": card, "original_amount": "1",
                "amount": "1"});
            let transaction = bench.create(&city, "benefit_transaction", body).await.unwrap();
            units.push(unit.id().to_owned());
            transactions.push(transaction.id().to_owned());
        }
        Self { bench, root, child, other, p, units, transactions }
    }

    fn who(&self, grants: &[&str]) -> Principal {
        self.bench.granted("city_analyst", grants)
    }

    /// Values of a field of every visible record, sorted.
    async fn seen(&self, who: &Principal, resource: &str, field: &str) -> String {
        let page = self.bench.engine.list(who, resource, &ListQuery::default()).await.unwrap();
        assert_eq!(page.total, i64::try_from(page.items.len()).unwrap(), "the count is that of the rows");
        let mut seen: Vec<_> =
            page.items.iter().map(|r| r.body[field].as_str().unwrap().to_owned()).collect();
        seen.sort();
        seen.join(" ")
    }
}

async fn organization(bench: &Bench, name: &str, district: &str, parent: Option<&str>) -> String {
    let body = json!({"name": name, "org_type": "服务单位", "district_code": district, "parent_id": parent});
    bench.create(&bench.city(), "organization", body).await.unwrap().id().to_owned()
}

async fn person(
    bench: &Bench,
    name: &str,
    id_no: &str,
    district: &str,
    street: Option<&str>,
) -> (String, String) {
    let body = json!({"full_name": name, "id_no": id_no, "district_code": district, "street_code": street});
    let person = bench.create(&bench.city(), "person", body).await.unwrap();
    let body = json!({"person_id": person.id(), "category": "退役军人"});
    let holder = bench.create(&bench.city(), "card_holder", body).await.unwrap();
    bench.act("card_holder", holder.id(), "certify").await;
    let number = format!("31001234567{}", &id_no[..5]);
    let card = json!({"card_no": number, "holder_id": holder.id()});
    bench.create(&bench.city(), "preferential_card", card).await.unwrap();
    (person.id().to_owned(), number)
}

#[tokio::test]
async fn lists_show_what_any_grant_shows() {
    on_each(async |bench| {
        let world = World::new(bench).await;
        let root = format!("organization:{}", world.root);
        let other = format!("organization:{}", world.other);
        let own = format!("person:{}", world.p);
        let here = format!("street:{HERE}");
        let elsewhere = format!("street:{ELSEWHERE}");
        // grants, units, services, points, transactions, persons, cards, organisations
        let cases: [(&[&str], [&str; 7]); 11] = [
            (&["city"], ["a b c d", "a b c d", "a b c d", "a b c d", "张* 李*", "2", "分站 别站 小站 总站"]),
            (&["310104"], ["a b", "a b", "a b", "a b", "张*", "1", "分站 别站"]),
            (&[&here], ["a", "a", "a", "a", "张*", "1", ""]),
            (&[&elsewhere], ["c", "c", "c", "c", "", "0", ""]),
            (&[&root], ["a c", "a c", "a c", "a c", "", "0", "分站 小站 总站"]),
            (&[&other], ["b", "b", "b", "b", "", "0", "别站"]),
            (&[&own], ["", "", "", "a", "张*", "1", ""]),
            (&[&own, &elsewhere], ["c", "c", "c", "a c", "张*", "1", ""]),
            (&["310101", &elsewhere, &other], ["b c d", "b c d", "b c d", "b c d", "", "0", "别站 总站"]),
            (&["organization:nowhere", "person:0"], ["", "", "", "", "", "0", ""]),
            (&[], ["", "", "", "", "", "0", ""]),
        ];
        for (grants, [units, services, points, transactions, persons, cards, organizations]) in cases {
            let who = world.who(grants);
            assert_eq!(world.seen(&who, "merchant_profile", "name").await, units, "{grants:?}");
            assert_eq!(world.seen(&who, "benefit_service", "name").await, services, "{grants:?}");
            assert_eq!(world.seen(&who, "service_point", "name").await, points, "{grants:?}");
            assert_eq!(world.seen(&who, "benefit_transaction", "txn_no").await, transactions, "{grants:?}");
            assert_eq!(world.seen(&who, "person", "full_name").await, persons, "{grants:?}");
            assert_eq!(world.seen(&who, "organization", "name").await, organizations, "{grants:?}");
            let count = async |resource: &str| {
                world
                    .bench
                    .engine
                    .list(&who, resource, &ListQuery::default())
                    .await
                    .unwrap()
                    .total
                    .to_string()
            };
            assert_eq!(
                (count("preferential_card").await, count("card_holder").await),
                (cards.into(), cards.into())
            );
            // A filter or a search is no way round.
            let filters = vec![Filter {
                field: "district_code".into(),
                op: FilterOp::In,
                value: "310101,310104,310105".into(),
            }];
            let query = ListQuery { filters, search: Some("a".into()), ..Default::default() };
            let found = world.bench.engine.list(&who, "merchant_profile", &query).await.unwrap().total;
            assert_eq!(found, i64::from(units.contains('a')), "{grants:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn single_records_outside_do_not_exist() {
    on_each(async |bench| {
        let world = World::new(bench).await;
        let engine = &world.bench.engine;
        let grants =
            [format!("street:{HERE}"), format!("organization:{}", world.root), format!("person:{}", world.p)];
        for (grant, inside) in grants.iter().zip([&[0][..], &[0, 2], &[0]]) {
            let who = world.who(&[grant]);
            for (number, id) in world.transactions.iter().enumerate() {
                let expected = (!inside.contains(&number)).then_some(ErrorKind::NotFound);
                let kind = |error: Option<pujiang_transactional::Error>| error.map(|e| e.kind());
                let read = kind(engine.get(&who, "benefit_transaction", id).await.err());
                assert_eq!(read, expected, "get {grant} {number}");
                let body = map(json!({"risk_flagged": true}));
                let update = engine.update(&who, "benefit_transaction", id, Some(1), &body).await;
                assert_eq!(kind(update.err()), expected, "update {grant} {number}");
                // A version nobody has must not be answered before the scope.
                let stale = engine.update(&who, "benefit_transaction", id, Some(99), &body).await;
                let outside = stale.unwrap_err().kind() == ErrorKind::NotFound;
                assert_eq!(outside, expected.is_some(), "stale update {grant} {number}");
                let act = engine.act(&who, "benefit_transaction", id, "reverse", None, Some("退款")).await;
                assert_eq!(kind(act.err()), expected, "act {grant} {number}");
                let delete = engine.delete(&who, "benefit_transaction", id, Some(1), Some("重复")).await;
                // What is in scope is kept by its state.
                let kept = expected.unwrap_or(ErrorKind::Conflict);
                assert_eq!(kind(delete.err()), Some(kept), "delete {grant} {number}");
            }
            // For the next grant as it was.
            let sql =
                "UPDATE benefit_transaction SET risk_flagged = FALSE, state = 'confirmed', row_version = 1";
            sqlx::query(sql).execute(engine.store().pool()).await.unwrap();
        }
    })
    .await;
}

#[tokio::test]
async fn names_of_invisible_records_stay_untold() {
    on_each(async |bench| {
        let world = World::new(bench).await;
        let engine = &world.bench.engine;
        let first = &world.transactions[0];
        let labels = async |grants: &[&str]| {
            let record = engine.get(&world.who(grants), "benefit_transaction", first).await.unwrap();
            let mut labels: Vec<_> =
                record.body["labels"].as_object().unwrap().iter().map(|(k, v)| format!("{k}={v}")).collect();
            labels.sort();
            labels.join(" ")
        };
        let own = format!("person:{}", world.p);
        assert_eq!(labels(&[&own]).await, r#"district_code="徐汇区" holder_id="张*" person_id="张*" street_code="天平路街道""#, "not the unit");
        let root = format!("organization:{}", world.root);
        assert_eq!(labels(&[&root]).await, r#"district_code="徐汇区" merchant_id="a" org_id="分站" street_code="天平路街道""#, "not the person");
        let here = format!("street:{HERE}");
        let all = r#"district_code="徐汇区" holder_id="张*" merchant_id="a" person_id="张*" street_code="天平路街道""#;
        assert_eq!(labels(&[&here]).await, all);
        // Lists as well as single records.
        let page = engine.list(&world.who(&[&own]), "benefit_transaction", &ListQuery::default()).await.unwrap();
        assert!(page.items[0].body["labels"].get("merchant_id").is_none());
        // Choosing an invisible record answers like choosing none that exists.
        for (grant, unit) in [(&here, 1), (&here, 2), (&root, 1)] {
            let body = json!({"merchant_id": world.units[unit], "card_no": "3100123456783510", "original_amount": "1",
                "amount": "1", "district_code": "310104"});
            let error = world.bench.create(&world.who(&[grant]), "benefit_transaction", body).await.unwrap_err();
            assert!(faults(&error).contains(&"merchant_id:unknown_reference".to_owned()), "{error}");
        }
        // What stands in the way of a deletion is named only to those who see it.
        for (grant, resource, id, by) in [
            (root.as_str(), "organization", &world.root, "组织机构"),
            ("310101", "organization", &world.root, "其他"),
            (&own, "person", &world.p, "优待证持证对象"),
        ] {
            let error = engine.delete(&world.who(&[grant]), resource, id, Some(1), Some("重复")).await.unwrap_err();
            assert!(error.to_string().contains(&format!("被{by}记录引用")), "{grant}: {error}");
        }
    })
    .await;
}

#[tokio::test]
async fn nobody_writes_what_they_could_not_see() {
    on_each(async |bench| {
        let world = World::new(bench).await;
        let create = async |grants: &[&str], place: serde_json::Value| {
            let mut body =
                map(json!({"name": "新", "credit_code": "913157614035081899", "category": "文旅"}));
            body.extend(map(place));
            let made = world.bench.engine.create(&world.who(grants), "merchant_profile", &body).await;
            if let Ok(record) = &made {
                // Made room for the next.
                world
                    .bench
                    .engine
                    .delete(&world.bench.city(), "merchant_profile", record.id(), Some(1), Some("试"))
                    .await
                    .unwrap();
            }
            made.map(|record| (record.body["district_code"].clone(), record.body["street_code"].clone()))
                .map_err(|error| faults(&error).join(" "))
        };
        let here = format!("street:{HERE}");
        let root = format!("organization:{}", world.root);
        let made = Ok((json!("310104"), json!(HERE)));
        assert_eq!(create(&[&here], json!({})).await, made, "the own street and its district are filled in");
        assert_eq!(create(&[&here], json!({"district_code": "310104", "street_code": HERE})).await, made);
        for (grants, place, fault) in [
            (
                &[here.as_str()][..],
                json!({"street_code": NEXT_DOOR, "district_code": "310104"}),
                "street_code:out_of_scope",
            ),
            // A street of ours in the lists of another district.
            (&[&here], json!({"street_code": HERE, "district_code": "310105"}), "street_code:out_of_scope"),
            (
                &[&here, "310105"],
                json!({"street_code": NEXT_DOOR, "district_code": "310104"}),
                "district_code:out_of_scope",
            ),
            (&[&root], json!({"district_code": "310104", "org_id": NOBODY}), "org_id:unknown_reference"),
            (&[&root], json!({"district_code": "310104", "org_id": world.other}), "org_id:unknown_reference"),
            // Seen by the district, but no organisation of ours: no way into a third district.
            (
                &["310104", &root],
                json!({"district_code": "310101", "org_id": world.other}),
                "district_code:out_of_scope",
            ),
            (&["person:0"], json!({"district_code": "310104"}), "district_code:out_of_scope"),
            (&[], json!({"district_code": "310104"}), "district_code:out_of_scope"),
        ] {
            assert_eq!(create(grants, place.clone()).await, Err(fault.into()), "{grants:?} {place}");
        }
        assert!(
            create(&[&root], json!({"district_code": "310115"})).await.is_ok(),
            "an organisation may be anywhere"
        );
        assert!(
            create(&[&here, "310105"], json!({"district_code": "310105", "street_code": ELSEWHERE}))
                .await
                .is_ok()
        );
        // Changes: nothing is moved out of sight, and what does not move is not asked about.
        let city = world.bench.city();
        let body = json!({"name": "e", "credit_code": "913157614035081805", "category": "文旅",
            "district_code": "310104", "street_code": HERE, "org_id": world.child});
        // A unit that nobody has approved yet may still be moved.
        let pending = world.bench.create(&city, "merchant_profile", body).await.unwrap();
        let update = async |grants: &[&str], body: serde_json::Value| {
            let city = world.bench.city();
            let unit = pending.id();
            let version = world.bench.engine.get(&city, "merchant_profile", unit).await.unwrap().version;
            let changed = world
                .bench
                .engine
                .update(&world.who(grants), "merchant_profile", unit, Some(version), &map(body))
                .await;
            changed.map(|_| ()).map_err(|error| faults(&error).join(" "))
        };
        assert_eq!(update(&[&here], json!({"name": "改"})).await, Ok(()));
        assert_eq!(
            update(&[&here], json!({"street_code": NEXT_DOOR})).await,
            Err("street_code:out_of_scope".into())
        );
        assert_eq!(
            update(&[&here], json!({"district_code": "310105"})).await,
            Err("street_code:out_of_scope".into())
        );
        assert_eq!(
            update(&[&root], json!({"street_code": NEXT_DOOR})).await,
            Ok(()),
            "still the own organisation's"
        );
        assert_eq!(update(&[&root], json!({"org_id": null})).await, Err("org_id:out_of_scope".into()));
        assert_eq!(
            update(&["310104"], json!({"district_code": "310105", "street_code": null})).await,
            Err("district_code:out_of_scope".into())
        );
    })
    .await;
}

#[tokio::test]
async fn roles_of_finer_grants() {
    on_each(async |bench| {
        let world = World::new(bench).await;
        let engine = &world.bench.engine;
        let def = engine.definitions().get("merchant_profile").unwrap();
        let root = format!("organization:{}", world.root);
        let clerk = world.bench.granted("street_clerk", &["street:310104003"]);
        let unit = world.bench.granted("unit_clerk", &[&root]);
        let holder = world.bench.granted("holder", &[&format!("person:{}", world.p)]);
        for (who, read, write) in [(&clerk, true, true), (&unit, true, false), (&holder, true, false)] {
            let can = engine.capabilities(who, def);
            assert_eq!(
                (can.read, can.create, can.update, can.delete, can.export),
                (read, write, write, write, false)
            );
        }
        let body = map(json!({"name": "x"}));
        let refused = engine.update(&unit, "merchant_profile", &world.units[0], Some(1), &body).await;
        assert_eq!(refused.unwrap_err().kind(), ErrorKind::Forbidden);
    })
    .await;
}
