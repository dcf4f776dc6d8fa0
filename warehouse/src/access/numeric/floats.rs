//! Floats before decimals. PostgreSQL compares a float with a decimal as floats; the engine makes the float a decimal of
//! fifteen digits behind the point, which is another number or none. The same for the branches of a CASE and its like.

use arrow::datatypes::DataType;
use datafusion::common::DFSchema;
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::Transformed;
use datafusion::error::Result;
use datafusion::logical_expr::expr::{Between, Case, Cast, InList, ScalarFunction};
use datafusion::logical_expr::{BinaryExpr, Expr, ExprSchemable, LogicalPlan};
use datafusion::optimizer::AnalyzerRule;

use super::number::Number;
use crate::access::rewriting::each_expression;

/// Functions whose arguments become one type.
const UNITING: [&str; 5] = ["coalesce", "nullif", "greatest", "least", "make_array"];

/// See the module. To be run before types are made equal.
#[derive(Debug)]
pub(in crate::access) struct FloatsFirst;

impl AnalyzerRule for FloatsFirst {
    fn name(&self) -> &'static str {
        "floats_first"
    }

    fn analyze(&self, plan: LogicalPlan, _: &ConfigOptions) -> Result<LogicalPlan> {
        each_expression(plan, unites, united)
    }
}

fn unites(expr: &Expr) -> bool {
    match expr {
        Expr::BinaryExpr(BinaryExpr { op, .. }) => op.supports_propagation(),
        Expr::Between(_) | Expr::InList(_) | Expr::Case(_) => true,
        Expr::ScalarFunction(ScalarFunction { func, .. }) => UNITING.contains(&func.name()),
        _ => false,
    }
}

fn united(mut expr: Expr, schema: &DFSchema) -> Result<Transformed<Expr>> {
    let changed = match &mut expr {
        Expr::BinaryExpr(BinaryExpr { left, op, right }) if op.supports_propagation() => {
            unite(vec![left.as_mut(), right.as_mut()], schema)
        }
        Expr::Between(Between { expr, low, high, .. }) => {
            unite(vec![expr.as_mut(), low.as_mut(), high.as_mut()], schema)
        }
        Expr::InList(InList { expr, list, .. }) => {
            unite(std::iter::once(expr.as_mut()).chain(list).collect(), schema)
        }
        Expr::Case(Case { expr, when_then_expr, else_expr }) => {
            let (mut compared, mut values) = (Vec::new(), Vec::new());
            compared.extend(expr.as_deref_mut());
            for (when, then) in when_then_expr {
                if !compared.is_empty() {
                    compared.push(when.as_mut());
                }
                values.push(then.as_mut());
            }
            values.extend(else_expr.as_deref_mut());
            let compared = unite(compared, schema);
            unite(values, schema) || compared
        }
        Expr::ScalarFunction(ScalarFunction { func, args }) if UNITING.contains(&func.name()) => {
            unite(args.iter_mut().collect(), schema)
        }
        _ => false,
    };
    Ok(if changed { Transformed::yes(expr) } else { Transformed::no(expr) })
}

/// Makes the decimals among the expressions floats, if there is a float among them.
fn unite(exprs: Vec<&mut Expr>, schema: &DFSchema) -> bool {
    let types: Vec<Option<DataType>> = exprs.iter().map(|expr| expr.get_type(schema).ok()).collect();
    let is = |kind: fn(&DataType) -> bool| types.iter().flatten().any(kind);
    if !is(DataType::is_decimal) {
        return false;
    }
    if !is(DataType::is_floating) {
        // A text written out beside a decimal is a decimal of its own digits, not of the other's.
        return exprs.into_iter().map(read_decimal).fold(false, |changed, read| changed | read);
    }
    for (expr, data_type) in exprs.into_iter().zip(&types) {
        if data_type.as_ref().is_some_and(DataType::is_decimal) {
            as_float(expr);
        }
    }
    true
}

/// Reads a text written out as a decimal.
fn read_decimal(expr: &mut Expr) -> bool {
    let Expr::Literal(value, metadata) = expr else { return false };
    let Some(number) = value.try_as_str().flatten().and_then(|text| Number::read(text).ok()) else {
        return false;
    };
    *expr = Expr::Literal(number.scalar(), metadata.take());
    true
}

/// The expression as a float; a number written out becomes one at once.
pub(super) fn as_float(expr: &mut Expr) {
    if let Expr::Literal(value, metadata) = expr
        && let Ok(float) = value.cast_to(&DataType::Float64)
    {
        *expr = Expr::Literal(float, metadata.take());
        return;
    }
    let inner = std::mem::take(expr);
    *expr = Expr::Cast(Cast::new(Box::new(inner), DataType::Float64));
}
