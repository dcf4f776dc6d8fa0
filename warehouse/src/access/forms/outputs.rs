//! Names in ORDER BY. In PostgreSQL a bare name is a column of the answer, and a name within an expression one of what is
//! read: `SELECT -amount AS amount … ORDER BY amount + 0` sorts by the amounts in the table. The engine looks among the
//! columns of the answer first. Where the two differ, the keys are worked out beside the columns while those have other names,
//! and a query around it sorts by them and gives the columns theirs.

use std::collections::HashSet;
use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{
    Expr, Function, GroupByExpr, Ident, ObjectNamePart, OrderByExpr, OrderByKind, Query, Select, SelectItem,
    SetExpr, TableFactor,
};

use super::super::walk::{FOUND, Flow, Look, look};
use super::build::repeatable;
use super::scalar::AGGREGATES;
use crate::access::parse::table_factor;

/// Changes the query in place.
pub(super) fn sort_before_naming(query: &mut Query) -> Result<(), String> {
    let Some((keys, select)) = parts(query) else { return Ok(()) };
    let Some(name) = collision(keys, select).or_else(|| asked(keys)) else { return Ok(()) };
    let mut taken = HashSet::new();
    let Some(names) =
        select.projection.iter().map(|item| shown(item, &mut taken)).collect::<Option<Vec<_>>>()
    else {
        return Err(match name {
            Sorted::By(name) => format!(
                "ORDER BY 的表达式里，{name} 指表中的列，而不是结果列；与 * 同用时，请给结果列“{name}”另起名称"
            ),
            Sorted::ByQuery => "ORDER BY 里的子查询不能与 * 同用，请把列逐一写出".to_owned(),
        });
    };
    for (place, item) in select.projection.iter_mut().enumerate() {
        let (SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. }) = item else { continue };
        *item = SelectItem::ExprWithAlias { expr: expr.clone(), alias: hidden("output", place) };
    }
    for (number, key) in keys.iter_mut().enumerate() {
        let column = match bare(&key.expr) {
            // A place stays what it is.
            Expr::Value(_) => continue,
            Expr::Identifier(name) => {
                names.iter().position(|shown| shown.is_alias && same(&shown.name, name))
            }
            _ => None,
        };
        let alias = column.map_or_else(|| hidden("key", number), |place| hidden("output", place));
        let expr = std::mem::replace(&mut key.expr, Expr::Identifier(alias.clone()));
        if column.is_none() {
            select.projection.push(SelectItem::ExprWithAlias { expr, alias });
        }
    }
    let around = table_factor("(SELECT 1 FROM (SELECT 1) AS ordered)").map_err(|error| error.to_string())?;
    let TableFactor::Derived { subquery: mut around, .. } = around else { return Ok(()) };
    if let SetExpr::Select(outer) = around.body.as_mut()
        && let Some(from) = outer.from.first_mut()
        && let TableFactor::Derived { subquery, .. } = &mut from.relation
    {
        std::mem::swap(&mut subquery.body, &mut query.body);
        let column = |(place, Shown { name, .. })| SelectItem::ExprWithAlias {
            expr: Expr::Identifier(hidden("output", place)),
            alias: name,
        };
        outer.projection = names.into_iter().enumerate().map(column).collect();
        query.body = around.body;
    }
    Ok(())
}

/// The same in a sub-query that stands for a value, whose column needs no name at all.
pub(super) fn forget_name(query: &mut Query) -> Result<(), String> {
    let Some((keys, select)) = parts(query) else { return Ok(()) };
    let [SelectItem::ExprWithAlias { expr, alias }] = select.projection.as_slice() else { return Ok(()) };
    let (expr, alias) = (expr.clone(), alias.clone());
    if is_column(&expr, &alias) {
        return Ok(());
    }
    let named = |key: &OrderByExpr| matches!(bare(&key.expr), Expr::Identifier(name) if same(name, &alias));
    if !keys.iter().any(named) && collision(keys, select).is_none() {
        return Ok(());
    }
    repeatable(&expr, 2)?;
    for key in keys.iter_mut().filter(|key| named(key)) {
        key.expr = expr.clone();
    }
    select.projection = vec![SelectItem::UnnamedExpr(expr)];
    Ok(())
}

/// What a plain query is ordered by, and its select. Of distinct rows PostgreSQL orders only by what is selected.
fn parts(query: &mut Query) -> Option<(&mut Vec<OrderByExpr>, &mut Select)> {
    let OrderByKind::Expressions(keys) = &mut query.order_by.as_mut()?.kind else { return None };
    match query.body.as_mut() {
        SetExpr::Select(select) if select.distinct.is_none() => Some((keys, select)),
        _ => None,
    }
}

/// Why keys are worked out beside the columns.
enum Sorted {
    /// A key names a column of what is read that has another meaning in the answer.
    By(String),
    /// A key asks a query, which the engine does only where it works out columns.
    ByQuery,
}

fn asked(keys: &[OrderByExpr]) -> Option<Sorted> {
    keys.iter().any(|key| look(&key.expr, &mut Queries).is_break()).then_some(Sorted::ByQuery)
}

struct Queries;

impl Look for Queries {
    fn pre_visit_expr(&mut self, expr: &Expr) -> Flow {
        match expr {
            Expr::Subquery(_) | Expr::Exists { .. } | Expr::InSubquery { .. } => FOUND,
            _ => ControlFlow::Continue(()),
        }
    }
}

/// A name within an expression of the keys that is also given to another expression of the answer.
fn collision(keys: &[OrderByExpr], select: &Select) -> Option<Sorted> {
    let (mut all, mut gathered) = (Names::default(), Names::default());
    for key in keys.iter().filter(|key| !matches!(bare(&key.expr), Expr::Identifier(_) | Expr::Value(_))) {
        let _ = look(&key.expr, &mut all);
        let _ = look(&key.expr, &mut Gathered(&mut gathered));
    }
    if gathers(select) {
        // Of gathered rows a column can be asked for only if it is gathered itself, or rows are grouped by it. Other names
        // cannot be meant, and would be an error in PostgreSQL.
        let mut grouped = Names::default();
        if let GroupByExpr::Expressions(keys, _) = &select.group_by {
            keys.iter().for_each(|key| drop(look(key, &mut grouped)));
        }
        all.0.retain(|name| gathered.0.contains(name) || grouped.0.contains(name));
    }
    let taken = |item: &SelectItem| match item {
        SelectItem::ExprWithAlias { expr, alias } if !is_column(expr, alias) => Some(plain(alias)),
        _ => None,
    };
    select.projection.iter().filter_map(taken).find(|name| all.0.contains(name)).map(Sorted::By)
}

/// Whether a query gathers rows.
pub(super) fn gathers(select: &Select) -> bool {
    let grouped = !matches!(&select.group_by, GroupByExpr::Expressions(keys, _) if keys.is_empty());
    grouped || select.projection.iter().any(|item| look(item, &mut Aggregates).is_break())
}

/// How a column of the answer is called.
struct Shown {
    name: Ident,
    /// Whether the statement says so.
    is_alias: bool,
}

/// None of a star. What is not named is called by its text, and the second of one name gets a number, as elsewhere.
fn shown(item: &SelectItem, taken: &mut HashSet<String>) -> Option<Shown> {
    let (name, is_alias) = match item {
        SelectItem::ExprWithAlias { alias, .. } => (alias.clone(), true),
        SelectItem::UnnamedExpr(expr) => match bare(expr) {
            Expr::Identifier(name) => (name.clone(), false),
            Expr::CompoundIdentifier(parts) => (parts.last()?.clone(), false),
            other => (Ident::with_quote('"', other.to_string()), false),
        },
        _ => return None,
    };
    let mut unique = name.clone();
    for number in 2.. {
        if taken.insert(plain(&unique)) {
            break;
        }
        unique = Ident::with_quote('"', format!("{}_{number}", plain(&name)));
    }
    Some(Shown { name: unique, is_alias })
}

/// A name no statement uses by chance.
fn hidden(kind: &str, place: usize) -> Ident {
    Ident::with_quote('"', format!("{kind} {}", place + 1))
}

fn plain(name: &Ident) -> String {
    if name.quote_style.is_some() { name.value.clone() } else { name.value.to_lowercase() }
}

pub(super) fn same(one: &Ident, other: &Ident) -> bool {
    plain(one) == plain(other)
}

fn is_column(expr: &Expr, name: &Ident) -> bool {
    match bare(expr) {
        Expr::Identifier(column) => same(column, name),
        Expr::CompoundIdentifier(parts) => parts.last().is_some_and(|column| same(column, name)),
        _ => false,
    }
}

/// Brackets around a name do not make it an expression.
fn bare(expr: &Expr) -> &Expr {
    match expr {
        Expr::Nested(inner) => bare(inner),
        other => other,
    }
}

/// Names without a table before them.
#[derive(Default)]
struct Names(HashSet<String>);

impl Look for Names {
    fn pre_visit_expr(&mut self, expr: &Expr) -> Flow {
        if let Expr::Identifier(name) = expr {
            self.0.insert(plain(name));
        }
        ControlFlow::Continue(())
    }
}

/// Names within aggregates.
struct Gathered<'a>(&'a mut Names);

impl Look for Gathered<'_> {
    fn pre_visit_expr(&mut self, expr: &Expr) -> Flow {
        if is_aggregate(expr) {
            return look(expr, self.0);
        }
        ControlFlow::Continue(())
    }
}

/// Whether there are aggregates.
struct Aggregates;

impl Look for Aggregates {
    fn pre_visit_expr(&mut self, expr: &Expr) -> Flow {
        if is_aggregate(expr) { FOUND } else { ControlFlow::Continue(()) }
    }
}

fn is_aggregate(expr: &Expr) -> bool {
    let Expr::Function(Function { name, over: None, .. }) = expr else { return false };
    let last = name.0.last().and_then(ObjectNamePart::as_ident).map(|ident| ident.value.to_ascii_lowercase());
    last.is_some_and(|name| AGGREGATES.contains(&name.as_str()))
}
