//! Casts that are all two expressions differ in: `min(pay_time)` beside `min(pay_time::date)`. The engine calls both by one name and
//! refuses the pair. A function that says the type in its name goes round each cast of such a list; it is taken off again
//! before the plan runs.

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::sync::Arc;

use arrow::datatypes::{DataType, FieldRef};
use datafusion::common::plan_err;
use datafusion::error::Result;
use datafusion::logical_expr::simplify::{ExprSimplifyResult, SimplifyContext};
use datafusion::logical_expr::{
    ColumnarValue, Expr as Computed, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl,
    Signature, Volatility,
};
use datafusion::sql::sqlparser::ast::{
    Distinct, Expr, GroupByExpr, Ident, OrderByKind, Query, SelectItem, SetExpr, Statement, Value,
};

use super::calls::call;
use super::naming::key;
use super::walk::{Flow, Look, Rewrite, look, rewrite};

const NAME: &str = "cast_as";

/// Changes the statement in place.
pub(super) fn name_casts(statement: &mut Statement) {
    let _ = rewrite(statement, &mut Lists);
}

struct Lists;

impl Rewrite for Lists {
    fn post_visit_query(&mut self, query: &mut Query) -> Flow {
        let mut seen = Seen::default();
        for expr in expressions(query) {
            seen.take(expr);
            let _ = look(&*expr, &mut seen);
        }
        if seen.casts && seen.twins {
            label(query);
            for expr in expressions(query) {
                let _ = rewrite(expr, &mut Casts);
            }
        }
        ControlFlow::Continue(())
    }
}

/// What the list, the groups and the order of a query compute.
fn expressions(query: &mut Query) -> Vec<&mut Expr> {
    let mut found: Vec<&mut Expr> = Vec::new();
    if let Some(order) = &mut query.order_by
        && let OrderByKind::Expressions(keys) = &mut order.kind
    {
        found.extend(keys.iter_mut().map(|key| &mut key.expr));
    }
    let SetExpr::Select(select) = query.body.as_mut() else { return found };
    if let Some(Distinct::On(keys)) = &mut select.distinct {
        found.extend(keys);
    }
    if let GroupByExpr::Expressions(keys, _) = &mut select.group_by {
        found.extend(keys);
    }
    found.extend(&mut select.having);
    found.extend(select.projection.iter_mut().filter_map(|item| match item {
        SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } => Some(expr),
        _ => None,
    }));
    found
}

/// Items keep the names they would have.
fn label(query: &mut Query) {
    let SetExpr::Select(select) = query.body.as_mut() else { return };
    for item in &mut select.projection {
        if let SelectItem::UnnamedExpr(expr) = item
            && !matches!(expr, Expr::Identifier(_) | Expr::CompoundIdentifier(_))
        {
            let mut seen = Seen::default();
            let _ = look(expr, &mut seen);
            if seen.casts {
                let alias = Ident::with_quote('"', expr.to_string());
                *item = SelectItem::ExprWithAlias { expr: expr.clone(), alias };
            }
        }
    }
}

/// Whether there are casts, and two expressions that are the same without them.
#[derive(Default)]
struct Seen {
    casts: bool,
    twins: bool,
    by_name: HashMap<String, String>,
}

impl Seen {
    fn take(&mut self, expr: &Expr) {
        if matches!(expr, Expr::Value(_) | Expr::Identifier(_) | Expr::CompoundIdentifier(_)) {
            return;
        }
        let text = expr.to_string();
        let other = self.by_name.entry(key(expr)).or_insert_with(|| text.clone());
        self.twins |= *other != text;
    }
}

impl Look for Seen {
    fn pre_visit_expr(&mut self, expr: &Expr) -> Flow {
        match expr {
            Expr::Cast { .. } => self.casts = true,
            Expr::Function(_) | Expr::Extract { .. } => self.take(expr),
            _ => {}
        }
        ControlFlow::Continue(())
    }
}

struct Casts;

impl Rewrite for Casts {
    fn post_visit_expr(&mut self, expr: &mut Expr) -> Flow {
        if let Expr::Cast { data_type, .. } = expr {
            let to = Expr::value(Value::SingleQuotedString(data_type.to_string()));
            *expr = call(NAME, vec![expr.clone(), to]);
        }
        ControlFlow::Continue(())
    }
}

/// `cast_as(x, type)`: x, called by the type.
pub(super) fn named_cast() -> ScalarUDF {
    ScalarUDF::from(NamedCast(Signature::any(2, Volatility::Immutable)))
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct NamedCast(Signature);

impl ScalarUDFImpl for NamedCast {
    fn name(&self) -> &str {
        NAME
    }

    fn signature(&self) -> &Signature {
        &self.0
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        let [kind, _] = types else { return plan_err!("{NAME} takes two arguments") };
        Ok(kind.clone())
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs) -> Result<FieldRef> {
        let [field, _] = args.arg_fields else { return plan_err!("{NAME} takes two arguments") };
        Ok(Arc::clone(field))
    }

    fn simplify(&self, mut args: Vec<Computed>, _: &SimplifyContext) -> Result<ExprSimplifyResult> {
        if args.len() != 2 {
            return Ok(ExprSimplifyResult::Original(args));
        }
        Ok(ExprSimplifyResult::Simplified(args.swap_remove(0)))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let [value, _] = args.args.as_slice() else { return plan_err!("{NAME} takes two arguments") };
        Ok(value.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::super::parse::unchanged;
    use super::*;

    fn check(sql: &str, expected: &str) {
        let mut statement = unchanged(sql).remove(0);
        name_casts(&mut statement);
        assert_eq!(statement.to_string(), expected);
    }

    #[test]
    fn twins_are_told_apart_and_keep_their_names() {
        check(
            "SELECT min(a), min(a::DATE) FROM t",
            r#"SELECT min(a), min(cast_as(a::DATE, 'DATE')) AS "min(a::DATE)" FROM t"#,
        );
        check(
            "SELECT f(a)::DATE AS b, f(a) AS c FROM t GROUP BY 1, 2 ORDER BY f(a)::DATE",
            "SELECT cast_as(f(a)::DATE, 'DATE') AS b, f(a) AS c FROM t GROUP BY 1, 2 ORDER BY cast_as(f(a)::DATE, 'DATE')",
        );
    }

    #[test]
    fn the_rest_stays() {
        for sql in [
            "SELECT min(a::DATE), max(a) FROM t",
            "SELECT a, a::DATE FROM t",
            "SELECT min(a) FROM t HAVING min(a) > 1",
        ] {
            check(sql, sql);
        }
    }
}
