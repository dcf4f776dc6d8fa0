//! `json_agg(t)`: a table in the place of a value. PostgreSQL takes the whole row; the engine would look for a column.

use std::collections::HashSet;
use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{
    Expr, ObjectNamePart, Query, Select, SelectItem, SetExpr, TableFactor, TableWithJoins,
};

use super::super::walk::{Flow, Look, look};
use super::build::{arguments, is};

/// Functions that are given whole rows.
const OF_ROWS: [&str; 3] = ["json_agg", "to_json", "array_agg"];

/// Refuses them with the way that works.
pub(super) fn check(query: &Query) -> Result<(), String> {
    let SetExpr::Select(select) = query.body.as_ref() else { return Ok(()) };
    let tables = tables(select);
    for item in &select.projection {
        let (SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. }) = item else { continue };
        if let ControlFlow::Break(name) = look(expr, &mut Rows { tables: &tables }) {
            return Err(format!(
                "不支持把整行“{name}”写成一个值；请逐列写，例如 json_agg(json_build_object('列', {name}.列))"
            ));
        }
    }
    Ok(())
}

fn tables(select: &Select) -> HashSet<String> {
    let factors = |from: &TableWithJoins| {
        let joined = from.joins.iter().map(|join| join.relation.clone());
        std::iter::once(from.relation.clone()).chain(joined).collect::<Vec<_>>()
    };
    let name = |factor: TableFactor| match factor {
        TableFactor::Derived { alias: Some(alias), .. } => Some(alias.name.value),
        TableFactor::Table { name, alias, args: None, .. } => {
            let last = name.0.last().and_then(ObjectNamePart::as_ident).map(|ident| ident.value.clone());
            alias.map(|alias| alias.name.value).or(last)
        }
        _ => None,
    };
    select.from.iter().flat_map(factors).filter_map(name).map(|name| name.to_ascii_lowercase()).collect()
}

struct Rows<'a> {
    tables: &'a HashSet<String>,
}

impl Look for Rows<'_> {
    fn pre_visit_expr(&mut self, expr: &Expr) -> Flow {
        if let Expr::Function(function) = expr
            && OF_ROWS.iter().any(|name| is(function, name))
            && let Some([Expr::Identifier(name)]) = arguments(function).as_deref()
            && self.tables.contains(&name.value.to_ascii_lowercase())
        {
            return ControlFlow::Break(name.value.clone());
        }
        ControlFlow::Continue(())
    }
}
