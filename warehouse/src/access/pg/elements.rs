//! A list read beside the series of its subscripts, as clients take `search_path` apart:
//! `SELECT part[at] FROM generate_series(array_lower(x, 1), array_upper(x, 1)) at, x part`, where `x` is a call. The
//! engine takes no scalar call for a relation; the elements of the list are the same rows.

use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{Expr, Ident, Select, SelectItem, TableFactor, TableWithJoins};

use super::super::parse::table_factor;
use super::super::walk::{Flow, Rewrite, rewrite};

/// Reads the elements where the statement reads subscripts and list; anything else stays as it is.
pub(super) fn read_elements(select: &mut Select) {
    let [series, list] = select.from.as_slice() else { return };
    let (Some((series, at)), Some((list, part))) = (call(series), call(list)) else { return };
    if series != format!("generate_series(array_lower({list}, 1), array_upper({list}, 1))") {
        return;
    }
    let elements = format!("unnest({list}) AS elements ({part})");
    let Ok(relation) = table_factor(&elements) else { return };
    select.from = vec![TableWithJoins { relation, joins: vec![] }];
    let mut element = Element { written: format!("{part}[{at}]"), column: part };
    for item in &mut select.projection {
        if let SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } = item {
            let _ = rewrite(expr, &mut element);
        }
    }
}

/// A call that stands alone in FROM, as it is written, and its alias.
fn call(from: &TableWithJoins) -> Option<(String, Ident)> {
    let TableFactor::Table { name, alias: Some(alias), args: Some(args), .. } = &from.relation else {
        return None;
    };
    if !from.joins.is_empty() || !alias.columns.is_empty() {
        return None;
    }
    let args: Vec<String> = args.args.iter().map(ToString::to_string).collect();
    Some((format!("{name}({})", args.join(", ")), alias.name.clone()))
}

/// `part[at]` becomes `part`, a column now.
struct Element {
    written: String,
    column: Ident,
}

impl Rewrite for Element {
    fn post_visit_expr(&mut self, expr: &mut Expr) -> Flow {
        if matches!(expr, Expr::CompoundFieldAccess { .. }) && expr.to_string() == self.written {
            *expr = Expr::Identifier(self.column.clone());
        }
        ControlFlow::Continue(())
    }
}
