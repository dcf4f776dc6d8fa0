//! Indicators.

mod list_metrics;
mod query_metrics;

pub use list_metrics::*;
pub use query_metrics::*;
