//! The six given files against what a correct load stores.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde_json::{Value as Json, json};

use super::*;
use crate::mapping::Record;

fn given(id: &str, file: &str, bytes: &[u8]) {
    let expected: Json =
        serde_json::from_str(include_str!("../../../tests/fixtures/expected_2026-09.json")).expect("json");
    let feed = feed(id);
    let mapped = run(id, bytes).expect("mapped");
    let folded = fold(mapped.records);
    let mut stored: BTreeMap<String, Record> = BTreeMap::new();
    for record in folded.rounds.concat() {
        match record.operation {
            Operation::Upsert => stored.insert(record.key.clone(), record),
            Operation::Delete => stored.remove(&record.key),
        };
    }
    let at = |name: &str| feed.fields.iter().position(|f| f.name == name).expect("field");
    let (time, amount) = (at("pay_time"), at("amount"));
    let (mut paid, mut days, mut districts) = (Decimal::ZERO, BTreeMap::new(), BTreeMap::new());
    for record in stored.values() {
        if let (Some(Value::Time(t)), Some(Value::Amount(a))) = (&record.values[time], &record.values[amount])
        {
            paid += a;
            *days.entry(t.date().to_string()).or_insert(0) += 1;
        }
        *districts.entry(record.district.to_string()).or_insert(0) += 1;
    }
    let mut quarantined = BTreeMap::new();
    for row in &mapped.rejected {
        *quarantined.entry(row.reason.as_str()).or_insert(0) += 1;
    }
    let mut wanted = expected[file].clone();
    wanted.as_object_mut().expect("object").remove("note");
    let got = json!({
        "rows_stored": stored.len(),
        "paid_total": format!("{paid:.2}"),
        "by_district": districts,
        "by_shanghai_day": days,
        "quarantined": quarantined,
        "duplicates_merged": folded.merged,
    });
    assert_eq!(got, wanted, "{file}");
}

#[test]
fn the_six_given_files_give_exactly_what_is_expected() {
    given("bank", "bank_2026-09.csv", include_bytes!("../../../tests/fixtures/bank_2026-09.csv"));
    given("tourism", "tourism_2026-09.xlsx", include_bytes!("../../../tests/fixtures/tourism_2026-09.xlsx"));
    given("museum", "museum_2026-09.csv", include_bytes!("../../../tests/fixtures/museum_2026-09.csv"));
    given(
        "transit",
        "transit_2026-09.ndjson",
        include_bytes!("../../../tests/fixtures/transit_2026-09.ndjson"),
    );
    given("hospital", "hospital_2026-09.csv", include_bytes!("../../../tests/fixtures/hospital_2026-09.csv"));
    given(
        "clearing",
        "clearing_2026-09.parquet",
        include_bytes!("../../../tests/fixtures/clearing_2026-09.parquet"),
    );
}
