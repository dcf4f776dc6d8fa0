//! The answer of a comparison as it leaves the crate.

use chrono::NaiveDate;
use serde::Serialize;

use super::place::Rank;
use crate::kept::Weigh;
use crate::query::ScopeView;

/// What a row is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SlotKind {
    /// All values of the dimension together.
    Total,
    /// One value of the dimension.
    Member,
}

/// How much of a row is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RowState {
    /// Everything.
    Shown,
    /// Too few persons are behind it.
    Small,
    /// It would give away a small one, or one district.
    HeldBack,
}

/// One district of the caller against all districts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ComparisonRow {
    /// Total or one value of the dimension.
    pub slot: SlotKind,
    /// The value; none for the total and for rows that have none.
    pub member: Option<String>,
    /// The caller's district.
    pub district: String,
    /// Its name.
    pub district_name: String,
    /// Its figure.
    pub own: Option<String>,
    /// Mean over all districts; `<5` if small, none if held back or not declared.
    pub average: Option<String>,
    /// Its rank, as far as it may be told.
    pub rank: Option<Rank>,
    /// The same for people.
    pub rank_text: Option<String>,
    /// Districts that have a figure.
    pub of: Option<usize>,
    /// 1 for the highest quarter to 4.
    pub quartile: Option<usize>,
    /// How much is told.
    pub state: RowState,
}

/// First and last day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct ComparedTime {
    /// First day.
    pub from: NaiveDate,
    /// Last day.
    pub to: NaiveDate,
}

/// The answer to a comparison.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ComparisonAnswer {
    /// Its id.
    pub comparison: String,
    /// Chinese name.
    pub title: String,
    /// Code of the indicator.
    pub indicator: String,
    /// Unit of its figures.
    pub unit: String,
    /// The dimension of the rows.
    pub dimension: Option<String>,
    /// The time compared.
    pub time: ComparedTime,
    /// Persons below which a cell is small.
    pub minimum: u64,
    /// One row per district of the caller and value of the dimension.
    pub rows: Vec<ComparisonRow>,
    /// Versions of the tables read.
    pub data_version: String,
    /// Whose own figures these are.
    pub scope: ScopeView,
    /// The business date.
    pub as_of: NaiveDate,
}

impl Weigh for ComparisonAnswer {
    fn bytes(&self) -> usize {
        let text = |text: &Option<String>| text.as_ref().map_or(0, String::len);
        let row = |row: &ComparisonRow| {
            size_of::<ComparisonRow>()
                + row.district.len()
                + row.district_name.len()
                + text(&row.member)
                + text(&row.own)
                + text(&row.average)
                + text(&row.rank_text)
        };
        size_of::<Self>() + self.data_version.len() + self.rows.iter().map(row).sum::<usize>()
    }
}
