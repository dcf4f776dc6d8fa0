//! Writing to the lake: keyed upserts with versions (`upsert`), bulk loads of new keys (`bulk`).
//! Writers can read back nothing but what a merge needs; answers come from `access` only.

mod batches;
mod bulk;
mod key_filter;
mod merge;
mod upsert;

pub use bulk::BulkLoad;
pub use key_filter::KeyFilters;
pub use upsert::TableWriter;

use arrow::array::RecordBatch;
use serde::{Deserialize, Serialize};

/// A batch of changes. All batches have the definition's `arrow_schema()`; of deletes only key,
/// version and district matter.
#[derive(Debug, Default)]
pub struct Change {
    /// Rows to insert or replace.
    pub upserts: Vec<RecordBatch>,
    /// Rows to take out.
    pub deletes: Vec<RecordBatch>,
}

/// The Delta application transaction that travels with a commit: a feed's cursor.
#[derive(Debug, Clone)]
pub struct Mark {
    /// Who writes, e.g. `feed/bank/<hash of the file>`.
    pub app_id: String,
    /// How far: grows with every commit of that application.
    pub version: i64,
}

/// What became of the rows of a [`Change`]. `inserted + updated + older + identical + deleted` equals
/// the rows handed in.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// Delta version after the call.
    pub version: i64,
    /// New keys.
    pub inserted: usize,
    /// Keys that got a newer version.
    pub updated: usize,
    /// Ignored: a newer version is stored or came in the same batch.
    pub older: usize,
    /// Ignored: the same row is stored or came in the same batch.
    pub identical: usize,
    /// Deletes that were accepted, whether or not the row was there.
    pub deleted: usize,
    /// Live rows the deletes took out (≤ `deleted`).
    pub removed: usize,
    /// The mark had been committed before: nothing was done now; the counts are those of then when the
    /// log still has them.
    pub already: bool,
}
