//! What an indicator is. Definitions are `indicators/<area>/<CODE>.toml`, the file name is the id; beside each lies a
//! `<CODE>.case.toml` which the case test runs. Reading is in `read`, cross references in `links`, the check against
//! the tables of the lake in `catalog`.

mod catalog;
mod links;
mod load;
mod naming;
mod read;
pub(crate) mod reader;

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

pub(crate) use self::load::{CASE, about_file, collect};
pub use self::naming::{titled, with_titles};
use crate::calendar::Grain;
use crate::query::{ColumnType, Compare};

/// The dimension every indicator may be broken down by, and the column behind it.
pub const DISTRICT: &str = "district";
pub(crate) const DISTRICT_COLUMN: &str = "district_code";

/// The district as it was at the time of the row, retired ones included, and the column behind it. A row without it
/// was always where it is.
pub const PLACE: &str = "place";
pub(crate) const PLACE_COLUMN: &str = "place_code";

/// The table of state changes that stock figures are running sums of.
pub(crate) const STATE_EVENT: &str = "state_event";

/// One thing wrong with one definition file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct DefinitionError {
    /// The file, below the definitions folder.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Column, from 1.
    pub col: usize,
    /// The key it is about; empty if the file as a whole is wrong.
    pub key: String,
    /// What to do.
    pub message: String,
}

impl fmt::Display for DefinitionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: {}: {}", self.file, self.line, self.col, self.key, self.message)
    }
}

/// Whether more is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// More is better.
    Up,
    /// Less is better.
    Down,
    /// Neither.
    Neutral,
}

/// Keeps the rows whose column holds one of the values.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Keep {
    /// Column of the source table.
    pub column: String,
    /// Accepted values.
    pub any_of: Vec<String>,
}

/// The rows a measure looks at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Table of the lake.
    pub table: String,
    /// The date or timestamp column that puts a row into a period.
    pub time: String,
    /// All must hold.
    pub filter: Vec<Keep>,
}

/// How rows become a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Measure {
    /// Rows.
    Count(Source),
    /// The sum of a column.
    Sum {
        /// Rows.
        source: Source,
        /// Integer or decimal column.
        column: String,
    },
    /// Exactly how many different values a column has.
    Distinct {
        /// Rows.
        source: Source,
        /// The column whose values are counted.
        column: String,
    },
    /// How many records of a resource are in certain states at the end of the period: a running sum of state changes.
    Stock(Source),
    /// Registered records against the codes that the rows of the period name.
    Overlap(Overlap),
    /// One indicator over another, times `scale`. A denominator of 0 gives no value.
    Ratio {
        /// Id of the upper indicator.
        numerator: String,
        /// Id of the lower indicator.
        denominator: String,
        /// 100 for a percentage, 1 for an average.
        scale: u32,
    },
}

/// How records that are registered at the end of the period meet the codes its rows name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overlap {
    /// Id of the stock indicator: who is registered.
    pub stock: String,
    /// Id of the distinct indicator: which codes were seen.
    pub seen: String,
    /// Table of the records.
    pub records: String,
    /// The column state changes name a record by.
    pub key: String,
    /// The column with the code of a record.
    pub code: String,
    /// Who is counted.
    pub side: Side,
}

/// Who is counted of an overlap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Registered records whose code was seen.
    Registered,
    /// Codes that were seen and belong to no registered record.
    Strangers,
}

/// What it means that the scope has no rows after a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Silence {
    /// That there were none: the figure is 0.
    Nothing,
    /// That they have not arrived: there is no figure yet.
    Unknown,
}

impl Measure {
    /// The rows it looks at; ratios and overlaps have none of their own.
    #[must_use]
    pub fn source(&self) -> Option<&Source> {
        match self {
            Self::Count(source) | Self::Stock(source) => Some(source),
            Self::Sum { source, .. } | Self::Distinct { source, .. } => Some(source),
            Self::Overlap(_) | Self::Ratio { .. } => None,
        }
    }
}

/// One indicator.
#[derive(Debug, Clone)]
pub struct IndicatorDef {
    /// Its code = file name.
    pub id: String,
    /// Folder of the definition.
    pub area: String,
    /// Raised whenever the meaning of the figure changes.
    pub version: u32,
    /// Chinese name.
    pub title: String,
    /// 口径: what is counted and what is not, in Chinese.
    pub description: String,
    /// Unit shown behind the figure.
    pub unit: String,
    /// Whether more is better.
    pub direction: Direction,
    /// How rows become a number.
    pub measure: Measure,
    /// Digits after the decimal point.
    pub decimals: u32,
    /// What it may be broken down and filtered by: `district`, `place` and columns of the source table.
    pub dimensions: Vec<String>,
    /// Periods it may be asked for; `total` is always possible.
    pub grains: Vec<Grain>,
    /// Comparisons that make sense for it.
    pub derived: Vec<Compare>,
    /// What it means that its rows end before a period.
    pub silence: Silence,
    file: String,
    places: BTreeMap<String, (usize, usize)>,
}

impl IndicatorDef {
    /// The type of its value in an answer.
    #[must_use]
    pub fn value_type(&self) -> ColumnType {
        match (&self.measure, self.unit.as_str(), self.decimals) {
            (Measure::Ratio { .. }, "%", _) => ColumnType::Percent,
            (Measure::Ratio { .. }, ..) => ColumnType::Decimal,
            (_, _, 0) => ColumnType::Integer,
            _ => ColumnType::Decimal,
        }
    }

    /// The type of its changes: a rate in percent moves by percentage points, everything else by a part of itself.
    #[must_use]
    pub fn change_type(&self) -> ColumnType {
        if self.value_type() == ColumnType::Percent { ColumnType::Points } else { ColumnType::Ratio }
    }

    /// What callers may know of it.
    #[must_use]
    pub fn entry(&self) -> IndicatorEntry<'_> {
        IndicatorEntry {
            id: &self.id,
            area: &self.area,
            version: self.version,
            title: &self.title,
            description: &self.description,
            unit: &self.unit,
            direction: self.direction,
            dimensions: &self.dimensions,
            grains: self.grains.iter().copied().chain([Grain::Total]).collect(),
            derived: &self.derived,
            kind: self.value_type(),
        }
    }

    /// The column of the source table behind a dimension.
    pub(crate) fn column_of(dimension: &str) -> &str {
        match dimension {
            DISTRICT => DISTRICT_COLUMN,
            PLACE => PLACE_COLUMN,
            column => column,
        }
    }

    fn error(&self, key: &str, message: String) -> DefinitionError {
        let (line, col) = self.places.get(key).copied().unwrap_or((1, 1));
        DefinitionError { file: self.file.clone(), line, col, key: key.to_owned(), message }
    }
}

/// What the dictionary of indicators tells callers about one.
#[derive(Debug, Clone, Serialize)]
pub struct IndicatorEntry<'d> {
    /// Its code.
    pub id: &'d str,
    /// Folder of the definition.
    pub area: &'d str,
    /// Version of the meaning.
    pub version: u32,
    /// Chinese name.
    pub title: &'d str,
    /// 口径.
    pub description: &'d str,
    /// Unit of its value.
    pub unit: &'d str,
    /// Whether more is better.
    pub direction: Direction,
    /// Dimensions.
    pub dimensions: &'d [String],
    /// Periods, `total` included.
    pub grains: Vec<Grain>,
    /// Comparisons.
    pub derived: &'d [Compare],
    /// How its values are written.
    #[serde(rename = "type")]
    pub kind: ColumnType,
}

/// All indicators, in the order of their ids. Loading is all or nothing.
#[derive(Debug, Clone)]
pub struct IndicatorDefinitions {
    indicators: Vec<IndicatorDef>,
}

impl IndicatorDefinitions {
    /// All indicators in the order of their ids.
    #[must_use]
    pub fn all(&self) -> &[IndicatorDef] {
        &self.indicators
    }

    /// The indicator of that id.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&IndicatorDef> {
        let found = self.indicators.binary_search_by(|indicator| indicator.id.as_str().cmp(id)).ok()?;
        self.indicators.get(found)
    }

    /// The tables an indicator that is no ratio is computed from.
    pub(crate) fn tables<'d>(&'d self, part: &'d IndicatorDef) -> Vec<&'d str> {
        match &part.measure {
            Measure::Overlap(overlap) => {
                let others = [&overlap.stock, &overlap.seen].into_iter().filter_map(|id| self.get(id));
                let tables = others.filter_map(|other| other.measure.source());
                tables.map(|source| source.table.as_str()).chain([overlap.records.as_str()]).collect()
            }
            _ => part.measure.source().map(|source| source.table.as_str()).into_iter().collect(),
        }
    }

    /// The indicators with figures of their own that this one is computed from: itself, or the parts of a ratio.
    pub(crate) fn parts<'d>(&'d self, indicator: &'d IndicatorDef) -> Vec<&'d IndicatorDef> {
        match &indicator.measure {
            Measure::Ratio { numerator, denominator, .. } => {
                let both = [numerator, denominator].into_iter().filter_map(|id| self.get(id));
                let mut parts: Vec<&IndicatorDef> = both.flat_map(|part| self.parts(part)).collect();
                parts.dedup_by(|a, b| a.id == b.id);
                parts
            }
            _ => vec![indicator],
        }
    }
}
