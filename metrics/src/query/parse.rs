//! Reads a question from JSON and names every problem of it with its field, where serde would stop at the first.

use chrono::NaiveDate;
use indexmap::IndexMap;
use serde_json::{Map, Value};

use super::{Compare, MetricsQuery, TimeRange};
use crate::calendar::Grain;
use crate::error::{MetricsError, Problem};

const KEYS: [&str; 7] = ["indicators", "dimensions", "time", "filters", "compare", "order", "limit"];

impl MetricsQuery {
    /// Reads the body of `POST /metrics/query`.
    pub fn from_json(body: &Value) -> Result<Self, MetricsError> {
        let mut problems = Vec::new();
        let Some(object) = body.as_object() else {
            let problem = Problem::new("", "not_an_object", "请求体应为 JSON 对象");
            return Err(MetricsError::Invalid { problems: vec![problem] });
        };
        unknown_keys(object, &KEYS, "", &mut problems);
        let indicators = texts(object, "indicators", &mut problems);
        let dimensions = texts(object, "dimensions", &mut problems);
        let order = texts(object, "order", &mut problems);
        let time = time(object.get("time"), &mut problems);
        let filters = filters(object.get("filters"), &mut problems);
        let compare = compare(&texts(object, "compare", &mut problems), &mut problems);
        let limit = limit(object.get("limit"), &mut problems);
        match time {
            Some(time) if problems.is_empty() => {
                Ok(Self { indicators, dimensions, time, filters, compare, order, limit })
            }
            _ => Err(MetricsError::Invalid { problems }),
        }
    }
}

fn unknown_keys(object: &Map<String, Value>, known: &[&str], prefix: &str, problems: &mut Vec<Problem>) {
    for key in object.keys().filter(|key| !known.contains(&key.as_str())) {
        let message = format!("没有这个字段；可用字段：{}", known.join("、"));
        problems.push(Problem::new(format!("{prefix}{key}"), "unknown_field", message));
    }
}

fn texts(object: &Map<String, Value>, key: &str, problems: &mut Vec<Problem>) -> Vec<String> {
    match object.get(key) {
        None | Some(Value::Null) => Vec::new(),
        Some(value) => text_list(value).unwrap_or_else(|| {
            problems.push(Problem::new(key, "not_a_list", "应为文本数组"));
            Vec::new()
        }),
    }
}

fn text_list(value: &Value) -> Option<Vec<String>> {
    value.as_array()?.iter().map(|item| item.as_str().map(str::to_owned)).collect()
}

fn time(value: Option<&Value>, problems: &mut Vec<Problem>) -> Option<TimeRange> {
    let Some(object) = value.and_then(Value::as_object) else {
        problems.push(Problem::new("time", "required", "请给出 {\"grain\", \"from\", \"to\"}"));
        return None;
    };
    unknown_keys(object, &["grain", "from", "to"], "time.", problems);
    let grain = object.get("grain").and_then(Value::as_str).and_then(Grain::parse);
    if grain.is_none() {
        problems.push(Problem::new(
            "time.grain",
            "unknown_grain",
            "请用 day、week、month、quarter、year 或 total",
        ));
    }
    let mut day = |key: &str| {
        let date = object.get(key).and_then(Value::as_str).and_then(strict_date);
        if date.is_none() {
            problems.push(Problem::new(format!("time.{key}"), "bad_date", "请写成 2026-10-31 这样的日期"));
        }
        date
    };
    let (from, to) = (day("from"), day("to"));
    Some(TimeRange { grain: grain?, from: from?, to: to? })
}

fn strict_date(text: &str) -> Option<NaiveDate> {
    (text.len() == 10).then(|| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()).flatten()
}

fn filters(value: Option<&Value>, problems: &mut Vec<Problem>) -> IndexMap<String, Vec<String>> {
    let mut filters = IndexMap::new();
    match value {
        None | Some(Value::Null) => {}
        Some(Value::Object(object)) => {
            for (dimension, values) in object {
                match text_list(values) {
                    Some(values) => {
                        filters.insert(dimension.clone(), values);
                    }
                    None => problems.push(Problem::new(
                        format!("filters.{dimension}"),
                        "not_a_list",
                        "应为文本数组",
                    )),
                }
            }
        }
        Some(_) => problems.push(Problem::new("filters", "not_an_object", "应为 {维度: [取值]}")),
    }
    filters
}

fn compare(names: &[String], problems: &mut Vec<Problem>) -> Vec<Compare> {
    let mut list = Vec::new();
    for name in names {
        match Compare::parse(name) {
            Some(compare) => list.push(compare),
            None => {
                let message = format!("没有派生方式“{name}”；可用：{}", Compare::NAMES);
                problems.push(Problem::new("compare", "unknown_compare", message));
            }
        }
    }
    list
}

fn limit(value: Option<&Value>, problems: &mut Vec<Problem>) -> Option<usize> {
    match value {
        None | Some(Value::Null) => None,
        Some(value) => {
            let limit = value.as_u64().and_then(|limit| usize::try_from(limit).ok());
            if limit.is_none() {
                problems.push(Problem::new("limit", "bad_number", "应为正整数"));
            }
            limit
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(body: &str, expected: &[&str]) {
        let parsed = MetricsQuery::from_json(&serde_json::from_str(body).unwrap());
        let fields: Vec<String> = parsed
            .err()
            .map(|error| error.problems().iter().map(|p| p.field.clone()).collect())
            .unwrap_or_default();
        assert_eq!(fields, expected, "{body}");
    }

    #[test]
    fn every_problem_is_named_with_its_field() {
        let time = r#""time":{"grain":"month","from":"2026-01-01","to":"2026-10-31"}"#;
        check(&format!(r#"{{"indicators":["S1-U03"],{time}}}"#), &[]);
        check(&format!(r#"{{"indicators":["S1-U03"],{time},"limit":null,"filters":null}}"#), &[]);
        check("[]", &[""]);
        check(r#"{"indicators":"S1-U03"}"#, &["indicators", "time"]);
        check(
            r#"{"indicator":[],"time":{"grain":"hour","from":"2026-1-1","to":"2026-02-30","zone":"+08:00"}}"#,
            &["indicator", "time.zone", "time.grain", "time.from", "time.to"],
        );
        check(
            &format!(
                r#"{{"indicators":[1],{time},"filters":{{"district":"310104"}},"compare":["qoq"],"limit":-1}}"#
            ),
            &["indicators", "filters.district", "compare", "limit"],
        );
    }

    #[test]
    fn a_question_survives_the_way_through_json() {
        let body = r#"{"indicators":["S1-U03"],"dimensions":["district"],"time":{"grain":"total","from":"2026-01-01","to":"2026-10-31"},"filters":{"category":["文旅"]},"compare":["yoy","rank"],"order":["-S1-U03"],"limit":10}"#;
        let value: Value = serde_json::from_str(body).unwrap();
        let query = MetricsQuery::from_json(&value).unwrap();
        assert_eq!(serde_json::to_value(&query).unwrap(), value);
        assert_eq!(serde_json::from_value::<MetricsQuery>(value).unwrap(), query);
    }
}
