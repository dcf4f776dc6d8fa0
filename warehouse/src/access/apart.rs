//! Joins without keys, which look at every pair: they work through a batch of millions of pairs in one go, and while none of
//! them fits nothing leaves them. Their worker hands what else it has to another thread meanwhile, and what they look at
//! ends the work when nobody can be waiting for it any longer.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use arrow::datatypes::{DataType, FieldRef, Schema};
use arrow::record_batch::RecordBatch;
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::logical_expr::ColumnarValue;
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::joins::NestedLoopJoinExec;
use datafusion::physical_plan::joins::utils::JoinFilter;
use futures::stream::BoxStream;
use futures::{Stream, StreamExt};
use tokio::runtime::{Handle, RuntimeFlavor};

use super::watch::{Watch, WatchExec};

/// Longer than any question may take.
const LONGEST: Duration = Duration::from_secs(90);

/// The plan, if it is such a join, apart from others and with an end.
pub(super) fn apart(plan: Arc<dyn ExecutionPlan>) -> Result<Arc<dyn ExecutionPlan>> {
    let Some(join) = plan.downcast_ref::<NestedLoopJoinExec>() else { return Ok(plan) };
    let Some(filter) = join.filter() else { return Ok(plan) };
    let condition = Ending { condition: filter.expression().clone(), until: Instant::now() + LONGEST };
    let filter =
        JoinFilter::new(Arc::new(condition), filter.column_indices().to_vec(), filter.schema().clone());
    let projection = join.projection().as_ref().map(|columns| columns.to_vec());
    let (left, right) = (join.left().clone(), join.right().clone());
    let join = NestedLoopJoinExec::try_new(left, right, Some(filter), join.join_type(), projection)?;
    Ok(Arc::new(WatchExec::new(Arc::new(join), Apart)))
}

/// A condition that fails after a time.
#[derive(Debug)]
struct Ending {
    condition: Arc<dyn PhysicalExpr>,
    until: Instant,
}

impl PartialEq for Ending {
    fn eq(&self, other: &Self) -> bool {
        self.condition.eq(&other.condition)
    }
}

impl Eq for Ending {}

impl Hash for Ending {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.condition.hash(state);
    }
}

impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.condition, f)
    }
}

impl PhysicalExpr for Ending {
    fn data_type(&self, schema: &Schema) -> Result<DataType> {
        self.condition.data_type(schema)
    }

    fn nullable(&self, schema: &Schema) -> Result<bool> {
        self.condition.nullable(schema)
    }

    fn return_field(&self, schema: &Schema) -> Result<FieldRef> {
        self.condition.return_field(schema)
    }

    fn evaluate(&self, batch: &RecordBatch) -> Result<ColumnarValue> {
        if Instant::now() > self.until {
            let what = format!("a join looked at pairs for more than {} s", LONGEST.as_secs());
            return Err(DataFusionError::ResourcesExhausted(what));
        }
        self.condition.evaluate(batch)
    }

    fn children(&self) -> Vec<&Arc<dyn PhysicalExpr>> {
        vec![&self.condition]
    }

    fn with_new_children(
        self: Arc<Self>,
        children: Vec<Arc<dyn PhysicalExpr>>,
    ) -> Result<Arc<dyn PhysicalExpr>> {
        match <[_; 1]>::try_from(children) {
            Ok([condition]) => Ok(Arc::new(Self { condition, until: self.until })),
            Err(_) => Err(DataFusionError::Internal("a condition with an end is one condition".into())),
        }
    }

    fn fmt_sql(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.condition.fmt_sql(f)
    }
}

/// Work that gives its worker's other tasks away.
#[derive(Debug, Clone, Copy)]
struct Apart;

impl Watch for Apart {
    const NAME: &'static str = "ApartExec";

    fn renewed(&self) -> Self {
        *self
    }

    fn watched(
        &self,
        rows: SendableRecordBatchStream,
        _: &TaskContext,
    ) -> BoxStream<'static, Result<RecordBatch>> {
        Rows(rows).boxed()
    }
}

struct Rows(SendableRecordBatchStream);

impl Stream for Rows {
    type Item = Result<RecordBatch>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let rows = self.0.as_mut();
        // A runtime of one thread has no other to give them to.
        match Handle::try_current().map(|runtime| runtime.runtime_flavor()) {
            Ok(RuntimeFlavor::MultiThread) => tokio::task::block_in_place(|| rows.poll_next(context)),
            _ => rows.poll_next(context),
        }
    }
}
