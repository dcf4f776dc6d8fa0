//! Scopes finer than a district, and columns that are treated: figures of exactly the visible rows, or a refusal in
//! words, never a wrong number.

use std::collections::BTreeMap;
use std::sync::Arc;

use pujiang_definition::{INDICATORS, Sources};
use pujiang_metrics::{
    DimensionDefinitions, ErrorKind, FixedClock, IndicatorDefinitions, MetricsEngine, MetricsQuery,
};
use pujiang_security::Assignment;
use serde_json::json;

use super::lake::{TempLake, as_role, principal};

const SALES: &str =
    "txn_no | pay_time | district_code | street_code | org_id | person_id | card_token | amount | state
a | 2026-10-01T10:00:00 | 310104 | 310104003 | o1 | p1 | x | 1.00 | confirmed
b | 2026-10-02T10:00:00 | 310104 | 310104003 | o2 | p2 | x | 2.00 | confirmed
c | 2026-10-03T10:00:00 | 310104 | 310104004 | o1 | p1 | y | 4.00 | confirmed
d | 2026-10-04T10:00:00 | 310105 | 310105001 | o1 | p1 | x | 8.00 | confirmed";

fn engine(lake: &TempLake, definitions: IndicatorDefinitions) -> MetricsEngine {
    let now = FixedClock("2026-11-21T10:00:00+08:00".parse().unwrap());
    MetricsEngine::new(lake.door(), definitions).with_clock(Arc::new(now))
}

fn october(indicators: &[&str]) -> MetricsQuery {
    let body = json!({"indicators": indicators, "time": {"grain": "month", "from": "2026-10-01", "to": "2026-10-31"}});
    MetricsQuery::from_json(&body).unwrap()
}

async fn lake() -> TempLake {
    TempLake::with(&BTreeMap::from([("benefit_transaction".to_owned(), SALES.to_owned())])).await
}

#[tokio::test(flavor = "multi_thread")]
async fn figures_are_of_the_visible_rows_of_every_kind_of_grant() {
    let lake = lake().await;
    let engine = engine(&lake, IndicatorDefinitions::builtin().unwrap());
    let query = october(&["S1-U03", "S1-B05", "S1-U08A", "S1-U08"]);
    for (scope, expected) in [
        ("city", json!(["2026-10-01", 4, "15.00", 2, "2.00"])),
        ("310104", json!(["2026-10-01", 3, "7.00", 2, "1.50"])),
        ("street:310104003", json!(["2026-10-01", 2, "3.00", 1, "2.00"])),
        ("street:310104003+street:310105001", json!(["2026-10-01", 3, "11.00", 1, "3.00"])),
        ("organization:o1", json!(["2026-10-01", 3, "13.00", 2, "1.50"])),
        ("person:p2", json!(["2026-10-01", 1, "2.00", 1, "1.00"])),
        ("310105+person:p2", json!(["2026-10-01", 2, "10.00", 1, "2.00"])),
        ("person:p9", json!(["2026-10-01", null, null, null, null])),
    ] {
        let answer = engine.query(&principal(scope), &query).await.unwrap();
        assert_eq!(json!(answer.rows), json!([expected]), "{scope}");
    }
    // Each scope has its own kept answer, and gets it again.
    let before = engine.cache_figures();
    engine.query(&principal("street:310104003"), &query).await.unwrap();
    let after = engine.cache_figures();
    assert_eq!((after.hits, after.misses), (before.hits + 1, 8));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_answer_says_which_streets() {
    let lake = lake().await;
    let engine = engine(&lake, IndicatorDefinitions::builtin().unwrap());
    let answer = engine.query(&principal("street:310104003"), &october(&["S1-U03"])).await.unwrap();
    let scope = serde_json::to_value(&answer.scope).unwrap();
    assert_eq!((&scope["level"], &scope["streets"]), (&json!("street"), &json!(["310104003"])));
    assert!(answer.scope.label.starts_with("仅徐汇区"), "{}", answer.scope.label);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_indicator_nobody_of_this_scope_has_rows_of_is_refused() {
    let lake = lake().await;
    let engine = engine(&lake, IndicatorDefinitions::builtin().unwrap());
    for scope in ["street:310104003", "organization:o1", "person:p1"] {
        let error = engine.query(&principal(scope), &october(&["S1-U03", "S1-P01"])).await.unwrap_err();
        assert_eq!((error.kind(), error.code()), (ErrorKind::Forbidden, "indicator_out_of_reach"), "{scope}");
        assert!(error.to_string().contains("提供单位总数"), "{error}");
    }
    assert!(engine.query(&principal("310104+street:310105001"), &october(&["S1-P01"])).await.is_ok());
    // The one that was asked for, and not what it is computed from.
    let error = engine.query(&principal("street:310104003"), &october(&["S1-P10"])).await.unwrap_err();
    assert!(error.to_string().contains("“单位活跃率”"), "{error}");
}

/// The tiles of a board come at the same time and want the same rows added up: that is done once.
#[tokio::test(flavor = "multi_thread")]
async fn questions_of_one_scope_at_the_same_time_share_their_readings() {
    let lake = lake().await;
    let engine = engine(&lake, IndicatorDefinitions::builtin().unwrap());
    let ask = async |scope: &str, indicator: &str| {
        let answer = engine.query(&principal(scope), &october(&[indicator])).await.unwrap();
        answer.rows[0][1].clone()
    };
    let (count, amount, of_others) = tokio::join!(
        ask("organization:o1", "S1-U03"),
        ask("organization:o1", "S1-B05"),
        ask("organization:o2", "S1-U03")
    );
    assert_eq!((count, amount, of_others), (json!(3), json!("13.00"), json!(1)));
    assert_eq!(engine.shared_readings(), 1, "two questions of o1, none with o2");
}

/// An indicator over persons by gender, and one that needs the clear value of a treated column.
fn over_treated_columns() -> IndicatorDefinitions {
    let definition = |filter: &str, dimensions: &str| {
        format!(
            "format = 1\nversion = 1\ntitle = \"人数\"\ndescription = \"d\"\nunit = \"人\"\ndirection = \"up\"\n\
             dimensions = [{dimensions}]\ngrains = [\"month\"]\nderived = []\ntable = \"person\"\n\
             time = \"created_at\"\nfilter = [{filter}]\n[measure]\nkind = \"count\"\n"
        )
    };
    let women = "{ column = \"gender\", in = [\"女\"] }";
    let (all, some) = (definition("", "\"district\""), definition(women, "\"district\""));
    let files = [("t/X-1.toml", all.as_str()), ("t/X-2.toml", some.as_str())];
    let sources = Sources::texts(&INDICATORS, files);
    IndicatorDefinitions::read(&sources, DimensionDefinitions::default()).finished().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_column_that_is_hidden_refuses_its_indicator_and_no_other() {
    let rows = "id | district_code | gender | created_at\n1 | 310104 | 女 | 2026-10-01T00:00:00\n2 | 310104 | 男 | 2026-10-01T00:00:00";
    let lake = TempLake::with(&BTreeMap::from([("person".to_owned(), rows.to_owned())])).await;
    let engine = engine(&lake, over_treated_columns());
    let figure = async |role: &str, indicator: &str| {
        let who = as_role(role, vec![Assignment::parse("310104").unwrap()]);
        let answer = engine.query_for(pujiang_metrics::Purpose::Board, &who, &october(&[indicator])).await;
        answer.map(|answer| answer.rows[0][1].clone())
    };
    assert_eq!(figure("district_clerk", "X-1").await.unwrap(), json!(2));
    assert_eq!(figure("district_clerk", "X-2").await.unwrap(), json!(1));
    // To a leader and to a unit clerk gender is no clear column: they get the other figure and a refusal.
    for role in ["leader", "unit_clerk"] {
        assert_eq!(figure(role, "X-1").await.unwrap(), json!(2), "{role:?}");
        let error = figure(role, "X-2").await.unwrap_err();
        assert_eq!(
            (error.kind(), error.code()),
            (ErrorKind::Forbidden, "indicator_column_hidden"),
            "{role:?}"
        );
        assert!(!error.to_string().contains("gender"), "{error}");
    }
}
