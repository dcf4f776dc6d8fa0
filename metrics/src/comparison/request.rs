//! What is asked of a comparison: whole months that are over, and at most one dimension. The bounds are part of the
//! rule: two questions that differ by a day would tell that day, and a month under way changes with every record.

use chrono::{Datelike, Months, NaiveDate};
use serde_json::{Map, Value};

use super::ComparisonDef;
use crate::calendar::{Span, first_of_month};
use crate::error::{MetricsError, Problem};

/// Months of one question.
const MOST_MONTHS: u32 = 36;
const YEARS: std::ops::RangeInclusive<i32> = 2000..=2100;

/// A question to a comparison.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ComparisonQuery {
    /// First day of the first month.
    pub from: NaiveDate,
    /// Last day of the last month.
    pub to: NaiveDate,
    /// What the rows are split by.
    pub dimension: Option<String>,
}

impl ComparisonQuery {
    /// Reads the body of `POST /comparisons/{id}/query`.
    pub fn from_json(body: &Value) -> Result<Self, MetricsError> {
        let mut problems = Vec::new();
        let Some(object) = body.as_object() else {
            let problem = Problem::new("", "not_an_object", "请求体应为 JSON 对象");
            return Err(MetricsError::Invalid { problems: vec![problem] });
        };
        unknown(object, &["time", "dimension"], "", &mut problems);
        let dimension = match object.get("dimension") {
            None | Some(Value::Null) => None,
            Some(Value::String(name)) => Some(name.clone()),
            Some(_) => {
                problems.push(Problem::new("dimension", "not_a_text", "应为一个维度的名称，或不写"));
                None
            }
        };
        let time = object.get("time").and_then(Value::as_object);
        if time.is_none() {
            problems.push(Problem::new("time", "required", "请给出 {\"from\", \"to\"}"));
        }
        let mut day = |key: &str| {
            let text = time?.get(key).and_then(Value::as_str).filter(|text| text.len() == 10);
            let date = text.and_then(|text| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok());
            if date.is_none() {
                problems.push(Problem::new(
                    format!("time.{key}"),
                    "bad_date",
                    "请写成 2026-10-31 这样的日期",
                ));
            }
            date
        };
        let (from, to) = (day("from"), day("to"));
        if let Some(time) = time {
            unknown(time, &["from", "to"], "time.", &mut problems);
        }
        match (from, to) {
            (Some(from), Some(to)) if problems.is_empty() => Ok(Self { from, to, dimension }),
            _ => Err(MetricsError::Invalid { problems }),
        }
    }

    /// Checks the question against the comparison. `today` decides which months are over.
    pub(super) fn validate(&self, def: &ComparisonDef, today: NaiveDate) -> Result<Span, Vec<Problem>> {
        let mut problems = Vec::new();
        if let Some(dimension) = self.dimension.as_ref().filter(|name| !def.dimensions.contains(name)) {
            let message = format!("没有维度“{dimension}”；可用维度：{}", def.dimensions.join("、"));
            problems.push(Problem::new("dimension", "unknown_dimension", message));
        }
        for (field, day) in [("time.from", self.from), ("time.to", self.to)] {
            if !YEARS.contains(&day.year()) {
                let message = format!("请用 {} 到 {} 年之间的日期", YEARS.start(), YEARS.end());
                problems.push(Problem::new(field, "out_of_range", message));
                return Err(problems);
            }
        }
        if self.from.day() != 1 {
            problems.push(Problem::new("time.from", "not_whole_months", "对比按整月进行，请用某月 1 日"));
        }
        if first_of_month(self.to) + Months::new(1) != self.to + chrono::Days::new(1) {
            let message = "对比按整月进行，请用某月最后一日";
            problems.push(Problem::new("time.to", "not_whole_months", message));
        } else if self.to >= first_of_month(today) {
            let message = "只能对比已经结束的月份，请用上月或以前的月份";
            problems.push(Problem::new("time.to", "month_not_over", message));
        }
        let span = Span::new(self.from, self.to);
        match span {
            None => problems.push(Problem::new("time.to", "before_from", "结束日期早于开始日期，请调整")),
            Some(span) if span.whole_months().is_some_and(|months| months > MOST_MONTHS) => {
                let message = format!("一次最多对比 {MOST_MONTHS} 个月，请缩短时间范围");
                problems.push(Problem::new("time", "too_many_periods", message));
            }
            Some(_) => {}
        }
        span.filter(|_| problems.is_empty()).ok_or(problems)
    }
}

fn unknown(object: &Map<String, Value>, known: &[&str], prefix: &str, problems: &mut Vec<Problem>) {
    for key in object.keys().filter(|key| !known.contains(&key.as_str())) {
        let message = format!("没有这个字段；可用字段：{}", known.join("、"));
        problems.push(Problem::new(format!("{prefix}{key}"), "unknown_field", message));
    }
}

#[cfg(test)]
mod tests {
    use super::super::ComparisonDefinitions;
    use super::*;

    fn check(body: &str, expected: &[&str]) {
        let definitions = ComparisonDefinitions::builtin().unwrap();
        let def = definitions.get("benefit_transactions").unwrap();
        let problems = match ComparisonQuery::from_json(&serde_json::from_str(body).unwrap()) {
            Ok(query) => query.validate(def, "2026-11-21".parse().unwrap()).err().unwrap_or_default(),
            Err(error) => error.problems().to_vec(),
        };
        let shown: Vec<String> =
            problems.iter().map(|problem| format!("{} {}", problem.field, problem.code)).collect();
        assert_eq!(shown, expected, "{body}");
    }

    #[test]
    fn only_whole_months_that_are_over() {
        let time = |from: &str, to: &str| format!(r#"{{"time":{{"from":"{from}","to":"{to}"}}}}"#);
        check(&time("2026-08-01", "2026-10-31"), &[]);
        check(&time("2026-02-01", "2026-02-28"), &[]);
        check(&time("2026-10-02", "2026-10-31"), &["time.from not_whole_months"]);
        check(&time("2026-10-01", "2026-10-30"), &["time.to not_whole_months"]);
        check(&time("2026-11-01", "2026-11-30"), &["time.to month_not_over"]);
        check(&time("2026-10-01", "2026-09-30"), &["time.to before_from"]);
        check(&time("2022-10-01", "2026-09-30"), &["time too_many_periods"]);
        check(&time("1999-10-01", "2026-09-30"), &["time.from out_of_range"]);
    }

    #[test]
    fn every_problem_is_named_with_its_field() {
        check("[]", &[" not_an_object"]);
        check(r#"{"district":"310104"}"#, &["district unknown_field", "time required"]);
        check(
            r#"{"time":{"from":"2026-1-1","to":1,"grain":"day"},"dimension":[]}"#,
            &["dimension not_a_text", "time.from bad_date", "time.to bad_date", "time.grain unknown_field"],
        );
        check(
            r#"{"time":{"from":"2026-08-01","to":"2026-10-31"},"dimension":"card_token"}"#,
            &["dimension unknown_dimension"],
        );
    }
}
