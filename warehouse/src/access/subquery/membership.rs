//! `x IN (SELECT y …)` with its third truth value: unknown where nothing equals but something is NULL. In WHERE, where
//! unknown counts as false, an IN stays as it is and so does NOT IN of a sub-query that stands for itself; the engine's
//! joins are right there. A NOT IN that refers outside and whatever stands elsewhere becomes EXISTS.

use std::sync::Arc;

use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::common::{DFSchema, ScalarValue, not_impl_err};
use datafusion::error::Result;
use datafusion::functions_aggregate::expr_fn::count;
use datafusion::logical_expr::expr::{Exists, InSubquery};
use datafusion::logical_expr::expr_rewriter::NamePreserver;
use datafusion::logical_expr::utils::{conjunction, merge_schema, split_conjunction_owned};
use datafusion::logical_expr::{
    Expr, ExprSchemable, Filter, LogicalPlan, LogicalPlanBuilder, Subquery, lit, when,
};
use datafusion::optimizer::AnalyzerRule;

use super::maybe::may_be_empty;
use super::sound;

/// See the module. To be run after types were made equal.
#[derive(Debug)]
pub(in crate::access) struct Membership;

impl AnalyzerRule for Membership {
    fn name(&self) -> &'static str {
        "membership"
    }

    fn analyze(&self, plan: LogicalPlan, _: &ConfigOptions) -> Result<LogicalPlan> {
        if !plan.exists(asks_subqueries)? {
            return Ok(plan);
        }
        plan.transform_up_with_subqueries(|node| {
            // Below, a value may have become one that may be NULL.
            let node = node.recompute_schema()?;
            if !asks_subqueries(&node)? {
                return Ok(Transformed::yes(node));
            }
            sound::check(&node)?;
            match node {
                LogicalPlan::Filter(Filter { predicate, input, .. }) => {
                    let schema = input.schema().clone();
                    let conjuncts = split_conjunction_owned(predicate).into_iter();
                    let conjuncts: Vec<Expr> =
                        conjuncts.map(|conjunct| of_filter(conjunct, &schema)).collect::<Result<_>>()?;
                    let predicate = conjunction(conjuncts).unwrap_or_else(|| lit(true));
                    Ok(Transformed::yes(LogicalPlan::Filter(Filter::try_new(predicate, input)?)))
                }
                node => {
                    let inputs = node.inputs();
                    let schema = merge_schema(&inputs);
                    let names = NamePreserver::new(&node);
                    node.map_expressions(|expr| {
                        let name = names.save(&expr);
                        let valued = expr.transform_up(|expr| valued(expr, &schema))?;
                        Ok(valued.update_data(|expr| name.restore(expr)))
                    })?
                    .map_data(LogicalPlan::recompute_schema)
                }
            }
        })
        .map(|plan| plan.data)
    }
}

fn asks_subqueries(node: &LogicalPlan) -> Result<bool> {
    let mut found = false;
    node.apply_expressions(|expr| {
        found |= expr.exists(|expr| {
            Ok(matches!(expr, Expr::InSubquery(_) | Expr::Exists(_) | Expr::ScalarSubquery(_)))
        })?;
        Ok(if found { TreeNodeRecursion::Stop } else { TreeNodeRecursion::Continue })
    })?;
    Ok(found)
}

/// A condition of WHERE: unknown counts as false.
fn of_filter(condition: Expr, schema: &DFSchema) -> Result<Expr> {
    match condition {
        Expr::Not(inner) => match *inner {
            Expr::InSubquery(InSubquery { expr, subquery, negated }) => {
                of_filter(Expr::InSubquery(InSubquery::new(expr, subquery, !negated)), schema)
            }
            other => valued_within(Expr::Not(Box::new(other)), schema),
        },
        Expr::InSubquery(InSubquery { expr, subquery, negated: true })
            if !subquery.outer_ref_columns.is_empty() || !matches!(*expr, Expr::Column(_)) =>
        {
            none_equals(*expr, &subquery, schema)
        }
        in_where @ (Expr::InSubquery(_) | Expr::Exists(_)) => Ok(in_where),
        other => valued_within(other, schema),
    }
}

fn valued_within(expr: Expr, schema: &DFSchema) -> Result<Expr> {
    Ok(expr.transform_up(|expr| valued(expr, schema))?.data)
}

/// Whether nothing equals and nothing is NULL, for a condition of WHERE.
fn none_equals(expr: Expr, subquery: &Subquery, schema: &DFSchema) -> Result<Expr> {
    let parts = Parts::of(expr, subquery, schema)?;
    let mut all = vec![negated(parts.equals()?)];
    if parts.may_hold_null {
        all.push(negated(parts.holds_null()?));
    }
    if parts.may_be_null {
        all.push(parts.expr.clone().is_not_null().or(negated(parts.any()?)));
    }
    Ok(conjunction(all).unwrap_or_else(|| lit(true)))
}

/// The value of an IN, wherever it stands; and an EXISTS that refers to nothing outside, asked once.
fn valued(expr: Expr, schema: &DFSchema) -> Result<Transformed<Expr>> {
    match expr {
        Expr::InSubquery(InSubquery { expr, subquery, negated }) => {
            let parts = Parts::of(*expr, &subquery, schema)?;
            let mut unknown = None;
            if parts.may_hold_null {
                unknown = Some(parts.holds_null()?);
            }
            if parts.may_be_null {
                let also = parts.expr.clone().is_null().and(parts.any()?);
                unknown = Some(match unknown {
                    Some(unknown) => unknown.or(also),
                    None => also,
                });
            }
            let mut value = when(parts.equals()?, lit(!negated));
            if let Some(unknown) = unknown {
                value = value.when(unknown, Expr::Literal(ScalarValue::Boolean(None), None));
            }
            Ok(Transformed::yes(value.otherwise(lit(negated))?))
        }
        Expr::Exists(Exists { subquery, negated }) if subquery.outer_ref_columns.is_empty() => {
            Ok(Transformed::yes(asked_once(&subquery, negated)?))
        }
        Expr::ScalarSubquery(subquery) => Ok(may_be_empty(subquery)?.update_data(Expr::ScalarSubquery)),
        other => Ok(Transformed::no(other)),
    }
}

/// What an IN is made of.
struct Parts<'a> {
    expr: Expr,
    /// The expression as the sub-query sees it.
    outside: Expr,
    subquery: &'a Subquery,
    may_be_null: bool,
    may_hold_null: bool,
}

impl<'a> Parts<'a> {
    fn of(expr: Expr, subquery: &'a Subquery, schema: &DFSchema) -> Result<Self> {
        let asks = expr.exists(|part| {
            Ok(matches!(part, Expr::InSubquery(_) | Expr::Exists(_) | Expr::ScalarSubquery(_)))
        })?;
        if asks {
            return not_impl_err!("IN 左边不能是子查询，请用 WITH 分步写");
        }
        let outside = expr.clone().transform(|part| match part {
            Expr::Column(column) => {
                let (_, field) = schema.qualified_field_from_column(&column)?;
                Ok(Transformed::yes(Expr::OuterReferenceColumn(field.clone(), column)))
            }
            other => Ok(Transformed::no(other)),
        })?;
        Ok(Self {
            may_be_null: expr.nullable(schema)?,
            may_hold_null: subquery.subquery.schema().field(0).is_nullable(),
            outside: outside.data,
            expr,
            subquery,
        })
    }

    /// Whether a row equals.
    fn equals(&self) -> Result<Expr> {
        let column = self.column();
        self.exists(Some(column.eq(self.outside.clone())))
    }

    /// Whether a row is NULL.
    fn holds_null(&self) -> Result<Expr> {
        self.exists(Some(self.column().is_null()))
    }

    /// Whether there is a row.
    fn any(&self) -> Result<Expr> {
        self.exists(None)
    }

    fn column(&self) -> Expr {
        Expr::Column(self.subquery.subquery.schema().columns().remove(0))
    }

    fn exists(&self, condition: Option<Expr>) -> Result<Expr> {
        let mut plan = LogicalPlanBuilder::from(self.subquery.subquery.as_ref().clone());
        let mut outer_ref_columns = self.subquery.outer_ref_columns.clone();
        if let Some(condition) = condition {
            condition.apply(|part| {
                if matches!(part, Expr::OuterReferenceColumn(..)) && !outer_ref_columns.contains(part) {
                    outer_ref_columns.push(part.clone());
                }
                Ok(TreeNodeRecursion::Continue)
            })?;
            plan = plan.filter(condition)?;
        }
        let subquery = Subquery {
            subquery: Arc::new(plan.build()?),
            outer_ref_columns,
            spans: self.subquery.spans.clone(),
        };
        match subquery.outer_ref_columns.is_empty() {
            true => asked_once(&subquery, false),
            false => Ok(Expr::Exists(Exists::new(subquery, false))),
        }
    }
}

fn negated(exists: Expr) -> Expr {
    match exists {
        Expr::Exists(Exists { subquery, negated }) => Expr::Exists(Exists::new(subquery, !negated)),
        other => Expr::Not(Box::new(other)),
    }
}

/// Whether a sub-query that refers to nothing outside has a row: a number asked once, not a join with every row.
fn asked_once(subquery: &Subquery, negated: bool) -> Result<Expr> {
    let rows = count(lit(1_i64)).alias("rows");
    let counted = LogicalPlanBuilder::from(subquery.subquery.as_ref().clone())
        .limit(0, Some(1))?
        .aggregate(Vec::<Expr>::new(), vec![rows])?;
    let column = Expr::Column(counted.schema().columns().remove(0));
    let asked = if negated { column.eq(lit(0_i64)) } else { column.gt(lit(0_i64)) };
    Ok(Expr::ScalarSubquery(Subquery {
        subquery: Arc::new(counted.project(vec![asked.alias("exists")])?.build()?),
        outer_ref_columns: Vec::new(),
        spans: subquery.spans.clone(),
    }))
}
