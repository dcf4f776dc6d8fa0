//! Reads values out of an answer of the metrics engine by month, group and column name.

use chrono::NaiveDate;
use pujiang_metrics::{ColumnType, Compare, MetricsAnswer};
use rust_decimal::Decimal;
use serde_json::Value;

use super::{Cell, Change};
use crate::error::ReportError;

/// Shown for a group the rows leave blank.
const UNNAMED: &str = "未分类";

/// An answer with its columns looked up by name.
pub struct Answer {
    report: String,
    answer: MetricsAnswer,
}

impl Answer {
    /// Wraps an answer to a question of this report.
    #[must_use]
    pub fn new(report: &str, answer: MetricsAnswer) -> Self {
        Self { report: report.to_owned(), answer }
    }

    /// Value of an indicator in the month that begins on `month`; `None` when there is no row or no value.
    ///
    /// # Errors
    /// The answer has no such column: a defect, not an empty month.
    pub fn month(&self, month: NaiveDate, indicator: &str) -> Result<Option<Decimal>, ReportError> {
        let at = self.column(indicator)?;
        Ok(self.row(month)?.and_then(|row| decimal(row.get(at)?)))
    }

    /// A derived value in a month; `None` also when it was not asked for.
    #[must_use]
    pub fn month_derived(&self, month: NaiveDate, indicator: &str, compare: Compare) -> Option<Decimal> {
        let at = self.column(&derived(indicator, compare)).ok()?;
        decimal(self.row(month).ok()??.get(at)?)
    }

    /// A change in a month; `None` also when it was not asked for.
    #[must_use]
    pub fn month_change(&self, month: NaiveDate, indicator: &str, compare: Compare) -> Option<Change> {
        self.change(self.row(month).ok()??, indicator, compare)
    }

    /// The reasons why figures or changes of the month that begins on `month` are missing, each with the indicators it
    /// is of.
    #[must_use]
    pub fn missing(&self, month: NaiveDate) -> Vec<(String, String)> {
        let of_month = self.answer.missing.iter().filter(|one| one.from <= month && month <= one.to);
        of_month.map(|one| (one.indicator.clone(), one.reason.clone())).collect()
    }

    fn change(&self, row: &[Value], indicator: &str, compare: Compare) -> Option<Change> {
        let at = self.column(&derived(indicator, compare)).ok()?;
        let value = decimal(row.get(at)?)?;
        match self.answer.columns.get(at)?.kind {
            ColumnType::Points => Some(Change::Points(value)),
            _ => Some(Change::Part(value)),
        }
    }

    /// One cell per row and indicator of an answer by one dimension.
    ///
    /// # Errors
    /// The answer lacks the dimension or an indicator.
    pub fn cells(&self, dimension: &str, indicators: &[String]) -> Result<Vec<Cell>, ReportError> {
        let code_at = self.column(dimension)?;
        let label_at = self.column(&format!("{dimension}_name")).unwrap_or(code_at);
        let mut cells = Vec::with_capacity(self.answer.rows.len() * indicators.len());
        for indicator in indicators {
            let value_at = self.column(indicator)?;
            let share_at = self.column(&derived(indicator, Compare::Share)).ok();
            for row in &self.answer.rows {
                let text = |at: usize| {
                    row.get(at)
                        .and_then(Value::as_str)
                        .filter(|t| !t.is_empty())
                        .unwrap_or(UNNAMED)
                        .to_owned()
                };
                cells.push(Cell {
                    code: text(code_at),
                    label: text(label_at),
                    indicator: indicator.clone(),
                    value: row.get(value_at).and_then(decimal),
                    yoy: self.change(row, indicator, Compare::Yoy),
                    share: share_at.and_then(|at| decimal(row.get(at)?)),
                    rank: self
                        .column(&derived(indicator, Compare::Rank))
                        .ok()
                        .and_then(|at| row.get(at)?.as_i64()),
                });
            }
        }
        Ok(cells)
    }

    fn row(&self, month: NaiveDate) -> Result<Option<&Vec<Value>>, ReportError> {
        let at = self.column("period")?;
        let text = month.to_string();
        Ok(self.answer.rows.iter().find(|row| row.get(at).and_then(Value::as_str) == Some(&text)))
    }

    fn column(&self, name: &str) -> Result<usize, ReportError> {
        let found = self.answer.columns.iter().position(|c| c.name == name);
        found.ok_or_else(|| ReportError::Answer { report: self.report.clone(), column: name.to_owned() })
    }
}

fn derived(indicator: &str, compare: Compare) -> String {
    format!("{indicator}.{}", compare.as_str())
}

/// Whole numbers come as JSON numbers, money and percentages as text so that they stay exact. Changes and shares are
/// numbers of few digits: their text is the decimal they were, whatever binary number stands for it.
fn decimal(value: &Value) -> Option<Decimal> {
    match value {
        Value::Number(number) => {
            let text = number.to_string();
            text.parse().or_else(|_| Decimal::from_scientific(&text)).ok()
        }
        Value::String(text) => text.parse().ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn answer() -> Answer {
        let body = json!({
            "columns": [
                {"name": "period", "title": "月份", "type": "date"},
                {"name": "district", "title": "区", "type": "text"},
                {"name": "district_name", "title": "区", "type": "text"},
                {"name": "S1-B05", "title": "优待交易金额", "unit": "元", "type": "decimal"},
                {"name": "S1-B05.yoy", "title": "同比", "type": "ratio"},
                {"name": "S1-B05.rank", "title": "排名", "type": "integer"},
            ],
            "rows": [["2026-10-01", "310104", "徐汇区", "417661.91", 0.0312, 2], ["2026-10-01", "310105", "长宁区", null, null, null]],
            "data_version": "benefit_transaction@12",
            "scope": {"level": "city", "districts": [], "label": "全市"},
            "filters": {}, "as_of": "2026-11-21", "incomplete_from": null,
            "missing": [{"indicator": "S1-B05", "from": "2026-10-01", "to": "2026-10-31", "code": "cut_by_first_record",
                "compare": "yoy", "reason": "同比的对比期只有2025年10月20日起的数据，不作比较"}],
        });
        Answer::new("r", serde_json::from_value(body).expect("an answer"))
    }

    #[test]
    fn right_answer_21_numbers_are_read_as_the_decimals_they_are() {
        for (json, text) in [
            ("0.0625", "0.0625"),
            ("0.3125", "0.3125"),
            ("1e-7", "0.0000001"),
            ("-1.0", "-1.0"),
            ("12", "12"),
        ] {
            let value: Value = serde_json::from_str(json).expect("a number");
            assert_eq!(decimal(&value).map(|d| d.to_string()).as_deref(), Some(text));
        }
    }

    #[test]
    fn values_stay_exact_and_missing_stays_missing() {
        let answer = answer();
        let cells = answer.cells("district", &["S1-B05".to_owned()]).expect("readable");
        assert_eq!(cells[0].value, Some("417661.91".parse().expect("a number")));
        assert_eq!(
            (cells[0].label.as_str(), cells[0].yoy, cells[0].share, cells[0].rank),
            ("徐汇区", Some(Change::Part("0.0312".parse().expect("a number"))), None, Some(2))
        );
        assert_eq!((cells[1].value, cells[1].yoy), (None, None));
        assert!(
            answer.cells("mode", &[]).is_err(),
            "a column that is not there is a defect, not an empty report"
        );
        let october = "2026-10-01".parse().expect("a day");
        let why = ("S1-B05".to_owned(), "同比的对比期只有2025年10月20日起的数据，不作比较".to_owned());
        assert_eq!(answer.missing(october), [why], "a change that is missing is told like a figure that is");
        assert!(answer.month(october, "S1-B05").expect("there").is_some());
        assert!(answer.month("2026-09-01".parse().expect("a day"), "S1-B05").expect("there").is_none());
    }
}
