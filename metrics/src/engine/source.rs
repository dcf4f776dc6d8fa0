//! Whose partial aggregates a question reads: those of a scoped session, or of the one reader of declared comparisons.

use std::pin::Pin;

use datafusion::dataframe::DataFrame;
use pujiang_warehouse::{ComparisonReader, RollupSpec, ScopedSession, WarehouseError};

/// A future partial aggregate.
pub(crate) type Rollup<'a> = Pin<Box<dyn Future<Output = Result<DataFrame, WarehouseError>> + Send + 'a>>;

/// Gives partial aggregates of the rows that count.
pub(crate) trait Rollups: Send + Sync {
    /// District, day, dimensions and measures, as the warehouse agreed.
    fn rollup<'a>(&'a self, spec: &'a RollupSpec) -> Rollup<'a>;
}

impl Rollups for ScopedSession {
    fn rollup<'a>(&'a self, spec: &'a RollupSpec) -> Rollup<'a> {
        Self::rollup(self, spec)
    }
}

impl Rollups for ComparisonReader {
    fn rollup<'a>(&'a self, spec: &'a RollupSpec) -> Rollup<'a> {
        Self::rollup(self, spec)
    }
}
