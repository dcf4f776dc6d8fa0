//! Functions of whole numbers whose answers depend on how many bytes a number has: `to_hex`, `lcm`, and shifted bits. Those
//! of four bytes are `integer` in PostgreSQL, while the engine makes eight of all.

use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, Int32Array, Int64Array, StringArray};
use arrow::datatypes::{DataType, FieldRef, Int32Type, Int64Type};
use datafusion::common::plan_err;
use datafusion::error::Result;
use datafusion::logical_expr::{ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs};

use super::plain::{Plain, answer, column, field, refused};

pub(super) fn functions() -> [Plain; 4] {
    [
        Plain::new("to_hex", take_one, |_: &ReturnFieldArgs| Ok(field("to_hex", DataType::Utf8)), to_hex),
        Plain::new("lcm", take_two, give_same, lcm),
        Plain::new("shift_left", take_shift, give_same, shift_left),
        Plain::new("shift_right", take_shift, give_same, shift_right),
    ]
}

/// How many bytes a number has.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Bytes {
    Four,
    Eight,
}

/// Four bytes stay four, everything else whole has eight.
fn whole(kind: &DataType) -> Result<DataType> {
    match kind {
        DataType::Int8 | DataType::Int16 | DataType::Int32 | DataType::UInt8 | DataType::UInt16 => {
            Ok(DataType::Int32)
        }
        kind if kind.is_integer() || kind.is_null() => Ok(DataType::Int64),
        kind => plan_err!("需要整数，得到的是 {kind}"),
    }
}

fn take_one(types: &[DataType]) -> Result<Vec<DataType>> {
    match types {
        [kind] => Ok(vec![whole(kind)?]),
        _ => plan_err!("to_hex 需要一个整数"),
    }
}

fn take_two(types: &[DataType]) -> Result<Vec<DataType>> {
    match types {
        [one, other] => match (whole(one)?, whole(other)?) {
            (DataType::Int32, DataType::Int32) => Ok(vec![DataType::Int32; 2]),
            _ => Ok(vec![DataType::Int64; 2]),
        },
        _ => plan_err!("lcm 需要两个整数"),
    }
}

fn take_shift(types: &[DataType]) -> Result<Vec<DataType>> {
    match types {
        [of, by] => Ok(vec![whole(of)?, whole(by).map(|_| DataType::Int64)?]),
        _ => plan_err!("移位需要两个整数"),
    }
}

fn give_same(args: &ReturnFieldArgs) -> Result<FieldRef> {
    Ok(field("number", args.arg_fields[0].data_type().clone()))
}

fn to_hex(args: &ScalarFunctionArgs) -> Result<ColumnarValue> {
    let numbers = column(args, 0)?;
    let texts: StringArray = match numbers.as_primitive_opt::<Int32Type>() {
        Some(numbers) => numbers.iter().map(|number| number.map(|number| format!("{number:x}"))).collect(),
        None => {
            let numbers = numbers.as_primitive::<Int64Type>().iter();
            numbers.map(|number| number.map(|number| format!("{number:x}"))).collect()
        }
    };
    answer(args, Arc::new(texts))
}

fn lcm(args: &ScalarFunctionArgs) -> Result<ColumnarValue> {
    let multiple = |one: i64, other: i64| -> Option<i64> {
        if one == 0 || other == 0 {
            return Some(0);
        }
        one.checked_div(divisor(one, other))?.checked_mul(other)?.checked_abs()
    };
    let array: ArrayRef = pairs(args, |one, other, bytes| {
        let fits = |found: &i64| bytes == Bytes::Eight || i32::try_from(*found).is_ok();
        let found = multiple(one, other).filter(fits);
        found.map_or_else(|| refused("lcm 的结果太大（integer overflow）"), Ok)
    })?;
    answer(args, array)
}

/// The greatest number that divides both, with any sign.
fn divisor(mut one: i64, mut other: i64) -> i64 {
    while other != 0 {
        (one, other) = (other, one.wrapping_rem(other));
    }
    one
}

/// PostgreSQL shifts by what is left of the count when whole numbers are taken away, and loses what leaves the number.
fn shift_left(args: &ScalarFunctionArgs) -> Result<ColumnarValue> {
    let array = pairs(args, |of, by, bytes| {
        Ok(match bytes {
            Bytes::Four => i64::from(low(of).wrapping_shl(count(by))),
            Bytes::Eight => of.wrapping_shl(count(by)),
        })
    })?;
    answer(args, array)
}

fn shift_right(args: &ScalarFunctionArgs) -> Result<ColumnarValue> {
    let array = pairs(args, |of, by, bytes| {
        Ok(match bytes {
            Bytes::Four => i64::from(low(of).wrapping_shr(count(by))),
            Bytes::Eight => of.wrapping_shr(count(by)),
        })
    })?;
    answer(args, array)
}

/// The four bytes of a number that has no more.
fn low(number: i64) -> i32 {
    i32::try_from(number).unwrap_or_default()
}

/// The bits of a count that say how far to shift.
fn count(by: i64) -> u32 {
    u32::try_from(by & 63).unwrap_or_default()
}

/// Both arguments row by row, and the bytes of the first; the answers have as many.
fn pairs(args: &ScalarFunctionArgs, of: impl Fn(i64, i64, Bytes) -> Result<i64>) -> Result<ArrayRef> {
    let (one, other) = (column(args, 0)?, column(args, 1)?);
    let bytes = if one.data_type() == &DataType::Int32 { Bytes::Four } else { Bytes::Eight };
    let eight = |array: &ArrayRef| -> Result<Int64Array> {
        Ok(arrow::compute::cast(array, &DataType::Int64)?.as_primitive::<Int64Type>().clone())
    };
    let (one, other) = (eight(&one)?, eight(&other)?);
    let rows = one.iter().zip(other.iter()).map(|pair| match pair {
        (Some(one), Some(other)) => of(one, other, bytes).map(Some),
        _ => Ok(None),
    });
    let rows = rows.collect::<Result<Vec<Option<i64>>>>()?;
    Ok(match bytes {
        Bytes::Four => Arc::new(rows.into_iter().map(|row| row.map(low)).collect::<Int32Array>()),
        Bytes::Eight => Arc::new(Int64Array::from(rows)),
    })
}
