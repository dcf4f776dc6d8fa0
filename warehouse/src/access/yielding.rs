//! Makes plans listen and end well. The engine yields where rows are read; an operator that makes many rows of few (a join,
//! a list taken apart) reads seldom, works on for minutes in one go, and hears neither a deadline nor a cancel request.
//! A nested loop join that runs out of memory reads its left side again; what cannot be read twice is guarded. What
//! expressions make of a batch is bounded, what operators keep without asking is counted, and what a join looks up comes in
//! parts that take a moment each. Joins that look at every pair work apart from others.

use std::sync::Arc;

use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::error::Result;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::coop::CooperativeExec;
use datafusion::physical_plan::execution_plan::replace_children_if_necessary;

use super::apart::apart;
use super::batch_bound::bounded;
use super::once::{is_read_once, once};
use super::paced::paced;
use super::unasked::{Unasked, counted};
use super::window_lists::{is_window, paying};

/// The operator with one input that makes many rows of few.
const MULTIPLYING: &str = "UnnestExec";

/// The join that looks at one pair after the other, however many rows have a key. Those without keys look at a batch of
/// pairs in one go, which parts would make slower, and pause by themselves.
const LOOKING_UP: &str = "HashJoinExec";

/// The operator that reads its left side again.
const REREADING: &str = "NestedLoopJoinExec";

/// The same plan, yielding after what each multiplying operator gives.
pub(super) fn yielding(plan: Arc<dyn ExecutionPlan>) -> Result<Arc<dyn ExecutionPlan>> {
    let wrap = |node: Arc<dyn ExecutionPlan>| {
        let node = guarded(node)?;
        if is_window(node.name()) {
            return Ok(Transformed::yes(paying(node)));
        }
        if node.children().len() > 1 || node.name() == MULTIPLYING {
            return Ok(Transformed::yes(
                Arc::new(CooperativeExec::new(apart(node)?)) as Arc<dyn ExecutionPlan>
            ));
        }
        Ok(Transformed::yes(bounded(node)))
    };
    plan.transform_up(wrap).map(|plan| plan.data)
}

fn guarded(node: Arc<dyn ExecutionPlan>) -> Result<Arc<dyn ExecutionPlan>> {
    let mut children: Vec<_> = node.children().into_iter().cloned().collect();
    let Some(first) = children.first_mut() else { return Ok(node) };
    let kept = Unasked::of(node.name());
    let only_once = node.name() == REREADING && is_read_once(first);
    let multiplies = node.name() == MULTIPLYING || node.name() == LOOKING_UP;
    if kept.is_none() && !only_once && !multiplies {
        return Ok(node);
    }
    if let Some(kept) = kept {
        *first = counted(first.clone(), kept);
    }
    if only_once {
        *first = once(first.clone());
    }
    // The side that is looked up row by row is the last.
    if multiplies && let Some(last) = children.last_mut() {
        *last = paced(last.clone());
    }
    replace_children_if_necessary(node, children)
}
