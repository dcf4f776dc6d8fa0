//! `x = ANY (array)` and its kin as calls. The engine's own planning of them forgets that a NULL element makes the answer
//! unknown. Comparisons with a sub-query stay as they are.

use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{BinaryOperator, Expr, Statement, Value};

use super::super::walk::{Flow, Rewrite, rewrite};
use crate::access::calls::call;

/// Changes the statement in place.
pub(in crate::access) fn call_quantifiers(statement: &mut Statement) {
    let _ = rewrite(statement, &mut Quantifiers);
}

struct Quantifiers;

impl Rewrite for Quantifiers {
    fn post_visit_expr(&mut self, expr: &mut Expr) -> Flow {
        let (name, left, op, right) = match expr {
            Expr::AnyOp { left, compare_op, right, .. } => ("any_of", left, compare_op, right),
            Expr::AllOp { left, compare_op, right } => ("all_of", left, compare_op, right),
            _ => return ControlFlow::Continue(()),
        };
        if is_comparison(op) && !matches!(right.as_ref(), Expr::Subquery(_)) {
            let op = Expr::Value(Value::SingleQuotedString(op.to_string()).with_empty_span());
            *expr = call(name, vec![op, left.as_ref().clone(), right.as_ref().clone()]);
        }
        ControlFlow::Continue(())
    }
}

fn is_comparison(op: &BinaryOperator) -> bool {
    use BinaryOperator::{Eq, Gt, GtEq, Lt, LtEq, NotEq};
    matches!(op, Eq | NotEq | Lt | LtEq | Gt | GtEq)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::parse::unchanged;

    #[test]
    fn arrays_are_called_and_sub_queries_stay() {
        for (sql, expected) in [
            ("SELECT a = ANY(b) FROM t", "SELECT any_of('=', a, b) FROM t"),
            ("SELECT a <> ALL(ARRAY[1, 2])", "SELECT all_of('<>', a, ARRAY[1, 2])"),
            ("SELECT a = ANY($1)", "SELECT any_of('=', a, $1)"),
            ("SELECT a = ANY(SELECT b FROM t)", "SELECT a = ANY(SELECT b FROM t)"),
        ] {
            let mut statement = unchanged(sql).remove(0);
            call_quantifiers(&mut statement);
            assert_eq!(statement.to_string(), expected);
        }
    }
}
