//! What a period is compared with: not with one in which the records begin, nor by days where values are kept by month.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::engine::{engine, question, told};
use super::lake::{TempLake, principal};

/// Records that begin on 29 November leave two days of that month: a month against them is no growth. The day is that of
/// all data, so that a district whose own records begin later is compared like the others.
#[tokio::test]
async fn what_is_compared_with_a_period_the_records_begin_in_has_no_change() {
    let rows = "txn_no | pay_time | district_code | category | merchant_code | state
a | 2023-11-29T10:00:00 | 310105 | 文旅 | M1 | confirmed
b | 2023-11-30T10:00:00 | 310104 | 文旅 | M1 | confirmed
c | 2023-12-05T10:00:00 | 310104 | 文旅 | M1 | confirmed
d | 2023-12-06T10:00:00 | 310105 | 文旅 | M1 | confirmed
e | 2024-01-05T10:00:00 | 310104 | 文旅 | M1 | confirmed
f | 2024-01-06T10:00:00 | 310105 | 文旅 | M1 | confirmed
g | 2024-11-05T10:00:00 | 310104 | 文旅 | M1 | confirmed
h | 2024-11-06T10:00:00 | 310105 | 文旅 | M1 | confirmed";
    let lake = TempLake::with(&BTreeMap::from([("benefit_transaction".to_owned(), rows.to_owned())])).await;
    let engine = engine(&lake);
    let ask = async |scope: &str, indicator: &str, grain: &str, from: &str, to: &str| {
        let query = question(json!({
            "indicators": [indicator], "compare": ["yoy", "mom"], "time": {"grain": grain, "from": from, "to": to}
        }));
        engine.query(&principal(scope), &query).await.unwrap()
    };
    for scope in ["310104", "310105", "city"] {
        for indicator in ["S1-U03", "S1-P09"] {
            let answer = ask(scope, indicator, "month", "2023-11-01", "2024-01-31").await;
            let changes: Vec<(&Value, &Value)> = answer.rows.iter().map(|row| (&row[2], &row[3])).collect();
            let none = &Value::Null;
            let expected = [(none, none), (none, none), (none, &json!(0.0))];
            assert_eq!(changes, expected, "{scope} {indicator}");
            let cut = "2023-12-01..2023-12-31 cut_by_first_record mom";
            assert_eq!(told(&answer), [cut], "{scope} {indicator}");
            let answer = ask(scope, indicator, "month", "2024-11-01", "2024-11-30").await;
            assert_eq!(answer.rows[0][2], Value::Null, "{scope} {indicator}");
            let reason = &answer.missing[0].reason;
            assert_eq!(reason, "同比的对比期只有2023年11月29日起的数据，不作比较", "{scope} {indicator}");
            let answer = ask(scope, indicator, "year", "2024-01-01", "2024-12-31").await;
            assert_eq!(answer.rows[0][2], Value::Null, "{scope} {indicator}");
        }
    }
}

/// Different units and persons are kept by month, so that a running month is compared by no days, and says so.
#[tokio::test]
async fn a_running_month_of_different_units_says_why_it_is_not_compared() {
    let rows = "txn_no | pay_time | district_code | merchant_code | card_token | state
a | 2025-10-01T10:00:00 | 310104 | M1 | x | confirmed
b | 2026-10-05T10:00:00 | 310104 | M1 | x | confirmed
c | 2026-11-05T10:00:00 | 310104 | M1 | x | confirmed";
    let lake = TempLake::with(&BTreeMap::from([("benefit_transaction".to_owned(), rows.to_owned())])).await;
    let engine = engine(&lake);
    let ask = async |indicators: &[&str]| {
        let time = json!({"grain": "month", "from": "2026-11-01", "to": "2026-11-30"});
        let query = question(json!({"indicators": indicators, "compare": ["yoy", "mom"], "time": time}));
        engine.query(&principal("city"), &query).await.unwrap()
    };
    for indicator in ["S1-P09", "S1-P09A", "S1-U08"] {
        let answer = ask(&[indicator]).await;
        assert_eq!(answer.compared_until, None, "{indicator}: nothing of it is compared by days");
        let reasons: Vec<&str> = answer.missing.iter().map(|one| one.reason.as_str()).collect();
        assert_eq!(reasons, ["去重指标按整月统计，本期未完，不作同比、环比"; 2], "{indicator}");
    }
    let both = ask(&["S1-U03", "S1-P09"]).await;
    assert_eq!(both.compared_until, Some("2026-11-20".parse().unwrap()));
    assert_eq!(both.rows[0][3], json!(0.0), "{:?}", both.rows);
}
