//! An operator that only watches: rows, order and statistics of its input go through as they come. What is watched for
//! stands in a file of its own.

use std::fmt;
use std::sync::Arc;

use arrow::record_batch::RecordBatch;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{DisplayAs, DisplayFormatType, ExecutionPlan, PlanProperties};
use futures::stream::BoxStream;

/// What is watched for.
pub(super) trait Watch: fmt::Debug + Send + Sync + 'static {
    /// What the operator is called in plans.
    const NAME: &'static str;

    /// The same watch over another input, or over the same one from the start: a recursive query runs its parts again.
    fn renewed(&self) -> Self;

    /// Asked before the input is run.
    ///
    /// # Errors
    /// It must not be.
    fn begin(&self, _partition: usize) -> Result<()> {
        Ok(())
    }

    /// The rows of the input, watched.
    fn watched(
        &self,
        rows: SendableRecordBatchStream,
        context: &TaskContext,
    ) -> BoxStream<'static, Result<RecordBatch>>;
}

/// See the module.
#[derive(Debug)]
pub(super) struct WatchExec<W> {
    input: Arc<dyn ExecutionPlan>,
    watch: W,
}

impl<W> WatchExec<W> {
    pub fn new(input: Arc<dyn ExecutionPlan>, watch: W) -> Self {
        Self { input, watch }
    }
}

impl<W: Watch> DisplayAs for WatchExec<W> {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(W::NAME)
    }
}

impl<W: Watch> ExecutionPlan for WatchExec<W> {
    fn name(&self) -> &str {
        W::NAME
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        self.input.properties()
    }

    fn maintains_input_order(&self) -> Vec<bool> {
        vec![true]
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        vec![&self.input]
    }

    fn apply_expressions(
        &self,
        _: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        Ok(TreeNodeRecursion::Continue)
    }

    fn with_new_children(
        self: Arc<Self>,
        children: Vec<Arc<dyn ExecutionPlan>>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        match <[_; 1]>::try_from(children) {
            Ok([input]) => Ok(Arc::new(Self::new(input, self.watch.renewed()))),
            Err(_) => Err(DataFusionError::Internal(format!("{} has one input", W::NAME))),
        }
    }

    fn execute(&self, partition: usize, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        self.watch.begin(partition)?;
        let rows = self.input.execute(partition, context.clone())?;
        let schema = rows.schema();
        Ok(Box::pin(RecordBatchStreamAdapter::new(schema, self.watch.watched(rows, &context))))
    }
}
