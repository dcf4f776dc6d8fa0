//! Indicators: definitions to plans, rollups and time intelligence. A question (`query`) is checked against the
//! definitions (`definition`), compiled to rollup reads (`plan`) and answered by the `engine`, which turns partial
//! aggregates into periods, comparisons, shares and ranks (`calendar` holds the date arithmetic).
//! `dimension` says what figures are broken down by. `comparison` puts a district beside all districts, `kept` keeps answers.
//! This crate opens no files of the lake and knows no HTTP: rows come only from a `ScopedSession` of the warehouse.

pub mod calendar;
pub mod comparison;
pub mod definition;
pub mod dimension;
pub mod engine;
mod error;
pub mod kept;
mod plan;
pub mod query;
pub mod rounding;

pub use calendar::{Clock, FixedClock, Grain, SystemClock};
pub use comparison::{ComparisonAnswer, ComparisonDefinitions, ComparisonQuery};
pub use definition::{DefinitionError, Direction, IndicatorDef, IndicatorDefinitions, IndicatorEntry};
pub use dimension::{DimensionDef, DimensionDefinitions};
pub use engine::{MetricsEngine, Purpose};
pub use error::{ErrorKind, MetricsError, Problem};
pub use kept::CacheFigures;
pub use query::{
    Column, ColumnType, Compare, Gap, MetricsAnswer, MetricsQuery, Missing, ScopeView, TimeRange,
};
