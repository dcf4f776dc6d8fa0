//! Bulk load of keys the caller knows to be new (history of a demonstration, a migration): files of
//! bounded size are written as rows stream in, one commit makes them visible.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures::FutureExt;
use futures::future::BoxFuture;

use arrow::array::RecordBatch;
use serde_json::json;

use super::{Mark, batches};
use crate::delta::{Commit, CommitOutcome, LakeTable, parquet_file};
use crate::error::WarehouseError;

/// Rows of a file: enough for good compression and pruning, few enough to rewrite in a blink.
const ROWS_PER_FILE: usize = 100_000;

/// An unfinished bulk load. Dropping it leaves the table as it was.
pub struct BulkLoad {
    table: Arc<LakeTable>,
    waiting: BTreeMap<Option<String>, (usize, Vec<RecordBatch>)>,
    commit: Commit,
    rows: usize,
}

impl BulkLoad {
    pub(crate) fn new(table: Arc<LakeTable>) -> Self {
        Self { table, waiting: BTreeMap::new(), commit: Commit::default(), rows: 0 }
    }

    /// Takes rows (the definition's `arrow_schema()`); writes files when enough have gathered.
    pub fn push(&mut self, batch: RecordBatch) -> BoxFuture<'_, Result<(), WarehouseError>> {
        async move {
            let def = self.table.def().clone();
            let batch = batches::checked(&def, &[batch])?;
            self.rows += batch.num_rows();
            let mut full = Vec::new();
            for (partition, rows) in batches::by_partition(&def, &batch)? {
                let slot = self.waiting.entry(partition.clone()).or_default();
                slot.0 += rows.iter().map(RecordBatch::num_rows).sum::<usize>();
                slot.1.extend(rows);
                if slot.0 >= ROWS_PER_FILE {
                    full.push(partition);
                }
            }
            for partition in full {
                self.write(partition).await?;
            }
            Ok(())
        }
        .boxed()
    }

    async fn write(&mut self, partition: Option<String>) -> Result<(), WarehouseError> {
        let def = self.table.def().clone();
        if let Some((_, rows)) = self.waiting.remove(&partition) {
            let batch = parquet_file::sorted(&def, &rows)?;
            let add = parquet_file::write(&def, self.table.store(), partition.as_deref(), batch).await?;
            self.commit.add.push(add);
        }
        Ok(())
    }

    /// Writes what is left and commits; returns the rows loaded.
    pub fn finish(mut self, mark: Option<Mark>) -> BoxFuture<'static, Result<usize, WarehouseError>> {
        async move {
            let left: Vec<Option<String>> = self.waiting.keys().cloned().collect();
            for partition in left {
                self.write(partition).await?;
            }
            if let Some(mark) = mark {
                self.commit.marks.push((mark.app_id, mark.version));
            }
            self.commit.info.insert("pujiang.bulk".into(), json!({ "rows": self.rows }));
            let _turn = self.table.write_turn.lock().await;
            let snapshot = self.table.refresh().await?;
            match self.table.commit(&snapshot, self.commit).await? {
                CommitOutcome::Landed(_) => Ok(self.rows),
                CommitOutcome::Overtaken => {
                    Err(WarehouseError::Overtaken { table: self.table.def().id.clone(), attempts: 1 })
                }
            }
        }
        .boxed()
    }
}
