//! Types that a client gives its parameters: `$1`, said to be a date, stands for `CAST($1 AS DATE)`, so that a statement is
//! planned with what its parameters are, and not with what they happen to be compared with.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{CastKind, DataType, Expr, Statement, Value};

use super::walk::{Flow, Rewrite, rewrite};

/// Casts the parameters whose type is said, by their number from one.
pub fn declare(statement: &mut Statement, types: &BTreeMap<usize, DataType>) {
    if !types.is_empty() {
        let _ = rewrite(statement, &mut Declare(types));
    }
}

struct Declare<'t>(&'t BTreeMap<usize, DataType>);

impl Rewrite for Declare<'_> {
    fn post_visit_expr(&mut self, expr: &mut Expr) -> Flow {
        if let Expr::Value(value) = expr
            && let Value::Placeholder(name) = &value.value
            && let Some(data_type) = name
                .strip_prefix('$')
                .and_then(|number| number.parse().ok())
                .and_then(|number| self.0.get(&number))
        {
            *expr = Expr::Cast {
                kind: CastKind::Cast,
                expr: Box::new(expr.clone()),
                data_type: data_type.clone(),
                array: false,
                format: None,
            };
        }
        ControlFlow::Continue(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::parse::unchanged;
    use super::*;

    #[test]
    fn what_is_said_is_cast() {
        let mut statement = unchanged("SELECT $1, f($2) FROM t WHERE a = ANY($1) AND b = $12").remove(0);
        declare(&mut statement, &BTreeMap::from([(1, DataType::Text), (12, DataType::Date)]));
        assert_eq!(
            statement.to_string(),
            "SELECT CAST($1 AS TEXT), f($2) FROM t WHERE a = ANY(CAST($1 AS TEXT)) AND b = CAST($12 AS DATE)"
        );
    }
}
