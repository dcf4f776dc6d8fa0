//! Makes plans listen. The engine yields where rows are read; an operator that makes many rows of few (a join, a list
//! taken apart) reads seldom, works on for minutes in one go, and hears neither a deadline nor a cancel request.

use std::sync::Arc;

use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::error::Result;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::coop::CooperativeExec;

/// The operator with one input that makes many rows of few.
const MULTIPLYING: &str = "UnnestExec";

/// The same plan, yielding after what each multiplying operator gives.
pub(super) fn yielding(plan: Arc<dyn ExecutionPlan>) -> Result<Arc<dyn ExecutionPlan>> {
    let wrap = |node: Arc<dyn ExecutionPlan>| {
        if node.children().len() > 1 || node.name() == MULTIPLYING {
            return Ok(Transformed::yes(Arc::new(CooperativeExec::new(node)) as Arc<dyn ExecutionPlan>));
        }
        Ok(Transformed::no(node))
    };
    plan.transform_up(wrap).map(|plan| plan.data)
}
