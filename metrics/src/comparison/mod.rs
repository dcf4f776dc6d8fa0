//! A district beside the city: declared aggregates over all districts, told as average, rank and quarter, with small
//! cells suppressed so that no district and no few persons can be worked out (docs/decisions/0008-comparisons.md).
//! Definitions are `comparisons/<id>.toml`, the file name is the id; beside each lies a `<id>.case.toml`.
//! Reading is `read` and `load`, the rule `hiding`, `place` and `table` (pure); only `compute` sees figures of others.

mod answer;
mod check;
mod compute;
mod hiding;
mod load;
mod place;
mod read;
mod request;
mod table;

#[cfg(test)]
mod attack;

use pujiang_definition::Places;

pub use answer::{ComparedTime, ComparisonAnswer, ComparisonRow, RowState, SlotKind};
pub use place::Rank;
pub use request::ComparisonQuery;

use crate::definition::DefinitionError;

/// Persons below which a cell is never told; a definition may ask for more.
pub const SMALLEST_MINIMUM: u32 = 5;

/// What a comparison tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Statistic {
    /// Mean over all districts.
    Average,
    /// Place among all districts, a band near the ends.
    Rank,
    /// Quarter of the districts.
    Quartile,
}

impl Statistic {
    /// Every statistic.
    pub const ALL: [Self; 3] = [Self::Average, Self::Rank, Self::Quartile];

    /// Name in definitions and HTTP.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Average => "average",
            Self::Rank => "rank",
            Self::Quartile => "quartile",
        }
    }
}

/// One comparison. Its scope is all districts, whoever asks: that is what is declared here and nowhere else.
#[derive(Debug, Clone)]
pub struct ComparisonDef {
    /// Id = file name.
    pub id: String,
    /// Raised whenever the meaning changes.
    pub version: u32,
    /// Chinese name.
    pub title: String,
    /// What is compared, in Chinese.
    pub description: String,
    /// The indicator whose figures are compared.
    pub indicator: String,
    /// The indicator that counts the persons behind a figure.
    pub persons: String,
    /// What is told.
    pub statistics: Vec<Statistic>,
    /// What it may be broken down by, one at a time.
    pub dimensions: Vec<String>,
    /// Persons below which a cell is small.
    pub minimum: u64,
    places: Places,
}

impl ComparisonDef {
    fn error(&self, key: &str, message: impl Into<String>) -> DefinitionError {
        self.places.error(key, message)
    }
}

/// All comparisons, in the order of their ids.
#[derive(Debug, Clone, Default)]
pub struct ComparisonDefinitions {
    comparisons: Vec<ComparisonDef>,
}

impl ComparisonDefinitions {
    /// All of them.
    #[must_use]
    pub fn all(&self) -> &[ComparisonDef] {
        &self.comparisons
    }

    /// The comparison of that id.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&ComparisonDef> {
        self.comparisons.iter().find(|comparison| comparison.id == id)
    }
}
