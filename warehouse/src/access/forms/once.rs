//! Keys that stand twice in ORDER BY or DISTINCT ON: the second one orders nothing, and the engine refuses it.

use std::collections::HashSet;

use datafusion::sql::sqlparser::ast::{Distinct, OrderByKind, Query, SetExpr};

/// Keeps the first of equal keys.
pub(super) fn order(query: &mut Query) {
    if let Some(order) = &mut query.order_by
        && let OrderByKind::Expressions(keys) = &mut order.kind
    {
        let mut known = HashSet::new();
        keys.retain(|key| known.insert(key.expr.to_string()));
    }
    if let SetExpr::Select(select) = query.body.as_mut()
        && let Some(Distinct::On(keys)) = &mut select.distinct
    {
        let mut known = HashSet::new();
        keys.retain(|key| known.insert(key.to_string()));
    }
}
