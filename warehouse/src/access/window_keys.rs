//! Windows with the same keys under the same names. The optimizer moves keys that are computed below a window and leaves each
//! a name of its own; the physical planner takes windows with keys of other names for windows of other keys, and gives up.
//! Where the keys are other ones (a sub-query among them was joined once for each window), the windows are computed one
//! after the other.

use std::sync::Arc;

use datafusion::common::tree_node::Transformed;
use datafusion::error::Result;
use datafusion::logical_expr::expr::Sort;
use datafusion::logical_expr::{Expr, LogicalPlan, Window};

/// Takes names off the keys of windows that stand together, and parts those with other keys.
pub(super) fn bare_keys(plan: LogicalPlan) -> Result<LogicalPlan> {
    let bare = |node: LogicalPlan| match &node {
        LogicalPlan::Window(window) if window.window_expr.len() > 1 => {
            node.map_expressions(bare)?.transform_data(parted)
        }
        _ => Ok(Transformed::no(node)),
    };
    plan.transform_up_with_subqueries(bare).map(|plan| plan.data)
}

/// A node for each run of windows with the same keys. Columns keep their places: a window's stand behind its input's.
fn parted(node: LogicalPlan) -> Result<Transformed<LogicalPlan>> {
    let LogicalPlan::Window(window) = &node else { return Ok(Transformed::no(node)) };
    let runs: Vec<&[Expr]> = window.window_expr.chunk_by(|one, next| keys(one) == keys(next)).collect();
    if runs.len() < 2 {
        return Ok(Transformed::no(node));
    }
    let mut plan = window.input.as_ref().clone();
    for run in runs {
        plan = LogicalPlan::Window(Window::try_new(run.to_vec(), Arc::new(plan))?);
    }
    Ok(Transformed::yes(plan))
}

fn keys(expr: &Expr) -> Option<(&[Expr], &[Sort])> {
    match expr {
        Expr::Alias(alias) => keys(&alias.expr),
        Expr::WindowFunction(function) => Some((&function.params.partition_by, &function.params.order_by)),
        _ => None,
    }
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
