//! Products of two decimals in twice the engine's width, for whole arrays: the sum of prices times rates times taxes is a
//! product whose type has no room in 128 bits, although hardly any value needs more than 64.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Decimal256Array};
use arrow::compute::binary;
use arrow::datatypes::{DECIMAL256_MAX_PRECISION, DataType, Decimal128Type, i256};
use datafusion::error::Result;
use datafusion::logical_expr::ColumnarValue;
use datafusion::physical_expr_common::datum::apply;

use super::number::WIDE_SCALE;

/// Whether the digits of the product are those of the factors, multiplied: no type of variable scale, nothing to round.
pub(super) fn is_plain(left: &DataType, right: &DataType, scale: i8) -> bool {
    match (left, right) {
        (DataType::Decimal128(_, s), DataType::Decimal128(_, t)) => {
            *s != WIDE_SCALE && *t != WIDE_SCALE && s.checked_add(*t) == Some(scale)
        }
        _ => false,
    }
}

/// The product of what [`is_plain`]. Twice 38 digits fit into 76, so that no product is too large.
pub(super) fn wide_product(left: &ColumnarValue, right: &ColumnarValue, scale: i8) -> Result<ColumnarValue> {
    apply(left, right, |left, right| {
        let ((left, left_is_scalar), (right, right_is_scalar)) = (left.get(), right.get());
        let (left, right) = (left.as_primitive::<Decimal128Type>(), right.as_primitive::<Decimal128Type>());
        let made: Decimal256Array = match (left_is_scalar, right_is_scalar) {
            (true, false) if left.is_valid(0) => right.unary(|b| product(left.value(0), b)),
            (true, false) => Decimal256Array::new_null(right.len()),
            (false, true) if right.is_valid(0) => left.unary(|a| product(a, right.value(0))),
            (false, true) => Decimal256Array::new_null(left.len()),
            _ => binary(left, right, product)?,
        };
        let kind = DataType::Decimal256(DECIMAL256_MAX_PRECISION, scale);
        Ok(Arc::new(made.with_data_type(kind)) as ArrayRef)
    })
}

fn product(a: i128, b: i128) -> i256 {
    match (i64::try_from(a), i64::try_from(b)) {
        (Ok(a), Ok(b)) => i256::from_i128(i128::from(a) * i128::from(b)),
        _ => i256::from_i128(a).wrapping_mul(i256::from_i128(b)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::Decimal128Array;
    use datafusion::common::ScalarValue;

    #[test]
    fn products_are_exact_at_every_size_and_nothing_stays_nothing() {
        let most = 10_i128.pow(38) - 1;
        let numbers = [
            Some(-3),
            None,
            Some(i128::from(i64::MAX)),
            Some(i128::from(i64::MIN) - 1),
            Some(most),
            Some(-most),
        ];
        let array = |values: &[Option<i128>]| -> ArrayRef {
            let array: Decimal128Array = values.iter().copied().collect();
            Arc::new(array.with_precision_and_scale(38, 4).unwrap())
        };
        let of = |value: &ColumnarValue, row: usize| match value {
            ColumnarValue::Array(array) => {
                let array = array.as_primitive::<arrow::datatypes::Decimal256Type>();
                array.is_valid(row).then(|| array.value(row).to_string())
            }
            ColumnarValue::Scalar(scalar) => panic!("{scalar}"),
        };
        let text = |a: Option<i128>, b: Option<i128>| {
            let (a, b) = (i256::from_i128(a?), i256::from_i128(b?));
            Some(a.checked_mul(b).unwrap().to_string())
        };
        let left = ColumnarValue::Array(array(&numbers));
        for factor in numbers {
            let scalar = ColumnarValue::Scalar(ScalarValue::Decimal128(factor, 38, 2));
            let column = ColumnarValue::Array(array(&[factor; 6]));
            for (a, b) in [(&left, &scalar), (&scalar, &left), (&left, &column)] {
                let made = wide_product(a, b, 6).unwrap();
                for (row, number) in numbers.iter().enumerate() {
                    assert_eq!(of(&made, row), text(*number, factor), "{number:?} × {factor:?}");
                }
            }
        }
        assert!(!is_plain(&DataType::Decimal128(38, 38), &DataType::Decimal128(3, 0), 38));
        assert!(is_plain(&DataType::Decimal128(31, 4), &DataType::Decimal128(16, 2), 6));
    }
}
