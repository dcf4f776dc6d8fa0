//! What stands before IS NULL and its like: a row, which is NULL when all its values are and not NULL when none is; and
//! `NOT EXISTS (…) IS NULL`, which in PostgreSQL is NOT of the whole, while the parser takes the NOT for a part of EXISTS.

use datafusion::sql::sqlparser::ast::{BinaryOperator, Expr, UnaryOperator};

use super::build::{arguments, balanced, grouped, is};

/// Changes the expression in place.
pub(super) fn read(expr: &mut Expr) -> Result<(), String> {
    if let Some(left) = left_side(expr)
        && let Expr::Exists { negated: negated @ true, .. } = left
    {
        *negated = false;
        let whole = std::mem::replace(expr, Expr::Tuple(vec![]));
        let denied = Expr::UnaryOp { op: UnaryOperator::Not, expr: Box::new(Expr::Nested(Box::new(whole))) };
        *expr = Expr::Nested(Box::new(denied));
        return Ok(());
    }
    let (row, is_null) = match expr {
        Expr::IsNull(row) => (row, true),
        Expr::IsNotNull(row) => (row, false),
        _ => return Ok(()),
    };
    let Some(values) = values(row) else { return Ok(()) };
    let one = |value: Expr| {
        let value = Box::new(grouped(value));
        if is_null { Expr::IsNull(value) } else { Expr::IsNotNull(value) }
    };
    let each = values.into_iter().map(one).collect();
    *expr = balanced(each, &BinaryOperator::And).ok_or_else(|| "空的行不能与 NULL 比较".to_owned())?;
    Ok(())
}

/// What an operator that binds closer than NOT is asked of.
fn left_side(expr: &mut Expr) -> Option<&mut Expr> {
    match expr {
        Expr::IsNull(left)
        | Expr::IsNotNull(left)
        | Expr::IsUnknown(left)
        | Expr::IsNotUnknown(left)
        | Expr::IsTrue(left)
        | Expr::IsNotTrue(left)
        | Expr::IsFalse(left)
        | Expr::IsNotFalse(left)
        | Expr::IsDistinctFrom(left, _)
        | Expr::IsNotDistinctFrom(left, _)
        | Expr::InList { expr: left, .. }
        | Expr::Between { expr: left, .. } => Some(left),
        Expr::BinaryOp { left, op, .. } if !matches!(op, BinaryOperator::And | BinaryOperator::Or) => {
            Some(left)
        }
        _ => None,
    }
}

/// The values of `(a, b)` and `ROW(a, b)`.
fn values(row: &Expr) -> Option<Vec<Expr>> {
    match row {
        Expr::Nested(inner) => values(inner),
        Expr::Tuple(values) => Some(values.clone()),
        Expr::Function(function) if is(function, "row") => arguments(function),
        _ => None,
    }
}
