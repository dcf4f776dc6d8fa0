//! `width_bucket`: which of so many equal parts between two bounds a number is in. Decimals and whole numbers are reckoned
//! with exactly, floats as they are.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Int32Array, Int64Array};
use arrow::datatypes::{DataType, Decimal256Type, Float64Type, Int64Type, i256};
use datafusion::common::plan_err;
use datafusion::error::Result;
use datafusion::logical_expr::{ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs};

use super::plain::{Plain, answer, column, field, refused};

/// Digits of a decimal of 256 bits.
const WIDE: u8 = 76;

pub(super) fn function() -> Plain {
    Plain::new("width_bucket", take, |_: &ReturnFieldArgs| Ok(field("width_bucket", DataType::Int32)), run)
}

/// Three floats, or three decimals each with its own digits, and how many parts there are.
fn take(types: &[DataType]) -> Result<Vec<DataType>> {
    let [numbers @ .., count] = types else {
        return plan_err!("width_bucket 需要一个数、上下界和个数");
    };
    let is_number = |kind: &DataType| kind.is_numeric() || kind.is_null();
    if numbers.len() != 3 || !numbers.iter().all(is_number) || !count.is_integer() && !count.is_null() {
        return plan_err!("width_bucket 需要一个数、上下界和个数");
    }
    let is_measured = numbers.iter().any(DataType::is_floating);
    let taken = |kind: &DataType| match kind {
        _ if is_measured => DataType::Float64,
        DataType::Decimal128(_, scale) | DataType::Decimal256(_, scale) => {
            DataType::Decimal256(WIDE, (*scale).max(0))
        }
        _ => DataType::Decimal256(WIDE, 0),
    };
    Ok(numbers.iter().map(taken).chain([DataType::Int64]).collect())
}

fn run(args: &ScalarFunctionArgs) -> Result<ColumnarValue> {
    let numbers = (0..3).map(|at| column(args, at)).collect::<Result<Vec<_>>>()?;
    let counts: Int64Array = column(args, 3)?.as_primitive::<Int64Type>().clone();
    let row = |row: usize| -> Result<Option<i32>> {
        if counts.is_null(row) || numbers.iter().any(|array| array.is_null(row)) {
            return Ok(None);
        }
        let count = counts.value(row);
        if count <= 0 || i32::try_from(count).is_err() {
            return refused("width_bucket 的个数要大于 0，且不超过 2147483647");
        }
        let part = match numbers[0].data_type() {
            DataType::Float64 => measured(&numbers, row, count)?,
            _ => exact(&numbers, row, count)?,
        };
        match i32::try_from(part) {
            Ok(part) => Ok(Some(part)),
            Err(_) => refused("width_bucket 的结果超出范围（overflow）"),
        }
    };
    let parts = (0..counts.len()).map(row).collect::<Result<Int32Array>>()?;
    answer(args, Arc::new(parts))
}

fn equal_bounds<T>() -> Result<T> {
    refused("width_bucket 的上下界不能相同")
}

#[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "a part of at most an i32")]
fn measured(numbers: &[ArrayRef], row: usize, count: i64) -> Result<i64> {
    let [of, low, high] = [0, 1, 2].map(|at| numbers[at].as_primitive::<Float64Type>().value(row));
    if of.is_nan() || !low.is_finite() || !high.is_finite() {
        return refused("width_bucket 的数和上下界不能是 NaN，上下界要是有限的");
    }
    if low == high {
        return equal_bounds();
    }
    let (from, to) = if low < high { (of - low, high - low) } else { (low - of, low - high) };
    Ok(match () {
        () if from < 0.0 => 0,
        () if from >= to => count + 1,
        () => (from / to * count as f64).floor() as i64 + 1,
    })
}

fn exact(numbers: &[ArrayRef], row: usize, count: i64) -> Result<i64> {
    let scales = [0, 1, 2].map(|at| match numbers[at].data_type() {
        DataType::Decimal256(_, scale) => u32::try_from(*scale).unwrap_or(0),
        _ => 0,
    });
    let most = scales.into_iter().max().unwrap_or(0);
    let digits = [0, 1, 2].map(|at| {
        let unit = i256::from_i128(10).checked_pow(most - scales[at]);
        unit.and_then(|unit| numbers[at].as_primitive::<Decimal256Type>().value(row).checked_mul(unit))
    });
    let [Some(of), Some(low), Some(high)] = digits else {
        return refused("width_bucket 的数超出范围（overflow）");
    };
    if low == high {
        return equal_bounds();
    }
    let (from, to) = match low < high {
        true => (of.checked_sub(low), high.checked_sub(low)),
        false => (low.checked_sub(of), low.checked_sub(high)),
    };
    let (Some(from), Some(to)) = (from, to) else {
        return refused("width_bucket 的数超出范围（overflow）");
    };
    if from.is_negative() {
        return Ok(0);
    }
    if from >= to {
        return Ok(count + 1);
    }
    let whole = from.checked_mul(i256::from_i128(i128::from(count))).and_then(|times| times.checked_div(to));
    match whole.and_then(i256::to_i128).and_then(|part| i64::try_from(part).ok()) {
        Some(part) => Ok(part + 1),
        None => refused("width_bucket 的数超出范围（overflow）"),
    }
}
