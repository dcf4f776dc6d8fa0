//! Names for join keys that are computed. The physical planner makes a column of each and calls it as it would be called in an answer;
//! our functions that stand for casts are called there as what they are made of, which is a column already.

use datafusion::common::tree_node::Transformed;
use datafusion::error::Result;
use datafusion::logical_expr::{Expr, LogicalPlan};

/// Calls keys that are computed by what they are, not by what an answer would call them.
pub(super) fn named_keys(plan: LogicalPlan) -> Result<LogicalPlan> {
    plan.transform_up_with_subqueries(|node| {
        let LogicalPlan::Join(mut join) = node else { return Ok(Transformed::no(node)) };
        let mut changed = false;
        for (left, right) in &mut join.on {
            for key in [left, right] {
                if matches!(key, Expr::ScalarFunction(_)) {
                    let name = format!("join key {key}");
                    *key = std::mem::take(key).alias(name);
                    changed = true;
                }
            }
        }
        Ok(Transformed::new_transformed(LogicalPlan::Join(join), changed))
    })
    .map(|plan| plan.data)
}
