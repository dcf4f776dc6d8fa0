//! Windows with the same keys under the same names. The optimizer moves keys that are computed below a window and leaves each
//! a name of its own; the physical planner takes windows with keys of other names for windows of other keys, and gives up.

use datafusion::common::tree_node::Transformed;
use datafusion::error::Result;
use datafusion::logical_expr::{Expr, LogicalPlan};

/// Takes names off the keys of windows that stand together.
pub(super) fn bare_keys(plan: LogicalPlan) -> Result<LogicalPlan> {
    let bare = |node: LogicalPlan| match &node {
        LogicalPlan::Window(window) if window.window_expr.len() > 1 => node.map_expressions(bare),
        _ => Ok(Transformed::no(node)),
    };
    plan.transform_up_with_subqueries(bare).map(|plan| plan.data)
}

fn bare(expr: Expr) -> Result<Transformed<Expr>> {
    let name = expr.schema_name().to_string();
    let Expr::WindowFunction(mut function) = expr.clone().unalias() else { return Ok(Transformed::no(expr)) };
    let params = &mut function.params;
    let keys = params.partition_by.iter_mut().chain(params.order_by.iter_mut().map(|key| &mut key.expr));
    let mut changed = false;
    for key in keys {
        if let Expr::Alias(alias) = key {
            *key = alias.expr.as_ref().clone();
            changed = true;
        }
    }
    match changed {
        true => Ok(Transformed::yes(Expr::WindowFunction(function).alias(name))),
        false => Ok(Transformed::no(expr)),
    }
}
