//! Counts what operators keep without asking for memory. A window over whole partitions keeps all its rows and joins them to one
//! batch (`WindowAggExec`); a join that keeps one side counts the bytes of its columns, and rows of which no column is needed
//! have none, though each batch of them costs something.

use std::collections::HashSet;
use std::sync::Arc;

use arrow::record_batch::RecordBatch;
use datafusion::error::Result;
use datafusion::execution::memory_pool::MemoryConsumer;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_plan::ExecutionPlan;
use futures::stream::BoxStream;
use futures::{StreamExt, TryStreamExt};

use super::query::held_anew;
use super::watch::{Watch, WatchExec};

/// Bytes a batch without columns costs who keeps it.
const BATCH: usize = 256;

/// What an operator keeps of its input and does not count.
#[derive(Debug, Clone, Copy)]
pub(super) enum Unasked {
    /// The rows, and once more when they are joined.
    Rows,
    /// Only what a batch costs beside its columns.
    Batches,
}

impl Unasked {
    /// What the operator of this name keeps of its first input.
    pub(super) fn of(operator: &str) -> Option<Self> {
        match operator {
            "WindowAggExec" => Some(Self::Rows),
            "CrossJoinExec" | "NestedLoopJoinExec" | "HashJoinExec" => Some(Self::Batches),
            _ => None,
        }
    }

    /// `seen` are the buffers of earlier batches: an aggregate gives slices of one batch, each of which holds all of it.
    fn bytes(self, batch: &RecordBatch, seen: &mut HashSet<usize>) -> usize {
        match self {
            Self::Rows => BATCH + 2 * held_anew(batch, seen),
            Self::Batches => BATCH,
        }
    }
}

/// The input with what is kept of it counted against the query.
pub(super) fn counted(input: Arc<dyn ExecutionPlan>, kept: Unasked) -> Arc<dyn ExecutionPlan> {
    Arc::new(WatchExec::new(input, kept))
}

impl Watch for Unasked {
    const NAME: &'static str = "UnaskedMemoryExec";

    fn renewed(&self) -> Self {
        *self
    }

    fn watched(
        &self,
        rows: SendableRecordBatchStream,
        context: &TaskContext,
    ) -> BoxStream<'static, Result<RecordBatch>> {
        let kept = *self;
        // Given back when the stream is dropped: the operator drops it with the rows.
        let reservation = MemoryConsumer::new(Self::NAME).register(context.memory_pool());
        let mut seen = HashSet::new();
        rows.and_then(move |batch| {
            std::future::ready(reservation.try_grow(kept.bytes(&batch, &mut seen)).map(|()| batch))
        })
        .boxed()
    }
}
