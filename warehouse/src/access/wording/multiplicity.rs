//! EXCEPT ALL and INTERSECT ALL count how often a row stands on either side; the engine looks only whether it does. Equal
//! rows of each side are numbered, so that the engine's EXCEPT and INTERSECT take the second copy for another row.

use std::ops::ControlFlow;
use std::sync::Arc;

use arrow::datatypes::DataType;
use datafusion::common::plan_err;
use datafusion::common::tree_node::Transformed;
use datafusion::error::Result;
use datafusion::functions_window::expr_fn::row_number;
use datafusion::logical_expr::expr::{Alias, ScalarFunction};
use datafusion::logical_expr::{
    Expr, ExprFunctionExt, LogicalPlan, LogicalPlanBuilder, Projection, ScalarUDF, Volatility, create_udf,
};
use datafusion::sql::sqlparser::ast::helpers::attached_token::AttachedToken;
use datafusion::sql::sqlparser::ast::{
    ExcludeSelectItem, GroupByExpr, Ident, ObjectName, Query, Select, SelectFlavor, SelectItem, SetExpr,
    SetOperator, SetQuantifier, Statement, TableAlias, TableFactor, TableWithJoins,
    WildcardAdditionalOptions,
};

use super::super::walk::{Flow, Rewrite, rewrite};
use crate::access::calls::call;

const NAME: &str = "copy_number";
/// The column that says which of equal rows a row is.
const COPY: &str = "__copy";

/// Marks both sides in place.
pub(super) fn mark_copies(statement: &mut Statement) {
    let _ = rewrite(statement, &mut Sets);
}

struct Sets;

impl Rewrite for Sets {
    fn post_visit_query(&mut self, query: &mut Query) -> Flow {
        each(&mut query.body);
        ControlFlow::Continue(())
    }
}

fn each(body: &mut SetExpr) {
    let SetExpr::SetOperation { op, set_quantifier, left, right } = body else { return };
    each(left);
    each(right);
    if *set_quantifier != SetQuantifier::All || !matches!(op, SetOperator::Except | SetOperator::Intersect) {
        return;
    }
    let (op, numbered) = (*op, |side: &SetExpr| {
        let number =
            SelectItem::ExprWithAlias { expr: call(NAME, vec![]), alias: Ident::with_quote('"', COPY) };
        let all = SelectItem::Wildcard(WildcardAdditionalOptions::default());
        Box::new(select(vec![all, number], side.clone(), "side"))
    });
    let sides = SetExpr::SetOperation {
        op,
        set_quantifier: SetQuantifier::None,
        left: numbered(left),
        right: numbered(right),
    };
    let copy = ObjectName::from(vec![Ident::with_quote('"', COPY)]);
    let without_copy = SelectItem::Wildcard(WildcardAdditionalOptions {
        opt_exclude: Some(ExcludeSelectItem::Single(copy)),
        ..WildcardAdditionalOptions::default()
    });
    *body = select(vec![without_copy], sides, "sides");
}

/// `SELECT items FROM (body) AS alias`.
fn select(projection: Vec<SelectItem>, body: SetExpr, alias: &str) -> SetExpr {
    let subquery = Query {
        with: None,
        body: Box::new(body),
        order_by: None,
        limit_clause: None,
        fetch: None,
        locks: vec![],
        for_clause: None,
        settings: None,
        format_clause: None,
        pipe_operators: vec![],
    };
    let alias = TableAlias { explicit: true, name: Ident::new(alias), columns: vec![], at: None };
    let relation = TableFactor::Derived {
        lateral: false,
        subquery: Box::new(subquery),
        alias: Some(alias),
        sample: None,
    };
    SetExpr::Select(Box::new(Select {
        select_token: AttachedToken::empty(),
        optimizer_hints: vec![],
        distinct: None,
        select_modifiers: None,
        top: None,
        top_before_distinct: false,
        projection,
        exclude: None,
        into: None,
        from: vec![TableWithJoins { relation, joins: vec![] }],
        lateral_views: vec![],
        prewhere: None,
        selection: None,
        connect_by: vec![],
        group_by: GroupByExpr::Expressions(vec![], vec![]),
        cluster_by: vec![],
        distribute_by: vec![],
        sort_by: vec![],
        having: None,
        named_window: vec![],
        qualify: None,
        window_before_qualify: false,
        value_table_mode: None,
        flavor: SelectFlavor::Standard,
    }))
}

/// Stands for the number until the columns are known.
pub(super) fn function() -> ScalarUDF {
    create_udf(
        NAME,
        vec![],
        DataType::UInt64,
        Volatility::Volatile,
        Arc::new(|_| plan_err!("{NAME} stands only where rows are counted")),
    )
}

/// Puts the number of the copy among equal rows where it was marked.
pub(in crate::access) fn count_copies(plan: LogicalPlan) -> Result<LogicalPlan> {
    plan.transform_up_with_subqueries(|node| match node {
        LogicalPlan::Projection(projection) if projection.expr.iter().any(is_mark) => {
            numbered(projection).map(Transformed::yes)
        }
        other => Ok(Transformed::no(other)),
    })
    .map(|plan| plan.data)
}

fn is_mark(expr: &Expr) -> bool {
    matches!(expr, Expr::Alias(Alias { expr, .. })
        if matches!(expr.as_ref(), Expr::ScalarFunction(ScalarFunction { func, .. }) if func.name() == NAME))
}

fn numbered(projection: Projection) -> Result<LogicalPlan> {
    let Projection { expr, input, .. } = projection;
    let columns: Vec<Expr> = expr.iter().filter(|expr| !is_mark(expr)).cloned().collect();
    let number = row_number().partition_by(columns.clone()).build()?;
    let name = Expr::Column(datafusion::common::Column::new_unqualified(number.schema_name().to_string()));
    let marks = expr.into_iter().map(|expr| match expr {
        Expr::Alias(alias) if is_mark(&Expr::Alias(alias.clone())) => name.clone().alias(alias.name),
        other => other,
    });
    let marks: Vec<Expr> = marks.collect();
    LogicalPlanBuilder::from(input.as_ref().clone()).window(vec![number])?.project(marks)?.build()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::parse::unchanged;

    fn marked(sql: &str) -> String {
        let mut statement = unchanged(sql).remove(0);
        mark_copies(&mut statement);
        statement.to_string()
    }

    #[test]
    fn both_sides_are_marked() {
        assert_eq!(
            marked("SELECT a FROM t EXCEPT ALL SELECT b FROM u ORDER BY a"),
            "SELECT * EXCLUDE \"__copy\" FROM (SELECT *, copy_number() AS \"__copy\" FROM (SELECT a FROM t) AS side \
             EXCEPT SELECT *, copy_number() AS \"__copy\" FROM (SELECT b FROM u) AS side) AS sides ORDER BY a"
        );
        for sql in ["SELECT a EXCEPT SELECT b", "SELECT a UNION ALL SELECT b"] {
            assert_eq!(marked(sql), sql);
        }
    }
}
