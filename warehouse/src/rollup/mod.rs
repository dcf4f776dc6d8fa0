//! Rollups: each immutable data file has its own partial aggregate, made once, kept in memory and as a
//! Parquet side file. An answer adds up the partials of exactly the files its snapshot and scope
//! name, so it always agrees with its data version, and a commit costs only the files it changed
//! (invariant 7, docs/decisions/0001). What is aggregated is said by the caller; no indicator here.

mod bitmap;
mod numbers;
mod partial;
mod side_file;
mod store;

pub use bitmap::bitmap_count;
pub(crate) use partial::plan;
pub use store::RollupStore;

use std::fmt::Write as _;

/// What to aggregate per file.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RollupSpec {
    /// Table id.
    pub table: String,
    /// Date or timestamp column that places a row on a day. Rows without it are left out.
    pub time: String,
    /// Text columns to group by.
    pub dimensions: Vec<String>,
    /// Sums or exact distinct counts.
    pub kind: RollupKind,
}

/// The mergeable kinds of partial aggregates.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum RollupKind {
    /// Per district × day × dimensions: each measure summed over the rows its filter keeps.
    Additive {
        /// The measures; their names are the output columns.
        measures: Vec<AdditiveMeasure>,
    },
    /// Per district × month × dimensions: the set of ids as a bitmap in the Binary column `ids`, to be
    /// merged and counted by [`bitmap_count`]. `day` is the first day of the month.
    Distinct {
        /// Text column whose different values are counted.
        column: String,
        /// Which rows count.
        filter: Vec<RowFilter>,
    },
    /// Per district × dimensions: the codes of the records as a bitmap in `ids`, numbered as the ids of every
    /// `Distinct` are, so that records can be found in what rows of other tables name. Records have no time: `day` is
    /// the same for all, and the time of the spec is not looked at.
    Codes {
        /// Text column with the code.
        column: String,
    },
}

/// A sum over rows.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct AdditiveMeasure {
    /// Output column.
    pub name: String,
    /// What is summed.
    pub expr: MeasureExpr,
    /// Which rows count (all filters must hold).
    pub filter: Vec<RowFilter>,
}

/// What a measure adds up.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum MeasureExpr {
    /// Rows → Int64.
    Count,
    /// A column: decimals → Decimal128(38, s), integers → Int64.
    Sum(String),
}

/// Keeps rows whose column has one of the values.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RowFilter {
    /// Text column.
    pub column: String,
    /// Accepted values.
    pub any_of: Vec<String>,
}

impl RollupSpec {
    /// Stable name of the spec: equal specs share partials, a changed spec makes new ones.
    pub fn fingerprint(&self) -> String {
        let mut text = String::new();
        // Writing to a String cannot fail.
        let _ = write!(text, "2 {self:?}");
        uuid::Uuid::new_v5(&uuid::Uuid::NAMESPACE_OID, text.as_bytes()).simple().to_string()
    }
}
