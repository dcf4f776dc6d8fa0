//! Decimals with more digits than their type can say fail. The engine's kernels look only at whether the number fits 128 or 256
//! bits; a number between that and the digits of its type is read as another one further on.

use arrow::array::{Array, AsArray};
use arrow::datatypes::{
    DECIMAL128_MAX_PRECISION, DECIMAL256_MAX_PRECISION, DataType, Decimal128Type, Decimal256Type, DecimalType,
};
use datafusion::common::ScalarValue;
use datafusion::error::Result;
use datafusion::logical_expr::ColumnarValue;

/// Whether a sum or difference of these types can have more digits than the widest type of its size.
pub(super) fn can_outgrow(left: &DataType, right: &DataType) -> bool {
    let most = match (left, right) {
        (DataType::Decimal256(..), _) | (_, DataType::Decimal256(..)) => DECIMAL256_MAX_PRECISION,
        _ => DECIMAL128_MAX_PRECISION,
    };
    match (digits(left), digits(right)) {
        (Some((p, s)), Some((q, t))) => (p - s).max(q - t) + s.max(t) + 1 > i16::from(most),
        _ => false,
    }
}

fn digits(of: &DataType) -> Option<(i16, i16)> {
    match of {
        DataType::Decimal128(p, s) | DataType::Decimal256(p, s) => Some((i16::from(*p), i16::from(*s))),
        _ => None,
    }
}

/// The same decimals; fails where one has more digits than its type.
pub(super) fn within_digits(made: ColumnarValue) -> Result<ColumnarValue> {
    match &made {
        ColumnarValue::Array(array) => match array.data_type() {
            DataType::Decimal128(p, _) if *p == DECIMAL128_MAX_PRECISION => {
                array.as_primitive::<Decimal128Type>().validate_decimal_precision(*p)?;
            }
            DataType::Decimal256(p, _) if *p == DECIMAL256_MAX_PRECISION => {
                array.as_primitive::<Decimal256Type>().validate_decimal_precision(*p)?;
            }
            _ => {}
        },
        ColumnarValue::Scalar(ScalarValue::Decimal128(Some(number), p, s)) => {
            Decimal128Type::validate_decimal_precision(*number, *p, *s)?;
        }
        ColumnarValue::Scalar(ScalarValue::Decimal256(Some(number), p, s)) => {
            Decimal256Type::validate_decimal_precision(*number, *p, *s)?;
        }
        ColumnarValue::Scalar(_) => {}
    }
    Ok(made)
}
