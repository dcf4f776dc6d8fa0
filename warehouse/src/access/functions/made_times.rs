//! `make_timestamp` and `make_time`: times put together from their parts.

use std::sync::Arc;

use arrow::array::{AsArray, Float64Array, Int64Array, PrimitiveArray};
use arrow::datatypes::{
    DataType, Float64Type, Int64Type, Time64MicrosecondType, TimeUnit, TimestampMicrosecondType,
};
use chrono::{NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};
use datafusion::common::plan_err;
use datafusion::error::Result;
use datafusion::logical_expr::{ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs};

use super::plain::{Plain, answer, column, field, refused};

const TIMESTAMP: DataType = DataType::Timestamp(TimeUnit::Microsecond, None);
const TIME: DataType = DataType::Time64(TimeUnit::Microsecond);

pub(super) fn functions() -> [Plain; 2] {
    [
        Plain::new(
            "make_timestamp",
            |types| parts(types, 6, "make_timestamp 需要年、月、日、时、分、秒"),
            |_: &ReturnFieldArgs| Ok(field("make_timestamp", TIMESTAMP)),
            run_timestamp,
        ),
        Plain::new(
            "make_time",
            |types| parts(types, 3, "make_time 需要时、分、秒"),
            |_: &ReturnFieldArgs| Ok(field("make_time", TIME)),
            run_time,
        ),
    ]
}

/// Whole numbers, and seconds with what is behind their point.
fn parts(types: &[DataType], count: usize, sentence: &str) -> Result<Vec<DataType>> {
    let whole = |kind: &DataType| kind.is_integer() || kind.is_null();
    let [parts @ .., seconds] = types else { return plan_err!("{sentence}") };
    if types.len() != count || !parts.iter().all(whole) || !seconds.is_numeric() && !seconds.is_null() {
        return plan_err!("{sentence}");
    }
    let mut taken = vec![DataType::Int64; parts.len()];
    taken.push(DataType::Float64);
    Ok(taken)
}

fn run_timestamp(args: &ScalarFunctionArgs) -> Result<ColumnarValue> {
    let whole = (0..5).map(|at| numbers(args, at)).collect::<Result<Vec<_>>>()?;
    let seconds = measured(args, 5)?;
    let row = |row: usize| -> Result<Option<i64>> {
        let Some([year, month, day, hour, minute]) = of_row(&whole, row) else { return Ok(None) };
        let Some(second) = value(&seconds, row) else { return Ok(None) };
        let date = i32::try_from(year).ok().filter(|year| *year > 0).zip(small(month)).zip(small(day));
        let date = date.and_then(|((year, month), day)| NaiveDate::from_ymd_opt(year, month, day));
        let made =
            date.zip(clock(hour, minute, second)).map(|(date, clock)| NaiveDateTime::from(date) + clock);
        match made {
            Some(time) => Ok(Some(time.and_utc().timestamp_micros())),
            None => {
                refused(format!("日期或时间超出范围：{year}-{month:02}-{day:02} {hour}:{minute:02}:{second}"))
            }
        }
    };
    let times = (0..seconds.len()).map(row).collect::<Result<PrimitiveArray<TimestampMicrosecondType>>>()?;
    answer(args, Arc::new(times))
}

fn run_time(args: &ScalarFunctionArgs) -> Result<ColumnarValue> {
    let whole = (0..2).map(|at| numbers(args, at)).collect::<Result<Vec<_>>>()?;
    let seconds = measured(args, 2)?;
    let row = |row: usize| -> Result<Option<i64>> {
        let Some([hour, minute]) = of_row(&whole, row) else { return Ok(None) };
        let Some(second) = value(&seconds, row) else { return Ok(None) };
        match clock(hour, minute, second).and_then(|clock| clock.num_microseconds()) {
            Some(micros) => Ok(Some(micros)),
            None => refused(format!("时间超出范围：{hour}:{minute:02}:{second}")),
        }
    };
    let times = (0..seconds.len()).map(row).collect::<Result<PrimitiveArray<Time64MicrosecondType>>>()?;
    answer(args, Arc::new(times))
}

/// Time since midnight; the last second may be full, which is the next minute.
fn clock(hour: i64, minute: i64, second: f64) -> Option<TimeDelta> {
    let minute = NaiveTime::from_hms_opt(small(hour)?, small(minute)?, 0)?;
    if !(0.0..=60.0).contains(&second) {
        return None;
    }
    Some(minute.signed_duration_since(NaiveTime::MIN) + micros(second))
}

/// Seconds to the microsecond.
#[expect(clippy::cast_possible_truncation, reason = "at most a minute")]
fn micros(second: f64) -> TimeDelta {
    TimeDelta::microseconds((second * 1e6).round_ties_even() as i64)
}

fn small(number: i64) -> Option<u32> {
    u32::try_from(number).ok()
}

fn numbers(args: &ScalarFunctionArgs, at: usize) -> Result<Int64Array> {
    Ok(column(args, at)?.as_primitive::<Int64Type>().clone())
}

fn measured(args: &ScalarFunctionArgs, at: usize) -> Result<Float64Array> {
    Ok(column(args, at)?.as_primitive::<Float64Type>().clone())
}

fn value<T: arrow::array::ArrowPrimitiveType>(array: &PrimitiveArray<T>, row: usize) -> Option<T::Native> {
    arrow::array::Array::is_valid(array, row).then(|| array.value(row))
}

/// The numbers of a row, where all are known.
fn of_row<const N: usize>(columns: &[Int64Array], row: usize) -> Option<[i64; N]> {
    let numbers: Option<Vec<i64>> = columns.iter().map(|column| value(column, row)).collect();
    numbers.and_then(|numbers| <[i64; N]>::try_from(numbers).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_of_day_has_sixty_minutes_and_a_full_second() {
        let micros =
            |hour, minute, second| clock(hour, minute, second).and_then(|time| time.num_microseconds());
        assert_eq!(micros(4, 5, 7.5), Some(14_707_500_000));
        assert_eq!(micros(23, 59, 60.0), Some(86_400_000_000));
        assert_eq!((micros(24, 0, 0.0), micros(1, 60, 0.0), micros(1, 1, -1.0)), (None, None, None));
    }
}
