//! EXISTS outside WHERE. The engine's rule makes a column of a sub-query that tells for each row whether it has a match,
//! but for filters only; here it is asked for the column on behalf of select lists, aggregates, windows and sorts.

use std::sync::Arc;

use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::common::{Column, not_impl_err};
use datafusion::error::Result;
use datafusion::logical_expr::expr_rewriter::NamePreserver;
use datafusion::logical_expr::{Expr, Filter, LogicalPlan, LogicalPlanBuilder};
use datafusion::optimizer::decorrelate_predicate_subquery::DecorrelatePredicateSubquery;
use datafusion::optimizer::{ApplyOrder, OptimizerConfig, OptimizerRule};

/// See the module. To be run before the engine's rule.
#[derive(Debug)]
pub(in crate::access) struct ExistsAnywhere;

impl OptimizerRule for ExistsAnywhere {
    fn name(&self) -> &str {
        "exists_anywhere"
    }

    fn apply_order(&self) -> Option<ApplyOrder> {
        Some(ApplyOrder::TopDown)
    }

    fn supports_rewrite(&self) -> bool {
        true
    }

    fn rewrite(&self, node: LogicalPlan, config: &dyn OptimizerConfig) -> Result<Transformed<LogicalPlan>> {
        let asked = match &node {
            LogicalPlan::Projection(_)
            | LogicalPlan::Aggregate(_)
            | LogicalPlan::Window(_)
            | LogicalPlan::Sort(_) => exists_of(&node)?,
            _ => Vec::new(),
        };
        let [input] = node.inputs()[..] else { return Ok(Transformed::no(node)) };
        if asked.is_empty() {
            return Ok(Transformed::no(node));
        }
        let mut input = input.clone();
        let mut marks = Vec::with_capacity(asked.len());
        for exists in asked {
            let (marked, mark) = marked(input, &exists, config)?;
            input = marked;
            marks.push((exists, mark));
        }
        let columns: Vec<Column> = node.schema().columns();
        let names = NamePreserver::new(&node);
        let exprs = node.expressions().into_iter().map(|expr| {
            let name = names.save(&expr);
            let replaced = expr.transform_down(|expr| {
                Ok(match marks.iter().find(|(exists, _)| *exists == expr) {
                    Some((_, mark)) => Transformed::new(mark.clone(), true, TreeNodeRecursion::Jump),
                    None => Transformed::no(expr),
                })
            })?;
            Ok(name.restore(replaced.data))
        });
        let made = node.with_new_exprs(exprs.collect::<Result<Vec<_>>>()?, vec![input])?;
        // Windows and sorts hand on the columns of their input, and there are more now.
        let made = match made.schema().fields().len() == columns.len() {
            true => made,
            false => {
                LogicalPlanBuilder::from(made).project(columns.into_iter().map(Expr::Column))?.build()?
            }
        };
        Ok(Transformed::yes(made))
    }
}

/// The different EXISTS of a node's expressions.
fn exists_of(node: &LogicalPlan) -> Result<Vec<Expr>> {
    let mut found: Vec<Expr> = Vec::new();
    node.apply_expressions(|expr| {
        expr.apply(|part| {
            if matches!(part, Expr::Exists(_)) && !found.contains(part) {
                found.push(part.clone());
            }
            Ok(TreeNodeRecursion::Continue)
        })
    })?;
    Ok(found)
}

/// The input with a column more, and the expression that says what the EXISTS says.
fn marked(input: LogicalPlan, exists: &Expr, config: &dyn OptimizerConfig) -> Result<(LogicalPlan, Expr)> {
    // Within another expression, so that the rule keeps the rows that have no match.
    let condition = Expr::IsTrue(Box::new(exists.clone()));
    let filter = LogicalPlan::Filter(Filter::try_new(condition, Arc::new(input))?);
    let made = DecorrelatePredicateSubquery::new().rewrite(filter, config)?.data;
    if let LogicalPlan::Projection(projection) = &made
        && let LogicalPlan::Filter(filter) = projection.input.as_ref()
        && let Expr::IsTrue(mark) = &filter.predicate
        && !matches!(mark.as_ref(), Expr::Exists(_))
    {
        return Ok((filter.input.as_ref().clone(), mark.as_ref().clone()));
    }
    not_impl_err!("EXISTS 在这里不支持这种子查询，请改用 JOIN 或 WITH 写")
}
