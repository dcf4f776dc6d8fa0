//! An input that may be read once. The engine's nested loop join reads its left side again when memory runs out, but an
//! exchange below can be read only once and panics at the second time. The guard answers with what happened: memory.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use arrow::record_batch::RecordBatch;
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_plan::ExecutionPlan;
use futures::StreamExt;
use futures::stream::BoxStream;

use super::watch::{Watch, WatchExec};

/// Partitions that have been read.
#[derive(Debug, Default)]
struct Once(Mutex<HashSet<usize>>);

/// The plan, guarded against being read a second time.
pub(super) fn once(plan: Arc<dyn ExecutionPlan>) -> Arc<dyn ExecutionPlan> {
    Arc::new(WatchExec::new(plan, Once::default()))
}

/// Whether a part of the plan can be read only once.
pub(super) fn is_read_once(plan: &Arc<dyn ExecutionPlan>) -> bool {
    plan.name() == "RepartitionExec" || plan.children().into_iter().any(is_read_once)
}

impl Watch for Once {
    const NAME: &'static str = "OnceExec";

    fn renewed(&self) -> Self {
        Self::default()
    }

    fn begin(&self, partition: usize) -> Result<()> {
        if !self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(partition) {
            let what = "the left side of a join does not fit into the memory of a query";
            return Err(DataFusionError::ResourcesExhausted(what.into()));
        }
        Ok(())
    }

    fn watched(
        &self,
        rows: SendableRecordBatchStream,
        _: &TaskContext,
    ) -> BoxStream<'static, Result<RecordBatch>> {
        rows.boxed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::datatypes::{DataType, Field, Schema};
    use datafusion::physical_plan::Partitioning;
    use datafusion::physical_plan::empty::EmptyExec;
    use datafusion::physical_plan::repartition::RepartitionExec;

    #[tokio::test]
    async fn a_second_reading_is_refused_as_lack_of_memory() {
        let schema = Arc::new(Schema::new(vec![Field::new("n", DataType::Int64, true)]));
        let rows: Arc<dyn ExecutionPlan> = Arc::new(EmptyExec::new(schema));
        assert!(!is_read_once(&rows));
        let exchange: Arc<dyn ExecutionPlan> =
            Arc::new(RepartitionExec::try_new(rows, Partitioning::RoundRobinBatch(2)).expect("exchange"));
        assert!(is_read_once(&exchange));
        let guard = once(exchange);
        let task = || Arc::new(TaskContext::default());
        assert!(guard.execute(0, task()).is_ok() && guard.execute(1, task()).is_ok());
        let again = guard.execute(0, task()).err().expect("refused");
        assert!(matches!(again, DataFusionError::ResourcesExhausted(_)), "{again}");
        assert!(guard.reset_state().expect("anew").execute(0, task()).is_ok());
    }
}
