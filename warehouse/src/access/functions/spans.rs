//! Lengths of time: `age`, what is between two times, a span by a number, spans compared. The engine multiplies none,
//! compares them field by field, and forgets the hours it adds to a day; `arithmetic` asks these instead.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, AsArray, Date32Array, Decimal128Array, Int32Array, IntervalMonthDayNanoArray,
    TimestampMicrosecondArray,
};
use arrow::compute::cast;
use arrow::datatypes::{
    DataType, Date32Type, FieldRef, Float64Type, Int64Type, IntervalMonthDayNano, IntervalUnit,
    Time64MicrosecondType, TimeUnit,
};
use chrono::{Datelike, NaiveDate, NaiveDateTime, Timelike};
use datafusion::common::plan_err;
use datafusion::error::Result;
use datafusion::logical_expr::{ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs};

use super::moment::{Column, DAY};
use super::plain::{Plain, answer, column, field, is_time, refused};

const SPAN: DataType = DataType::Interval(IntervalUnit::MonthDayNano);

fn give_span(_: &ReturnFieldArgs) -> Result<FieldRef> {
    Ok(field("span", SPAN))
}

/// `age(one, other)`
pub(super) fn age_function() -> Plain {
    Plain::new("age", two_times, give_span, run_age)
}

/// Not to be called by name, like those that follow: operators.
pub(super) fn times_between() -> Plain {
    Plain::new("times_between", two_times, give_span, run_between)
}

pub(super) fn span_times() -> Plain {
    Plain::new("span_times", span_and_number, give_span, |args| scaled(args, |value, by| Some(value * by)))
}

pub(super) fn span_divided() -> Plain {
    Plain::new("span_divided", span_and_number, give_span, |args| {
        scaled(args, |value, by| if by == 0.0 { None } else { Some(value / by) })
    })
}

pub(super) fn span_length() -> Plain {
    let length = |_: &ReturnFieldArgs| Ok(field("length", DataType::Decimal128(38, 0)));
    Plain::new("span_length", |_| Ok(vec![SPAN]), length, run_length)
}

pub(super) fn days_between() -> Plain {
    let days = |_: &ReturnFieldArgs| Ok(field("days", DataType::Int32));
    Plain::new("days_between", |_| Ok(vec![DataType::Date32; 2]), days, run_days)
}

/// A day at a time of day.
pub(super) fn day_at() -> Plain {
    let wall = |_: &ReturnFieldArgs| Ok(field("time", DataType::Timestamp(TimeUnit::Microsecond, None)));
    let takes = |_: &[DataType]| Ok(vec![DataType::Date32, DataType::Time64(TimeUnit::Microsecond)]);
    Plain::new("day_at", takes, wall, run_at)
}

pub(super) fn day_shifted() -> Plain {
    let day = |_: &ReturnFieldArgs| Ok(field("day", DataType::Date32));
    Plain::new("day_shifted", |_| Ok(vec![DataType::Date32, DataType::Int64]), day, run_shifted)
}

fn two_times(types: &[DataType]) -> Result<Vec<DataType>> {
    match types {
        [one, other] if [one, other].iter().all(|kind| is_time(kind) || kind.is_null()) => {
            Ok(types
                .iter()
                .map(|kind| {
                    if kind.is_null() {
                        DataType::Timestamp(TimeUnit::Microsecond, None)
                    } else {
                        kind.clone()
                    }
                })
                .collect())
        }
        _ => plan_err!("这里需要两个时间；文字请先转换类型，例如 '2026-10-03'::timestamp"),
    }
}

fn span_and_number(types: &[DataType]) -> Result<Vec<DataType>> {
    match types {
        [_, number] if number.is_numeric() || number.is_null() => Ok(vec![SPAN, DataType::Float64]),
        _ => plan_err!("时段只能乘以或除以数字"),
    }
}

fn spans(args: &ScalarFunctionArgs) -> Result<IntervalMonthDayNanoArray> {
    read(&column(args, 0)?)
}

/// A column of spans, in the type of the engine that holds all of them.
pub(super) fn read(array: &ArrayRef) -> Result<IntervalMonthDayNanoArray> {
    Ok(cast(array, &SPAN)?.as_primitive().clone())
}

/// The wall clocks of both arguments, row by row.
fn walls(
    args: &ScalarFunctionArgs,
    between: fn(NaiveDateTime, NaiveDateTime) -> Option<IntervalMonthDayNano>,
) -> Result<ColumnarValue> {
    let (one, other) = (Column::of(&column(args, 0)?)?, Column::of(&column(args, 1)?)?);
    let rows = (0..args.number_rows).map(|row| match (one.wall(row), other.wall(row)) {
        (Some(one), Some(other)) => match between(one, other) {
            Some(span) => Ok(Some(span)),
            None => refused("时段超出范围"),
        },
        _ => Ok(None),
    });
    let made: IntervalMonthDayNanoArray = rows.collect::<Result<_>>()?;
    answer(args, Arc::new(made))
}

fn run_age(args: &ScalarFunctionArgs) -> Result<ColumnarValue> {
    walls(args, age)
}

fn run_between(args: &ScalarFunctionArgs) -> Result<ColumnarValue> {
    walls(args, |one, other| {
        let micros = (one - other).num_microseconds()?;
        Some(IntervalMonthDayNano::new(0, i32::try_from(micros / DAY).ok()?, (micros % DAY) * 1_000))
    })
}

/// Years, months and days as people count them: days left over are those of the earlier month.
fn age(one: NaiveDateTime, other: NaiveDateTime) -> Option<IntervalMonthDayNano> {
    let (late, early, sign) = if one >= other { (one, other, 1) } else { (other, one, -1) };
    let micros = |time: NaiveDateTime| {
        i64::from(time.num_seconds_from_midnight()) * 1_000_000 + i64::from(time.nanosecond() / 1_000)
    };
    let mut rest = micros(late) - micros(early);
    let mut days = i64::from(late.day()) - i64::from(early.day());
    let mut months = i64::from(late.month()) - i64::from(early.month());
    let years = i64::from(late.year()) - i64::from(early.year());
    if rest < 0 {
        rest += DAY;
        days -= 1;
    }
    while days < 0 {
        days += days_of_month(early.year(), early.month());
        months -= 1;
    }
    let months = i32::try_from(years * 12 + months).ok()? * sign;
    let days = i32::try_from(days).ok()? * sign;
    Some(IntervalMonthDayNano::new(months, days, rest * 1_000 * i64::from(sign)))
}

fn days_of_month(year: i32, month: u32) -> i64 {
    let first = |year, month| NaiveDate::from_ymd_opt(year, month, 1).unwrap_or_default();
    let next = if month == 12 { first(year + 1, 1) } else { first(year, month + 1) };
    (next - first(year, month)).num_days()
}

/// Months and days keep their whole parts; what is left of months becomes days of 30, what is left of days hours.
fn scaled(args: &ScalarFunctionArgs, by: fn(f64, f64) -> Option<f64>) -> Result<ColumnarValue> {
    let (spans, numbers) = (spans(args)?, cast(&column(args, 1)?, &DataType::Float64)?);
    let rows = spans.iter().zip(numbers.as_primitive::<Float64Type>().iter());
    let rows = rows.map(|(span, number)| match (span, number) {
        (Some(span), Some(number)) => match by(1.0, number) {
            None => refused("Divide by zero error：时段不能除以零"),
            Some(_) => match product(span, |value| by(value, number).unwrap_or(f64::NAN)) {
                Some(made) => Ok(Some(made)),
                None => refused("时段超出范围"),
            },
        },
        _ => Ok(None),
    });
    let made: IntervalMonthDayNanoArray = rows.collect::<Result<_>>()?;
    answer(args, Arc::new(made))
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "bounds are looked at before"
)]
fn product(span: IntervalMonthDayNano, by: impl Fn(f64) -> f64) -> Option<IntervalMonthDayNano> {
    let micro = |value: f64| (value * 1e6).round_ties_even() / 1e6;
    let small = |value: f64| (value.is_finite() && value.abs() < 2_147_483_648.0).then_some(value as i32);
    let (months, days) = (by(f64::from(span.months)), by(f64::from(span.days)));
    let (whole_months, whole_days) = (small(months)?, small(days)?);
    let left_days = micro((months - f64::from(whole_months)) * 30.0);
    let left = days - f64::from(whole_days) + (left_days - left_days.trunc());
    let mut seconds = micro(left * 86_400.0);
    let mut more_days = small(left_days)?;
    if seconds.abs() >= 86_400.0 {
        let carried = small(seconds / 86_400.0)?;
        more_days += carried;
        seconds -= f64::from(carried) * 86_400.0;
    }
    let micros = (by((span.nanoseconds / 1_000) as f64) + seconds * 1e6).round_ties_even();
    let nanos = (micros.abs() < 9.2e15).then_some(micros as i64 * 1_000)?;
    Some(IntervalMonthDayNano::new(whole_months, whole_days.checked_add(more_days)?, nanos))
}

fn run_length(args: &ScalarFunctionArgs) -> Result<ColumnarValue> {
    answer(args, Arc::new(lengths(&spans(args)?)?))
}

/// How long spans are in nanoseconds, with months of 30 days and days of 24 hours: what spans are compared by.
pub(super) fn lengths(spans: &IntervalMonthDayNanoArray) -> Result<Decimal128Array> {
    let length = |span: IntervalMonthDayNano| {
        let days = i128::from(span.months) * 30 + i128::from(span.days);
        days * i128::from(DAY) * 1_000 + i128::from(span.nanoseconds)
    };
    let lengths: Decimal128Array = spans.iter().map(|span| span.map(length)).collect();
    Ok(lengths.with_precision_and_scale(38, 0)?)
}

fn days(args: &ScalarFunctionArgs, at: usize) -> Result<Date32Array> {
    let days: ArrayRef = cast(&column(args, at)?, &DataType::Date32)?;
    Ok(days.as_primitive::<Date32Type>().clone())
}

fn run_days(args: &ScalarFunctionArgs) -> Result<ColumnarValue> {
    let (one, other) = (days(args, 0)?, days(args, 1)?);
    let between: Int32Array =
        one.iter().zip(other.iter()).map(|(one, other)| one?.checked_sub(other?)).collect();
    answer(args, Arc::new(between))
}

fn run_at(args: &ScalarFunctionArgs) -> Result<ColumnarValue> {
    let (days, clocks) = (days(args, 0)?, cast(&column(args, 1)?, &DataType::Time64(TimeUnit::Microsecond))?);
    let rows = days.iter().zip(clocks.as_primitive::<Time64MicrosecondType>().iter());
    let times: TimestampMicrosecondArray =
        rows.map(|(day, clock)| i64::from(day?).checked_mul(DAY)?.checked_add(clock?)).collect();
    answer(args, Arc::new(times))
}

fn run_shifted(args: &ScalarFunctionArgs) -> Result<ColumnarValue> {
    let (days, shifts) = (days(args, 0)?, cast(&column(args, 1)?, &DataType::Int64)?);
    let rows = days.iter().zip(shifts.as_primitive::<Int64Type>().iter());
    let rows = rows.map(|(day, shift)| match (day, shift) {
        (Some(day), Some(shift)) => {
            let made = i64::from(day).checked_add(shift).filter(|day| (-2_440_588..95_026_236).contains(day));
            match made.and_then(|day| i32::try_from(day).ok()) {
                Some(day) => Ok(Some(day)),
                None => refused("日期超出范围"),
            }
        }
        _ => Ok(None),
    });
    let made: Date32Array = rows.collect::<Result<_>>()?;
    answer(args, Arc::new(made))
}
