//! The answer as it leaves the crate: typed columns, rows of JSON values, and what the figures were read from.

use chrono::NaiveDate;
use indexmap::IndexMap;
use pujiang_security::DataScope;
use serde::{Deserialize, Serialize};

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
    /// Whose rows were read.
    pub scope: ScopeView,
    /// The filters of the question.
    pub filters: IndexMap<String, Vec<String>>,
    /// The business date on which the answer was computed.
    pub as_of: NaiveDate,
    /// First day of the first period that is not over, if the answer has one.
    pub incomplete_from: Option<NaiveDate>,
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
        size_of::<Self>() + rows + self.columns.len() * 128
    }
}
