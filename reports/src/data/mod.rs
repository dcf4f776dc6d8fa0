//! Everything a rendered report may show, as plain data: rendering is a pure function of [`ReportData`].
//! Nothing here asks for figures; that is `source`.

mod answer;
pub mod source;
mod versions;

#[cfg(test)]
pub(crate) mod fixture;

use chrono::{DateTime, FixedOffset, NaiveDate};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// The figures of one report for one scope and one period.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReportData {
    /// Report id.
    pub report: String,
    /// Report title, `社会优待月报`.
    pub title: String,
    /// Department named on the cover.
    pub department: String,
    /// Period covered.
    pub period: PeriodFacts,
    /// Whose rows the figures were computed from.
    pub scope: ScopeFacts,
    /// When the data the figures were read from was written, Shanghai time: equal data make equal files.
    pub data_time: DateTime<FixedOffset>,
    /// Delta versions the figures were read from.
    pub data_version: String,
    /// Dictionary entries of all indicators in this report, in the order of the definition.
    pub indicators: Vec<IndicatorFacts>,
    /// Sheet of the workbook the overview stands on.
    pub overview_sheet: String,
    /// One row per indicator of the overview.
    pub figures: Vec<Figure>,
    /// Figures by district, category, mode …
    pub breakdowns: Vec<Breakdown>,
    /// Monthly values ending with the period.
    pub trend: Trend,
    /// Why figures are missing, in words.
    pub remarks: Vec<String>,
    /// Charts the PDF shows.
    pub charts: Vec<ChartFacts>,
    /// Summary sentences as patterns (see `text::sentence`).
    pub sentences: Vec<String>,
}

/// The period in words and dates.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PeriodFacts {
    /// `2026-10`.
    pub value: String,
    /// `2026年10月`.
    pub label: String,
    /// First day.
    pub from: NaiveDate,
    /// Last day, inclusive.
    pub to: NaiveDate,
    /// Last day with data when the period was not over yet.
    pub incomplete_until: Option<NaiveDate>,
    /// Last day that is over, which changes of such a period are computed to.
    pub compared_until: Option<NaiveDate>,
}

impl PeriodFacts {
    /// What of a period that was not over is told: `截至2026-11-21；环比、同比按截至2026-11-20的完整日计算`.
    #[must_use]
    pub fn incomplete(&self) -> Option<String> {
        let until = self.incomplete_until?;
        Some(match self.compared_until {
            Some(day) => format!("截至{until}；环比、同比按截至{day}的完整日计算"),
            None => format!("截至{until}；还没有完整的一天，不作比较"),
        })
    }
}

/// The scope the figures were computed under.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ScopeFacts {
    /// `全市`, `仅徐汇区`.
    pub label: String,
    /// Scope in file names and titles: `全市`, `徐汇区`.
    pub short: String,
    /// Codes of the districts it has rows of, as far as the scope names them; empty for the whole city.
    pub districts: Vec<String>,
}

/// How values of an indicator are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ValueKind {
    /// Whole number.
    Integer,
    /// Money or an average: two decimals.
    Decimal,
    /// 93.21 means 93.21 %.
    Percent,
}

/// Which way is good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// More is better.
    UpGood,
    /// Less is better.
    DownGood,
    /// Neither.
    Neutral,
}

/// What the dictionary says of one indicator.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct IndicatorFacts {
    /// Code, `S1-U03`.
    pub id: String,
    /// Title.
    pub title: String,
    /// Unit.
    pub unit: String,
    /// Definition in words (口径).
    pub description: String,
    /// How values are written.
    pub kind: ValueKind,
    /// Which way is good.
    pub direction: Direction,
}

/// How a figure has moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// By a part of itself: 0.0312 means 3.12 %.
    Part(Decimal),
    /// A percentage, by percentage points.
    Points(Decimal),
}

/// One indicator of the overview. `None` is "no value", never zero.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Figure {
    /// Indicator id.
    pub indicator: String,
    /// This period.
    pub current: Option<Decimal>,
    /// The period before.
    pub previous: Option<Decimal>,
    /// Change against the period before.
    pub mom: Option<Change>,
    /// The same period a year ago.
    pub last_year: Option<Decimal>,
    /// Change against the same period a year ago.
    pub yoy: Option<Change>,
    /// Since 1 January.
    pub cumulative: Option<Decimal>,
}

/// Indicators by one dimension, as a long list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Breakdown {
    /// Section id.
    pub id: String,
    /// Title.
    pub title: String,
    /// Sheet of the workbook it stands on.
    pub sheet: String,
    /// Dimension id.
    pub dimension: String,
    /// Title of the dimension's column.
    pub dimension_title: String,
    /// Indicators, in column order.
    pub indicators: Vec<String>,
    /// One cell per group and indicator.
    pub cells: Vec<Cell>,
}

/// One value of a breakdown.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Cell {
    /// Code of the group: district code, or the category itself.
    pub code: String,
    /// Name of the group.
    pub label: String,
    /// Indicator id.
    pub indicator: String,
    /// Value.
    pub value: Option<Decimal>,
    /// Change against the same period a year ago.
    pub yoy: Option<Change>,
    /// Share of the total.
    pub share: Option<Decimal>,
    /// Rank within the period.
    pub rank: Option<i64>,
}

/// Monthly values.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Trend {
    /// Sheet of the workbook it stands on.
    pub sheet: String,
    /// First days of the months, oldest first; the last is the period itself.
    pub months: Vec<NaiveDate>,
    /// How many of the latest months the workbook lists.
    pub listed: usize,
    /// Indicators the workbook lists and draws.
    pub indicators: Vec<String>,
    /// One series per indicator.
    pub series: Vec<Series>,
}

/// Monthly values of one indicator, as long as `Trend::months`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Series {
    /// Indicator id.
    pub indicator: String,
    /// Values.
    pub values: Vec<Option<Decimal>>,
}

/// One chart of the PDF.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ChartFacts {
    /// Chart id; the template names it.
    pub id: String,
    /// Title above the chart.
    pub title: String,
    /// Form.
    pub kind: ChartKind,
    /// Indicator drawn.
    pub indicator: String,
    /// Breakdown it draws; empty for a trend.
    pub breakdown: String,
}

/// Form of a chart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChartKind {
    /// The last twelve months against the twelve before.
    Trend,
    /// Sorted bars with the change against last year.
    Ranking,
    /// Sorted bars with the share of the total.
    Composition,
    /// Districts coloured by value.
    Map,
}

impl ReportData {
    /// Dictionary entry of an indicator.
    #[must_use]
    pub fn indicator(&self, id: &str) -> Option<&IndicatorFacts> {
        self.indicators.iter().find(|i| i.id == id)
    }

    /// Overview row of an indicator.
    #[must_use]
    pub fn figure(&self, id: &str) -> Option<&Figure> {
        self.figures.iter().find(|f| f.indicator == id)
    }

    /// Breakdown by section id.
    #[must_use]
    pub fn breakdown(&self, id: &str) -> Option<&Breakdown> {
        self.breakdowns.iter().find(|b| b.id == id)
    }

    /// Monthly values of an indicator.
    #[must_use]
    pub fn series(&self, id: &str) -> Option<&Series> {
        self.trend.series.iter().find(|s| s.indicator == id)
    }

    /// Whether the scope is exactly one district, whose report names no other.
    #[must_use]
    pub fn single_district(&self) -> Option<&str> {
        match self.scope.districts.as_slice() {
            [one] => Some(one),
            _ => None,
        }
    }
}

impl Breakdown {
    /// Cells of one indicator, largest first, missing values last; ties keep the order of the answer.
    #[must_use]
    pub fn ranked(&self, indicator: &str) -> Vec<&Cell> {
        let mut cells: Vec<&Cell> = self.cells.iter().filter(|c| c.indicator == indicator).collect();
        cells.sort_by_key(|cell| std::cmp::Reverse(cell.value));
        cells
    }
}
