//! Rows and numbers that are written out. `VALUES` with cells that are worked out is written as a union of SELECTs: the engine
//! settles the types of a column before it knows those of its CASEs and calls, and takes no sub-query. Whole numbers that
//! fit into four bytes are `integer` in PostgreSQL, whose sums are whole and whose quotients, too; the engine has eight bytes for all. They get their type where they
//! are columns: in `VALUES`, and as items of a select list.

use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{
    DataType, Expr, Ident, Query, Select, SelectItem, SetExpr, TableFactor, UnaryOperator, Value, Values,
};

use super::super::walk::{FOUND, Flow, Look, look};
use super::build::cast;
use crate::access::parse::table_factor;

/// Rows with cells that are worked out; each becomes a query.
const MOST_ROWS: usize = 256;

/// Changes what the query consists of in place.
pub(super) fn type_columns(query: &mut Query, is_lateral: bool) {
    body(&mut query.body, is_lateral);
}

fn body(of: &mut SetExpr, is_lateral: bool) {
    match of {
        SetExpr::SetOperation { left, right, .. } => {
            body(left, is_lateral);
            body(right, is_lateral);
            unnamed(right);
        }
        SetExpr::Select(select) => {
            for item in &mut select.projection {
                if let SelectItem::ExprWithAlias { expr, .. } = item {
                    type_number(expr);
                }
            }
        }
        SetExpr::Values(values) => {
            type_rows(values);
            if !is_lateral
                && values.rows.len() <= MOST_ROWS
                && look(values, &mut WorkedOut).is_break()
                && let Some(union) = union(values)
            {
                *of = union;
            }
        }
        // Queries in brackets are visited themselves.
        _ => {}
    }
}

/// The lists of all but the first query of a union name nothing.
fn unnamed(of: &mut SetExpr) {
    if let SetExpr::Select(select) = of {
        for item in &mut select.projection {
            if let SelectItem::UnnamedExpr(expr) = item {
                type_number(expr);
            }
        }
    }
}

/// Gives a whole number written out its type.
pub(super) fn type_number(expr: &mut Expr) {
    if let Some(data_type) = number_type(expr) {
        *expr = cast(expr.clone(), data_type);
    }
}

/// The type of a whole number written out.
fn number_type(expr: &Expr) -> Option<DataType> {
    let digits = match bare(expr) {
        Expr::Value(value) => match &value.value {
            Value::Number(digits, _) => digits.clone(),
            _ => return None,
        },
        Expr::UnaryOp { op: UnaryOperator::Minus, expr } => match bare(expr) {
            Expr::Value(value) => match &value.value {
                Value::Number(digits, _) => format!("-{digits}"),
                _ => return None,
            },
            _ => return None,
        },
        _ => return None,
    };
    match digits.parse::<i64>() {
        Ok(number) if i32::try_from(number).is_ok() => Some(DataType::Integer(None)),
        Ok(_) => Some(DataType::BigInt(None)),
        Err(_) => None,
    }
}

/// What stands in brackets.
fn bare(expr: &Expr) -> &Expr {
    match expr {
        Expr::Nested(inner) => bare(inner),
        other => other,
    }
}

/// Columns that hold nothing but whole numbers of four bytes.
fn type_rows(values: &mut Values) {
    let columns = values.rows.first().map_or(0, |row| row.content.len());
    for column in 0..columns {
        let is_null = |cell: &Expr| matches!(cell, Expr::Value(value) if value.value == Value::Null);
        let is_small = |cell: &Expr| matches!(number_type(cell), Some(DataType::Integer(_)));
        if values.rows.iter().filter_map(|row| row.content.get(column)).any(is_measured) {
            values.rows.iter_mut().filter_map(|row| row.content.get_mut(column)).for_each(measure);
            continue;
        }
        let mut cells = values.rows.iter().filter_map(|row| row.content.get(column));
        if !cells.all(|cell| is_small(cell) || is_null(cell)) {
            continue;
        }
        for row in &mut values.rows {
            if let Some(cell) = row.content.get_mut(column) {
                type_number(cell);
            }
        }
    }
}

/// Whether a cell says that it is a number with a floating point.
fn is_measured(cell: &Expr) -> bool {
    matches!(
        cell,
        Expr::Cast { data_type: DataType::DoublePrecision | DataType::Double(_) | DataType::Float8, .. }
    )
}

/// A number beside such a one is one, too; the engine makes decimals of both.
fn measure(cell: &mut Expr) {
    let number = match &*cell {
        Expr::UnaryOp { op: UnaryOperator::Minus, expr } => expr.as_ref(),
        other => other,
    };
    if matches!(number, Expr::Value(value) if matches!(value.value, Value::Number(..))) {
        *cell = cast(cell.clone(), DataType::DoublePrecision);
    }
}

/// Finds a cell that is more than a constant.
struct WorkedOut;

impl Look for WorkedOut {
    fn pre_visit_expr(&mut self, expr: &Expr) -> Flow {
        let found = matches!(
            expr,
            Expr::Function(_)
                | Expr::Case { .. }
                | Expr::Subquery(_)
                | Expr::Exists { .. }
                | Expr::InSubquery { .. }
                | Expr::BinaryOp { .. }
                | Expr::AnyOp { .. }
                | Expr::AllOp { .. }
        );
        if found { FOUND } else { ControlFlow::Continue(()) }
    }
}

/// A SELECT for each row, united in halves so that no depth grows with the rows.
fn union(values: &Values) -> Option<SetExpr> {
    let pattern = table_factor("(SELECT 1 UNION ALL SELECT 2)").ok()?;
    let TableFactor::Derived { subquery, .. } = pattern else { return None };
    let SetExpr::SetOperation { left, .. } = subquery.body.as_ref() else { return None };
    let SetExpr::Select(select) = left.as_ref() else { return None };
    let rows = values.rows.iter().map(|row| SetExpr::Select(Box::new(of_row(select, &row.content))));
    united(rows.collect(), &subquery.body)
}

fn of_row(pattern: &Select, cells: &[Expr]) -> Select {
    let item = |(place, cell): (usize, &Expr)| SelectItem::ExprWithAlias {
        expr: cell.clone(),
        alias: Ident::new(format!("column{}", place + 1)),
    };
    Select { projection: cells.iter().enumerate().map(item).collect(), ..pattern.clone() }
}

fn united(mut rows: Vec<SetExpr>, pattern: &SetExpr) -> Option<SetExpr> {
    if rows.len() < 2 {
        return rows.pop();
    }
    let behind = rows.split_off(rows.len() / 2);
    let mut both = pattern.clone();
    if let SetExpr::SetOperation { left, right, .. } = &mut both {
        **left = united(rows, pattern)?;
        **right = united(behind, pattern)?;
    }
    Some(both)
}
