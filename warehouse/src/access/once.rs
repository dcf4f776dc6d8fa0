//! An input that may be read once. The engine's nested loop join reads its left side again when memory runs out, but an
//! exchange below can be read only once and panics at the second time. The guard answers with what happened: memory.

use std::collections::HashSet;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_plan::{DisplayAs, DisplayFormatType, ExecutionPlan, PlanProperties};

/// See the module.
#[derive(Debug)]
pub(super) struct OnceExec {
    input: Arc<dyn ExecutionPlan>,
    read: Mutex<HashSet<usize>>,
}

impl OnceExec {
    pub fn new(input: Arc<dyn ExecutionPlan>) -> Self {
        Self { input, read: Mutex::default() }
    }
}

/// Whether a part of the plan can be read only once.
pub(super) fn is_read_once(plan: &Arc<dyn ExecutionPlan>) -> bool {
    plan.name() == "RepartitionExec" || plan.children().into_iter().any(is_read_once)
}

impl DisplayAs for OnceExec {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OnceExec")
    }
}

impl ExecutionPlan for OnceExec {
    fn name(&self) -> &str {
        "OnceExec"
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
        // New inputs have not been read: so a recursive query starts its parts anew.
        match <[_; 1]>::try_from(children) {
            Ok([input]) => Ok(Arc::new(Self::new(input))),
            Err(_) => Err(DataFusionError::Internal("one input is read once".into())),
        }
    }

    fn execute(&self, partition: usize, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        if !self.read.lock().unwrap_or_else(PoisonError::into_inner).insert(partition) {
            let what = "the left side of a join does not fit into the memory of a query";
            return Err(DataFusionError::ResourcesExhausted(what.into()));
        }
        self.input.execute(partition, context)
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
        let guard = Arc::new(OnceExec::new(exchange));
        let task = || Arc::new(TaskContext::default());
        assert!(guard.execute(0, task()).is_ok() && guard.execute(1, task()).is_ok());
        let again = guard.execute(0, task()).err().expect("refused");
        assert!(matches!(again, DataFusionError::ResourcesExhausted(_)), "{again}");
        assert!(guard.reset_state().expect("anew").execute(0, task()).is_ok());
    }
}
