//! What GROUP BY, HAVING and ORDER BY say of a list by its places and names. The engine writes the item anew for each; so keys
//! that stand there before, which change nothing, are left out, and what is written anew has a bound: fifty kilobytes of
//! `GROUP BY 1, 1, 1 …` made gigabytes. `ORDER BY 2` over groups is said by the expression it stands for: the engine
//! looks for the column of the list among the groups and refuses it where it is computed of them (`ORDER BY count(*) * 2`
//! it knows).

use std::collections::{HashMap, HashSet};
use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{
    Expr, Function, GroupByExpr, OrderByKind, Query, Select, SelectItem, SetExpr, Statement, Value,
    WindowType,
};

use super::fence::LONGEST_STATEMENT;
use super::walk::{Flow, Look, Rewrite, look, rewrite};

/// Leaves out what is said twice.
///
/// # Errors
/// A sentence where what is written anew would be longer than a statement may be.
pub(super) fn say_once(statement: &mut Statement) -> Result<(), String> {
    match rewrite(statement, &mut Once) {
        ControlFlow::Break(sentence) => Err(sentence),
        ControlFlow::Continue(()) => Ok(()),
    }
}

/// Puts expressions in the place of ordinals of ORDER BY, where there are groups.
pub(super) fn spell_ordinals(statement: &mut Statement) {
    let _ = rewrite(statement, &mut Ordinals);
}

struct Once;

impl Rewrite for Once {
    /// Keys of windows are as many columns, each hashed or sorted.
    fn pre_visit_expr(&mut self, expr: &mut Expr) -> Flow {
        if let Expr::Function(Function { over: Some(WindowType::WindowSpec(window)), .. }) = expr {
            let mut seen = HashSet::new();
            // All rows have the same constant, and the engine's check of its own plan does not know that.
            window.partition_by.retain(|key| !is_written_out(key) && seen.insert(key.to_string()));
            let mut seen = HashSet::new();
            window.order_by.retain(|key| seen.insert(key.expr.to_string()));
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_query(&mut self, query: &mut Query) -> Flow {
        if let Some(order) = &mut query.order_by
            && let OrderByKind::Expressions(keys) = &mut order.kind
        {
            let mut seen = HashSet::new();
            keys.retain(|key| seen.insert(said(&key.expr)));
        }
        let SetExpr::Select(select) = query.body.as_mut() else { return ControlFlow::Continue(()) };
        if let GroupByExpr::Expressions(keys, _) = &mut select.group_by {
            let mut seen = HashSet::new();
            // Sets are multiplied with each other: two of the same are not one.
            let is_set = |key: &Expr| matches!(key, Expr::GroupingSets(_) | Expr::Cube(_) | Expr::Rollup(_));
            keys.retain(|key| is_set(key) || seen.insert(said(key)));
        }
        if written_anew(select) > LONGEST_STATEMENT {
            return ControlFlow::Break(
                "GROUP BY 或 HAVING 多次引用很长的结果列，请用 WITH 分步写".to_owned(),
            );
        }
        ControlFlow::Continue(())
    }
}

fn is_written_out(key: &Expr) -> bool {
    match key {
        Expr::Value(_) | Expr::TypedString(_) => true,
        Expr::Cast { expr, .. } | Expr::Nested(expr) => is_written_out(expr),
        _ => false,
    }
}

/// A key as it is told from others. `01` is the first place, too.
fn said(key: &Expr) -> String {
    ordinal(key).map_or_else(|| key.to_string(), |place| place.to_string())
}

/// Letters of the items that GROUP BY and HAVING refer to, as often as they do.
fn written_anew(select: &Select) -> usize {
    let mut copies = Copies { places: Vec::new(), names: HashMap::new(), letters: 0 };
    for item in &select.projection {
        let letters = match item {
            SelectItem::ExprWithAlias { expr, alias } => {
                let letters = expr.to_string().len();
                copies.names.insert(alias.value.to_lowercase(), letters);
                letters
            }
            SelectItem::UnnamedExpr(expr) => expr.to_string().len(),
            _ => 0,
        };
        copies.places.push(letters);
    }
    let _ = look(&select.having, &mut ByName(&mut copies));
    let _ = look(&select.group_by, &mut copies);
    copies.letters
}

struct Copies {
    places: Vec<usize>,
    names: HashMap<String, usize>,
    letters: usize,
}

impl Copies {
    fn name(&mut self, expr: &Expr) {
        if let Expr::Identifier(name) = expr {
            self.letters += self.names.get(&name.value.to_lowercase()).copied().unwrap_or(0);
        }
    }
}

/// In groups a number is a place: alone, or in a set.
impl Look for Copies {
    fn pre_visit_expr(&mut self, expr: &Expr) -> Flow {
        self.name(expr);
        let place = ordinal(expr).and_then(|place| place.checked_sub(1));
        self.letters += place.and_then(|place| self.places.get(place)).copied().unwrap_or(0);
        ControlFlow::Continue(())
    }
}

struct ByName<'a>(&'a mut Copies);

impl Look for ByName<'_> {
    fn pre_visit_expr(&mut self, expr: &Expr) -> Flow {
        self.0.name(expr);
        ControlFlow::Continue(())
    }
}

struct Ordinals;

impl Rewrite for Ordinals {
    fn pre_visit_query(&mut self, query: &mut Query) -> Flow {
        if let SetExpr::Select(select) = query.body.as_ref()
            && let Some(order) = &mut query.order_by
            && let OrderByKind::Expressions(keys) = &mut order.kind
            && is_grouped(select)
        {
            for key in keys {
                if let Some(spelled) = ordinal(&key.expr).and_then(|at| item(select, at)) {
                    key.expr = spelled;
                }
            }
        }
        ControlFlow::Continue(())
    }
}

/// Rows of a list without duplicates are ordered by what the list shows, and by nothing else.
fn is_grouped(select: &Select) -> bool {
    let groups = match &select.group_by {
        GroupByExpr::All(_) => true,
        GroupByExpr::Expressions(keys, more) => !keys.is_empty() || !more.is_empty(),
    };
    groups && select.distinct.is_none()
}

fn ordinal(key: &Expr) -> Option<usize> {
    match key {
        Expr::Value(value) => match &value.value {
            Value::Number(number, false) => number.parse().ok(),
            _ => None,
        },
        _ => None,
    }
}

/// The expression at a place of the list, counted from one. A column or a name says nothing new, and a constant in its place
/// would be an ordinal again.
fn item(select: &Select, at: usize) -> Option<Expr> {
    let is_star =
        |item: &SelectItem| matches!(item, SelectItem::Wildcard(_) | SelectItem::QualifiedWildcard(..));
    let before = select.projection.get(..at)?;
    match before.last()? {
        SelectItem::UnnamedExpr(expr) if !before.iter().any(is_star) => match expr {
            Expr::Identifier(_) | Expr::CompoundIdentifier(_) | Expr::Value(_) => None,
            computed => Some(computed.clone()),
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::parse::unchanged;
    use super::*;

    #[test]
    fn computed_items_of_groups_are_spelled() {
        for (sql, expected) in [
            (
                "SELECT a, count(*) * 2 FROM t GROUP BY a ORDER BY 2 DESC, 1",
                "SELECT a, count(*) * 2 FROM t GROUP BY a ORDER BY count(*) * 2 DESC, 1",
            ),
            (
                "SELECT upper(a), 1, count(*) AS n FROM t GROUP BY 1 ORDER BY 1, 2, 3, 4",
                "SELECT upper(a), 1, count(*) AS n FROM t GROUP BY 1 ORDER BY upper(a), 2, 3, 4",
            ),
            ("SELECT *, a + 1 FROM t GROUP BY a ORDER BY 2", "SELECT *, a + 1 FROM t GROUP BY a ORDER BY 2"),
            ("SELECT a + 1 FROM t ORDER BY 1", "SELECT a + 1 FROM t ORDER BY 1"),
            (
                "SELECT DISTINCT a + 1 FROM t GROUP BY a ORDER BY 1",
                "SELECT DISTINCT a + 1 FROM t GROUP BY a ORDER BY 1",
            ),
            (
                "SELECT x FROM (SELECT a + 1 AS x, sum(b) / 2 FROM t GROUP BY a ORDER BY 2) AS q",
                "SELECT x FROM (SELECT a + 1 AS x, sum(b) / 2 FROM t GROUP BY a ORDER BY sum(b) / 2) AS q",
            ),
        ] {
            let mut statement = unchanged(sql).remove(0);
            spell_ordinals(&mut statement);
            assert_eq!(statement.to_string(), expected);
        }
    }

    #[test]
    fn what_is_said_twice_is_left_out() {
        for (sql, expected) in [
            (
                "SELECT a, b FROM t GROUP BY 1, 01, a, 2, a ORDER BY 1, b DESC, 1 DESC, b",
                "SELECT a, b FROM t GROUP BY 1, a, 2 ORDER BY 1, b DESC",
            ),
            (
                "SELECT a FROM t GROUP BY ROLLUP (a), ROLLUP (a), b, b",
                "SELECT a FROM t GROUP BY ROLLUP (a), ROLLUP (a), b",
            ),
            (
                "SELECT a FROM t UNION SELECT b FROM t ORDER BY 1, 1",
                "SELECT a FROM t UNION SELECT b FROM t ORDER BY 1",
            ),
        ] {
            let mut statement = unchanged(sql).remove(0);
            say_once(&mut statement).expect("short");
            assert_eq!(statement.to_string(), expected);
        }
    }

    #[test]
    fn what_is_written_anew_has_a_bound() {
        let long = vec!["length(a)"; 100].join(" + ");
        let names = |times: usize| vec!["x"; times].join(", ");
        for (rest, is_long) in [
            (format!("coalesce({})", names(9)), false),
            (format!("coalesce({})", names(900)), true),
            (format!("GROUPING SETS (({}))", vec!["1"; 900].join(", ")), true),
            (format!("1 HAVING coalesce({}) > 1", names(9)), false),
            (format!("1 HAVING coalesce({}) > 1", names(900)), true),
            (names(900), false),
        ] {
            let mut statement = unchanged(&format!("SELECT {long} AS x FROM t GROUP BY {rest}")).remove(0);
            assert_eq!(say_once(&mut statement).is_err(), is_long, "{rest:.60}");
        }
    }
}
