//! Shapes of sub-queries that refer outside and that the engine would turn into a wrong join: it lifts the condition that
//! refers outside above whatever stands between, which changes what a window, an offset, a total or an outer join sees.

use datafusion::common::not_impl_err;
use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::error::Result;
use datafusion::logical_expr::expr::{Exists, InSubquery};
use datafusion::logical_expr::{Expr, JoinType, LogicalPlan, SkipType};

/// Refuses sub-queries of a node's expressions that would be answered wrongly.
pub(super) fn check(node: &LogicalPlan) -> Result<()> {
    node.apply_expressions(|expr| {
        expr.apply(|part| {
            match part {
                Expr::Exists(Exists { subquery, .. }) | Expr::InSubquery(InSubquery { subquery, .. })
                    if !subquery.outer_ref_columns.is_empty() =>
                {
                    lifts(&subquery.subquery, Asked::ForRows)?;
                }
                Expr::ScalarSubquery(subquery) if !subquery.outer_ref_columns.is_empty() => {
                    lifts(&subquery.subquery, Asked::ForValue)?;
                }
                _ => {}
            }
            Ok(TreeNodeRecursion::Continue)
        })
    })
    .map(|_| ())
}

/// What a sub-query is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asked {
    ForRows,
    /// The engine knows that a total over no rows has a value.
    ForValue,
}

/// Looks from the top down for a node over which a reference must not be lifted.
fn lifts(plan: &LogicalPlan, asked: Asked) -> Result<()> {
    let what = match plan {
        LogicalPlan::Window(window) if refers_outside(&window.input) => Some("窗口函数"),
        LogicalPlan::Limit(limit)
            if refers_outside(&limit.input) && !matches!(limit.get_skip_type(), Ok(SkipType::Literal(0))) =>
        {
            Some("OFFSET")
        }
        LogicalPlan::Aggregate(aggregate)
            if asked == Asked::ForRows
                && aggregate.group_expr.is_empty()
                && refers_outside(&aggregate.input) =>
        {
            Some("不分组的汇总")
        }
        LogicalPlan::Join(join) => {
            let (left, right) = match join.join_type {
                JoinType::Left | JoinType::LeftAnti | JoinType::LeftMark | JoinType::LeftSemi => {
                    (false, true)
                }
                JoinType::Right | JoinType::RightAnti | JoinType::RightMark | JoinType::RightSemi => {
                    (true, false)
                }
                JoinType::Full => (true, true),
                JoinType::Inner => (false, false),
            };
            ((left && refers_outside(&join.left)) || (right && refers_outside(&join.right)))
                .then_some("外连接")
        }
        _ => None,
    };
    if let Some(what) = what {
        return not_impl_err!("引用外层查询的子查询里不支持{what}，请改用 WITH 或 JOIN 写");
    }
    // References of a sub-query within are looked at where it stands.
    plan.inputs().into_iter().try_for_each(|input| lifts(input, asked))
}

/// Whether a plan itself, without the sub-queries of its expressions, refers outside.
fn refers_outside(plan: &LogicalPlan) -> bool {
    plan.exists(|node| {
        let mut refers = false;
        node.apply_expressions(|expr| {
            refers |= expr.contains_outer();
            Ok(TreeNodeRecursion::Continue)
        })?;
        Ok(refers)
    })
    .unwrap_or(true)
}
