//! Comparisons with all rows of a sub-query: `x = ANY (q)` is `x IN (q)`; what is said of all or any other rows is said of
//! their least and largest, with NULL where an unknown value might change the answer.

use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{BinaryOperator, Expr, Query, SetExpr, TableFactor};

use super::super::parse::expression;
use super::super::walk::{FOUND, Flow, Look, look};
use super::build::{binary, repeatable};
use super::templates::filled;

/// Changes the expression in place, before what it holds is looked at.
pub(super) fn compare(expr: &mut Expr) -> Result<(), String> {
    let (quantifier, left, op, right) = match expr {
        Expr::AnyOp { left, compare_op, right, .. } => (Quantifier::Any, left, compare_op, right),
        Expr::AllOp { left, compare_op, right } => (Quantifier::All, left, compare_op, right),
        _ => return Ok(()),
    };
    let Expr::Subquery(subquery) = right.as_ref() else { return Ok(()) };
    let is_listed = matches!(
        (quantifier, &*op),
        (Quantifier::Any, BinaryOperator::Eq) | (Quantifier::All, BinaryOperator::NotEq)
    );
    // Each is read several times over; within each other that would be several to the power of their depth.
    if !is_listed
        && (look(subquery.as_ref(), &mut Quantified).is_break()
            || look(left.as_ref(), &mut Quantified).is_break())
    {
        return Err("ANY、ALL 与子查询的比较不能互相嵌套，请用 WITH 分步写".to_owned());
    }
    repeatable(left, 3)?;
    let (left, subquery) = (left.as_ref().clone(), subquery.clone());
    let listed =
        |negated| Expr::InSubquery { expr: Box::new(left.clone()), subquery: subquery.clone(), negated };
    *expr = match (quantifier, &*op) {
        (Quantifier::Any, BinaryOperator::Eq) => listed(false),
        (Quantifier::All, BinaryOperator::NotEq) => listed(true),
        (quantifier, op) => extremes(quantifier, &left, op, &subquery)?,
    };
    Ok(())
}

/// Finds comparisons of this kind.
struct Quantified;

impl Look for Quantified {
    fn pre_visit_expr(&mut self, expr: &Expr) -> Flow {
        match expr {
            Expr::AnyOp { right, .. } | Expr::AllOp { right, .. }
                if matches!(right.as_ref(), Expr::Subquery(_)) =>
            {
                FOUND
            }
            _ => ControlFlow::Continue(()),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Quantifier {
    Any,
    All,
}

/// As `CASE` over the least, the largest, and how many rows and values there are.
fn extremes(quantifier: Quantifier, left: &Expr, op: &BinaryOperator, rows: &Query) -> Result<Expr, String> {
    use BinaryOperator::{Eq, Gt, GtEq, Lt, LtEq, NotEq};
    let decides: &[&str] = match (quantifier, op) {
        (_, Eq | NotEq) => &["min", "max"],
        (Quantifier::Any, Lt | LtEq) | (Quantifier::All, Gt | GtEq) => &["max"],
        (Quantifier::Any, Gt | GtEq) | (Quantifier::All, Lt | LtEq) => &["min"],
        _ => return Err("ANY 和 ALL 前面要是 =、<>、<、<=、>、>=".to_owned()),
    };
    let holds = |of: &&str| -> Result<Expr, String> {
        Ok(binary(left.clone(), op.clone(), gathered(&format!("{of}(v)"), rows)?))
    };
    let mut holds = decides.iter().map(holds).collect::<Result<Vec<_>, _>>()?.into_iter();
    let joint = if quantifier == Quantifier::Any { BinaryOperator::Or } else { BinaryOperator::And };
    let first = holds.next().ok_or("ANY 和 ALL 没有可以比较的值")?;
    let holds = holds.fold(first, |all, one| binary(all, joint.clone(), one));
    let (blanks, rows) = (gathered("count(*) > count(v)", rows)?, gathered("count(*) > 0", rows)?);
    let template = match quantifier {
        Quantifier::Any => "CASE WHEN a1 THEN true WHEN a2 OR a3 AND a4 IS NULL THEN NULL ELSE false END",
        Quantifier::All => {
            "CASE WHEN NOT a3 THEN true WHEN NOT a1 THEN false WHEN a2 OR a4 IS NULL THEN NULL ELSE true END"
        }
    };
    filled(template, &[holds, blanks, rows, left.clone()])
}

/// `(SELECT what FROM (rows) AS quantified (v))`
fn gathered(what: &str, rows: &Query) -> Result<Expr, String> {
    let template = format!("(SELECT {what} FROM (SELECT 1) AS quantified (v))");
    let mut made = expression(&template).map_err(|error| error.to_string())?;
    if let Expr::Subquery(query) = &mut made
        && let SetExpr::Select(select) = query.body.as_mut()
        && let Some(from) = select.from.first_mut()
        && let TableFactor::Derived { subquery, .. } = &mut from.relation
    {
        **subquery = rows.clone();
    }
    Ok(made)
}
