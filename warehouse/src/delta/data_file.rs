//! One immutable data file of a snapshot, with what the Delta log says about it.

use deltalake::kernel::LogicalFileView;
use deltalake::kernel::{Add, Remove};
use serde_json::Value;

use crate::DISTRICT_COLUMN;

/// A data file: where it is, whose rows it holds, how many, and which stretch of time.
#[derive(Debug, Clone)]
pub struct DataFile {
    /// Path below the table's folder.
    pub path: String,
    /// Bytes.
    pub size: u64,
    /// Milliseconds since the epoch.
    pub modified: i64,
    /// The partition, `None` in reference tables.
    pub district: Option<String>,
    /// Rows.
    pub rows: usize,
    /// Delta statistics as written, for min/max of columns.
    pub stats: Value,
    pub(crate) add: Add,
}

impl DataFile {
    pub(crate) fn from_view(view: &LogicalFileView) -> Self {
        let add = Add {
            path: view.path().into_owned(),
            partition_values: view.partition_values_map(),
            size: view.size(),
            modification_time: view.modification_time(),
            data_change: true,
            stats: view.stats(),
            tags: None,
            deletion_vector: None,
            base_row_id: None,
            default_row_commit_version: None,
            clustering_provider: None,
        };
        let stats: Value =
            add.stats.as_deref().and_then(|s| serde_json::from_str(s).ok()).unwrap_or(Value::Null);
        Self {
            path: add.path.clone(),
            size: u64::try_from(add.size).unwrap_or(0),
            modified: add.modification_time,
            district: add.partition_values.get(DISTRICT_COLUMN).cloned().flatten(),
            rows: stats["numRecords"].as_u64().and_then(|n| usize::try_from(n).ok()).unwrap_or(0),
            stats,
            add,
        }
    }

    /// A file without rows.
    #[cfg(test)]
    pub(crate) fn for_testing(path: &str) -> Self {
        let add = Add { path: path.to_owned(), ..Add::default() };
        let (path, stats) = (path.to_owned(), Value::Null);
        Self { path, size: 0, modified: 0, district: None, rows: 0, stats, add }
    }

    /// The columns its rows are partitioned by.
    pub(super) fn partition_columns(&self) -> impl Iterator<Item = &str> {
        self.add.partition_values.keys().map(String::as_str)
    }

    /// Whether this file keeps keys of deleted rows only.
    pub fn is_tombstones(&self) -> bool {
        self.district.as_deref() == Some(crate::TOMBSTONES)
    }

    /// The action that takes this file out of the table.
    pub(crate) fn remove(&self, now_ms: i64) -> Remove {
        Remove {
            path: self.add.path.clone(),
            data_change: true,
            deletion_timestamp: Some(now_ms),
            extended_file_metadata: Some(true),
            partition_values: Some(self.add.partition_values.clone()),
            size: Some(self.add.size),
            tags: None,
            deletion_vector: None,
            base_row_id: None,
            default_row_commit_version: None,
        }
    }
}
