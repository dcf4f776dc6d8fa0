//! Names for columns a statement selects twice. PostgreSQL gives them the same name; the engine refuses such a list, also
//! where a cast is all that tells two columns apart. The second `amount` is called `amount_2` here. A column that is cast has
//! the column's name where rows are ordered by it.

use std::collections::HashSet;
use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{
    Expr, Ident, ObjectNamePart, OrderBy, OrderByKind, Query, Select, SelectItem,
    SelectItemQualifiedWildcardKind, SetExpr, Statement, Value,
};

use super::calls::call;
use super::walk::{Flow, Rewrite, rewrite};

/// Changes the statement in place.
pub(super) fn tell_apart(statement: &mut Statement) {
    let _ = rewrite(statement, &mut Lists);
}

struct Lists;

impl Rewrite for Lists {
    fn pre_visit_query(&mut self, query: &mut Query) -> Flow {
        each_select(&mut query.body, &ordering(query.order_by.as_ref()));
        ControlFlow::Continue(())
    }
}

/// The bare names rows are ordered by.
fn ordering(order: Option<&OrderBy>) -> HashSet<String> {
    let Some(OrderByKind::Expressions(keys)) = order.map(|order| &order.kind) else { return HashSet::new() };
    let bare = keys.iter().filter_map(|key| match &key.expr {
        Expr::Identifier(ident) => Some(ident.value.clone()),
        _ => None,
    });
    bare.collect()
}

fn each_select(body: &mut SetExpr, ordering: &HashSet<String>) {
    match body {
        SetExpr::Select(select) => name_twins(select, ordering),
        SetExpr::SetOperation { left, right, .. } => {
            each_select(left, ordering);
            each_select(right, ordering);
        }
        _ => {}
    }
}

fn name_twins(select: &mut Select, ordering: &HashSet<String>) {
    let stars = Stars::of(select);
    let mut taken: HashSet<String> = HashSet::new();
    for item in &mut select.projection {
        if let SelectItem::ExprWithAlias { alias, .. } = item
            && !taken.insert(folded(alias))
        {
            *alias = Ident::with_quote('"', numbered(&alias.value, &mut taken));
        }
    }
    for item in &mut select.projection {
        let SelectItem::UnnamedExpr(expr) = item else { continue };
        let bare = without_casts(expr);
        let key = key(bare);
        // Ordered by its name, a column that is cast has to have it.
        let column = column(bare).filter(|name| bare != expr && ordering.contains(&name.value)).cloned();
        if taken.insert(key.clone()) && !stars.bring(bare) {
            if let Some(alias) = column {
                *item = SelectItem::ExprWithAlias { expr: expr.clone(), alias };
            }
            continue;
        }
        let name = match bare {
            Expr::Identifier(ident) => ident.value.clone(),
            Expr::CompoundIdentifier(parts) => parts.last().map_or(key, |ident| ident.value.clone()),
            Expr::Subquery(_) | Expr::Exists { .. } | Expr::InSubquery { .. } => SUBQUERY.to_owned(),
            other => other.to_string(),
        };
        let alias = Ident::with_quote('"', numbered(&name, &mut taken));
        *item = SelectItem::ExprWithAlias { expr: expr.clone(), alias };
    }
}

/// A name as it is read: without quotes, capital letters are small ones.
fn folded(name: &Ident) -> String {
    match name.quote_style {
        None => name.value.to_lowercase(),
        Some(_) => name.value.clone(),
    }
}

/// The name with the first number that makes it another one.
fn numbered(name: &str, taken: &mut HashSet<String>) -> String {
    let mut number = 2_usize;
    loop {
        let alias = format!("{name}_{number}");
        if taken.insert(alias.clone()) {
            return alias;
        }
        number += 1;
    }
}

/// The name of a column.
fn column(expr: &Expr) -> Option<&Ident> {
    match expr {
        Expr::Identifier(ident) => Some(ident),
        Expr::CompoundIdentifier(parts) => parts.last(),
        _ => None,
    }
}

/// Casts do not show in the engine's names.
fn without_casts(mut expr: &Expr) -> &Expr {
    while let Expr::Cast { expr: inner, .. } | Expr::Nested(inner) = expr {
        expr = inner;
    }
    expr
}

/// All sub-queries have one name.
const SUBQUERY: &str = "subquery";

/// What the engine calls a column: casts, brackets, the ways to quote a text and what a sub-query asks do not show in it.
pub(super) fn key(expr: &Expr) -> String {
    let mut expr = expr.clone();
    let _ = rewrite(&mut expr, &mut Bare);
    expr.to_string()
}

struct Bare;

impl Rewrite for Bare {
    fn post_visit_expr(&mut self, expr: &mut Expr) -> Flow {
        match expr {
            Expr::Identifier(name) => name.value = folded(name),
            Expr::CompoundIdentifier(parts) => parts.iter_mut().for_each(|name| name.value = folded(name)),
            Expr::Cast { expr: inner, .. } | Expr::Nested(inner) => *expr = inner.as_ref().clone(),
            Expr::Subquery(_) | Expr::Exists { .. } | Expr::InSubquery { .. } => {
                *expr = Expr::Identifier(Ident::new(SUBQUERY));
            }
            // Other words for the same call.
            Expr::Position { expr: part, r#in } => {
                *expr = call("strpos", vec![r#in.as_ref().clone(), part.as_ref().clone()]);
            }
            Expr::TypedString(typed) => *expr = Expr::Value(typed.value.clone()),
            Expr::Value(value) => {
                if let Some(text) = value.value.clone().into_string() {
                    value.value = Value::SingleQuotedString(text);
                }
                // `.5` and `0.5` are one number.
                if let Value::Number(text, _) = &mut value.value
                    && text.contains('.')
                {
                    *text = format!("0{}", text.trim_start_matches('0')).trim_end_matches('.').to_owned();
                }
            }
            _ => {}
        }
        ControlFlow::Continue(())
    }
}

/// The stars of a list, which bring plain columns along.
#[derive(Default)]
struct Stars {
    all: bool,
    tables: HashSet<String>,
}

impl Stars {
    fn of(select: &Select) -> Self {
        let mut stars = Self::default();
        for item in &select.projection {
            match item {
                SelectItem::Wildcard(_) => stars.all = true,
                SelectItem::QualifiedWildcard(SelectItemQualifiedWildcardKind::ObjectName(name), _) => {
                    let last = name.0.last().and_then(ObjectNamePart::as_ident);
                    stars.tables.extend(last.map(|ident| ident.value.clone()));
                }
                _ => {}
            }
        }
        stars
    }

    fn bring(&self, column: &Expr) -> bool {
        match column {
            Expr::Identifier(_) => self.all,
            Expr::CompoundIdentifier(parts) => match parts.as_slice() {
                [.., table, _] => self.all || self.tables.contains(&table.value),
                _ => false,
            },
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::parse::unchanged;
    use super::*;

    fn check(sql: &str, expected: &str) {
        let mut statement = unchanged(sql).remove(0);
        tell_apart(&mut statement);
        assert_eq!(statement.to_string(), expected);
    }

    #[test]
    fn the_second_of_two_gets_a_number() {
        check(
            "SELECT (SELECT max(a) FROM t), (SELECT max(b) FROM u)",
            r#"SELECT (SELECT max(a) FROM t), (SELECT max(b) FROM u) AS "subquery_2""#,
        );
        check("SELECT a, a, b, a::TEXT FROM t", r#"SELECT a, a AS "a_2", b, a::TEXT AS "a_3" FROM t"#);
        check("SELECT count(*), count(*) FROM t", r#"SELECT count(*), count(*) AS "count(*)_2" FROM t"#);
        check("SELECT *, a, t.b FROM t", r#"SELECT *, a AS "a_2", t.b AS "b_2" FROM t"#);
        check("SELECT t.*, t.a, u.a FROM t, u", r#"SELECT t.*, t.a AS "a_2", u.a FROM t, u"#);
        check(
            "SELECT f('x'), f(('x')), f(E'x'::TEXT) FROM t",
            r#"SELECT f('x'), f(('x')) AS "f(('x'))_2", f(E'x'::TEXT) AS "f(E'x'::TEXT)_2" FROM t"#,
        );
        check("SELECT a, a AS a_2, a FROM t", r#"SELECT a, a AS a_2, a AS "a_3" FROM t"#);
        check(
            "SELECT (SELECT 1), (SELECT 2), sum(a::INT), sum(a)",
            r#"SELECT (SELECT 1), (SELECT 2) AS "subquery_2", sum(a::INT), sum(a) AS "sum(a)_2""#,
        );
        check("SELECT 1 AS a, 2 AS a, 3 AS a_2", r#"SELECT 1 AS a, 2 AS "a_2", 3 AS "a_2_2""#);
        check(
            "SELECT strpos(a, 'b'), POSITION('b' IN a) FROM t",
            r#"SELECT strpos(a, 'b'), POSITION('b' IN a) AS "POSITION('b' IN a)_2" FROM t"#,
        );
        check("SELECT 1 UNION SELECT b, b FROM t", r#"SELECT 1 UNION SELECT b, b AS "b_2" FROM t"#);
    }

    #[test]
    fn attack_16_a_cast_column_keeps_its_name() {
        check(
            "SELECT CAST(name AS INT) FROM t ORDER BY name",
            "SELECT CAST(name AS INT) AS name FROM t ORDER BY name",
        );
        check("SELECT t.a::TEXT FROM t ORDER BY t.a", "SELECT t.a::TEXT FROM t ORDER BY t.a");
    }

    #[test]
    fn what_differs_stays() {
        for sql in ["SELECT a.x, b.x FROM a, b", "SELECT x AS a, x AS b FROM t", "SELECT count(*), * FROM t"]
        {
            check(sql, sql);
        }
    }
}
