//! Operators between times, spans and numbers as PostgreSQL has them: a day and a whole number, two days, a day and a
//! span (which is a time, with its hours), a span and a number, spans compared by their length.

use arrow::datatypes::{DataType, TimeUnit};
use datafusion::common::{DFSchema, ScalarValue};
use datafusion::error::Result;
use datafusion::logical_expr::expr::{Cast, ScalarFunction};
use datafusion::logical_expr::planner::{ExprPlanner, PlannerResult, RawBinaryExpr};
use datafusion::logical_expr::{BinaryExpr, Expr, ExprSchemable, Operator, ScalarUDF, lit};
use datafusion::sql::sqlparser::ast::BinaryOperator;
use std::sync::Arc;

use super::plain::Plain;
use super::spans;

/// See the module.
#[derive(Debug)]
pub(in crate::access) struct TimeArithmetic {
    days_between: Arc<ScalarUDF>,
    day_at: Arc<ScalarUDF>,
    day_shifted: Arc<ScalarUDF>,
    times_between: Arc<ScalarUDF>,
    span_times: Arc<ScalarUDF>,
    span_divided: Arc<ScalarUDF>,
    span_length: Arc<ScalarUDF>,
}

impl Default for TimeArithmetic {
    fn default() -> Self {
        let made = |function: Plain| Arc::new(function.udf());
        Self {
            days_between: made(spans::days_between()),
            day_at: made(spans::day_at()),
            day_shifted: made(spans::day_shifted()),
            times_between: made(spans::times_between()),
            span_times: made(spans::span_times()),
            span_divided: made(spans::span_divided()),
            span_length: made(spans::span_length()),
        }
    }
}

/// What an operand is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Day,
    Wall,
    Point,
    Clock,
    Span,
    Whole,
    Number,
    Other,
}

fn kind_of(expr: &Expr, schema: &DFSchema) -> Kind {
    match expr.get_type(schema) {
        Ok(DataType::Date32 | DataType::Date64) => Kind::Day,
        Ok(DataType::Timestamp(_, None)) => Kind::Wall,
        Ok(DataType::Timestamp(_, Some(_))) => Kind::Point,
        Ok(DataType::Time32(_) | DataType::Time64(_)) => Kind::Clock,
        Ok(DataType::Interval(_) | DataType::Duration(_)) => Kind::Span,
        Ok(kind) if kind.is_integer() => Kind::Whole,
        Ok(kind) if kind.is_numeric() => Kind::Number,
        _ => Kind::Other,
    }
}

impl ExprPlanner for TimeArithmetic {
    fn plan_binary_op(&self, raw: RawBinaryExpr, schema: &DFSchema) -> Result<PlannerResult<RawBinaryExpr>> {
        let kinds = (kind_of(&raw.left, schema), kind_of(&raw.right, schema));
        if !involves_time(kinds.0) && !involves_time(kinds.1) {
            return Ok(PlannerResult::Original(raw));
        }
        let (left, right) = (raw.left.clone(), raw.right.clone());
        let planned = match (&raw.op, kinds.0, kinds.1) {
            (BinaryOperator::Plus, Kind::Day, Kind::Whole) => call(&self.day_shifted, left, right),
            (BinaryOperator::Plus, Kind::Whole, Kind::Day) => call(&self.day_shifted, right, left),
            (BinaryOperator::Minus, Kind::Day, Kind::Whole) => {
                call(&self.day_shifted, left, Expr::Negative(Box::new(right)))
            }
            (BinaryOperator::Minus, Kind::Day, Kind::Day) => call(&self.days_between, left, right),
            (
                BinaryOperator::Minus,
                Kind::Day | Kind::Wall | Kind::Point,
                Kind::Day | Kind::Wall | Kind::Point,
            ) => call(&self.times_between, left, right),
            (BinaryOperator::Minus, Kind::Clock, Kind::Clock) => {
                let of_first_day = |clock| call(&self.day_at, lit(ScalarValue::Date32(Some(0))), clock);
                call(&self.times_between, of_first_day(left), of_first_day(right))
            }
            (BinaryOperator::Plus, Kind::Day, Kind::Span) => both(wall(left), Operator::Plus, right),
            (BinaryOperator::Plus, Kind::Span, Kind::Day) => both(wall(right), Operator::Plus, left),
            (BinaryOperator::Minus, Kind::Day, Kind::Span) => both(wall(left), Operator::Minus, right),
            (BinaryOperator::Plus, Kind::Day, Kind::Clock) => call(&self.day_at, left, right),
            (BinaryOperator::Plus, Kind::Clock, Kind::Day) => call(&self.day_at, right, left),
            (BinaryOperator::Multiply, Kind::Span, Kind::Whole | Kind::Number) => {
                call(&self.span_times, left, right)
            }
            (BinaryOperator::Multiply, Kind::Whole | Kind::Number, Kind::Span) => {
                call(&self.span_times, right, left)
            }
            (BinaryOperator::Divide, Kind::Span, Kind::Whole | Kind::Number) => {
                call(&self.span_divided, left, right)
            }
            (op, Kind::Span, Kind::Span) => match compared(op) {
                Some(op) => both(self.length(left), op, self.length(right)),
                None => return Ok(PlannerResult::Original(raw)),
            },
            _ => return Ok(PlannerResult::Original(raw)),
        };
        Ok(PlannerResult::Planned(planned))
    }
}

fn involves_time(kind: Kind) -> bool {
    matches!(kind, Kind::Day | Kind::Wall | Kind::Point | Kind::Clock | Kind::Span)
}

fn compared(op: &BinaryOperator) -> Option<Operator> {
    Some(match op {
        BinaryOperator::Eq => Operator::Eq,
        BinaryOperator::NotEq => Operator::NotEq,
        BinaryOperator::Lt => Operator::Lt,
        BinaryOperator::LtEq => Operator::LtEq,
        BinaryOperator::Gt => Operator::Gt,
        BinaryOperator::GtEq => Operator::GtEq,
        _ => return None,
    })
}

fn both(left: Expr, op: Operator, right: Expr) -> Expr {
    Expr::BinaryExpr(BinaryExpr::new(Box::new(left), op, Box::new(right)))
}

fn wall(day: Expr) -> Expr {
    Expr::Cast(Cast::new(Box::new(day), DataType::Timestamp(TimeUnit::Microsecond, None)))
}

fn call(function: &Arc<ScalarUDF>, left: Expr, right: Expr) -> Expr {
    Expr::ScalarFunction(ScalarFunction::new_udf(function.clone(), vec![left, right]))
}

impl TimeArithmetic {
    fn length(&self, of: Expr) -> Expr {
        Expr::ScalarFunction(ScalarFunction::new_udf(self.span_length.clone(), vec![of]))
    }
}
