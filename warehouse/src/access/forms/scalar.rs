//! Sub-queries in the place of a value that look at the row outside. The engine joins those that gather their rows; one
//! that names a column (`SELECT d.name FROM district d WHERE d.code = t.code`) it refuses, since there might be several
//! rows. Here it gathers the first and counts, and several are an error, as in PostgreSQL.

use std::collections::HashSet;
use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{
    Expr, FunctionArg, FunctionArgExpr, FunctionArguments, GroupByExpr, LimitClause, ObjectNamePart,
    OrderByKind, Query, SelectItem, SetExpr, TableFactor, Value,
};

use super::super::walk::{FOUND, Flow, Look, look};
use super::build::{Gathering, call};

/// Functions that gather rows.
pub(super) const AGGREGATES: [&str; 30] = [
    "any_value",
    "array_agg",
    "avg",
    "bit_and",
    "bit_or",
    "bit_xor",
    "bool_and",
    "bool_or",
    "corr",
    "count",
    "covar_pop",
    "covar_samp",
    "every",
    "first_value",
    "json_agg",
    "last_value",
    "max",
    "median",
    "min",
    "mode",
    "nth_value",
    "percentile_cont",
    "percentile_disc",
    "stddev",
    "stddev_pop",
    "stddev_samp",
    "string_agg",
    "sum",
    "var_pop",
    "var_samp",
];

/// Changes the query in place where it is of this kind.
pub(super) fn one_row(query: &mut Query) {
    let Some(limit) = limit(query) else { return };
    if query.with.is_some() || !looks_outside(query) {
        return;
    }
    let order_by = match &query.order_by {
        None => vec![],
        Some(order) => match &order.kind {
            OrderByKind::Expressions(keys) => keys.clone(),
            OrderByKind::All(_) => return,
        },
    };
    // A place in the list would be a constant among the arguments of an aggregate.
    if order_by.iter().any(|key| matches!(key.expr, Expr::Value(_))) {
        return;
    }
    let SetExpr::Select(select) = query.body.as_mut() else { return };
    let grouped = !matches!(&select.group_by, GroupByExpr::Expressions(keys, _) if keys.is_empty());
    if grouped || select.having.is_some() || select.distinct.is_some() || select.qualify.is_some() {
        return;
    }
    let [SelectItem::UnnamedExpr(value) | SelectItem::ExprWithAlias { expr: value, .. }] =
        select.projection.as_mut_slice()
    else {
        return;
    };
    if gathers(value) {
        return;
    }
    let mut first = call("first_value", vec![value.clone()]);
    match limit {
        Limit::One => {
            Gathering { distinct: None, order_by }.put_on(&mut first);
            *value = Expr::Function(first);
        }
        Limit::None => {
            let mut count = call("count", vec![]);
            if let FunctionArguments::List(list) = &mut count.args {
                list.args = vec![FunctionArg::Unnamed(FunctionArgExpr::Wildcard)];
            }
            *value = Expr::Function(call("at_most_one", vec![Expr::Function(first), Expr::Function(count)]));
        }
    }
    query.order_by = None;
    query.limit_clause = None;
}

/// How many rows a sub-query says it gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Limit {
    None,
    One,
}

fn limit(query: &Query) -> Option<Limit> {
    match &query.limit_clause {
        None => Some(Limit::None),
        Some(LimitClause::LimitOffset { limit: Some(Expr::Value(value)), offset: None, .. }) => {
            matches!(&value.value, Value::Number(number, _) if number == "1").then_some(Limit::One)
        }
        Some(_) => None,
    }
}

/// Whether an expression gathers rows, or reads them another time.
fn gathers(expr: &Expr) -> bool {
    look(expr, &mut Aggregates).is_break()
}

struct Aggregates;

impl Look for Aggregates {
    fn pre_visit_expr(&mut self, expr: &Expr) -> Flow {
        let found = match expr {
            Expr::Function(function) => {
                let last = function.name.0.last().and_then(ObjectNamePart::as_ident);
                let name = last.map(|ident| ident.value.to_ascii_lowercase()).unwrap_or_default();
                function.over.is_some()
                    || !function.within_group.is_empty()
                    || AGGREGATES.contains(&name.as_str())
            }
            Expr::Subquery(_) | Expr::Exists { .. } | Expr::InSubquery { .. } => true,
            _ => false,
        };
        if found { FOUND } else { ControlFlow::Continue(()) }
    }
}

/// Whether a query names a table it does not read itself.
fn looks_outside(query: &Query) -> bool {
    let mut own = Own::default();
    let _ = look(query, &mut own);
    own.named.iter().any(|name| !own.tables.contains(name))
}

/// Tables a query reads, by alias or name, and tables its columns are qualified with.
#[derive(Default)]
struct Own {
    tables: HashSet<String>,
    named: HashSet<String>,
}

impl Look for Own {
    fn pre_visit_table_factor(&mut self, table: &TableFactor) -> Flow {
        let name = match table {
            TableFactor::Table { name, alias, .. } => {
                let last = name.0.last().and_then(ObjectNamePart::as_ident).map(|ident| ident.value.clone());
                alias.as_ref().map(|alias| alias.name.value.clone()).or(last)
            }
            TableFactor::Derived { alias, .. } | TableFactor::UNNEST { alias, .. } => {
                alias.as_ref().map(|alias| alias.name.value.clone())
            }
            _ => None,
        };
        self.tables.extend(name.map(|name| name.to_ascii_lowercase()));
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expr: &Expr) -> Flow {
        if let Expr::CompoundIdentifier(parts) = expr
            && let [.., table, _] = parts.as_slice()
        {
            self.named.insert(table.value.to_ascii_lowercase());
        }
        ControlFlow::Continue(())
    }
}
