//! Runs the case file beside every comparison, and what holds for all of them: who may ask, what is kept, and that no
//! column of the answer changes when districts other than the caller's trade places.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use pujiang_metrics::comparison::{ComparisonRow, RowState, SlotKind};
use pujiang_metrics::{
    ComparisonAnswer, ComparisonDefinitions, ComparisonQuery, ErrorKind, FixedClock, IndicatorDefinitions,
    MetricsEngine, MetricsError,
};
use pujiang_security::Assignment;
use serde::Deserialize;
use serde_json::{Value, json};

use super::lake::{TempLake, as_role, principal, table};

/// Rows are written in groups: so many persons of a district, each with so many rows.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    format: u32,
    description: String,
    now: String,
    people: String,
    check: Vec<Check>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Check {
    principal: String,
    query: Value,
    expect: String,
}

fn engine(lake: &TempLake, now: &str) -> MetricsEngine {
    MetricsEngine::new(lake.door(), IndicatorDefinitions::builtin().unwrap())
        .with_comparisons(ComparisonDefinitions::builtin().unwrap())
        .with_clock(Arc::new(FixedClock(now.parse().unwrap())))
}

/// `month | district | category | persons | rows | amount`: that many persons, each with that many rows.
async fn lake_of(people: &str) -> TempLake {
    let lake = TempLake::with(&BTreeMap::new()).await;
    let mut rows =
        table("txn_no | pay_time | district_code | category | card_token | amount | discount | state");
    for (group, line) in table(people).iter().skip(1).enumerate() {
        let [month, district, category, persons, each, amount] = &line[..] else {
            panic!("six cells: {line:?}")
        };
        // A name in place of a number of persons is one person who may be in several groups.
        let names: Vec<String> = match persons.parse::<usize>() {
            Ok(count) => (0..count).map(|person| format!("g{group}p{person}")).collect(),
            Err(_) => vec![persons.clone()],
        };
        for name in &names {
            for row in 0..each.parse::<usize>().unwrap() {
                rows.push(vec![
                    format!("{group}-{name}-{row}"),
                    format!("{month}-15T12:00:00"),
                    district.clone(),
                    category.clone(),
                    name.clone(),
                    amount.clone(),
                    "1.00".to_owned(),
                    "confirmed".to_owned(),
                ]);
            }
        }
    }
    lake.bulk("benefit_transaction", &rows).await;
    lake
}

fn cells(row: &ComparisonRow) -> Vec<String> {
    let text = |value: &Option<String>| value.clone().unwrap_or_else(|| "null".to_owned());
    let state = match row.state {
        RowState::Shown => "shown",
        RowState::Small => "small",
        RowState::HeldBack => "held_back",
    };
    let slot = match (&row.slot, &row.member) {
        (SlotKind::Total, _) => "合计".to_owned(),
        (SlotKind::Member, member) => text(member),
    };
    let number = |value: Option<usize>| value.map_or_else(|| "null".to_owned(), |value| value.to_string());
    vec![
        slot,
        row.district.clone(),
        text(&row.own),
        text(&row.average),
        text(&row.rank_text),
        number(row.of),
        number(row.quartile),
        state.to_owned(),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn every_comparison_gives_the_rows_of_its_case_file() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("comparisons");
    let mut failures = Vec::new();
    for def in ComparisonDefinitions::builtin().unwrap().all() {
        let file = folder.join(format!("{}.case.toml", def.id));
        let text = std::fs::read_to_string(&file).unwrap_or_else(|e| panic!("write {}: {e}", file.display()));
        let case: Case = toml::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", def.id));
        assert_eq!(case.format, 1, "{}", def.id);
        let lake = lake_of(&case.people).await;
        let engine = engine(&lake, &case.now);
        for (place, check) in case.check.iter().enumerate() {
            let label = format!("{} check {} ({})", def.id, place + 1, case.description);
            let query = ComparisonQuery::from_json(&check.query).unwrap();
            let given: Vec<Vec<String>> =
                match engine.compare(&principal(&check.principal), &def.id, &query).await {
                    Ok((_, answer)) => answer.rows.iter().map(cells).collect(),
                    Err(error) => vec![vec![error.code().to_owned()]],
                };
            let expected: Vec<Vec<String>> = table(&check.expect).into_iter().skip(1).collect();
            if given != expected {
                let lines =
                    |rows: &[Vec<String>]| rows.iter().map(|r| r.join(" | ")).collect::<Vec<_>>().join("\n");
                failures.push(format!("{label}\nexpected\n{}\ngiven\n{}", lines(&expected), lines(&given)));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
    for file in std::fs::read_dir(&folder).unwrap() {
        let name = file.unwrap().file_name().into_string().unwrap();
        let id = name.trim_end_matches(".toml").trim_end_matches(".case");
        assert!(ComparisonDefinitions::builtin().unwrap().get(id).is_some(), "{name} has no definition");
    }
}

const NOW: &str = "2026-11-21T10:00:00+08:00";

fn october(dimension: Option<&str>) -> ComparisonQuery {
    let body = json!({"time": {"from": "2026-10-01", "to": "2026-10-31"}, "dimension": dimension});
    ComparisonQuery::from_json(&body).unwrap()
}

/// Six districts; `order` says which of the last five has which number of persons.
fn people(order: [usize; 5]) -> String {
    let districts = ["310105", "310106", "310107", "310109", "310110"];
    let mut text = "month | district | category | persons | rows | amount\n".to_owned();
    text.push_str("2026-10 | 310104 | 文旅 | 9 | 2 | 10.00\n");
    for (place, size) in order.iter().enumerate() {
        let district = districts[place];
        text.push_str(&format!("2026-10 | {district} | 文旅 | {} | 1 | 10.00\n", 6 + size * 3));
        text.push_str(&format!("2026-10 | {district} | 餐饮 | {} | 1 | 20.00\n", 5 + size));
    }
    text
}

#[tokio::test(flavor = "multi_thread")]
async fn districts_that_trade_places_change_nothing() {
    let mut answers: Vec<ComparisonAnswer> = Vec::new();
    for order in [[0, 1, 2, 3, 4], [4, 3, 2, 1, 0], [2, 4, 0, 3, 1]] {
        let lake = lake_of(&people(order)).await;
        let engine = engine(&lake, NOW);
        let (_, answer) = engine
            .compare(&principal("310104"), "benefit_transactions", &october(Some("category")))
            .await
            .unwrap();
        answers.push(ComparisonAnswer { data_version: String::new(), ..answer.as_ref().clone() });
    }
    assert!(answers[0].rows.iter().any(|row| row.state == RowState::Shown));
    assert_eq!(answers[0], answers[1]);
    assert_eq!(answers[0], answers[2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_no_whole_district_or_no_right_gets_no_comparison() {
    let lake = lake_of(&people([0, 1, 2, 3, 4])).await;
    let engine = engine(&lake, NOW);
    let ask = async |who: &pujiang_security::Principal, id: &str| {
        engine.compare(who, id, &october(None)).await.map(|(_, answer)| answer.rows.len())
    };
    for scope in ["street:310104003", "organization:o1", "person:p1", "nothing"] {
        let error = ask(&principal(scope), "benefit_transactions").await.unwrap_err();
        assert_eq!(error.code(), "comparison_needs_district", "{scope}");
    }
    let auditor = as_role("auditor", vec![Assignment::City]);
    assert_eq!(ask(&auditor, "benefit_transactions").await.unwrap_err().kind(), ErrorKind::Forbidden);
    assert!(matches!(ask(&principal("city"), "nothing_like_it").await, Err(MetricsError::UnknownComparison)));
    assert_eq!(ask(&principal("310104"), "benefit_transactions").await.unwrap(), 1);
    assert_eq!(ask(&principal("310104+street:310105001"), "benefit_transactions").await.unwrap(), 1);
    assert_eq!(ask(&principal("city"), "benefit_transactions").await.unwrap(), 16);
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_are_kept_by_access_and_data_version() {
    let lake = lake_of(&people([0, 1, 2, 3, 4])).await;
    let engine = engine(&lake, NOW);
    let tag = async |scope: &str| {
        engine.compare(&principal(scope), "benefit_transactions", &october(None)).await.unwrap().0
    };
    let first = tag("310104").await;
    assert_eq!(first, tag("310104").await);
    assert_ne!(first, tag("310105").await);
    assert_ne!(first, tag("city").await);
    let figures = engine.comparison_figures();
    assert_eq!((figures.hits, figures.misses), (1, 3));
    lake.write(
        "benefit_transaction",
        &table("txn_no | pay_time | district_code | state\nx | 2026-10-02T09:00:00 | 310105 | confirmed"),
    )
    .await;
    assert_ne!(first, tag("310104").await);
}
