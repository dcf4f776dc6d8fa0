//! Keys that stand twice in ORDER BY or DISTINCT ON: the second one orders nothing, and the engine refuses it. Keys of a list
//! without duplicates that are written as one of its items are its place: the engine looks for their columns.

use std::collections::HashSet;

use datafusion::sql::sqlparser::ast::{
    DataType, Distinct, ExactNumberInfo, Expr, GroupByExpr, OrderByKind, Query, Select, SelectItem, SetExpr,
    UnaryOperator, Value,
};

use super::build::cast;

/// Keeps the first of equal keys.
pub(super) fn order(query: &mut Query) {
    constant_keys(query);
    if let Some(order) = &mut query.order_by
        && let OrderByKind::Expressions(keys) = &mut order.kind
    {
        let mut known = HashSet::new();
        keys.retain(|key| known.insert(key.expr.to_string()));
        if let SetExpr::Select(select) = query.body.as_ref()
            && let Some(Distinct::Distinct) = select.distinct
        {
            keys.iter_mut().for_each(|key| to_place(&mut key.expr, select));
        }
    }
    if let SetExpr::Select(select) = query.body.as_mut()
        && let Some(Distinct::On(keys)) = &mut select.distinct
    {
        let mut known = HashSet::new();
        keys.retain(|key| known.insert(key.to_string()));
    }
}

fn to_place(key: &mut Expr, select: &Select) {
    if matches!(key, Expr::Identifier(_) | Expr::Value(_)) {
        return;
    }
    let is_key = |item: &SelectItem| match item {
        SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } => *expr == *key,
        _ => false,
    };
    // Behind a star nobody knows the places.
    let is_star =
        |item: &SelectItem| matches!(item, SelectItem::Wildcard(_) | SelectItem::QualifiedWildcard(..));
    if let Some(at) = select.projection.iter().position(is_key)
        && !select.projection.iter().take(at).any(is_star)
    {
        *key = Expr::Value(Value::Number((at + 1).to_string(), false).with_empty_span());
    }
}

/// `+2` among keys is a number; the engine takes it for the second column.
fn constant_keys(query: &mut Query) {
    if let Some(order) = &mut query.order_by
        && let OrderByKind::Expressions(keys) = &mut order.kind
    {
        keys.iter_mut().for_each(|key| to_constant(&mut key.expr));
    }
    if let SetExpr::Select(select) = query.body.as_mut()
        && let GroupByExpr::Expressions(keys, _) = &mut select.group_by
    {
        keys.iter_mut().for_each(to_constant);
    }
}

fn is_number(expr: &Expr) -> bool {
    match expr {
        Expr::Value(value) => matches!(value.value, Value::Number(..)),
        Expr::Nested(expr) | Expr::UnaryOp { op: UnaryOperator::Plus | UnaryOperator::Minus, expr } => {
            is_number(expr)
        }
        _ => false,
    }
}

fn to_constant(key: &mut Expr) {
    let mut bare = &*key;
    while let Expr::Nested(inner) = bare {
        bare = inner;
    }
    if matches!(bare, Expr::UnaryOp { op: UnaryOperator::Plus, expr } if is_number(expr)) {
        *key = cast(key.clone(), DataType::Numeric(ExactNumberInfo::None));
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::parse::unchanged;
    use super::*;

    #[test]
    fn keys_are_columns_places_or_constants() {
        for (sql, expected) in [
            (
                "SELECT DISTINCT upper(a), b AS c FROM t ORDER BY upper(a) DESC, c, b",
                "SELECT DISTINCT upper(a), b AS c FROM t ORDER BY 1 DESC, c, b",
            ),
            (
                "SELECT DISTINCT *, a + 1 FROM t ORDER BY a + 1",
                "SELECT DISTINCT *, a + 1 FROM t ORDER BY a + 1",
            ),
            (
                "SELECT 1, count(*) FROM t GROUP BY (+(0)), +a ORDER BY +2, 1",
                "SELECT 1, count(*) FROM t GROUP BY CAST((+(0)) AS NUMERIC), +a ORDER BY CAST(+2 AS NUMERIC), 1",
            ),
        ] {
            let unchanged = unchanged(sql).remove(0);
            let datafusion::sql::sqlparser::ast::Statement::Query(mut query) = unchanged else {
                panic!("{sql}")
            };
            order(&mut query);
            assert_eq!(query.to_string(), expected);
        }
    }
}
