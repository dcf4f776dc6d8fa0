//! A bound on what an expression makes of one batch of rows. Doubling a text or a list needs few letters; sub-queries
//! that double what the one below made grow to gigabytes within thirty levels, in steps the memory pools do not see.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::compute::kernels::length::length;
use arrow::datatypes::{DataType, Int32Type, Int64Type};
use arrow::record_batch::RecordBatch;
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::expressions::{Column, Literal};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::projection::ProjectionExec;
use futures::stream::BoxStream;
use futures::{StreamExt, TryStreamExt};

use super::watch::{Watch, WatchExec};

/// Bytes one computed column may have in one batch.
pub(super) const MOST_BYTES: usize = 128 << 20;

/// Places of the columns that are measured.
#[derive(Debug, Clone)]
struct BatchBound(Vec<usize>);

/// The plan with its bound, if it computes texts or lists.
pub(super) fn bounded(plan: Arc<dyn ExecutionPlan>) -> Arc<dyn ExecutionPlan> {
    let columns = plan.downcast_ref::<ProjectionExec>().map(computed).unwrap_or_default();
    if columns.is_empty() { plan } else { Arc::new(WatchExec::new(plan, BatchBound(columns))) }
}

/// Columns that are neither taken over nor constant and whose size is not that of their type.
fn computed(projection: &ProjectionExec) -> Vec<usize> {
    let schema = projection.schema();
    let grows = |at: &usize| {
        let expr = &projection.expr()[*at].expr;
        let kind = schema.field(*at).data_type();
        !expr.is::<Column>() && !expr.is::<Literal>() && (kind.is_nested() || is_text(kind))
    };
    (0..projection.expr().len()).filter(grows).collect()
}

fn is_text(kind: &DataType) -> bool {
    kind.is_string() || kind.is_binary()
}

/// Texts by their letters, since arrays of views share buffers with the rows they were taken from.
pub(super) fn bytes(array: &ArrayRef) -> Result<usize> {
    if !is_text(array.data_type()) {
        return Ok(array.get_array_memory_size());
    }
    let lengths = length(array)?;
    let sum = match lengths.data_type() {
        DataType::Int64 => arrow::compute::sum(lengths.as_primitive::<Int64Type>()),
        // Letters of a batch may be more than a number of 32 bits holds.
        _ => Some(lengths.as_primitive::<Int32Type>().iter().flatten().map(i64::from).sum()),
    };
    Ok(sum.unwrap_or(0).try_into().unwrap_or(usize::MAX))
}

fn check(batch: &RecordBatch, columns: &[usize]) -> Result<()> {
    for column in columns {
        let made = bytes(batch.column(*column))?;
        if made > MOST_BYTES {
            let name = batch.schema_ref().field(*column).name().clone();
            let (made, most) = (made >> 20, MOST_BYTES >> 20);
            return Err(DataFusionError::ResourcesExhausted(format!(
                "column {name:.40} of one batch has {made} MiB, {most} MiB are allowed"
            )));
        }
    }
    Ok(())
}

impl Watch for BatchBound {
    const NAME: &'static str = "BatchBoundExec";

    fn renewed(&self) -> Self {
        self.clone()
    }

    fn watched(
        &self,
        rows: SendableRecordBatchStream,
        _: &TaskContext,
    ) -> BoxStream<'static, Result<RecordBatch>> {
        let columns = self.0.clone();
        rows.and_then(move |batch| std::future::ready(check(&batch, &columns).map(|()| batch))).boxed()
    }
}
