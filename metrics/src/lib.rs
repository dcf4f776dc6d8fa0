//! Indicators: definitions to plans, rollups and time intelligence. A question (`query`) is checked against the
//! definitions (`definition`), compiled to rollup reads (`plan`) and answered by the `engine`, which turns partial
//! aggregates into periods, comparisons, shares and ranks (`calendar` holds the date arithmetic).
//! This crate opens no files of the lake and knows no HTTP: rows come only from a `ScopedSession` of the warehouse.

pub mod calendar;
pub mod definition;
pub mod engine;
mod error;
mod plan;
pub mod query;

pub use calendar::{Clock, FixedClock, Grain, SystemClock};
pub use definition::{DefinitionError, Direction, IndicatorDef, IndicatorDefinitions, IndicatorEntry};
pub use engine::{CacheFigures, MetricsEngine, Purpose};
pub use error::{ErrorKind, MetricsError, Problem};
pub use query::{Column, ColumnType, Compare, MetricsAnswer, MetricsQuery, ScopeView, TimeRange};
