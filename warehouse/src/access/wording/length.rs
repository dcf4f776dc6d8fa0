//! `x::varchar(3)` keeps three letters, which the engine does not. `char(3)` keeps three as well; the blanks PostgreSQL
//! fills it up with count nowhere but on the screen and are left out.

use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{CharacterLength, DataType, Expr, Statement, Value};

use super::super::walk::{Flow, Rewrite, rewrite};
use crate::access::calls::call;

/// Changes the statement in place.
pub(super) fn cut(statement: &mut Statement) {
    let _ = rewrite(statement, &mut Lengths);
}

struct Lengths;

impl Rewrite for Lengths {
    fn post_visit_expr(&mut self, expr: &mut Expr) -> Flow {
        if let Expr::Cast { data_type, .. } = expr
            && matches!(data_type, DataType::CharacterVarying(None) | DataType::CharVarying(None))
        {
            *data_type = DataType::Text;
        }
        if let Expr::Cast { data_type, array: false, .. } = expr
            && let Some((most, is_padded)) = most(data_type)
        {
            *data_type = DataType::Text;
            let most = Expr::Value(Value::Number(most.to_string(), false).with_empty_span());
            let kept = call("left", vec![expr.clone(), most]);
            *expr = if is_padded { call("rtrim", vec![kept]) } else { kept };
        }
        ControlFlow::Continue(())
    }
}

/// Letters a type keeps, and whether PostgreSQL fills it up with blanks.
fn most(data_type: &DataType) -> Option<(u64, bool)> {
    match data_type {
        DataType::Varchar(length) | DataType::CharacterVarying(length) | DataType::CharVarying(length) => {
            letters(*length).map(|most| (most, false))
        }
        DataType::Char(length) | DataType::Character(length) => Some((letters(*length).unwrap_or(1), true)),
        _ => None,
    }
}

fn letters(length: Option<CharacterLength>) -> Option<u64> {
    match length {
        Some(CharacterLength::IntegerLength { length, .. }) => Some(length),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::parse::unchanged;

    #[test]
    fn lengths_are_kept() {
        for (sql, expected) in [
            ("SELECT a::VARCHAR(3)", "SELECT left(a::TEXT, 3)"),
            ("SELECT CAST(a AS CHARACTER VARYING(2))", "SELECT left(CAST(a AS TEXT), 2)"),
            ("SELECT a::CHAR(3)", "SELECT rtrim(left(a::TEXT, 3))"),
            ("SELECT a::CHAR", "SELECT rtrim(left(a::TEXT, 1))"),
            ("SELECT a::VARCHAR", "SELECT a::VARCHAR"),
            ("SELECT a::CHARACTER VARYING", "SELECT a::TEXT"),
            ("SELECT a::TEXT", "SELECT a::TEXT"),
        ] {
            let mut statement = unchanged(sql).remove(0);
            cut(&mut statement);
            assert_eq!(statement.to_string(), expected);
        }
    }
}
