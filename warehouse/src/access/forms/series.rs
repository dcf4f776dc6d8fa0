//! Columns of rows that come from a call: PostgreSQL gives the column of `generate_series(…) AS n` the name `n`, the
//! engine calls it `value` whatever it is given. Statements that use the engine's name keep it. Calls that give rows where
//! the engine would pair or place them otherwise are refused.

use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{
    Expr, Function, FunctionArguments, Ident, ObjectNamePart, Query, SelectItem, SetExpr, Statement,
    TableAlias, TableAliasColumnDef, TableFactor, TableFunctionArgs, TableWithJoins,
};

use super::super::walk::{FOUND, Flow, Look, Rewrite, look, rewrite};
use super::build::is;

const SERIES: &str = "generate_series";

/// The engine's name of the column.
const VALUE: &str = "value";

/// How a statement calls the column of a series.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Named {
    /// `value`
    AsTheEngine,
    /// By the alias of the series.
    ByAlias,
}

/// Looks for the engine's name.
pub(super) fn names_value(statement: &Statement) -> Named {
    match look(statement, &mut Values) {
        ControlFlow::Break(_) => Named::AsTheEngine,
        ControlFlow::Continue(()) => Named::ByAlias,
    }
}

struct Values;

impl Look for Values {
    fn pre_visit_expr(&mut self, expr: &Expr) -> Flow {
        let last = match expr {
            Expr::Identifier(ident) => Some(ident),
            Expr::CompoundIdentifier(parts) => parts.last(),
            _ => None,
        };
        match last.is_some_and(|ident| ident.value.eq_ignore_ascii_case(VALUE)) {
            true => FOUND,
            false => ControlFlow::Continue(()),
        }
    }
}

/// Gives the column its name.
pub(super) fn name(relation: &mut TableFactor, named: Named) {
    match relation {
        TableFactor::UNNEST { alias: Some(alias), array_exprs, .. } if array_exprs.len() == 1 => {
            name_column(alias)
        }
        TableFactor::Table { name, alias, args: Some(_), .. } if named == Named::ByAlias => {
            let last = name.0.last().and_then(ObjectNamePart::as_ident);
            if last.is_some_and(|ident| ident.value.eq_ignore_ascii_case(SERIES)) {
                name_column(alias.get_or_insert_with(own_name));
            }
        }
        _ => {}
    }
}

fn name_column(alias: &mut TableAlias) {
    if alias.columns.is_empty() {
        alias.columns = vec![TableAliasColumnDef { name: alias.name.clone(), data_type: None }];
    }
}

fn own_name() -> TableAlias {
    TableAlias { explicit: true, name: Ident::new(SERIES), columns: vec![], at: None }
}

/// Calls of a select list that give rows.
#[derive(Default)]
struct OfRows {
    series: usize,
    lists: usize,
    /// Brackets of forms that choose a value, in which there can be only one.
    choices: usize,
}

const LISTS: [&str; 1] = ["unnest"];

/// Changes nothing; only this walk tells where an expression ends.
impl Rewrite for OfRows {
    fn pre_visit_query(&mut self, _: &mut Query) -> Flow {
        // A sub-query has a list of its own.
        FOUND
    }

    fn pre_visit_expr(&mut self, expr: &mut Expr) -> Flow {
        if chooses(expr) {
            self.choices += 1;
        }
        if let Expr::Function(function) = expr {
            let (series, list) = (is(function, SERIES), LISTS.iter().any(|name| is(function, name)));
            self.series += usize::from(series);
            self.lists += usize::from(list);
            if self.choices > 0 && (series || list) {
                return ControlFlow::Break(
                    "CASE 和 COALESCE 里不支持 unnest、generate_series，请把它写在 FROM 中".to_owned(),
                );
            }
        }
        ControlFlow::Continue(())
    }

    fn post_visit_expr(&mut self, expr: &mut Expr) -> Flow {
        if chooses(expr) {
            self.choices -= 1;
        }
        ControlFlow::Continue(())
    }
}

fn chooses(expr: &Expr) -> bool {
    match expr {
        Expr::Case { .. } => true,
        Expr::Function(function) => is(function, "coalesce"),
        _ => false,
    }
}

/// `SELECT generate_series(1, 3)` reads the series as a table, where nothing else is read.
///
/// # Errors
/// A sentence about calls that give rows beside others that do.
pub(super) fn to_from(query: &mut Query) -> Result<(), String> {
    let SetExpr::Select(select) = query.body.as_mut() else { return Ok(()) };
    let mut calls = OfRows::default();
    for item in &mut select.projection {
        let (SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. }) = item else { continue };
        if let ControlFlow::Break(sentence) = rewrite(expr, &mut calls)
            && !sentence.is_empty()
        {
            return Err(sentence);
        }
    }
    if calls.series > 0 && (calls.series + calls.lists > 1 || !select.from.is_empty()) {
        return Err(
            "SELECT 列表里不支持与别的行或 FROM 同用的 generate_series，请把它写在 FROM 中".to_owned()
        );
    }
    if calls.series == 0 {
        return Ok(());
    }
    let mut taken = Taken::default();
    for item in &mut select.projection {
        if let SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } = item {
            let _ = rewrite(expr, &mut taken);
        }
    }
    if let Some(function) = taken.function {
        let FunctionArguments::List(list) = function.args else { return Ok(()) };
        let mut alias = own_name();
        name_column(&mut alias);
        let relation = TableFactor::Table {
            name: function.name,
            alias: Some(alias),
            args: Some(TableFunctionArgs { args: list.args, settings: None }),
            with_hints: vec![],
            version: None,
            with_ordinality: false,
            partitions: vec![],
            json_path: None,
            sample: None,
            index_hints: vec![],
        };
        select.from = vec![TableWithJoins { relation, joins: vec![] }];
    }
    Ok(())
}

/// The one series of a select list.
#[derive(Default)]
struct Taken {
    function: Option<Function>,
}

impl Rewrite for Taken {
    fn pre_visit_query(&mut self, _: &mut Query) -> Flow {
        // A sub-query has a list of its own.
        FOUND
    }

    fn post_visit_expr(&mut self, expr: &mut Expr) -> Flow {
        if let Expr::Function(function) = expr
            && is(function, SERIES)
            && self.function.is_none()
        {
            self.function = Some(function.clone());
            *expr = Expr::Identifier(Ident::new(SERIES));
        }
        ControlFlow::Continue(())
    }
}
