//! Keys that stand twice in ORDER BY or DISTINCT ON: the second one orders nothing, and the engine refuses it. Keys of a list
//! without duplicates that are written as one of its items are its place: the engine looks for their columns.

use std::collections::HashSet;

use datafusion::sql::sqlparser::ast::{
    Distinct, Expr, OrderByKind, Query, Select, SelectItem, SetExpr, Value,
};

/// Keeps the first of equal keys.
pub(super) fn order(query: &mut Query) {
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
