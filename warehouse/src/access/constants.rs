//! What a plan holds in constants. A constant becomes a column wherever the engine needs one, in a step that no pool sees:
//! so many bytes as a statement may have are let through, and not what was worked out of few letters. A regular expression
//! has to be a constant: one for each row is compiled for each row, and kept.

use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::common::{ScalarValue, plan_err};
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::expr::InList;
use datafusion::logical_expr::{BinaryExpr, Expr, LogicalPlan, Operator};

use super::fence::LONGEST_STATEMENT;
use super::wording::complaint;

/// Functions whose second argument is a regular expression.
const BY_PATTERN: [&str; 7] = [
    "regexp_count",
    "regexp_instr",
    "regexp_like",
    "regexp_match",
    "regexp_replace",
    "regexp_split_to_array",
    "regexp_substr",
];

/// Bytes of texts that are constants. The optimizer writes some of them twice.
const MOST: usize = 2 * LONGEST_STATEMENT;

/// Refuses a plan, as it will run, that holds more.
pub(super) fn check(plan: &LogicalPlan) -> Result<()> {
    let (mut bytes, mut listed, mut rows) = (0_usize, 0_usize, false);
    plan.apply_with_subqueries(|node| {
        rows |= !matches!(
            node,
            LogicalPlan::Projection(_) | LogicalPlan::EmptyRelation(_) | LogicalPlan::Limit(_)
        );
        node.apply_expressions(|expr| {
            expr.apply(|expr| {
                bytes = bytes.saturating_add(length(expr));
                // What a list compares with is looked up and becomes no column: clients send lists of thousands.
                if let Expr::InList(InList { list, .. }) = expr {
                    listed += list.iter().map(length).sum::<usize>();
                }
                match pattern(expr) {
                    Some(pattern) if !matches!(pattern, Expr::Literal(..) | Expr::Placeholder(_)) => {
                        match complaint(pattern) {
                            Some(sentence) => plan_err!("{sentence}"),
                            None => plan_err!("不支持每行不同的正则表达式；请把它直接写出来"),
                        }
                    }
                    _ => Ok(TreeNodeRecursion::Continue),
                }
            })
        })
    })?;
    let bytes = bytes.saturating_sub(listed);
    if rows && bytes > MOST {
        let (made, most) = (bytes >> 10, MOST >> 10);
        return Err(DataFusionError::ResourcesExhausted(format!(
            "the constants of the statement have {made} KiB, {most} KiB are allowed"
        )));
    }
    Ok(())
}

/// Bytes of a text that is a constant.
fn length(expr: &Expr) -> usize {
    match expr {
        Expr::Literal(ScalarValue::Binary(Some(bytes)) | ScalarValue::LargeBinary(Some(bytes)), _) => {
            bytes.len()
        }
        Expr::Literal(value, _) => value.try_as_str().flatten().map_or(0, str::len),
        _ => 0,
    }
}

fn pattern(expr: &Expr) -> Option<&Expr> {
    use Operator::{RegexIMatch, RegexMatch, RegexNotIMatch, RegexNotMatch};
    match expr {
        Expr::BinaryExpr(BinaryExpr {
            op: RegexMatch | RegexIMatch | RegexNotMatch | RegexNotIMatch,
            right,
            ..
        }) => Some(right),
        Expr::ScalarFunction(call) if BY_PATTERN.contains(&call.func.name()) => call.args.get(1),
        _ => None,
    }
}
