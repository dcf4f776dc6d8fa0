//! The lake: table definitions, Delta tables, keyed writes, per-file rollups and `access`, the only
//! door for reading. It does not know what an indicator, a feed or an HTTP request is.

pub mod access;
mod complaint;
pub mod definition;
pub mod delta;
mod error;
mod lake;
mod lake_lock;
mod maintenance;
mod reference;
pub mod rollup;
mod verification;
pub mod write;

pub use access::{
    AccessFingerprint, Answer, AnswerCacheStatistics, AnswerLimit, AnswerStream, BadArray, ComparisonReader,
    Door, LONGEST_STATEMENT, Prepared, ScopedSession, Verdict, VisibleColumn, VisibleTable, Why, WhyColumn,
    array_elements, declare, is_current, is_json, parse, span_text, texts_of, time_of_text, written,
};
pub use definition::{
    Catalog, ColumnDef, ColumnType, DefinitionError, Origin, Policies, ScopeColumns, TableDef, TableKind,
    Visibility,
};
pub use delta::{TableChange, TableMade};
pub use error::{ErrorKind, WarehouseError};
pub use lake::{Lake, TableStatus};
pub use maintenance::MaintenanceReport;
pub use rollup::{AdditiveMeasure, MeasureExpr, RollupKind, RollupSpec, RowFilter};
pub use verification::FileFault;
pub use write::{BulkLoad, Change, Mark, Outcome, TableWriter};

/// Partition that keeps the keys of deleted rows. No scope includes it, so no reader sees it; writers
/// need it to keep a late older version of a deleted row away.
pub(crate) const TOMBSTONES: &str = "~deleted";

/// The table of state events: stock figures are running sums of it. Resources say by what they are counted there.
pub const STATE_EVENT: &str = "state_event";

/// The partition column of every district table.
pub const DISTRICT_COLUMN: &str = "district_code";
