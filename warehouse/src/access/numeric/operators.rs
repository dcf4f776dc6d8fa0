//! How a statement's `*`, `/`, `%`, `+` and `-` of wide decimals, `sum`, `avg` and comparisons of decimals are planned. The types of operands may change
//! until the plan is analysed (a CASE has the type of all its branches only then), so the functions put in place here decide
//! on the types they get.

use std::sync::Arc;

use arrow::datatypes::{DataType, IntervalUnit};
use datafusion::common::{DFSchema, ScalarValue};
use datafusion::error::Result;
use datafusion::functions_aggregate::count::count_udaf;
use datafusion::functions_aggregate::sum::sum_udaf;
use datafusion::logical_expr::expr::{
    AggregateFunction, Case, Cast, Placeholder, WindowFunction, WindowFunctionParams,
};
use datafusion::logical_expr::planner::{
    ExprPlanner, PlannerResult, RawAggregateExpr, RawBinaryExpr, RawWindowExpr,
};
use datafusion::logical_expr::{
    AggregateUDF, BinaryExpr, Expr, ExprSchemable, Operator, WindowFunctionDefinition,
};
use datafusion::sql::sqlparser::ast::BinaryOperator;

use super::arithmetic::{Kind, arithmetic, is_arithmetic};
use super::floats::as_float;
use super::summand::summand;
use super::uniting::{compared_as, list};

/// See the module.
#[derive(Debug)]
pub(in crate::access) struct Operators;

impl ExprPlanner for Operators {
    fn plan_binary_op(
        &self,
        mut expr: RawBinaryExpr,
        schema: &DFSchema,
    ) -> Result<PlannerResult<RawBinaryExpr>> {
        if is_comparison(&expr.op) {
            return Ok(compared(expr, schema));
        }
        if matches!(
            expr.op,
            BinaryOperator::Multiply
                | BinaryOperator::Divide
                | BinaryOperator::Modulo
                | BinaryOperator::Plus
                | BinaryOperator::Minus
        ) {
            read_beside(&mut expr.left, &expr.right, schema, DataType::is_numeric);
            read_beside(&mut expr.right, &expr.left, schema, DataType::is_numeric);
        }
        if expr.op == BinaryOperator::Plus {
            add_span(&mut expr.right, &expr.left, schema);
            add_span(&mut expr.left, &expr.right, schema);
        }
        let kind = match expr.op {
            BinaryOperator::Multiply => Some(Kind::Product),
            BinaryOperator::Divide => Some(Kind::Quotient),
            BinaryOperator::Modulo => Some(Kind::Rest),
            BinaryOperator::Plus | BinaryOperator::Minus => None,
            _ => return Ok(PlannerResult::Original(expr)),
        };
        let (Ok(left), Ok(right)) = (expr.left.get_type(schema), expr.right.get_type(schema)) else {
            return Ok(PlannerResult::Original(expr));
        };
        if !(is_number(&left) && is_number(&right)) {
            return Ok(PlannerResult::Original(expr));
        }
        let both_small = is_small(&expr.left) && is_small(&expr.right);
        narrow(&mut expr.left, if both_small { &DataType::Int32 } else { &right });
        narrow(&mut expr.right, if both_small { &DataType::Int32 } else { &left });
        let is_wide = |kind: &DataType| matches!(kind, DataType::Decimal256(..));
        let is_wide_decimal =
            is_wide(&left) && !right.is_floating() || is_wide(&right) && !left.is_floating();
        if kind == Some(Kind::Rest) && !is_wide_decimal {
            return Ok(PlannerResult::Original(expr));
        }
        tell_type(&mut expr.left, &right);
        tell_type(&mut expr.right, &left);
        if left.is_decimal() || right.is_decimal() {
            fit(&mut expr.left);
            fit(&mut expr.right);
        }
        let planned = match (kind, &expr.op) {
            (Some(kind), _) => arithmetic(kind, expr.left, expr.right),
            (None, BinaryOperator::Plus) if is_wide_decimal => arithmetic(Kind::Sum, expr.left, expr.right),
            (None, _) if is_wide_decimal => arithmetic(Kind::Difference, expr.left, expr.right),
            (None, op) => {
                let op = if *op == BinaryOperator::Plus { Operator::Plus } else { Operator::Minus };
                Expr::BinaryExpr(BinaryExpr::new(Box::new(expr.left), op, Box::new(expr.right)))
            }
        };
        Ok(PlannerResult::Planned(planned))
    }

    fn plan_array_literal(&self, exprs: Vec<Expr>, _: &DFSchema) -> Result<PlannerResult<Vec<Expr>>> {
        Ok(PlannerResult::Planned(list(exprs)))
    }

    fn plan_aggregate(&self, mut expr: RawAggregateExpr) -> Result<PlannerResult<RawAggregateExpr>> {
        for arg in &mut expr.args {
            if takes_shares(expr.func.name()) && matches!(arg, Expr::Literal(..)) {
                as_float(arg);
            }
        }
        let original = Expr::AggregateFunction(AggregateFunction::new_udf(
            expr.func.clone(),
            expr.args.clone(),
            expr.distinct,
            expr.filter.clone(),
            expr.order_by.clone(),
            expr.null_treatment,
        ));
        let of = |function: Arc<AggregateUDF>, args: Vec<Expr>| {
            Expr::AggregateFunction(AggregateFunction::new_udf(
                function,
                args,
                expr.distinct,
                expr.filter.clone(),
                expr.order_by.clone(),
                expr.null_treatment,
            ))
        };
        Ok(match planned(expr.func.name(), &expr.args, &original, of) {
            Some(planned) => PlannerResult::Planned(planned),
            None => PlannerResult::Original(expr),
        })
    }

    fn plan_window(&self, expr: RawWindowExpr) -> Result<PlannerResult<RawWindowExpr>> {
        let of = |fun: WindowFunctionDefinition, args: Vec<Expr>| {
            let expr = expr.clone();
            Expr::WindowFunction(Box::new(WindowFunction {
                fun,
                params: WindowFunctionParams {
                    args,
                    partition_by: expr.partition_by,
                    order_by: expr.order_by,
                    window_frame: expr.window_frame,
                    filter: expr.filter,
                    null_treatment: expr.null_treatment,
                    distinct: expr.distinct,
                },
            }))
        };
        let WindowFunctionDefinition::AggregateUDF(function) = &expr.func_def else {
            return Ok(PlannerResult::Original(expr));
        };
        let original = of(expr.func_def.clone(), expr.args.clone());
        let of_aggregate =
            |function: Arc<AggregateUDF>, args| of(WindowFunctionDefinition::AggregateUDF(function), args);
        Ok(match planned(function.name(), &expr.args, &original, of_aggregate) {
            Some(planned) => PlannerResult::Planned(planned),
            None => PlannerResult::Original(expr),
        })
    }
}

fn is_comparison(op: &BinaryOperator) -> bool {
    use BinaryOperator::{Eq, Gt, GtEq, Lt, LtEq, NotEq};
    matches!(op, Eq | NotEq | Lt | LtEq | Gt | GtEq)
}

/// A text written out beside a value of another type is one of that type, as PostgreSQL reads it.
fn read_beside(text: &mut Expr, other: &Expr, schema: &DFSchema, reads: fn(&DataType) -> bool) {
    let is_text = matches!(text, Expr::Literal(value, _) if value.data_type().is_string());
    if !is_text {
        return;
    }
    // Digits behind the point are the text's own.
    if let Ok(kind) = other.get_type(schema)
        && reads(&kind)
        && !kind.is_decimal()
    {
        let kind = if is_small(other) { DataType::Int32 } else { kind };
        *text = Expr::Cast(Cast::new(Box::new(text.clone()), kind));
    }
}

/// A text written out that is added to a time is a span.
fn add_span(text: &mut Expr, time: &Expr, schema: &DFSchema) {
    let is_text = matches!(text, Expr::Literal(value, _) if value.data_type().is_string());
    if is_text && matches!(time.get_type(schema), Ok(DataType::Timestamp(..))) {
        let span = DataType::Interval(IntervalUnit::MonthDayNano);
        *text = Expr::Cast(Cast::new(Box::new(text.clone()), span));
    }
}

/// Decimals whose types together need more digits than the engine has are compared in the widest there is.
fn compared(mut expr: RawBinaryExpr, schema: &DFSchema) -> PlannerResult<RawBinaryExpr> {
    let is_truth = |kind: &DataType| matches!(kind, DataType::Boolean);
    read_beside(&mut expr.left, &expr.right, schema, is_truth);
    read_beside(&mut expr.right, &expr.left, schema, is_truth);
    let (Ok(left), Ok(right)) = (expr.left.get_type(schema), expr.right.get_type(schema)) else {
        return PlannerResult::Original(expr);
    };
    if let Some(wide) = compared_as(&left, &right) {
        expr.left = Expr::Cast(Cast::new(Box::new(expr.left), wide.clone()));
        expr.right = Expr::Cast(Cast::new(Box::new(expr.right), wide));
    }
    PlannerResult::Original(expr)
}

/// A sum or mean of PostgreSQL's type, under the engine's name. `of` makes another aggregate with the same clauses.
fn planned(
    name: &str,
    args: &[Expr],
    original: &Expr,
    of: impl Fn(Arc<AggregateUDF>, Vec<Expr>) -> Expr,
) -> Option<Expr> {
    let [arg] = args else { return None };
    let is_cast = matches!(arg, Expr::Cast(_));
    let plain = is_small(arg) && !is_cast;
    let sum = || of(sum_udaf(), vec![if plain { arg.clone() } else { summand(arg.clone()) }]);
    let made = match name {
        "sum" if plain => return None,
        "sum" => sum(),
        "avg" => arithmetic(Kind::Mean, sum(), of(count_udaf(), vec![arg.clone()])),
        _ => return None,
    };
    Some(made.alias(original.schema_name().to_string()))
}

/// Whether PostgreSQL takes the values for four-byte integers, whose sum is an eight-byte one: numbers written out, and a
/// CASE of such, and what is computed of them.
fn is_small(expr: &Expr) -> bool {
    let is_small_or_null = |expr: &Expr| match expr {
        Expr::Literal(value, _) if value.is_null() => true,
        other => is_small(other),
    };
    match expr {
        Expr::Literal(ScalarValue::Int64(Some(number)), _) => i32::try_from(*number).is_ok(),
        Expr::Literal(ScalarValue::Int16(_) | ScalarValue::Int32(_), _) => true,
        Expr::ScalarFunction(call) => match call.func.name() {
            "nullif" => call.args.first().is_some_and(is_small),
            "coalesce" | "greatest" | "least" => call.args.iter().all(is_small_or_null),
            _ => is_arithmetic(&call.func) && call.args.iter().all(is_small),
        },
        Expr::Cast(Cast { field, .. }) => matches!(field.data_type(), DataType::Int16 | DataType::Int32),
        Expr::Negative(expr) => is_small(expr) || is_least(expr),
        Expr::BinaryExpr(BinaryExpr { left, op, right }) => {
            op.is_numerical_operators() && is_small(left) && is_small(right)
        }
        Expr::Case(Case { when_then_expr, else_expr, .. }) => {
            let values = when_then_expr.iter().map(|(_, then)| then).chain(else_expr);
            values.into_iter().all(|value| is_small_or_null(value))
        }
        _ => false,
    }
}

/// The one number of four bytes whose opposite has not.
fn is_least(expr: &Expr) -> bool {
    matches!(expr, Expr::Literal(ScalarValue::Int64(Some(number)), _) if *number == -i64::from(i32::MIN))
}

fn is_number(data_type: &DataType) -> bool {
    data_type.is_numeric() || data_type.is_null()
}

/// A parameter without a type has that of what it is computed with.
fn tell_type(expr: &mut Expr, other: &DataType) {
    if let Expr::Placeholder(Placeholder { field, .. }) = expr
        && field.is_none()
        && !other.is_null()
    {
        *field = Some(Arc::new(arrow::datatypes::Field::new("", other.clone(), true)));
    }
}

/// A whole number written out beside one of four bytes is one, too, and what is computed of them fails where four bytes end.
fn narrow(expr: &mut Expr, other: &DataType) {
    if !matches!(other, DataType::Int16 | DataType::Int32) {
        return;
    }
    if let Expr::Negative(inner) = expr
        && is_least(inner)
    {
        *expr = Expr::Literal(ScalarValue::Int32(Some(i32::MIN)), None);
    }
    if let Expr::Literal(ScalarValue::Int64(Some(number)), metadata) = expr
        && let Ok(number) = i32::try_from(*number)
    {
        *expr = Expr::Literal(ScalarValue::Int32(Some(number)), metadata.take());
    }
}

/// A whole number written out, as a decimal of as many digits as it has: the engine takes it for one of twenty, and
/// products of such types soon have no room left.
fn fit(expr: &mut Expr) {
    if let Expr::Literal(ScalarValue::Int64(Some(number)), metadata) = expr {
        let digits = number.unsigned_abs().checked_ilog10().unwrap_or(0) + 1;
        let digits = u8::try_from(digits).unwrap_or(20);
        let number = ScalarValue::Decimal128(Some(i128::from(*number)), digits, 0);
        *expr = Expr::Literal(number, metadata.take());
    }
}

/// Aggregates with a share as an argument, which the engine wants as a float.
fn takes_shares(name: &str) -> bool {
    name.contains("percentile") || name.contains("quantile")
}
