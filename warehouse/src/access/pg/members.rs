//! `x IN (SELECT …)` in a select list, which the engine knows in WHERE only: asked of the list of what the sub-query gives.
//! For catalog statements only: a NULL among the values would make a difference.

use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{Expr, Select, SelectItem};

use super::super::parse::expression;
use super::super::walk::{Flow, Rewrite, rewrite};

/// Changes the select list in place.
pub(super) fn ask_lists(select: &mut Select) {
    for item in &mut select.projection {
        if let SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } = item {
            let _ = rewrite(expr, &mut Members);
        }
    }
}

struct Members;

impl Rewrite for Members {
    fn post_visit_expr(&mut self, expr: &mut Expr) -> Flow {
        if let Expr::InSubquery { expr: value, subquery, negated } = expr {
            let not = if *negated { "NOT " } else { "" };
            let asked =
                format!("({not}array_has((SELECT array_agg(v) FROM ({subquery}) AS s (v)), {value}))");
            if let Ok(asked) = expression(&asked) {
                *expr = asked;
            }
        }
        ControlFlow::Continue(())
    }
}
