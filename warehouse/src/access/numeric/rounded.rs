//! Casts from decimals and floats to whole numbers round, decimals half away from zero and floats half to even, where the
//! engine cuts off; decimals of variable scale become texts without the zeros that only fill up; what is no float of the
//! type asked for fails. Types stay as they are. Casts that lose something (digits, the day of a time, a number's size) are hidden
//! from the optimizer, too: it takes a cast off a comparison, and looks for its bounds in the statistics of files, as if
//! every cast kept values apart and in order (`unwrap_cast`, `pruning_predicate` of DataFusion 55).

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Decimal256Array, Float64Array, StringArray};
use arrow::compute::{CastOptions, cast, cast_with_options};
use arrow::datatypes::{DECIMAL256_MAX_PRECISION, DataType, Decimal256Type, Float32Type, Float64Type};
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::Transformed;
use datafusion::common::{DFSchema, exec_err, plan_err};
use datafusion::error::Result;
use datafusion::logical_expr::expr::Cast;
use datafusion::logical_expr::{Expr, ExprSchemable, LogicalPlan};
use datafusion::optimizer::AnalyzerRule;

use super::float_range::{can_leave, cast_within};
use super::number::{Number, WIDE_SCALE};
use crate::access::own_cast::own_cast;
use crate::access::rewriting::each_expression;

/// See the module. To be run after types were made equal.
#[derive(Debug)]
pub(in crate::access) struct RoundedCasts;

impl AnalyzerRule for RoundedCasts {
    fn name(&self) -> &'static str {
        "rounded_casts"
    }

    fn analyze(&self, plan: LogicalPlan, _: &ConfigOptions) -> Result<LogicalPlan> {
        each_expression(plan, |expr| matches!(expr, Expr::Cast(_)), rounded)
    }
}

fn rounded(expr: Expr, schema: &DFSchema) -> Result<Transformed<Expr>> {
    let Expr::Cast(Cast { expr, field }) = expr else { return Ok(Transformed::no(expr)) };
    let is_text = is_text_of(field.data_type());
    let changes = match expr.get_type(schema)? {
        kind if loses(&kind, field.data_type()) => {
            return Ok(Transformed::yes(own_cast("losing_cast", failing, *expr, field.data_type().clone())));
        }
        kind if is_text_of(&kind) && field.data_type().is_decimal() => {
            return Ok(Transformed::yes(own_cast("read_decimal", read, *expr, field.data_type().clone())));
        }
        kind if can_leave(&kind, field.data_type()) => {
            return Ok(Transformed::yes(own_cast(
                "ranged_cast",
                cast_within,
                *expr,
                field.data_type().clone(),
            )));
        }
        kind if field.data_type().is_integer() => {
            matches!(kind, DataType::Decimal128(_, 1..) | DataType::Decimal256(_, 1..))
                || matches!(kind, DataType::Float32 | DataType::Float64)
        }
        kind => is_text && matches!(kind, DataType::Decimal256(_, WIDE_SCALE)),
    };
    if !changes {
        return Ok(Transformed::no(Expr::Cast(Cast { expr, field })));
    }
    let run = if is_text { texts } else { whole };
    Ok(Transformed::yes(own_cast("rounded_cast", run, *expr, field.data_type().clone())))
}

fn is_text_of(kind: &DataType) -> bool {
    matches!(kind, DataType::Utf8 | DataType::Utf8View | DataType::LargeUtf8)
}

/// Numbers as PostgreSQL reads them: with an exponent, with blanks around, rounded half away from zero.
fn read(array: &ArrayRef, to: &DataType) -> Result<ArrayRef> {
    let scale = match to {
        DataType::Decimal128(_, scale) | DataType::Decimal256(_, scale) => i32::from(*scale),
        other => return plan_err!("decimals are not read as {other}"),
    };
    let texts = cast(array, &DataType::Utf8)?;
    let digits = texts.as_string::<i32>().iter().map(|text| match text {
        None => Ok(None),
        Some(text) => match Number::read(text.trim()).and_then(|number| number.at_scale(scale)) {
            Ok(number) => Ok(Some(number.digits)),
            Err(_) => exec_err!("Cast error: Cannot cast string '{text:.60}' to a numeric value"),
        },
    });
    let wide: Decimal256Array = digits.collect::<Result<_>>()?;
    let wide = wide.with_precision_and_scale(DECIMAL256_MAX_PRECISION, i8::try_from(scale).unwrap_or(0))?;
    let made: ArrayRef = Arc::new(wide);
    failing(&made, to)
}

/// Whether different values of one type are the same in the other, or values in order are in none.
fn loses(from: &DataType, to: &DataType) -> bool {
    let digits = |kind: &DataType| match kind {
        DataType::Decimal32(p, s)
        | DataType::Decimal64(p, s)
        | DataType::Decimal128(p, s)
        | DataType::Decimal256(p, s) => Some((i16::from(*p) - i16::from(*s), *s)),
        _ => None,
    };
    match (digits(from), digits(to)) {
        (Some((before, behind)), Some((to_before, to_behind))) => to_before < before || to_behind < behind,
        _ => match to {
            DataType::Time32(_) | DataType::Time64(_) => matches!(from, DataType::Timestamp(..)),
            DataType::Boolean => from.is_numeric(),
            _ => from.is_integer() && to.is_integer() && to.primitive_width() < from.primitive_width(),
        },
    }
}

fn failing(array: &ArrayRef, to: &DataType) -> Result<ArrayRef> {
    Ok(cast_with_options(array, to, &CastOptions { safe: false, ..CastOptions::default() })?)
}

fn whole(array: &ArrayRef, to: &DataType) -> Result<ArrayRef> {
    let nearest = match array.data_type() {
        // The engine's own cast to fewer digits rounds as PostgreSQL does.
        DataType::Decimal128(precision, _) => failing(array, &DataType::Decimal128(*precision, 0))?,
        DataType::Decimal256(..) => failing(array, &DataType::Decimal256(DECIMAL256_MAX_PRECISION, 0))?,
        _ => half_to_even(array),
    };
    failing(&nearest, to)
}

fn half_to_even(array: &ArrayRef) -> ArrayRef {
    match array.data_type() {
        DataType::Float32 => {
            let floats = array.as_primitive::<Float32Type>();
            Arc::new(floats.unary::<_, Float64Type>(|value| f64::from(value).round_ties_even()))
        }
        DataType::Float64 => {
            let floats: &Float64Array = array.as_primitive::<Float64Type>();
            Arc::new(floats.unary::<_, Float64Type>(f64::round_ties_even))
        }
        _ => array.clone(),
    }
}

fn texts(array: &ArrayRef, to: &DataType) -> Result<ArrayRef> {
    let decimals = array.as_primitive::<Decimal256Type>();
    let texts = (0..decimals.len()).map(|row| decimals.is_valid(row).then(|| written(decimals, row)));
    Ok(cast(&texts.collect::<StringArray>(), to)?)
}

/// A decimal of a column as people and programs see it: quotients without the zeros that only fill up.
pub fn written(decimals: &Decimal256Array, row: usize) -> String {
    Number::of_column(decimals.value(row), decimals.scale()).to_string()
}
