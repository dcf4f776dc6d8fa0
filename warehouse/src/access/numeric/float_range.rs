//! Floats that leave their range fail: what grows beyond all numbers, what is not zero and becomes it. The engine says
//! infinity and zero; PostgreSQL fails (`float8_mul` and its sisters, `float8in`), where nothing infinite went in.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, ArrowPrimitiveType, AsArray, PrimitiveArray};
use arrow::compute::{CastOptions, cast, cast_with_options, try_binary};
use arrow::datatypes::{DataType, Float32Type, Float64Type};
use arrow::error::ArrowError;
use datafusion::error::Result;
use datafusion::logical_expr::ColumnarValue;
use datafusion::physical_expr_common::datum::apply;

/// What is computed of two floats.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FloatKind {
    Sum,
    Difference,
    Product,
    Quotient,
}

impl FloatKind {
    fn of(self, a: f64, b: f64) -> Result<f64, ArrowError> {
        Ok(match self {
            Self::Sum => a + b,
            Self::Difference => a - b,
            Self::Product => a * b,
            Self::Quotient if b == 0.0 && !a.is_nan() => return Err(ArrowError::DivideByZero),
            Self::Quotient => a / b,
        })
    }

    /// Whether these two can have no result of zero.
    fn is_never_zero(self, a: f64, b: f64) -> bool {
        match self {
            Self::Sum | Self::Difference => false,
            Self::Product => a != 0.0 && b != 0.0,
            Self::Quotient => a != 0.0 && b.is_finite(),
        }
    }
}

/// Of two columns or values of one float type.
pub(super) fn floats(left: &ColumnarValue, right: &ColumnarValue, kind: FloatKind) -> Result<ColumnarValue> {
    match left.data_type() {
        // Worked out in eight bytes and rounded to four: the same as in four.
        #[expect(clippy::cast_possible_truncation, reason = "rounding to the nearest is what is wanted")]
        DataType::Float32 => of_type::<Float32Type>(left, right, kind, |made| made as f32),
        _ => of_type::<Float64Type>(left, right, kind, |made| made),
    }
}

fn of_type<T: ArrowPrimitiveType>(
    left: &ColumnarValue,
    right: &ColumnarValue,
    kind: FloatKind,
    narrow: fn(f64) -> T::Native,
) -> Result<ColumnarValue>
where
    T::Native: Into<f64>,
{
    let checked = |a: T::Native, b: T::Native| -> Result<T::Native, ArrowError> {
        let (a, b): (f64, f64) = (a.into(), b.into());
        let made = narrow(one_nan(kind.of(a, b)?));
        let seen: f64 = made.into();
        if seen.is_infinite() && a.is_finite() && b.is_finite() {
            return Err(out_of_range("overflow"));
        }
        if seen == 0.0 && kind.is_never_zero(a, b) {
            return Err(out_of_range("underflow"));
        }
        Ok(made)
    };
    apply(left, right, |left, right| {
        let ((left, left_is_scalar), (right, right_is_scalar)) = (left.get(), right.get());
        let (left, right) = (left.as_primitive::<T>(), right.as_primitive::<T>());
        let made: PrimitiveArray<T> = match (left_is_scalar, right_is_scalar) {
            (true, false) => match left.is_null(0) {
                true => PrimitiveArray::new_null(right.len()),
                false => right.try_unary(|b| checked(left.value(0), b))?,
            },
            (false, true) => match right.is_null(0) {
                true => PrimitiveArray::new_null(left.len()),
                false => left.try_unary(|a| checked(a, right.value(0)))?,
            },
            _ => try_binary(left, right, checked)?,
        };
        Ok(Arc::new(made))
    })
}

/// Processors make NaNs with a sign (infinity less infinity), and the engine orders those below all numbers.
fn one_nan(float: f64) -> f64 {
    if float.is_nan() { f64::NAN } else { float }
}

/// The floats with the other sign. NaN has none.
pub(super) fn negated(array: &ArrayRef, _: &DataType) -> Result<ArrayRef> {
    Ok(match array.data_type() {
        DataType::Float32 => Arc::new(
            array
                .as_primitive::<Float32Type>()
                .unary::<_, Float32Type>(|float| if float.is_nan() { f32::NAN } else { -float }),
        ),
        _ => Arc::new(array.as_primitive::<Float64Type>().unary::<_, Float64Type>(|float| one_nan(-float))),
    })
}

/// Whether a cast between these types can leave the range of floats.
pub(super) fn can_leave(from: &DataType, to: &DataType) -> bool {
    match to {
        DataType::Float32 => from.is_string() || from.is_decimal() || *from == DataType::Float64,
        DataType::Float64 => from.is_string(),
        _ => false,
    }
}

/// The cast of texts, decimals or floats to floats.
pub(super) fn cast_within(array: &ArrayRef, to: &DataType) -> Result<ArrayRef> {
    let made = cast_with_options(array, to, &CastOptions { safe: false, ..CastOptions::default() })?;
    let seen = cast(&made, &DataType::Float64)?;
    let seen = seen.as_primitive::<Float64Type>();
    let suspect =
        |row: &usize| seen.is_valid(*row) && (seen.value(*row) == 0.0 || seen.value(*row).is_infinite());
    for row in (0..seen.len()).filter(suspect) {
        let from = arrow::util::display::array_value_to_string(array, row)?;
        let is_zero = seen.value(row) == 0.0;
        // A number is zero if every digit in front of its exponent is; infinity has no digit.
        let mantissa = from.split(['e', 'E']).next().unwrap_or_default();
        let left = match is_zero {
            true => mantissa.contains(|c: char| ('1'..='9').contains(&c)),
            false => from.contains(|c: char| c.is_ascii_digit()),
        };
        if left {
            return Err(out_of_range(if is_zero { "underflow" } else { "overflow" }).into());
        }
    }
    Ok(made)
}

fn out_of_range(how: &str) -> ArrowError {
    ArrowError::ArithmeticOverflow(format!("value out of range: {how}"))
}
