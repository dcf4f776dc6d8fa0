//! `ORDER BY 2` in a statement with groups, said by the expression it stands for. The engine looks for the column of the list
//! among the groups and refuses it where it is computed of them (`ORDER BY count(*) * 2` it knows).

use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{
    Expr, GroupByExpr, OrderByKind, Query, Select, SelectItem, SetExpr, Statement, Value,
};

use super::walk::{Flow, Rewrite, rewrite};

/// Changes the statement in place.
pub(super) fn spell_ordinals(statement: &mut Statement) {
    let _ = rewrite(statement, &mut Ordinals);
}

struct Ordinals;

impl Rewrite for Ordinals {
    fn pre_visit_query(&mut self, query: &mut Query) -> Flow {
        if let SetExpr::Select(select) = query.body.as_ref()
            && let Some(order) = &mut query.order_by
            && let OrderByKind::Expressions(keys) = &mut order.kind
            && is_grouped(select)
        {
            for key in keys {
                if let Some(spelled) = ordinal(&key.expr).and_then(|at| item(select, at)) {
                    key.expr = spelled;
                }
            }
        }
        ControlFlow::Continue(())
    }
}

/// Rows of a list without duplicates are ordered by what the list shows, and by nothing else.
fn is_grouped(select: &Select) -> bool {
    let groups = match &select.group_by {
        GroupByExpr::All(_) => true,
        GroupByExpr::Expressions(keys, more) => !keys.is_empty() || !more.is_empty(),
    };
    groups && select.distinct.is_none()
}

fn ordinal(key: &Expr) -> Option<usize> {
    match key {
        Expr::Value(value) => match &value.value {
            Value::Number(number, false) => number.parse().ok(),
            _ => None,
        },
        _ => None,
    }
}

/// The expression at a place of the list, counted from one. A column or a name says nothing new, and a constant in its place
/// would be an ordinal again.
fn item(select: &Select, at: usize) -> Option<Expr> {
    let is_star =
        |item: &SelectItem| matches!(item, SelectItem::Wildcard(_) | SelectItem::QualifiedWildcard(..));
    let before = select.projection.get(..at)?;
    match before.last()? {
        SelectItem::UnnamedExpr(expr) if !before.iter().any(is_star) => match expr {
            Expr::Identifier(_) | Expr::CompoundIdentifier(_) | Expr::Value(_) => None,
            computed => Some(computed.clone()),
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::parse::unchanged;
    use super::*;

    #[test]
    fn computed_items_of_groups_are_spelled() {
        for (sql, expected) in [
            (
                "SELECT a, count(*) * 2 FROM t GROUP BY a ORDER BY 2 DESC, 1",
                "SELECT a, count(*) * 2 FROM t GROUP BY a ORDER BY count(*) * 2 DESC, 1",
            ),
            (
                "SELECT upper(a), 1, count(*) AS n FROM t GROUP BY 1 ORDER BY 1, 2, 3, 4",
                "SELECT upper(a), 1, count(*) AS n FROM t GROUP BY 1 ORDER BY upper(a), 2, 3, 4",
            ),
            ("SELECT *, a + 1 FROM t GROUP BY a ORDER BY 2", "SELECT *, a + 1 FROM t GROUP BY a ORDER BY 2"),
            ("SELECT a + 1 FROM t ORDER BY 1", "SELECT a + 1 FROM t ORDER BY 1"),
            (
                "SELECT DISTINCT a + 1 FROM t GROUP BY a ORDER BY 1",
                "SELECT DISTINCT a + 1 FROM t GROUP BY a ORDER BY 1",
            ),
            (
                "SELECT x FROM (SELECT a + 1 AS x, sum(b) / 2 FROM t GROUP BY a ORDER BY 2) AS q",
                "SELECT x FROM (SELECT a + 1 AS x, sum(b) / 2 FROM t GROUP BY a ORDER BY sum(b) / 2) AS q",
            ),
        ] {
            let mut statement = unchanged(sql).remove(0);
            spell_ordinals(&mut statement);
            assert_eq!(statement.to_string(), expected);
        }
    }
}
