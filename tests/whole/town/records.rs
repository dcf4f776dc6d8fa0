//! Records of every resource, entered as a clerk enters them: two of each, one in 徐汇区 and one in 长宁区, so that every
//! operation by id has a record of one's own and one of somebody else's.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Value, json};

use crate::people::city_analyst;
use crate::server::engine;

/// For each resource the ids of its record in 徐汇区 and of its record in 长宁区.
pub type Records = BTreeMap<&'static str, [String; 2]>;

/// Enters them through the resource engine of the data folder.
pub async fn enter(data: &Path) -> Records {
    let (_, engine, _) = engine(data).await;
    let city = city_analyst();
    let mut records = Records::new();
    for (at, district) in ["310104", "310105"].into_iter().enumerate() {
        let number = u32::try_from(at).unwrap() + 1;
        for resource in RESOURCES {
            let id_of = |resource: &str| records.get(resource).map(|ids: &[String; 2]| ids[at].clone());
            let body = body(resource, district, number, &id_of);
            let record = engine.create(&city, resource, body.as_object().unwrap()).await;
            let record = record.unwrap_or_else(|cause| panic!("{resource} in {district}: {cause:?}"));
            let id = record.id().to_owned();
            // What follows is given by approved units and to certified holders only.
            for (of, action) in [("merchant_profile", "activate"), ("card_holder", "certify")] {
                if of == resource {
                    engine.act(&city, resource, &id, action, None, None).await.unwrap();
                }
            }
            records.entry(resource).or_default()[at] = id;
        }
    }
    records
}

/// In the order in which they refer to each other.
const RESOURCES: [&str; 9] = [
    "region",
    "organization",
    "person",
    "card_holder",
    "preferential_card",
    "merchant_profile",
    "benefit_service",
    "service_point",
    "benefit_transaction",
];

fn body(resource: &str, district: &str, number: u32, id_of: &dyn Fn(&str) -> Option<String>) -> Value {
    let street = if district == "310104" { "310104003" } else { "310105001" };
    match resource {
        "region" => {
            json!({"region_code": format!("{district}99{number}"), "name": "新设街道", "level": "street"})
        }
        "organization" => {
            json!({"name": "服务单位", "org_type": "服务单位", "district_code": district, "street_code": street})
        }
        "person" => json!({
            "full_name": "周八", "id_no": identity_number(number), "district_code": district, "street_code": street,
        }),
        "card_holder" => json!({
            "person_id": id_of("person"), "category": "退役军人", "register_at": "2026-09-05T10:00:00+08:00",
        }),
        "preferential_card" => {
            json!({"card_no": format!("310012345678{number:04}"), "holder_id": id_of("card_holder")})
        }
        "merchant_profile" => json!({
            "name": "提供单位", "credit_code": credit_code(number), "category": "文旅", "district_code": district,
            "street_code": street, "org_id": id_of("organization"),
        }),
        "benefit_service" => {
            json!({"merchant_id": id_of("merchant_profile"), "name": "免票", "mode": "线下"})
        }
        "service_point" => json!({
            "service_id": id_of("benefit_service"), "name": "入口", "address": "漕溪北路 1 号", "street_code": street,
        }),
        "benefit_transaction" => json!({
            "txn_no": format!("TOWN-{number}"), "merchant_id": id_of("merchant_profile"),
            "card_no": format!("310012345678{number:04}"), "original_amount": "12.50", "discount": "2.50",
            "amount": "10.00", "pay_time": "2026-09-12T10:00:00+08:00",
        }),
        other => panic!("{other} has no example"),
    }
}

/// An identity number with a right check digit (GB 11643).
fn identity_number(number: u32) -> String {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let body = format!("31010419700101{number:03}");
    let sum: u32 =
        body.chars().zip(WEIGHTS).map(|(digit, weight)| digit.to_digit(10).unwrap() * weight).sum();
    format!("{body}{}", ["1", "0", "X", "9", "8", "7", "6", "5", "4", "3", "2"][(sum % 11) as usize])
}

/// A unified social credit code with a right check digit (GB 32100).
fn credit_code(number: u32) -> String {
    const DIGITS: &str = "0123456789ABCDEFGHJKLMNPQRTUWXY";
    const WEIGHTS: [usize; 17] = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];
    let body = format!("91310104MA{number:07}");
    let sum: usize = body.chars().zip(WEIGHTS).map(|(c, weight)| DIGITS.find(c).unwrap() * weight).sum();
    let check = DIGITS.chars().nth((31 - sum % 31) % 31).unwrap();
    format!("{body}{check}")
}
