//! Times are compared in microseconds, as PostgreSQL keeps them. The engine makes texts and days nanoseconds to compare them
//! with a time, which reach from 1677 to 2262 only: `pay_time < '9999-12-31'` would find no row.

use arrow::datatypes::{DataType, TimeUnit};
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::Transformed;
use datafusion::common::{DFSchema, ScalarValue};
use datafusion::error::Result;
use datafusion::logical_expr::expr::{Between, Cast, InList};
use datafusion::logical_expr::{BinaryExpr, Expr, ExprSchemable, LogicalPlan};
use datafusion::optimizer::AnalyzerRule;

use super::rewriting::each_expression;

/// See the module. To be run after types were made equal, before texts are read.
#[derive(Debug)]
pub(super) struct Microseconds;

impl AnalyzerRule for Microseconds {
    fn name(&self) -> &'static str {
        "microseconds"
    }

    fn analyze(&self, plan: LogicalPlan, _: &ConfigOptions) -> Result<LogicalPlan> {
        let is_candidate =
            |expr: &Expr| matches!(expr, Expr::Cast(Cast { field, .. }) if is_nanos(field.data_type()));
        each_expression(plan, is_candidate, |expr, schema| Ok(compared(expr, schema)))
    }
}

fn compared(expr: Expr, schema: &DFSchema) -> Transformed<Expr> {
    let all =
        |sides: &[&Expr]| sides.iter().all(|side| side.get_type(schema).is_ok_and(|kind| is_nanos(&kind)));
    match expr {
        Expr::BinaryExpr(BinaryExpr { left, op, right })
            if op.supports_propagation() && all(&[&left, &right]) =>
        {
            let [left, right] = [left, right].map(|side| Box::new(micros(*side, schema)));
            Transformed::yes(Expr::BinaryExpr(BinaryExpr::new(left, op, right)))
        }
        Expr::Between(Between { expr, negated, low, high }) if all(&[&expr, &low, &high]) => {
            let [expr, low, high] = [expr, low, high].map(|side| Box::new(micros(*side, schema)));
            Transformed::yes(Expr::Between(Between::new(expr, negated, low, high)))
        }
        Expr::InList(InList { expr, list, negated })
            if all(&[&expr]) && all(&list.iter().collect::<Vec<_>>()) =>
        {
            let list = list.into_iter().map(|element| micros(element, schema)).collect();
            Transformed::yes(Expr::InList(InList::new(Box::new(micros(*expr, schema)), list, negated)))
        }
        other => Transformed::no(other),
    }
}

fn is_nanos(kind: &DataType) -> bool {
    matches!(kind, DataType::Timestamp(TimeUnit::Nanosecond, _))
}

/// The same in microseconds: cast there at once instead of by way of nanoseconds.
fn micros(expr: Expr, schema: &DFSchema) -> Expr {
    let Ok(DataType::Timestamp(_, zone)) = expr.get_type(schema) else { return expr };
    let to = DataType::Timestamp(TimeUnit::Microsecond, zone);
    match expr {
        Expr::Cast(Cast { expr, .. }) if expr.get_type(schema).is_ok_and(|kind| kind == to) => *expr,
        Expr::Cast(Cast { expr, .. }) => Expr::Cast(Cast::new(expr, to)),
        Expr::Literal(ScalarValue::Null, _) => expr,
        other => Expr::Cast(Cast::new(Box::new(other), to)),
    }
}
