//! The order of a sub-query in FROM. The standard lets it go, and so does the engine; PostgreSQL keeps it, and tools rely on it that
//! put a saved query into brackets and take its first rows. Here the keys are said once more where the rows are shown, or
//! where they are gathered in a list. Keys that the sub-query does not show stay behind.

use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{
    Expr, Function, FunctionArgumentClause, FunctionArguments, Ident, ObjectNamePart, OrderBy, OrderByExpr,
    OrderByKind, Query, Select, SelectItem, SetExpr, Statement, TableFactor, Value, WindowType, With,
};

use super::super::walk::{FOUND, Flow, Look, Rewrite, look, rewrite};
use super::build::{Gathering, is};
use super::outputs::{gathers, same};

/// Aggregates whose answer shows the order of the rows.
const SHOWING: [&str; 3] = ["array_agg", "string_agg", "json_agg"];

/// Functions of a window without keys that show it.
const NUMBERING: [&str; 2] = ["row_number", "first_value"];

/// Changes the statement in place.
pub(super) fn keep(statement: &mut Statement) {
    let _ = rewrite(statement, &mut Queries);
}

/// Queries from the innermost outwards, so that an order passes through several brackets.
struct Queries;

impl Rewrite for Queries {
    fn post_visit_query(&mut self, query: &mut Query) -> Flow {
        let Query { with, body, order_by, .. } = query;
        let SetExpr::Select(select) = body.as_mut() else { return ControlFlow::Continue(()) };
        let Some(keys) = inner_keys(select, with.as_ref()) else { return ControlFlow::Continue(()) };
        let _ = rewrite(&mut select.projection, &mut Shown { keys: &keys });
        let is_plain = order_by.is_none() && select.distinct.is_none() && !gathers(select);
        if is_plain && look(&select.projection, &mut Windows).is_continue() {
            *order_by = Some(OrderBy { kind: OrderByKind::Expressions(keys), interpolate: None });
        }
        ControlFlow::Continue(())
    }
}

/// The keys of what is read, in words of who reads it.
fn inner_keys(select: &Select, with: Option<&With>) -> Option<Vec<OrderByExpr>> {
    let [from] = select.from.as_slice() else { return None };
    if !from.joins.is_empty() {
        return None;
    }
    let (query, name) = match &from.relation {
        TableFactor::Derived { lateral: false, subquery, alias: Some(alias), .. }
            if alias.columns.is_empty() =>
        {
            (subquery.as_ref(), &alias.name)
        }
        TableFactor::Table { name, alias, args: None, .. } => {
            let [ObjectNamePart::Identifier(table)] = name.0.as_slice() else { return None };
            let mut known = with.filter(|with| !with.recursive)?.cte_tables.iter();
            let cte = known.find(|cte| same(&cte.alias.name, table) && cte.alias.columns.is_empty())?;
            if alias.as_ref().is_some_and(|alias| !alias.columns.is_empty()) {
                return None;
            }
            (cte.query.as_ref(), alias.as_ref().map_or(table, |alias| &alias.name))
        }
        _ => return None,
    };
    // Limited rows come in their order anyway.
    if query.limit_clause.is_some() || query.fetch.is_some() {
        return None;
    }
    let OrderByKind::Expressions(keys) = &query.order_by.as_ref()?.kind else { return None };
    let SetExpr::Select(inner) = query.body.as_ref() else { return None };
    let outwards = |key: &OrderByExpr| {
        let column = shown_as(&key.expr, &inner.projection)?;
        let expr = Expr::CompoundIdentifier(vec![name.clone(), column]);
        Some(OrderByExpr { expr, options: key.options, with_fill: None })
    };
    keys.iter().map(outwards).collect()
}

/// The column a key is shown as, if it is the only one of its name.
fn shown_as(key: &Expr, items: &[SelectItem]) -> Option<Ident> {
    if let Expr::Value(value) = key {
        let Value::Number(place, _) = &value.value else { return None };
        let items = items.get(..place.parse().ok()?)?;
        return items.iter().map(name).next_back()?.filter(|_| items.iter().all(|item| !is_star(item)));
    }
    let matches = |item: &&SelectItem| match item {
        SelectItem::ExprWithAlias { expr, alias } => {
            expr == key || matches!(key, Expr::Identifier(wanted) if same(wanted, alias))
        }
        SelectItem::UnnamedExpr(expr) => match (expr, key) {
            (Expr::CompoundIdentifier(parts), Expr::Identifier(name))
            | (Expr::Identifier(name), Expr::CompoundIdentifier(parts)) => {
                parts.last().is_some_and(|last| same(last, name))
            }
            _ => expr == key,
        },
        _ => false,
    };
    let found = match items.iter().find(matches) {
        Some(item) => name(item)?,
        // A star of one table shows all its columns.
        None if matches!(items, [SelectItem::Wildcard(_)]) => match key {
            Expr::Identifier(wanted) => wanted.clone(),
            Expr::CompoundIdentifier(parts) => parts.last()?.clone(),
            _ => return None,
        },
        None => return None,
    };
    let twins = items.iter().filter(|item| name(item).is_some_and(|other| same(&other, &found)));
    (twins.count() < 2).then_some(found)
}

/// The name an item has in the answer, where the text gives it one.
fn name(item: &SelectItem) -> Option<Ident> {
    match item {
        SelectItem::ExprWithAlias { alias, .. } => Some(alias.clone()),
        SelectItem::UnnamedExpr(Expr::Identifier(name)) => Some(name.clone()),
        SelectItem::UnnamedExpr(Expr::CompoundIdentifier(parts)) => parts.last().cloned(),
        _ => None,
    }
}

fn is_star(item: &SelectItem) -> bool {
    matches!(item, SelectItem::Wildcard(_) | SelectItem::QualifiedWildcard(..))
}

/// Gives the keys to what shows them and has none.
struct Shown<'a> {
    keys: &'a [OrderByExpr],
}

impl Rewrite for Shown<'_> {
    fn pre_visit_query(&mut self, _: &mut Query) -> Flow {
        // A sub-query reads rows of its own.
        FOUND
    }

    fn post_visit_expr(&mut self, expr: &mut Expr) -> Flow {
        let Expr::Function(function) = expr else { return ControlFlow::Continue(()) };
        let is_one_of = |names: &[&str]| names.iter().any(|name| is(function, name));
        let (gathers, numbers) = (is_one_of(&SHOWING), is_one_of(&NUMBERING));
        match &mut function.over {
            None if gathers => self.order(function),
            Some(WindowType::WindowSpec(window))
                if numbers && window.order_by.is_empty() && window.window_frame.is_none() =>
            {
                window.order_by = self.keys.to_vec();
            }
            _ => {}
        }
        ControlFlow::Continue(())
    }
}

impl Shown<'_> {
    fn order(&self, function: &mut Function) {
        let gathering = Gathering::of(function);
        if gathering.is_distinct() || !gathering.order_by.is_empty() {
            return;
        }
        if let FunctionArguments::List(list) = &mut function.args {
            list.clauses.push(FunctionArgumentClause::OrderBy(self.keys.to_vec()));
        }
    }
}

/// Finds a function over a window: rows come in the order of the last one.
pub(super) struct Windows;

impl Look for Windows {
    fn pre_visit_expr(&mut self, expr: &Expr) -> Flow {
        match expr {
            Expr::Function(Function { over: Some(_), .. }) => FOUND,
            _ => ControlFlow::Continue(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::parse::unchanged;
    use super::*;

    #[test]
    fn an_order_within_brackets_is_kept() {
        for (sql, expected) in [
            (
                "SELECT * FROM (SELECT a, b FROM t ORDER BY b DESC, 1) AS q LIMIT 3",
                "SELECT * FROM (SELECT a, b FROM t ORDER BY b DESC, 1) AS q ORDER BY q.b DESC, q.a LIMIT 3",
            ),
            (
                "WITH t AS (SELECT c, sum(a) AS s FROM u GROUP BY c ORDER BY sum(a)) SELECT c FROM t LIMIT 1",
                "WITH t AS (SELECT c, sum(a) AS s FROM u GROUP BY c ORDER BY sum(a)) SELECT c FROM t ORDER BY t.s LIMIT 1",
            ),
            (
                "SELECT string_agg(x, ','), count(*) FROM (SELECT * FROM t ORDER BY t.x) AS q",
                "SELECT string_agg(x, ',' ORDER BY q.x), count(*) FROM (SELECT * FROM t ORDER BY t.x) AS q",
            ),
            (
                "SELECT x, row_number() OVER () FROM (SELECT x FROM t ORDER BY x) AS q",
                "SELECT x, row_number() OVER (ORDER BY q.x) FROM (SELECT x FROM t ORDER BY x) AS q",
            ),
            (
                "SELECT a FROM (SELECT a FROM (SELECT a FROM t ORDER BY a) AS p) AS q",
                "SELECT a FROM (SELECT a FROM (SELECT a FROM t ORDER BY a) AS p ORDER BY p.a) AS q ORDER BY q.a",
            ),
        ] {
            let mut statement = unchanged(sql).remove(0);
            keep(&mut statement);
            assert_eq!(statement.to_string(), expected);
        }
        for same in [
            "SELECT a FROM (SELECT a FROM t ORDER BY b) AS q",
            "SELECT a FROM (SELECT a, a + 1 FROM t ORDER BY 2) AS q",
            "SELECT a FROM (SELECT a FROM t ORDER BY a LIMIT 2) AS q",
            "SELECT a FROM (SELECT a FROM t ORDER BY a) AS q ORDER BY a DESC",
            "SELECT count(*) FROM (SELECT a FROM t ORDER BY a) AS q",
            "SELECT DISTINCT a FROM (SELECT a FROM t ORDER BY a) AS q",
            "SELECT a FROM (SELECT a FROM t ORDER BY a) AS q JOIN u ON true",
            "SELECT x FROM (SELECT t.x, u.x FROM t, u ORDER BY t.x) AS q",
            "SELECT sum(a) OVER (ORDER BY b) FROM (SELECT a, b FROM t ORDER BY a) AS q",
        ] {
            let mut statement = unchanged(same).remove(0);
            keep(&mut statement);
            assert_eq!(statement.to_string(), same);
        }
    }
}
