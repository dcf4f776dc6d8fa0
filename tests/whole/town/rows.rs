//! The rows of the town. In rows of 徐汇区, `original_amount` is never zero and `mode` is a number; in rows of the street
//! 天平路 (310104003) the same holds for `discount` and `category`. Everywhere else it is the other way round.

use serde_json::{Value, json};

/// Street, district and the word that betrays the place; no street for rows of the district as a whole.
type Place = (&'static str, Option<&'static str>, &'static str);

const TIANPING: Place = ("310104", Some("310104003"), "徐汇楼");
const HUNAN: Place = ("310104", Some("310104004"), "INNER");
const XUHUI: Place = ("310104", None, "INNER");
const CHANGNING: Place = ("310105", Some("310105001"), "SECRET");
const PUDONG: Place = ("310115", Some("310115004"), "SECRET-PD");

fn person(id: &str, place: Place, name: &str) -> Value {
    let (district, street, word) = place;
    json!({
        "id": id, "district_code": district, "street_code": street, "full_name": name,
        "full_name_token": format!("n-{word}"), "id_no": "3101**********1234", "id_no_token": format!("i-{id}"),
        "mobile": "138****5678", "mobile_token": format!("m-{word}"), "gender": "男", "real_name_level": "basic",
        "state": "active", "row_version": 1, "created_at": "2026-09-05T10:00:00",
    })
}

fn organization(id: &str, place: Place, name: &str, parent: Option<&str>) -> Value {
    let (district, street, _) = place;
    json!({
        "id": id, "district_code": district, "street_code": street, "org_code": format!("ORG-{id}"),
        "name": name, "parent_id": parent, "org_type": "服务单位", "state": "active", "row_version": 1,
        "created_at": "2026-09-05T10:00:00",
    })
}

fn merchant(id: &str, place: Place, name: &str, org: Option<&str>) -> Value {
    let (district, street, _) = place;
    json!({
        "id": id, "district_code": district, "street_code": street, "org_id": org, "name": name,
        "credit_code": format!("CC-{id}"), "category": "文旅", "state": "active", "row_version": 1,
        "activated_at": "2026-09-02T10:00:00", "created_at": "2026-09-01T10:00:00",
    })
}

fn transaction(id: &str, place: Place, amount: i64, org: Option<&str>, person: Option<&str>) -> Value {
    let (district, street, word) = place;
    let (of_district, of_street) = (district == "310104", street == Some("310104003"));
    json!({
        "txn_no": id, "feed": "bank", "pay_time": "2026-09-10T00:30:00", "district_code": district,
        "place_code": district, "street_code": street, "org_id": org, "person_id": person,
        "merchant_code": word, "card_no": "3100********0001", "card_token": format!("card-{}", amount % 3),
        "category": if of_street { "1" } else { word }, "mode": if of_district { "5" } else { word },
        "original_amount": if of_district { "8.00" } else { "0.00" },
        "discount": if of_street { "2.00" } else { "0.00" },
        "amount": format!("{amount}.00"), "state": "confirmed", "record_version": 1,
        "loaded_at": "2026-09-11T00:00:00",
    })
}

fn with(id: &str, place: Place, more: Value) -> Value {
    let (district, street, word) = place;
    let mut row = json!({
        "id": id, "district_code": district, "street_code": street, "name": word, "category": word,
        "state": "active", "row_version": 1, "created_at": "2026-09-05T10:00:00",
    });
    row.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    row
}

/// Rows by table.
pub fn all() -> Vec<(&'static str, Vec<Value>)> {
    let event = |key: &str, (district, _, word): Place, delta: i64| {
        json!({
            "event_key": key, "resource": "card_holder", "record_id": key, "district_code": district,
            "occurred_at": "2026-09-03T08:00:00", "state": "certified", "delta": delta, "category": word,
            "source": word,
        })
    };
    vec![
        (
            "person",
            vec![
                person("p-1", TIANPING, "张三"),
                person("p-2", TIANPING, "李四"),
                person("p-3", HUNAN, "INNER王五"),
                person("p-4", XUHUI, "INNER赵六"),
                person("p-5", CHANGNING, "SECRET钱七"),
                person("p-6", PUDONG, "SECRET-PD孙八"),
            ],
        ),
        (
            "organization",
            vec![
                organization("o-1", TIANPING, "徐汇楼一", None),
                organization("o-2", HUNAN, "徐汇楼二", Some("o-1")),
                organization("o-3", CHANGNING, "长宁楼三", Some("o-2")),
                organization("o-4", CHANGNING, "SECRET楼四", None),
                organization("o-5", PUDONG, "SECRET-PD楼五", Some("o-4")),
            ],
        ),
        (
            "merchant_profile",
            vec![
                merchant("m-1", TIANPING, "徐汇楼店一", Some("o-1")),
                merchant("m-2", HUNAN, "徐汇楼店二", Some("o-2")),
                merchant("m-3", CHANGNING, "长宁店三", Some("o-3")),
                merchant("m-4", CHANGNING, "SECRET店四", Some("o-4")),
                merchant("m-5", PUDONG, "SECRET-PD店五", None),
                merchant("m-6", HUNAN, "INNER店六", None),
            ],
        ),
        (
            "benefit_transaction",
            vec![
                transaction("t-1", TIANPING, 10, Some("o-1"), Some("p-1")),
                transaction("t-2", TIANPING, 20, None, Some("p-2")),
                transaction("t-3", HUNAN, 40, None, Some("p-3")),
                transaction("t-4", XUHUI, 80, None, Some("p-4")),
                transaction("t-5", CHANGNING, 160, Some("o-4"), Some("p-5")),
                transaction("t-6", CHANGNING, 320, None, None),
                transaction("t-7", PUDONG, 640, Some("o-5"), Some("p-6")),
            ],
        ),
        (
            "card_holder",
            vec![
                with("h-1", TIANPING, json!({"person_id": "p-1", "certified_at": "2026-09-03T08:00:00"})),
                with("h-2", TIANPING, json!({"person_id": "p-2"})),
                with("h-3", HUNAN, json!({"person_id": "p-3"})),
                with("h-5", CHANGNING, json!({"person_id": "p-5"})),
                with("h-6", PUDONG, json!({"person_id": "p-6"})),
            ],
        ),
        (
            "preferential_card",
            vec![
                with(
                    "c-1",
                    TIANPING,
                    json!({"holder_id": "h-1", "person_id": "p-1", "card_no": "3100********0001"}),
                ),
                with(
                    "c-5",
                    CHANGNING,
                    json!({"holder_id": "h-5", "person_id": "p-5", "card_no": "3100********0005"}),
                ),
            ],
        ),
        (
            "benefit_service",
            vec![
                with("b-1", TIANPING, json!({"merchant_id": "m-1", "org_id": "o-1", "is_hot": true})),
                with("b-4", CHANGNING, json!({"merchant_id": "m-4", "org_id": "o-4", "is_hot": false})),
            ],
        ),
        (
            "service_point",
            vec![
                with(
                    "s-1",
                    TIANPING,
                    json!({"service_id": "b-1", "org_id": "o-1", "longitude": "121.44", "latitude": "31.2"}),
                ),
                with("s-4", PUDONG, json!({"service_id": "b-4", "org_id": "o-5"})),
            ],
        ),
        (
            "state_event",
            vec![
                event("e-1", TIANPING, 1),
                event("e-2", HUNAN, 1),
                event("e-3", CHANGNING, 1),
                event("e-4", PUDONG, 1),
            ],
        ),
        (
            "region",
            vec![
                json!({"id": "r-1", "region_code": "310104", "name": "徐汇区", "level": "district", "row_version": 1}),
            ],
        ),
    ]
}
