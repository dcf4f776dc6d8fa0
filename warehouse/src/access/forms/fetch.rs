//! `FETCH FIRST n ROWS ONLY` is LIMIT. `WITH TIES` keeps the rows that stand beside the last one: those whose rank is
//! within n.

use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{
    BinaryOperator, Expr, Fetch, LimitClause, OrderByExpr, OrderByKind, Query, Select, SelectItem, SetExpr,
    TableFactor, Value, WindowSpec, WindowType,
};

use super::super::walk::{FOUND, Flow, Look, look};
use super::build::call;
use crate::access::parse::table_factor;

/// Changes the query in place.
pub(super) fn first_rows(query: &mut Query) -> Result<(), String> {
    let Some(Fetch { with_ties, percent, quantity }) = query.fetch.take() else { return Ok(()) };
    if percent {
        return Err("不支持 FETCH FIRST … PERCENT，请写行数".to_owned());
    }
    let rows = quantity.unwrap_or_else(|| number(1));
    if with_ties {
        return ties(query, rows);
    }
    match &mut query.limit_clause {
        None => {
            query.limit_clause =
                Some(LimitClause::LimitOffset { limit: Some(rows), offset: None, limit_by: vec![] });
        }
        Some(LimitClause::LimitOffset { limit: limit @ None, .. }) => *limit = Some(rows),
        Some(_) => return Err("LIMIT 与 FETCH 不能同时写".to_owned()),
    }
    Ok(())
}

/// Refuses a number of rows that only a query tells.
pub(super) fn check(query: &Query) -> Result<(), String> {
    let Some(LimitClause::LimitOffset { limit, offset, .. }) = &query.limit_clause else { return Ok(()) };
    let bounds = limit.iter().chain(offset.iter().map(|offset| &offset.value));
    for bound in bounds {
        if look(bound, &mut Queries).is_break() {
            return Err(
                "LIMIT 和 OFFSET 不支持子查询，请直接写行数；也可以用 row_number() OVER (…) 编号后筛选"
                    .to_owned(),
            );
        }
    }
    Ok(())
}

struct Queries;

impl Look for Queries {
    fn pre_visit_expr(&mut self, expr: &Expr) -> Flow {
        if matches!(expr, Expr::Subquery(_)) { FOUND } else { ControlFlow::Continue(()) }
    }
}

fn number(number: u32) -> Expr {
    Expr::Value(Value::Number(number.to_string(), false).with_empty_span())
}

fn ties(query: &mut Query, rows: Expr) -> Result<(), String> {
    let no_order = || "WITH TIES 须与 ORDER BY 同用".to_owned();
    let Some(order) = &query.order_by else { return Err(no_order()) };
    let OrderByKind::Expressions(keys) = &order.kind else { return Err(no_order()) };
    let mut keys = keys.clone();
    let bound = match &query.limit_clause {
        None => rows,
        // Rows that are skipped are ranked all the same.
        Some(LimitClause::LimitOffset { limit: None, offset: Some(offset), .. }) => Expr::BinaryOp {
            left: Box::new(Expr::Nested(Box::new(offset.value.clone()))),
            op: BinaryOperator::Plus,
            right: Box::new(Expr::Nested(Box::new(rows))),
        },
        Some(_) => return Err("LIMIT 与 FETCH 不能同时写".to_owned()),
    };
    let plain = matches!(query.body.as_ref(), SetExpr::Select(select) if select.distinct.is_none());
    if !plain {
        // Ranked after rows were made one.
        if keys.iter().any(|key| !matches!(key.expr, Expr::Identifier(_))) {
            return Err("DISTINCT、UNION 等与 WITH TIES 同用时，ORDER BY 只能写结果列的名称".to_owned());
        }
        *query.body = outside(&query.body)?;
    }
    let SetExpr::Select(select) = query.body.as_mut() else { return Err(no_order()) };
    for key in &mut keys {
        key.expr = resolved(&key.expr, select)?;
    }
    let within =
        Expr::BinaryOp { left: Box::new(rank(keys)), op: BinaryOperator::LtEq, right: Box::new(bound) };
    select.qualify = Some(match select.qualify.take() {
        None => within,
        Some(other) => Expr::BinaryOp {
            left: Box::new(Expr::Nested(Box::new(other))),
            op: BinaryOperator::And,
            right: Box::new(within),
        },
    });
    Ok(())
}

/// `SELECT * FROM (body) AS fetched`
fn outside(body: &SetExpr) -> Result<SetExpr, String> {
    let text = format!("(SELECT * FROM ({body}) AS fetched)");
    match table_factor(&text).map_err(|error| error.to_string())? {
        TableFactor::Derived { subquery, .. } => Ok(*subquery.body),
        other => Err(format!("不能在 {other} 之外排名")),
    }
}

fn rank(order_by: Vec<OrderByExpr>) -> Expr {
    let mut rank = call("rank", vec![]);
    rank.over = Some(WindowType::WindowSpec(WindowSpec {
        window_name: None,
        partition_by: vec![],
        order_by,
        window_frame: None,
    }));
    Expr::Function(rank)
}

/// A key by its place or its alias is the expression that stands there.
fn resolved(key: &Expr, select: &Select) -> Result<Expr, String> {
    let of_item = |item: &SelectItem| match item {
        SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } => Some(expr.clone()),
        _ => None,
    };
    match key {
        Expr::Value(value) => {
            let Value::Number(place, _) = &value.value else { return Ok(key.clone()) };
            let place = place.parse::<usize>().ok().and_then(|place| place.checked_sub(1));
            let stars = select.projection.iter().any(|item| of_item(item).is_none());
            let item = place.and_then(|place| select.projection.get(place)).filter(|_| !stars);
            item.and_then(of_item).ok_or_else(|| format!("WITH TIES 的 ORDER BY {key} 请写成列名"))
        }
        Expr::Identifier(name) => {
            let aliased = select.projection.iter().find_map(|item| match item {
                SelectItem::ExprWithAlias { expr, alias } if alias.value == name.value => Some(expr.clone()),
                _ => None,
            });
            Ok(aliased.unwrap_or_else(|| key.clone()))
        }
        other => Ok(other.clone()),
    }
}
