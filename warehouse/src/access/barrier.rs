//! The barrier between rows as they lie in the lake and what a statement may do to them. Beneath it: the scan, our own
//! filter of rows, the treatment of columns. It shows no child, so EXPLAIN, metrics and optimizer rules see nothing of
//! that; it takes no filter, limit or projection, so no expression of a statement meets a row or value not shown; it has
//! no statistics. Where rows are held back it has one output whose batches are cut anew: their number tells nothing.

use std::fmt;
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::compute::BatchCoalescer;
use arrow::datatypes::SchemaRef;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::config::ConfigOptions;
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::{EquivalenceProperties, PhysicalExpr};
use datafusion::physical_plan::coalesce_partitions::CoalescePartitionsExec;
use datafusion::physical_plan::execution_plan::{Boundedness, EmissionType, reset_plan_states};
use datafusion::physical_plan::filter_pushdown::{
    ChildPushdownResult, FilterPushdownPhase, FilterPushdownPropagation, PushedDown,
};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{
    DisplayAs, DisplayFormatType, ExecutionPlan, ExecutionPlanProperties, Partitioning, PlanProperties,
};
use futures::StreamExt;
use pujiang_security::{Pseudonymizer, Treatment};

use super::treated::shown;

/// Whether rows are held back beneath, or columns only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Holds {
    /// Some rows beneath may not be seen.
    Rows,
    /// Every row may be seen; some columns are treated.
    Columns,
}

/// See the module. Made by `ScopedTable` only.
pub(super) struct BarrierExec {
    table: String,
    beneath: Arc<dyn ExecutionPlan>,
    holds: Holds,
    /// For each output column its place beneath and its treatment.
    columns: Vec<(usize, Treatment)>,
    pseudonyms: Option<Pseudonymizer>,
    properties: Arc<PlanProperties>,
}

impl BarrierExec {
    /// `schema` is what comes out: one field for each of `columns`.
    pub fn new(
        table: &str,
        beneath: Arc<dyn ExecutionPlan>,
        holds: Holds,
        columns: Vec<(usize, Treatment)>,
        schema: SchemaRef,
        pseudonyms: Option<Pseudonymizer>,
    ) -> Self {
        let (beneath, partitions): (Arc<dyn ExecutionPlan>, usize) = match holds {
            Holds::Rows => (Arc::new(CoalescePartitionsExec::new(beneath)), 1),
            Holds::Columns => (beneath.clone(), beneath.output_partitioning().partition_count()),
        };
        let properties = Arc::new(PlanProperties::new(
            EquivalenceProperties::new(schema),
            Partitioning::UnknownPartitioning(partitions),
            EmissionType::Incremental,
            Boundedness::Bounded,
        ));
        Self { table: table.to_owned(), beneath, holds, columns, pseudonyms, properties }
    }
}

impl fmt::Debug for BarrierExec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BarrierExec({})", self.table)
    }
}

impl DisplayAs for BarrierExec {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BarrierExec: table={}", self.table)
    }
}

impl ExecutionPlan for BarrierExec {
    fn name(&self) -> &str {
        "BarrierExec"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        // What is beneath must not be found by anything that walks plans.
        Vec::new()
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
        match children.is_empty() {
            true => Ok(self),
            false => Err(DataFusionError::Internal("nothing can be put beneath the barrier".into())),
        }
    }

    /// Said in words, though the engine's default for a node without children says the same: a filter of a statement
    /// stays above.
    fn handle_child_pushdown_result(
        &self,
        _: FilterPushdownPhase,
        result: ChildPushdownResult,
        _: &ConfigOptions,
    ) -> Result<FilterPushdownPropagation<Arc<dyn ExecutionPlan>>> {
        let filters = result.parent_filters.iter().map(|_| PushedDown::No).collect();
        Ok(FilterPushdownPropagation { filters, updated_node: None })
    }

    /// A recursive query runs its parts again: what is beneath must start anew, too.
    fn reset_state(self: Arc<Self>) -> Result<Arc<dyn ExecutionPlan>> {
        Ok(Arc::new(Self {
            table: self.table.clone(),
            beneath: reset_plan_states(self.beneath.clone())?,
            holds: self.holds,
            columns: self.columns.clone(),
            pseudonyms: self.pseudonyms.clone(),
            properties: self.properties.clone(),
        }))
    }

    fn execute(&self, partition: usize, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let rows = context.session_config().batch_size();
        let (schema, columns, pseudonyms) = (self.schema(), self.columns.clone(), self.pseudonyms.clone());
        let treat = move |batch: RecordBatch| -> Result<RecordBatch> {
            let arrays = columns
                .iter()
                .map(|(at, treatment)| shown(batch.column(*at), *treatment, pseudonyms.as_ref()))
                .collect::<Result<Vec<_>>>()?;
            let options = arrow::array::RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
            Ok(RecordBatch::try_new_with_options(schema.clone(), arrays, &options)?)
        };
        let treated = self.beneath.execute(partition, context)?.map(move |batch| treat(batch?));
        let stream = match self.holds {
            Holds::Columns => treated.boxed(),
            Holds::Rows => cut_anew(treated.boxed(), self.schema(), rows),
        };
        Ok(Box::pin(RecordBatchStreamAdapter::new(self.schema(), stream)))
    }
}

/// Batches of the same number of rows each but the last, whatever their number before.
fn cut_anew(
    batches: futures::stream::BoxStream<'static, Result<RecordBatch>>,
    schema: SchemaRef,
    rows: usize,
) -> futures::stream::BoxStream<'static, Result<RecordBatch>> {
    let cutter = BatchCoalescer::new(schema, rows);
    futures::stream::try_unfold((batches, cutter, false), |(mut batches, mut cutter, mut ended)| async move {
        loop {
            if let Some(full) = cutter.next_completed_batch() {
                return Ok(Some((full, (batches, cutter, ended))));
            }
            if ended {
                return Ok(None);
            }
            match batches.next().await {
                Some(batch) => cutter.push_batch(batch?)?,
                None => {
                    ended = true;
                    cutter.finish_buffered_batch()?;
                }
            }
        }
    })
    .boxed()
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::Int64Array;
    use arrow::datatypes::{DataType, Field, Schema};
    use futures::TryStreamExt;

    async fn cut(sizes: &[usize]) -> Vec<usize> {
        let schema = Arc::new(Schema::new(vec![Field::new("n", DataType::Int64, false)]));
        let batches: Vec<Result<RecordBatch>> = sizes
            .iter()
            .map(|rows| {
                let column = Arc::new(Int64Array::from(vec![7; *rows]));
                Ok(RecordBatch::try_new(schema.clone(), vec![column])?)
            })
            .collect();
        let stream = cut_anew(futures::stream::iter(batches).boxed(), schema, 4);
        let out: Vec<RecordBatch> = stream.try_collect().await.expect("batches");
        out.iter().map(RecordBatch::num_rows).collect()
    }

    #[tokio::test]
    async fn the_number_of_batches_depends_on_the_rows_shown_only() {
        assert_eq!(cut(&[1, 1, 0, 1, 3]).await, [4, 2]);
        assert_eq!(cut(&[6]).await, [4, 2]);
        assert_eq!(cut(&[0, 0]).await, Vec::<usize>::new());
        assert_eq!(cut(&[]).await, Vec::<usize>::new());
    }
}
