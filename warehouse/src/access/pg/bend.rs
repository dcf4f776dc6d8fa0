//! Bends statements that read nothing but the system catalogs into what the engine can run. Never used on statements that
//! touch data: some of what clients ask is answered by NULL here, which is right for objects this catalog does not have
//! (defaults, sequences, policies) and would be a lie about rows.

use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{
    AccessExpr, BinaryOperator, CastKind, DataType, Expr, Function, FunctionArg, FunctionArgExpr,
    FunctionArguments, Ident, ObjectName, ObjectNamePart, Query, SelectItem, SetExpr, Statement, TableFactor,
    Value,
};

use datafusion_pg_catalog::pg_catalog::PG_CATALOG_TABLES;

use super::super::walk::{Flow, Look, Rewrite, look, rewrite};
use super::EXTRA_TABLES;
use super::elements::read_elements;
use super::members::ask_lists;
use crate::access::calls::call;

/// Changes the statement in place.
pub(in crate::access) fn bend(statement: &mut Statement) {
    let _ = rewrite(statement, &mut Bend);
}

/// Writes `to_regclass('x')` as the cast it is, so that it is looked up like one, and the schema before names of the
/// system's tables, which PostgreSQL searches first; reads elements where subscripts of a list are read. For all statements.
pub(in crate::access) fn look_up_names(statement: &mut Statement) {
    let _ = rewrite(statement, &mut NamesToCasts);
}

struct NamesToCasts;

impl Rewrite for NamesToCasts {
    fn pre_visit_query(&mut self, query: &mut Query) -> Flow {
        if let SetExpr::Select(select) = query.body.as_mut() {
            read_elements(select);
        }
        ControlFlow::Continue(())
    }

    fn post_visit_expr(&mut self, expr: &mut Expr) -> Flow {
        if let Expr::Function(f) = expr
            && let Some(kind) = ["regclass", "regtype"].into_iter().find(|kind| is(f, &format!("to_{kind}")))
            && let Some(name) = first(f).cloned()
        {
            *expr = Expr::Cast {
                kind: CastKind::DoubleColon,
                expr: Box::new(name),
                data_type: DataType::Custom(ObjectName::from(vec![Ident::new(kind)]), vec![]),
                array: false,
                format: None,
            };
        }
        if let Expr::Cast { expr: name, data_type, .. } = expr
            && data_type.to_string().eq_ignore_ascii_case("regclass")
            && let Expr::Value(value) = name.as_mut()
            && let Value::SingleQuotedString(text) = &mut value.value
            && PG_CATALOG_TABLES.contains(&text.as_str())
        {
            text.insert_str(0, "pg_catalog.");
        }
        ControlFlow::Continue(())
    }
}

struct Bend;

impl Rewrite for Bend {
    fn pre_visit_query(&mut self, query: &mut Query) -> Flow {
        if let SetExpr::Select(select) = query.body.as_mut() {
            ask_lists(select);
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_table_factor(&mut self, table: &mut TableFactor) -> Flow {
        if let TableFactor::Table { name, args: None, .. } = table
            && let [ObjectNamePart::Identifier(bare)] = name.0.as_slice()
            && EXTRA_TABLES.iter().any(|known| bare.value.eq_ignore_ascii_case(known))
        {
            *name = ObjectName::from(vec![Ident::new("pg_catalog"), bare.clone()]);
        }
        ControlFlow::Continue(())
    }

    fn post_visit_expr(&mut self, expr: &mut Expr) -> Flow {
        match expr {
            // No object here has anything that would be gathered by ARRAY(SELECT …): roles, options, policies.
            Expr::Function(f) if matches!(f.args, FunctionArguments::Subquery(_)) => *expr = null(),
            Expr::Function(f) if is(f, "array_to_string") && first(f).is_some_and(is_null) => *expr = null(),
            Expr::Function(f) if is(f, "generate_subscripts") => {
                if let Some(array) = first(f).cloned() {
                    *expr = call("unnest", vec![call("array_subscripts", vec![array])]);
                }
            }
            Expr::BinaryOp { left, op: BinaryOperator::StringConcat, right }
                if is_null(left) || is_null(right) =>
            {
                *expr = null();
            }
            Expr::Cast { kind: CastKind::DoubleColon, expr: name, data_type, .. }
                if data_type.to_string().to_ascii_lowercase().ends_with("regproc") =>
            {
                // The catalog's columns of functions hold names.
                if let Expr::Value(value) = name.as_ref()
                    && let Value::SingleQuotedString(text) = &value.value
                {
                    let bare = text.rsplit('.').next().unwrap_or_default().to_owned();
                    *expr = Expr::Value(Value::SingleQuotedString(bare).with_empty_span());
                }
            }
            Expr::CompoundFieldAccess { root, access_chain } => {
                if let [AccessExpr::Dot(Expr::Identifier(field))] = access_chain.as_slice() {
                    let name = Expr::Value(Value::SingleQuotedString(field.value.clone()).with_empty_span());
                    *expr = call("get_field", vec![root.as_ref().clone(), name]);
                }
            }
            // Truths of indexes, compared with letters.
            Expr::BinaryOp { left, op: BinaryOperator::Eq, right } if names_truth(left) => {
                if let Expr::Value(value) = right.as_ref()
                    && let Value::SingleQuotedString(letter) = &value.value
                {
                    **right = Expr::Value(Value::Boolean(letter == "t").with_empty_span());
                }
            }
            Expr::Subquery(query) => {
                if let Some(oid) = name_of_namespace(query) {
                    *expr = call("pg_namespace_name", vec![oid]);
                } else if refers_outside(query) {
                    *expr = null();
                }
            }
            _ => {}
        }
        ControlFlow::Continue(())
    }
}

fn null() -> Expr {
    Expr::Value(Value::Null.with_empty_span())
}

fn is_null(expr: &Expr) -> bool {
    matches!(expr, Expr::Value(value) if value.value == Value::Null)
}

fn names_truth(expr: &Expr) -> bool {
    let last = match expr {
        Expr::Identifier(ident) => Some(ident),
        Expr::CompoundIdentifier(parts) => parts.last(),
        _ => None,
    };
    last.is_some_and(|ident| ident.value.to_ascii_lowercase().starts_with("indis"))
}

fn is(function: &Function, name: &str) -> bool {
    let last = function.name.0.last().and_then(ObjectNamePart::as_ident);
    last.is_some_and(|ident| ident.value.eq_ignore_ascii_case(name))
}

fn arguments(function: &Function) -> Vec<&Expr> {
    let FunctionArguments::List(list) = &function.args else { return Vec::new() };
    list.args
        .iter()
        .filter_map(|arg| match arg {
            FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) => Some(expr),
            _ => None,
        })
        .collect()
}

fn first(function: &Function) -> Option<&Expr> {
    arguments(function).first().copied()
}

/// `(SELECT nspname FROM pg_namespace WHERE oid = x)` → `x`.
fn name_of_namespace(query: &Query) -> Option<Expr> {
    let SetExpr::Select(select) = query.body.as_ref() else { return None };
    let [SelectItem::UnnamedExpr(Expr::Identifier(column))] = select.projection.as_slice() else {
        return None;
    };
    let Some(Expr::BinaryOp { left, op: BinaryOperator::Eq, right }) = &select.selection else { return None };
    let by_oid = matches!(left.as_ref(), Expr::Identifier(ident) if ident.value.eq_ignore_ascii_case("oid"));
    (column.value.eq_ignore_ascii_case("nspname") && by_oid).then(|| right.as_ref().clone())
}

/// Whether a sub-query names a table it does not read itself.
fn refers_outside(query: &Query) -> bool {
    let mut own = Own::default();
    let _ = look(query, &mut own);
    own.named.iter().any(|name| !own.tables.contains(name))
}

/// Tables a query reads, by alias or name, and tables its columns are qualified with.
#[derive(Default)]
struct Own {
    tables: Vec<String>,
    named: Vec<String>,
}

impl Look for Own {
    fn pre_visit_table_factor(&mut self, table: &TableFactor) -> Flow {
        if let TableFactor::Table { name, alias, .. } = table {
            let last = name.0.last().and_then(ObjectNamePart::as_ident).map(|ident| ident.value.clone());
            self.tables.extend(alias.as_ref().map(|a| a.name.value.clone()).or(last));
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expr: &Expr) -> Flow {
        if let Expr::CompoundIdentifier(parts) = expr
            && let [.., table, _] = parts.as_slice()
        {
            self.named.push(table.value.clone());
        }
        ControlFlow::Continue(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::parse::unchanged;
    use super::*;

    fn check(text: &str, expected: &str) {
        let mut statement = unchanged(text).remove(0);
        look_up_names(&mut statement);
        bend(&mut statement);
        assert_eq!(statement.to_string(), expected);
    }

    #[test]
    fn what_clients_ask_of_catalogs() {
        check("SELECT ARRAY(SELECT 1) AS a FROM pg_roles r", "SELECT NULL AS a FROM pg_roles r");
        check(
            "SELECT array_to_string(c.reloptions || array(select x from u), ', ') FROM pg_class c",
            "SELECT NULL FROM pg_class c",
        );
        check(
            "SELECT generate_subscripts(i.indkey, 1) FROM pg_index i",
            "SELECT unnest(array_subscripts(i.indkey)) FROM pg_index i",
        );
        check("SELECT 'pg_catalog.array_in'::regproc FROM pg_type", "SELECT 'array_in' FROM pg_type");
        check(
            "SELECT (SELECT c.relkind FROM pg_class c WHERE c.oid = t.typrelid) FROM pg_type t",
            "SELECT NULL FROM pg_type t",
        );
        let own = "SELECT (SELECT max(c.oid) FROM pg_class c) FROM pg_type t";
        check(own, own);
        check(
            "SELECT (SELECT nspname FROM pg_namespace WHERE oid = pronamespace) FROM pg_proc",
            "SELECT pg_namespace_name(pronamespace) FROM pg_proc",
        );
        check(
            "SELECT (_pg_expandarray(i.indkey)).n FROM pg_index i WHERE i.indisprimary = 'f'",
            "SELECT get_field((_pg_expandarray(i.indkey)), 'n') FROM pg_index i WHERE i.indisprimary = false",
        );
        let mut looked_up = unchanged("SELECT to_regclass('t')").remove(0);
        look_up_names(&mut looked_up);
        assert_eq!(looked_up.to_string(), "SELECT 't'::regclass");
        let mut own = unchanged("SELECT 'pg_class'::regclass").remove(0);
        look_up_names(&mut own);
        assert_eq!(own.to_string(), "SELECT 'pg_catalog.pg_class'::REGCLASS");
        check(
            "SELECT trim(part[at]) FROM generate_series(array_lower(f(a), 1), array_upper(f(a), 1)) AS at, f(a) part",
            "SELECT TRIM(part) FROM UNNEST(f(a)) AS elements (part)",
        );
        let other = "SELECT part[at] FROM generate_series(array_lower(g(a), 1), 2) AS at, f(a) AS part";
        check(other, other);
        check(
            "SELECT CASE WHEN a NOT IN (SELECT b FROM pg_user) THEN 1 END FROM pg_user WHERE a IN (SELECT 1)",
            "SELECT CASE WHEN (NOT array_has((SELECT array_agg(v) FROM (SELECT b FROM pg_catalog.pg_user) AS s (v)), a)) \
             THEN 1 END FROM pg_catalog.pg_user WHERE a IN (SELECT 1)",
        );
        check("SELECT usename FROM pg_user", "SELECT usename FROM pg_catalog.pg_user");
    }
}
