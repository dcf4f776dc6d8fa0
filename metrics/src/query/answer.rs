//! The answer as it leaves the crate: typed columns, rows of JSON values, and what the figures were read from.

use chrono::{DateTime, Datelike, FixedOffset, NaiveDate};
use indexmap::IndexMap;
use pujiang_security::DataScope;
use serde::{Deserialize, Serialize};

use super::Compare;
use crate::kept::Weigh;

/// The answer to a question.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MetricsAnswer {
    /// What each place of a row is.
    pub columns: Vec<Column>,
    /// Values in the order of the columns; a missing value is null.
    pub rows: Vec<Vec<serde_json::Value>>,
    /// The versions of the tables that were read, like `benefit_transaction@12,state_event@3`.
    pub data_version: String,
    /// When the newest of what was read was written, in Shanghai time; none of an empty lake.
    #[serde(default)]
    pub data_time: Option<DateTime<FixedOffset>>,
    /// Whose rows were read.
    pub scope: ScopeView,
    /// The filters of the question.
    pub filters: IndexMap<String, Vec<String>>,
    /// The business date on which the answer was computed.
    pub as_of: NaiveDate,
    /// First day of the first period that is not over, if the answer has one.
    pub incomplete_from: Option<NaiveDate>,
    /// The last day that is compared of a period that is not over; none if the answer has no such period, no day of it
    /// is over yet, or nothing in it is compared by days.
    #[serde(default)]
    pub compared_until: Option<NaiveDate>,
    /// Stretches of the asked time in which an indicator has no figure at all, or none of its changes, and why.
    #[serde(default)]
    pub missing: Vec<Missing>,
}

/// Why an indicator has no figure of a period as a whole, or a figure is not compared. Nought is said only where there
/// was nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gap {
    /// The period has not begun.
    NotBegun,
    /// The scope has no rows at all.
    NoData,
    /// The period ends before the first row of the scope.
    BeforeData {
        /// Day of the first row.
        first: NaiveDate,
    },
    /// Nothing arrived in the period, though before and after it.
    Silent,
    /// Nothing has arrived since a day before the period.
    NoRows {
        /// Day of the last row.
        last: NaiveDate,
    },
    /// The time compared with begins before the first row of all data and ends after it: a part is no whole.
    Cut {
        /// Day of the first row.
        first: NaiveDate,
    },
    /// Different values are kept by month: days of a month cannot be compared with as many of another.
    NotWhole {
        /// Whether the period still runs.
        open: bool,
    },
}

impl Gap {
    /// A stable code for programs.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::NotBegun => "not_begun",
            Self::NoData => "no_data",
            Self::BeforeData { .. } => "before_data",
            Self::Silent | Self::NoRows { .. } => "no_rows",
            Self::Cut { .. } => "cut_by_first_record",
            Self::NotWhole { .. } => "not_whole",
        }
    }

    /// For people: why there is no figure, or why it has no change.
    #[must_use]
    pub fn reason(self, of: Option<Compare>) -> String {
        let day = |day: NaiveDate| format!("{}年{}月{}日", day.year(), day.month(), day.day());
        let whose = of.map(|compare| format!("{}的对比期", compare.title()));
        match (self, whose) {
            (Self::Cut { first }, whose) => {
                let whose = whose.unwrap_or_else(|| "所选期间".to_owned());
                format!("{whose}只有{}起的数据，不作比较", day(first))
            }
            (Self::NotWhole { open: true }, _) => "去重指标按整月统计，本期未完，不作同比、环比".to_owned(),
            (Self::NotWhole { open: false }, _) => {
                "去重指标按整月统计，所选不是完整的期间，不作同比、环比".to_owned()
            }
            (Self::BeforeData { first }, Some(whose)) => {
                format!("{whose}早于最早的记录（{}），不作比较", day(first))
            }
            (_, Some(whose)) => format!("{whose}没有收到任何记录，不作比较"),
            (Self::NotBegun, None) => "所选期间尚未开始，没有数字".to_owned(),
            (Self::NoData, None) => "数据范围内还没有任何记录，没有数字".to_owned(),
            (Self::BeforeData { first }, None) => {
                format!("所选期间早于最早的记录（{}），没有数字", day(first))
            }
            (Self::Silent, None) => "所选期间没有收到任何记录，没有数字".to_owned(),
            (Self::NoRows { last }, None) => {
                format!("所选期间还没有收到记录（最近一条在{}），没有数字", day(last))
            }
        }
    }
}

/// A stretch of time in which an indicator has no figure, or has one that is not compared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Missing {
    /// Its code.
    pub indicator: String,
    /// First day.
    pub from: NaiveDate,
    /// Last day.
    pub to: NaiveDate,
    /// `not_begun`, `no_data`, `before_data`, `no_rows`, `cut_by_first_record` or `not_whole`.
    pub code: String,
    /// The change that is missing beside a figure that is there; none where the figure itself is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compare: Option<Compare>,
    /// For people.
    pub reason: String,
}

/// One column of an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    /// Name: `period`, a dimension, `district_name`, an indicator, or `<indicator>.<comparison>`.
    pub name: String,
    /// Heading in Chinese.
    pub title: String,
    /// Unit of an indicator's value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// How values are written.
    #[serde(rename = "type")]
    pub kind: ColumnType,
}

/// How the values of a column are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ColumnType {
    /// `"2026-10-01"`.
    Date,
    /// A text.
    Text,
    /// A JSON number without fraction.
    Integer,
    /// A text with fixed digits, so that money stays exact: `"417661.91"`.
    Decimal,
    /// A text in percent: `"93.21"` means 93.21 %.
    Percent,
    /// A JSON number; 0.0312 means 3.12 %.
    Ratio,
    /// A text in percentage points, the difference of two percentages: `"-1.25"`.
    Points,
}

/// Whose rows an answer was computed from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScopeView {
    /// `city`, `district`, `street`, `organization`, `person` or `nothing`: the widest grant.
    pub level: String,
    /// The districts that are visible as a whole.
    pub districts: Vec<String>,
    /// Streets beyond them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub streets: Vec<String>,
    /// In words: 全市, 仅徐汇区.
    pub label: String,
}

impl From<&DataScope> for ScopeView {
    fn from(scope: &DataScope) -> Self {
        Self {
            level: scope.level().as_str().to_owned(),
            districts: scope.districts().iter().map(|code| code.as_str().to_owned()).collect(),
            streets: scope.streets().iter().map(|code| code.as_str().to_owned()).collect(),
            label: scope.label(),
        }
    }
}

impl Weigh for MetricsAnswer {
    fn bytes(&self) -> usize {
        let value =
            |value: &serde_json::Value| size_of::<serde_json::Value>() + value.as_str().map_or(0, str::len);
        let rows: usize =
            self.rows.iter().map(|row| size_of::<Vec<()>>() + row.iter().map(value).sum::<usize>()).sum();
        size_of::<Self>() + rows + (self.columns.len() + self.missing.len()) * 128
    }
}
