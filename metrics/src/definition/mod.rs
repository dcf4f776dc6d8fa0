//! What an indicator is. Definitions are `indicators/<area>/<CODE>.toml`, the file name is the id; beside each lies a
//! `<CODE>.case.toml` which the case test runs. What is measured is `measure`; reading is in `read`, cross references
//! in `links`, the check against the tables of the lake in `catalog`.

mod catalog;
mod links;
mod load;
mod measure;
mod naming;
mod read;

pub use pujiang_definition::DefinitionError;
use std::collections::BTreeMap;
use std::sync::Arc;

use pujiang_definition::Places;
use serde::Serialize;

pub use self::measure::{Keep, Measure, Overlap, Side, Source};
pub use self::naming::{titled, with_titles};
pub(crate) use self::read::named;
use crate::calendar::Grain;
use crate::dimension::{DimensionDef, DimensionDefinitions};
use crate::query::{ColumnType, Compare};

/// The dimension every indicator may be broken down by, and the column behind it: the platform cuts rows by it.
pub const DISTRICT: &str = "district";
pub(crate) const DISTRICT_COLUMN: &str = "district_code";

/// The district as it was at the time of the row, retired ones included, and the column behind it. A row without it
/// was always where it is.
pub const PLACE: &str = "place";
pub(crate) const PLACE_COLUMN: &str = "place_code";

/// The column of an answer with the names of a dimension's members.
pub(crate) fn name_column(dimension: &str) -> String {
    format!("{dimension}_name")
}

/// The table of state changes that stock figures are running sums of.
pub(crate) use pujiang_warehouse::STATE_EVENT;

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

/// What it means that the scope has no rows after a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Silence {
    /// That there were none: the figure is 0.
    Nothing,
    /// That they have not arrived: there is no figure yet.
    Unknown,
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
    /// Ids of the dimensions it may be broken down and filtered by.
    pub dimensions: Vec<String>,
    /// Periods it may be asked for; `total` is always possible.
    pub grains: Vec<Grain>,
    /// Comparisons that make sense for it.
    pub derived: Vec<Compare>,
    /// What it means that its rows end before a period.
    pub silence: Silence,
    places: Places,
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

    fn error(&self, key: &str, message: impl Into<String>) -> DefinitionError {
        self.places.error(key, message)
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

/// All indicators, in the order of their ids, with the dimensions they speak of.
#[derive(Debug, Clone)]
pub struct IndicatorDefinitions {
    indicators: Vec<IndicatorDef>,
    dimensions: Arc<DimensionDefinitions>,
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

    /// The dimensions indicators are broken down by.
    #[must_use]
    pub fn dimensions(&self) -> &Arc<DimensionDefinitions> {
        &self.dimensions
    }

    /// The column behind a dimension, in every table that has it. One that nobody defines is a column itself: that it is
    /// not defined is found where all references are followed.
    pub(crate) fn column_of<'d>(&'d self, dimension: &'d str) -> &'d str {
        match dimension {
            DISTRICT => DISTRICT_COLUMN,
            PLACE => PLACE_COLUMN,
            other => self.dimensions.get(other).map_or(other, |known| known.column.as_str()),
        }
    }

    /// Whether answers by this dimension have a column with the names of its members.
    pub(crate) fn is_named(&self, dimension: &str) -> bool {
        [DISTRICT, PLACE].contains(&dimension)
            || self.dimensions.get(dimension).is_some_and(DimensionDef::has_names)
    }

    /// The table most indicators look at the rows of, where somebody new may begin; stocks look at the changes of states
    /// and not at their records.
    #[must_use]
    pub fn most_counted(&self) -> Option<&str> {
        let mut counted: BTreeMap<&str, usize> = BTreeMap::new();
        let looking = self.indicators.iter().filter(|one| !matches!(one.measure, Measure::Stock(_)));
        for source in looking.filter_map(|one| one.measure.source()) {
            *counted.entry(&source.table).or_default() += 1;
        }
        counted.into_iter().max_by_key(|(_, count)| *count).map(|(table, _)| table)
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
