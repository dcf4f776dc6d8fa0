//! What the engine promises besides the figures themselves: who may ask, whose rows are read, what is kept.

use std::collections::BTreeMap;
use std::sync::Arc;

use proptest::prelude::*;
use pujiang_metrics::{
    ErrorKind, FixedClock, IndicatorDefinitions, MetricsAnswer, MetricsEngine, MetricsQuery, Purpose,
};
use pujiang_security::Assignment;
use serde_json::{Value, json};

use super::lake::{TempLake, as_role, principal, table};

pub(super) fn engine(lake: &TempLake) -> MetricsEngine {
    let now = FixedClock("2026-11-21T10:00:00+08:00".parse().unwrap());
    MetricsEngine::new(lake.door(), IndicatorDefinitions::builtin().unwrap()).with_clock(Arc::new(now))
}

pub(super) fn question(body: Value) -> MetricsQuery {
    MetricsQuery::from_json(&body).unwrap()
}

fn october(indicator: &str) -> MetricsQuery {
    question(
        json!({"indicators": [indicator], "time": {"grain": "month", "from": "2026-10-01", "to": "2026-10-31"}}),
    )
}

const ONE_SALE: &str = "txn_no | pay_time | district_code | state | amount\na | 2026-10-01T00:30:00 | 310104 | confirmed | 12.30";

async fn lake_with_a_sale() -> TempLake {
    TempLake::with(&BTreeMap::from([("benefit_transaction".to_owned(), ONE_SALE.to_owned())])).await
}

#[tokio::test]
async fn the_answer_names_its_version_scope_and_columns() {
    let lake = lake_with_a_sale().await;
    let query = question(json!({
        "indicators": ["S1-B05"], "dimensions": ["district", "category"], "compare": ["yoy"],
        "filters": {"district": ["310104"]}, "time": {"grain": "month", "from": "2026-10-01", "to": "2026-11-30"}
    }));
    let answer = engine(&lake).query(&principal("310104"), &query).await.unwrap();
    assert!(answer.data_version.starts_with("benefit_transaction@"), "{}", answer.data_version);
    assert!(answer.data_time.is_some_and(|at| at.to_rfc3339().ends_with("+08:00")));
    let answer = MetricsAnswer { data_version: String::new(), data_time: None, ..answer };
    let answer = serde_json::to_value(answer).unwrap();
    assert_eq!(
        answer,
        json!({
            "columns": [
                {"name": "period", "title": "月份", "type": "date"},
                {"name": "district", "title": "区", "type": "text"},
                {"name": "district_name", "title": "区名", "type": "text"},
                {"name": "category", "title": "服务类别", "type": "text"},
                {"name": "S1-B05", "title": "优待交易金额", "unit": "元", "type": "decimal"},
                {"name": "S1-B05.yoy", "title": "同比", "type": "ratio"},
            ],
            "rows": [
                ["2026-10-01", "310104", "徐汇区", null, "12.30", null],
                ["2026-11-01", "310104", "徐汇区", null, null, null],
            ],
            "data_version": "",
            "data_time": null,
            "scope": {"level": "district", "districts": ["310104"], "label": "仅徐汇区"},
            "filters": {"district": ["310104"]},
            "as_of": "2026-11-21",
            "incomplete_from": "2026-11-01",
            "compared_until": "2026-11-20",
            "missing": [{
                "indicator": "S1-B05", "from": "2026-11-01", "to": "2026-11-30", "code": "no_rows",
                "reason": "所选期间还没有收到记录（最近一条在2026年10月1日），没有数字",
            }],
        })
    );
}

#[tokio::test]
async fn who_may_not_ask_gets_no_figures_even_if_they_are_kept() {
    let lake = lake_with_a_sale().await;
    let engine = engine(&lake);
    engine.query(&principal("city"), &october("S1-U03")).await.unwrap();
    let auditor = as_role("auditor", vec![Assignment::City]);
    for purpose in [Purpose::Query, Purpose::Board, Purpose::Report] {
        let refused = engine.query_for(purpose, &auditor, &october("S1-U03")).await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::Forbidden);
    }
    let leader = as_role("leader", vec![Assignment::City]);
    assert!(engine.query_for(Purpose::Board, &leader, &october("S1-U03")).await.is_ok());
}

#[tokio::test]
async fn without_an_assignment_there_are_no_rows() {
    let lake = lake_with_a_sale().await;
    let answer = engine(&lake).query(&principal("nothing"), &october("S1-U03")).await.unwrap();
    assert!(answer.rows.is_empty());
    assert_eq!(answer.scope.label, "无数据权限");
}

#[tokio::test]
async fn scopes_do_not_share_answers_and_a_commit_makes_a_new_one() {
    let lake = lake_with_a_sale().await;
    let engine = engine(&lake);
    let figure = async |scope: &str| {
        engine.query(&principal(scope), &october("S1-U03")).await.unwrap().rows[0][1].clone()
    };
    assert_eq!(
        (figure("310104").await, figure("310105").await, figure("city").await),
        (json!(1), Value::Null, json!(1))
    );
    lake.write(
        "benefit_transaction",
        &table("txn_no | pay_time | district_code | state\nb | 2026-10-02T09:00:00 | 310105 | confirmed"),
    )
    .await;
    assert_eq!(
        (figure("310104").await, figure("310105").await, figure("city").await),
        (json!(1), json!(1), json!(2))
    );
}

#[tokio::test]
async fn page_7_an_empty_lake_answers_with_blanks_and_says_why() {
    let lake = TempLake::with(&BTreeMap::new()).await;
    let engine = engine(&lake);
    engine.warm(&principal("city")).await.unwrap();
    for indicator in ["S1-U03", "S1-U01", "S1-P01", "S1-P09", "S1-P09A", "S1-B05", "S1-P10"] {
        let answer = engine.query(&principal("city"), &october(indicator)).await.unwrap();
        assert_eq!(answer.rows, [[json!("2026-10-01"), Value::Null]], "{indicator}");
        let told: Vec<(&str, &str)> =
            answer.missing.iter().map(|one| (one.indicator.as_str(), one.code.as_str())).collect();
        assert_eq!(told, [(indicator, "no_data")]);
    }
}

/// Nought where rows tell that there was nothing; no figure before the first row, after the last that came, and in
/// the time to come.
#[tokio::test]
async fn page_7_a_period_without_data_has_no_figure_and_no_rank() {
    let rows = "txn_no | pay_time | district_code | category | state | amount
a | 2026-03-01T10:00:00 | 310104 | 文旅 | confirmed | 1.00
b | 2026-05-05T10:00:00 | 310104 | 文旅 | reversed | 1.00
c | 2026-06-05T10:00:00 | 310105 | 餐饮 | confirmed | 1.00";
    let lake = TempLake::with(&BTreeMap::from([("benefit_transaction".to_owned(), rows.to_owned())])).await;
    let engine = engine(&lake);
    let query = question(json!({
        "indicators": ["S1-U03"], "dimensions": ["category"], "compare": ["rank", "share", "mom", "cumulative"],
        "filters": {"category": ["文旅"]}, "time": {"grain": "month", "from": "2026-02-01", "to": "2026-12-31"}
    }));
    let answer = engine.query(&principal("city"), &query).await.unwrap();
    let rows: Vec<Value> =
        answer.rows.iter().map(|row| json!([row[0], row[2], row[3], row[4], row[5], row[6]])).collect();
    assert_eq!(
        json!(rows),
        json!([
            ["2026-02-01", null, null, null, null, null],
            ["2026-03-01", 1, null, 1, 1.0, 1],
            ["2026-04-01", 0, -1.0, 1, null, null],
            ["2026-05-01", 0, null, 1, null, null],
            ["2026-06-01", 0, null, 1, null, null],
            ["2026-07-01", null, null, 1, null, null],
            ["2026-08-01", null, null, 1, null, null],
            ["2026-09-01", null, null, 1, null, null],
            ["2026-10-01", null, null, 1, null, null],
            ["2026-11-01", null, null, 1, null, null],
        ])
    );
    assert_eq!(
        told(&answer),
        [
            "2026-02-01..2026-02-28 before_data",
            "2026-07-01..2026-11-30 no_rows",
            "2026-12-01..2026-12-31 not_begun",
        ]
    );
}

/// Each stretch without a figure or a change, with its code.
pub(super) fn told(answer: &MetricsAnswer) -> Vec<String> {
    let one = |one: &pujiang_metrics::Missing| {
        let compare = one.compare.map(|compare| format!(" {}", compare.as_str())).unwrap_or_default();
        format!("{}..{} {}{compare}", one.from, one.to, one.code)
    };
    answer.missing.iter().map(one).collect()
}

#[tokio::test]
async fn several_indicators_share_one_answer() {
    let lake = lake_with_a_sale().await;
    let query = question(json!({
        "indicators": ["S1-U03", "S1-B05", "S1-P09", "S1-P01", "S1-P10"], "dimensions": ["district"], "compare": ["rank"],
        "time": {"grain": "quarter", "from": "2026-10-01", "to": "2026-12-31"}, "order": ["-S1-B05"], "limit": 1
    }));
    let answer = engine(&lake).query(&principal("city"), &query).await.unwrap();
    let expected =
        json!([["2026-10-01", "310104", "徐汇区", 1, 1, "12.30", 1, 0, null, null, null, null, null]]);
    assert_eq!(serde_json::to_value(answer.rows).unwrap(), expected);
}

#[tokio::test]
async fn too_large_an_answer_is_refused_with_the_way_out() {
    let mut rows = table("txn_no | pay_time | district_code | category | state");
    for category in 0..60 {
        rows.push(vec![
            format!("t{category}"),
            "2026-10-01T00:00:00".into(),
            "310104".into(),
            format!("c{category}"),
            "confirmed".into(),
        ]);
    }
    let lake = TempLake::with(&BTreeMap::new()).await;
    lake.write("benefit_transaction", &rows).await;
    let query = question(json!({
        "indicators": ["S1-U03"], "dimensions": ["district", "category"], "time": {"grain": "day", "from": "2024-01-01", "to": "2026-10-31"}
    }));
    let refused = engine(&lake).query(&principal("city"), &query).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Invalid);
    assert_eq!(refused.problems()[0].code, "too_many_rows");
}

const DISTRICTS: [&str; 4] = ["310101", "310104", "310115", "310000"];
const CATEGORIES: [&str; 3] = ["文旅", "餐饮", "null"];

/// Rows that depend only on the number, spread over two years, districts, categories, modes and states.
fn sales() -> Vec<Vec<String>> {
    let mut rows = table(
        "txn_no | pay_time | district_code | category | mode | card_token | merchant_code | amount | discount | state",
    );
    for n in 0_u64..1_500 {
        let mix = n.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 17;
        let day = chrono::NaiveDate::from_ymd_opt(2025, 1, 1).unwrap() + chrono::Days::new(mix % 690);
        let pick = |list: &[&str], shift: u32| list[(mix >> shift) as usize % list.len()].to_owned();
        rows.push(vec![
            format!("t{n}"),
            format!("{day}T{:02}:30:00", mix % 24),
            pick(&DISTRICTS, 3),
            pick(&CATEGORIES, 9),
            pick(&["主扫", "券"], 13),
            format!("p{}", mix % 97),
            format!("m{}", mix % 31),
            format!("{}.{:02}", mix % 300, mix % 100),
            "1.00".to_owned(),
            pick(&["confirmed", "confirmed", "reversed"], 20),
        ]);
    }
    rows
}

fn any_query() -> impl Strategy<Value = Value> {
    let indicators = proptest::sample::subsequence(vec!["S1-U03", "S1-B05", "S1-B06", "S1-B07"], 1..=3);
    let others = proptest::sample::subsequence(vec!["category", "mode"], 0..=2);
    let grain = proptest::sample::select(vec!["day", "week", "month", "quarter", "year", "total"]);
    let compare = proptest::sample::subsequence(vec!["yoy", "mom", "cumulative"], 0..=3);
    let filter = proptest::option::of(proptest::sample::select(vec!["文旅", "餐饮", "体育"]));
    (indicators, others, grain, compare, filter, 0_u64..600, 0_u64..90).prop_map(
        |(indicators, others, grain, compare, filter, start, days)| {
            let from = chrono::NaiveDate::from_ymd_opt(2025, 1, 1).unwrap() + chrono::Days::new(start);
            let mut dimensions = vec!["district"];
            dimensions.extend(others);
            let mut body = json!({
                "indicators": indicators, "dimensions": dimensions, "compare": compare,
                "time": {"grain": grain, "from": from, "to": from + chrono::Days::new(days)}
            });
            if let Some(category) = filter {
                body["filters"] = json!({"category": [category]});
            }
            body
        },
    )
}

/// Rows of one district that have a figure: rows of zeros are listed for the sake of what other districts have.
fn rows_of(answer: &MetricsAnswer, district: &str) -> Vec<Vec<Value>> {
    let is_figure =
        |place: &usize| answer.columns[*place].unit.is_some() && !answer.columns[*place].name.contains('.');
    let figures: Vec<usize> = (0..answer.columns.len()).filter(is_figure).collect();
    // What came after the last row of a district is unknown to its clerk; the city sees that the others had some.
    let nothing = |value: &Value| value.is_null() || *value == json!(0) || *value == json!("0.00");
    let of_district = answer.rows.iter().filter(|row| row[1] == district);
    of_district.filter(|row| !figures.iter().all(|place| nothing(&row[*place]))).cloned().collect()
}

/// A lake with the sales, loaded once for all rounds of a property.
fn runtime_with_sales() -> (tokio::runtime::Runtime, TempLake, MetricsEngine) {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let lake = runtime.block_on(async {
        let lake = TempLake::with(&BTreeMap::new()).await;
        lake.bulk("benefit_transaction", &sales()).await;
        lake
    });
    let engine = engine(&lake);
    (runtime, lake, engine)
}

fn rounds(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

#[test]
fn a_district_sees_exactly_its_part_of_the_city() {
    let (runtime, _lake, engine) = runtime_with_sales();
    proptest!(rounds(200), |(body in any_query(), district in proptest::sample::select(DISTRICTS.to_vec()))| {
        let query = question(body.clone());
        let (city, own) = runtime.block_on(async {
            (engine.query(&principal("city"), &query).await.unwrap(), engine.query(&principal(district), &query).await.unwrap())
        });
        prop_assert!(own.rows.iter().all(|row| row[1] == district), "{body}");
        prop_assert_eq!(rows_of(&city, district), rows_of(&own, district), "{}", body);
    });
}

#[test]
fn figures_are_what_sql_over_the_rows_says() {
    let (runtime, lake, engine) = runtime_with_sales();
    let months = (0_u32..22, 0_u32..6).prop_map(|(first, more)| {
        let from = chrono::NaiveDate::from_ymd_opt(2025, 1, 1).unwrap() + chrono::Months::new(first);
        (from, from + chrono::Months::new(more + 1) - chrono::Days::new(1))
    });
    let scope = proptest::sample::select(vec!["city", "310104", "310101+310115"]);
    let filter = proptest::sample::select(vec!["文旅", "餐饮", "体育"]);
    proptest!(rounds(100), |((from, to) in months, scope in scope, filter in filter)| {
        let principal = principal(scope);
        let query = question(json!({
            "indicators": ["S1-U03", "S1-B05", "S1-U08A", "S1-P09"], "filters": {"category": [filter]},
            "time": {"grain": "total", "from": from, "to": to}
        }));
        let sql = format!(
            "select cast(count(*) as varchar), cast(cast(coalesce(sum(amount), 0) as decimal(18,2)) as varchar), \
             cast(count(distinct card_token) as varchar), cast(count(distinct merchant_code) as varchar) \
             from benefit_transaction where state = 'confirmed' and category = '{filter}' \
             and pay_time >= timestamp '{from} 00:00:00' and pay_time < timestamp '{} 00:00:00'",
            to + chrono::Days::new(1)
        );
        let (figures, rows) = runtime.block_on(async {
            let session = lake.door().session(&principal).await.unwrap();
            (engine.query(&principal, &query).await.unwrap(), session.sql(&sql).await.unwrap())
        });
        let batch = &rows.batches[0];
        let text = |place: usize| arrow::util::display::array_value_to_string(batch.column(place), 0).unwrap();
        let given: Vec<String> = figures.rows[0][1..].iter().map(|value| value.to_string().replace('"', "")).collect();
        prop_assert_eq!(given, [text(0), text(1), text(2), text(3)], "{}", sql);
    });
}
