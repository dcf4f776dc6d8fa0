//! Places of a list.

use datafusion::sql::sqlparser::ast::{AccessExpr, Expr, Subscript, UnaryOperator, Value};

use super::build::call;
use super::calls::is_written_out;

/// `a[2:]` ends where the list does. Places are counted from one, and there is nothing before it, while the engine counts
/// from the end.
pub(super) fn bounds(access: &mut AccessExpr) -> Result<(), String> {
    let number = |number: &str| Expr::Value(Value::Number(number.to_owned(), false).with_empty_span());
    let at_least = |place: Expr, least: &str| Expr::Function(call("greatest", vec![place, number(least)]));
    match access {
        AccessExpr::Subscript(Subscript::Index { index }) if !is_written_out(index) => {
            let place = at_least(index.clone(), "0");
            *index = Expr::Function(call("nullif", vec![place, number("0")]));
        }
        AccessExpr::Subscript(Subscript::Index { index }) if is_negative(index) => *index = number("0"),
        AccessExpr::Subscript(Subscript::Slice { lower_bound, upper_bound, .. }) => {
            if upper_bound.as_ref().is_some_and(is_negative) {
                return Err("数组的下标从 1 起，切片的上界不能是负数".to_owned());
            }
            if lower_bound.as_ref().is_some_and(is_negative) {
                *lower_bound = None;
            }
            lower_bound.get_or_insert_with(|| number("1"));
            upper_bound.get_or_insert_with(|| number("2147483647"));
        }
        _ => {}
    }
    Ok(())
}

fn is_negative(number: &Expr) -> bool {
    match number {
        Expr::UnaryOp { op: UnaryOperator::Minus, .. } => true,
        Expr::Nested(inner) => is_negative(inner),
        _ => false,
    }
}
