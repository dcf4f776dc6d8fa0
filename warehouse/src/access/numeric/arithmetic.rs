//! Products, quotients, rests and means as functions, since the type of a decimal result differs from the engine's. Whole
//! numbers and floats run through the kernels the engine's operators run through; overflow and zero divisors fail.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Decimal256Array};
use arrow::compute::kernels::numeric::{add, div, mul, sub};
use arrow::datatypes::{
    DECIMAL128_MAX_SCALE, DECIMAL256_MAX_PRECISION, DataType, Decimal128Type, Decimal256Type, DecimalType,
    Field, FieldRef, i256,
};
use arrow::error::ArrowError;
use datafusion::common::{ScalarValue, plan_err};
use datafusion::error::Result;
use datafusion::logical_expr::type_coercion::binary::BinaryTypeCoercer;
use datafusion::logical_expr::{
    ColumnarValue, Expr, Operator, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature,
    Volatility,
};
use datafusion::physical_expr_common::datum::apply;

use super::decimal_range::within_digits;
use super::float_range::{FloatKind, floats};
use super::number::{Number, TooLarge, WIDE_SCALE, wide};
use super::wide_product::{is_plain, wide_product};

/// Up to so many digits of both factors a product is made in 128 bits; what then does not fit fails. Types carry a digit
/// of slack for every operation, so that six digits more than fit are no reason for the slow width.
const NARROW_DIGITS: u8 = 44;

/// What is computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    Product,
    Quotient,
    /// A sum over a count: whole numbers give a decimal, too.
    Mean,
    /// What is left of a division of decimals in twice the engine's width.
    Rest,
    /// A sum with a decimal in twice the engine's width: the engine wants a type that holds every sum, and there is none.
    Sum,
    Difference,
}

/// One of them as a function of two arguments.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct Arithmetic {
    kind: Kind,
    signature: Signature,
}

/// `left · right`, `left / right`, the mean of a sum and a count, `left % right`, `left + right` or `left - right`.
pub(super) fn arithmetic(kind: Kind, left: Expr, right: Expr) -> Expr {
    let signature = Signature::user_defined(Volatility::Immutable);
    ScalarUDF::from(Arithmetic { kind, signature }).call(vec![left, right])
}

/// Whether a function is one of these.
pub(super) fn is_arithmetic(function: &ScalarUDF) -> bool {
    function.inner().is::<Arithmetic>()
}

impl Kind {
    fn operator(self) -> Operator {
        match self {
            Self::Product => Operator::Multiply,
            Self::Quotient | Self::Mean => Operator::Divide,
            Self::Rest => Operator::Modulo,
            Self::Sum => Operator::Plus,
            Self::Difference => Operator::Minus,
        }
    }
}

impl ScalarUDFImpl for Arithmetic {
    fn name(&self) -> &str {
        match self.kind {
            Kind::Product => "product",
            Kind::Quotient => "quotient",
            Kind::Mean => "mean",
            Kind::Rest => "rest",
            Kind::Sum => "plus",
            Kind::Difference => "minus",
        }
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn display_name(&self, args: &[Expr]) -> Result<String> {
        self.schema_name(args)
    }

    /// As the engine calls its operators: names of columns stay.
    fn schema_name(&self, args: &[Expr]) -> Result<String> {
        let [left, right] = args else { return plan_err!("{} takes two arguments", self.name()) };
        Ok(format!("{} {} {}", left.schema_name(), self.kind.operator(), right.schema_name()))
    }

    fn coerce_types(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        let [left, right] = types else { return plan_err!("{} takes two arguments", self.name()) };
        if let (Some(left_decimal), Some(right_decimal)) = (as_decimal(left), as_decimal(right))
            && (left.is_decimal() || right.is_decimal() || self.kind == Kind::Mean)
        {
            return Ok(match self.kind {
                Kind::Sum | Kind::Difference => {
                    let scale = scale_of(&left_decimal).max(scale_of(&right_decimal));
                    vec![DataType::Decimal256(DECIMAL256_MAX_PRECISION, scale); 2]
                }
                _ => vec![left_decimal, right_decimal],
            });
        }
        let operator = self.kind.operator();
        let (left, right) = BinaryTypeCoercer::new(left, &operator, right).get_input_types()?;
        Ok(vec![left, right])
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        let [left, right] = types else { return plan_err!("{} takes two arguments", self.name()) };
        match (self.kind, left, right) {
            (Kind::Product, DataType::Decimal128(p, s), DataType::Decimal128(q, t))
                if is_narrow(*p, *s, *q, *t) =>
            {
                Ok(DataType::Decimal128((p + q).min(38), s + t))
            }
            (Kind::Product, left, right) if left.is_decimal() && right.is_decimal() => {
                let scale = scale_of(left).saturating_add(scale_of(right)).min(WIDE_SCALE);
                Ok(DataType::Decimal256(DECIMAL256_MAX_PRECISION, scale))
            }
            (Kind::Rest | Kind::Sum | Kind::Difference, left, right)
                if left.is_decimal() && right.is_decimal() =>
            {
                Ok(DataType::Decimal256(DECIMAL256_MAX_PRECISION, scale_of(left).max(scale_of(right))))
            }
            (_, left, right) if left.is_decimal() && right.is_decimal() => Ok(wide()),
            _ => BinaryTypeCoercer::new(left, &self.kind.operator(), right).get_result_type(),
        }
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs) -> Result<FieldRef> {
        let types: Vec<DataType> = args.arg_fields.iter().map(|field| field.data_type().clone()).collect();
        let nullable = args.arg_fields.iter().any(|field| field.is_nullable());
        Ok(Arc::new(Field::new(self.name(), self.return_type(&types)?, nullable)))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let [left, right] = args.args.as_slice() else {
            return plan_err!("{} takes two arguments", self.name());
        };
        match (self.kind, args.return_type()) {
            (Kind::Product, DataType::Decimal256(_, scale))
                if is_plain(&left.data_type(), &right.data_type(), *scale) =>
            {
                wide_product(left, right, *scale)
            }
            (Kind::Product, DataType::Decimal256(_, scale)) => {
                let most = i32::from(*scale);
                decimals(left, right, *scale, |a, b| Some(a.times(b, most)))
            }
            (Kind::Quotient | Kind::Mean, DataType::Decimal256(_, scale)) => {
                decimals(left, right, *scale, |a, b| a.over(b))
            }
            (Kind::Rest, DataType::Decimal256(_, scale)) => decimals(left, right, *scale, |a, b| a.rest(b)),
            (Kind::Rest, kind) => plan_err!("rest of {kind}"),
            (Kind::Sum, _) => within_digits(apply(left, right, add)?),
            (Kind::Difference, _) => within_digits(apply(left, right, sub)?),
            (Kind::Product, DataType::Float32 | DataType::Float64) => floats(left, right, FloatKind::Product),
            (Kind::Quotient | Kind::Mean, DataType::Float32 | DataType::Float64) => {
                floats(left, right, FloatKind::Quotient)
            }
            (Kind::Product, DataType::Decimal128(precision, _)) => {
                within_digits(with_precision(apply(left, right, mul)?, *precision)?)
            }
            (Kind::Product, _) => apply(left, right, mul),
            (Kind::Quotient | Kind::Mean, _) => apply(left, right, div),
        }
    }
}

/// The kernel counts a digit more than a product can have, and sums of such types soon have no room left.
fn with_precision(product: ColumnarValue, precision: u8) -> Result<ColumnarValue> {
    Ok(match product {
        ColumnarValue::Scalar(ScalarValue::Decimal128(digits, _, scale)) => {
            ColumnarValue::Scalar(ScalarValue::Decimal128(digits, precision, scale))
        }
        ColumnarValue::Array(array) => {
            let array = array.as_primitive::<Decimal128Type>();
            let scale = array.scale();
            ColumnarValue::Array(Arc::new(
                array.clone().with_data_type(DataType::Decimal128(precision, scale)),
            ))
        }
        other => other,
    })
}

fn is_narrow(p: u8, s: i8, q: u8, t: i8) -> bool {
    s.saturating_add(t) <= DECIMAL128_MAX_SCALE && p.saturating_add(q) <= NARROW_DIGITS
}

fn scale_of(data_type: &DataType) -> i8 {
    match data_type {
        DataType::Decimal128(_, scale) | DataType::Decimal256(_, scale) => *scale,
        _ => 0,
    }
}

/// The decimal type that holds a number exactly; none for what is no number or a float.
pub(super) fn as_decimal(data_type: &DataType) -> Option<DataType> {
    match data_type {
        DataType::Decimal32(p, s) | DataType::Decimal64(p, s) => Some(DataType::Decimal128(*p, *s)),
        DataType::Decimal128(..) | DataType::Decimal256(..) => Some(data_type.clone()),
        DataType::Int8 | DataType::UInt8 => Some(DataType::Decimal128(3, 0)),
        DataType::Int16 | DataType::UInt16 => Some(DataType::Decimal128(5, 0)),
        DataType::Int32 | DataType::UInt32 => Some(DataType::Decimal128(10, 0)),
        DataType::Int64 | DataType::UInt64 => Some(DataType::Decimal128(20, 0)),
        DataType::Null => Some(DataType::Decimal128(1, 0)),
        _ => None,
    }
}

/// The numbers of a decimal array; NULL where there is none.
fn number_at(array: &ArrayRef, row: usize) -> Option<Number> {
    if array.is_null(row) {
        return None;
    }
    match array.data_type() {
        DataType::Decimal128(_, scale) => Some(Number::of_column(
            i256::from_i128(array.as_primitive::<Decimal128Type>().value(row)),
            *scale,
        )),
        DataType::Decimal256(_, scale) => {
            Some(Number::of_column(array.as_primitive::<Decimal256Type>().value(row), *scale))
        }
        _ => None,
    }
}

fn decimals(
    left: &ColumnarValue,
    right: &ColumnarValue,
    scale: i8,
    of: impl Fn(Number, Number) -> Option<Result<Number, TooLarge>>,
) -> Result<ColumnarValue> {
    let of_two =
        |left: &ArrayRef, at: usize, right: &ArrayRef, other: usize| -> Result<Option<i256>, ArrowError> {
            let (Some(a), Some(b)) = (number_at(left, at), number_at(right, other)) else { return Ok(None) };
            let result = of(a, b).ok_or(ArrowError::DivideByZero)?;
            let result = result.and_then(|result| result.at_scale(i32::from(scale)));
            let overflow = |_| ArrowError::ArithmeticOverflow("value overflows numeric format".to_owned());
            let digits = result.map_err(overflow)?.digits;
            Decimal256Type::is_valid_decimal_precision(digits, DECIMAL256_MAX_PRECISION)
                .then_some(Some(digits))
                .ok_or(TooLarge)
                .map_err(overflow)
        };
    let constant = matches!((left, right), (ColumnarValue::Scalar(_), ColumnarValue::Scalar(_)));
    let rows = match (left, right) {
        (ColumnarValue::Array(array), _) | (_, ColumnarValue::Array(array)) => array.len(),
        _ => 1,
    };
    let step = |value: &ColumnarValue| usize::from(matches!(value, ColumnarValue::Array(_)));
    let (left_step, right_step) = (step(left), step(right));
    let array_of = |value: &ColumnarValue| match value {
        ColumnarValue::Array(array) => Ok(array.clone()),
        ColumnarValue::Scalar(scalar) => scalar.to_array(),
    };
    let (left, right) = (array_of(left)?, array_of(right)?);
    let made = (0..rows).map(|row| of_two(&left, row * left_step, &right, row * right_step));
    let made: Decimal256Array = made.collect::<Result<Decimal256Array, ArrowError>>()?;
    let made: ArrayRef = Arc::new(made.with_precision_and_scale(DECIMAL256_MAX_PRECISION, scale)?);
    Ok(match constant {
        true => ColumnarValue::Scalar(ScalarValue::try_from_array(&made, 0)?),
        false => ColumnarValue::Array(made),
    })
}
