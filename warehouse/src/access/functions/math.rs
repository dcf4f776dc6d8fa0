//! Functions of numbers the engine does not have, or not for decimals: `sign`, `div`.

use std::sync::Arc;

use arrow::array::{Array, AsArray, Decimal128Array, Decimal256Array, Float64Array};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Decimal128Type, Decimal256Type, FieldRef, Float64Type, i256};
use datafusion::common::plan_err;
use datafusion::error::Result;
use datafusion::logical_expr::{ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs};

use super::plain::{Plain, answer, column, field, refused};

/// Digits of a decimal of 128 and of 256 bits.
const NARROW: u8 = 38;
const WIDE: u8 = 76;

pub(super) fn functions() -> [Plain; 2] {
    [
        Plain::new("sign", take_sign, give_sign, run_sign),
        Plain::new(
            "div",
            take_div,
            |_: &ReturnFieldArgs| Ok(field("div", DataType::Decimal128(NARROW, 0))),
            run_div,
        ),
    ]
}

/// Decimals stay decimals; whole numbers are measured numbers here, as PostgreSQL resolves it.
fn take_sign(types: &[DataType]) -> Result<Vec<DataType>> {
    match types {
        [kind @ (DataType::Decimal128(..) | DataType::Decimal256(..))] => Ok(vec![kind.clone()]),
        [kind] if kind.is_decimal() => Ok(vec![DataType::Decimal128(NARROW, 0)]),
        [kind] if kind.is_numeric() || kind.is_null() => Ok(vec![DataType::Float64]),
        _ => plan_err!("sign 需要一个数"),
    }
}

fn give_sign(args: &ReturnFieldArgs) -> Result<FieldRef> {
    Ok(match args.arg_fields[0].data_type() {
        kind if kind.is_decimal() => field("sign", DataType::Decimal128(1, 0)),
        _ => field("sign", DataType::Float64),
    })
}

fn run_sign(args: &ScalarFunctionArgs) -> Result<ColumnarValue> {
    let array = column(args, 0)?;
    if let Some(decimals) = array.as_primitive_opt::<Decimal128Type>() {
        let signs: Decimal128Array = decimals.iter().map(|value| value.map(i128::signum)).collect();
        return answer(args, Arc::new(signs.with_precision_and_scale(1, 0)?));
    }
    if let Some(decimals) = array.as_primitive_opt::<Decimal256Type>() {
        let sign = |value: i256| value.signum().to_i128().unwrap_or_default();
        let signs: Decimal128Array = decimals.iter().map(|value| value.map(sign)).collect();
        return answer(args, Arc::new(signs.with_precision_and_scale(1, 0)?));
    }
    // What is no number has none of both signs.
    let one = |value: f64| f64::from(i8::from(value > 0.0) - i8::from(value < 0.0));
    let signs: Float64Array =
        array.as_primitive::<Float64Type>().iter().map(|value| value.map(one)).collect();
    answer(args, Arc::new(signs))
}

fn take_div(types: &[DataType]) -> Result<Vec<DataType>> {
    let decimal = |kind: &DataType| match kind {
        DataType::Decimal128(_, scale) | DataType::Decimal256(_, scale) => {
            Ok(DataType::Decimal256(WIDE, (*scale).max(0)))
        }
        kind if kind.is_integer() || kind.is_null() => Ok(DataType::Decimal256(WIDE, 0)),
        kind => plan_err!("div 需要整数或小数（numeric），得到的是 {kind}"),
    };
    match types {
        [one, other] => Ok(vec![decimal(one)?, decimal(other)?]),
        _ => plan_err!("div 需要两个数"),
    }
}

fn run_div(args: &ScalarFunctionArgs) -> Result<ColumnarValue> {
    let (one, other) = (column(args, 0)?, column(args, 1)?);
    let scale = |kind: &DataType| match kind {
        DataType::Decimal256(_, scale) => u32::try_from(*scale).unwrap_or(0),
        _ => 0,
    };
    let ten = i256::from_i128(10);
    // Both are brought to the larger scale, so that it falls out of the quotient.
    let (mine, others) = (scale(one.data_type()), scale(other.data_type()));
    let most = mine.max(others);
    let (up, down) = (ten.checked_pow(most - mine), ten.checked_pow(most - others));
    let (Some(up), Some(down)) = (up, down) else { return refused("div 的小数位太多") };
    let rows = one.as_primitive::<Decimal256Type>().iter().zip(other.as_primitive::<Decimal256Type>().iter());
    let rows = rows.map(|(one, other)| match (one, other) {
        (Some(_), Some(other)) if other == i256::ZERO => refused("Divide by zero error：div 的除数为零"),
        (Some(one), Some(other)) => {
            let quotient = one
                .checked_mul(up)
                .zip(other.checked_mul(down))
                .and_then(|(one, other)| one.checked_div(other));
            quotient.map_or_else(|| refused("div 的结果超出范围（overflow）"), |quotient| Ok(Some(quotient)))
        }
        _ => Ok(None),
    });
    let quotients: Decimal256Array = rows.collect::<Result<_>>()?;
    let quotients = quotients.with_precision_and_scale(WIDE, 0)?;
    let narrow = cast(&quotients, &DataType::Decimal128(NARROW, 0))?;
    if narrow.null_count() != quotients.null_count() {
        return refused("div 的结果超出范围（overflow）");
    }
    answer(args, narrow)
}
