//! Columns of days, times, clocks and spans taken apart into year, month, day … for the functions that write, ask and
//! subtract times. What a point in time shows is read off the clock of its column's zone.

use std::str::FromStr;

use arrow::array::timezone::Tz;
use arrow::array::{
    Array, ArrayRef, AsArray, Date32Array, IntervalMonthDayNanoArray, PrimitiveArray, Time64MicrosecondArray,
    TimestampMicrosecondArray,
};
use arrow::compute::cast;
use arrow::datatypes::{
    DataType, Date32Type, DurationMicrosecondType, IntervalMonthDayNano, IntervalMonthDayNanoType,
    IntervalUnit, Time64MicrosecondType, TimeUnit, TimestampMicrosecondType,
};
use chrono::{Datelike, NaiveDate, NaiveDateTime, Offset, TimeZone, Timelike};
use datafusion::common::plan_err;
use datafusion::error::{DataFusionError, Result};

/// Microseconds of a day.
pub(super) const DAY: i64 = 86_400_000_000;

/// Years whose days the engine and PostgreSQL both have.
const YEARS: std::ops::RangeInclusive<i32> = -4_712..=262_000;

/// A column of times of one kind.
pub(super) enum Column {
    Days(Date32Array),
    /// Wall clock times, or points in time with the zone they are read in.
    Times(TimestampMicrosecondArray, Option<Clock>),
    Clocks(Time64MicrosecondArray),
    Spans(IntervalMonthDayNanoArray),
}

/// The clock points in time are read off.
pub(super) struct Clock {
    zone: Tz,
    name: String,
}

impl Clock {
    /// The short name of its time: the engine knows offsets only, so names are kept for the zones people here meet.
    fn short_name(&self, seconds: i32) -> String {
        match (self.name.as_str(), seconds) {
            ("Asia/Shanghai" | "PRC" | "Asia/Taipei", 28_800) => "CST".to_owned(),
            ("Asia/Hong_Kong", 28_800) => "HKT".to_owned(),
            ("Asia/Tokyo", _) => "JST".to_owned(),
            (_, 0) => "UTC".to_owned(),
            _ => {
                let (sign, size) = if seconds < 0 { ('-', -seconds) } else { ('+', seconds) };
                let minutes = if size % 3600 == 0 { String::new() } else { format!("{:02}", size / 60 % 60) };
                format!("{sign}{:02}{minutes}", size / 3600)
            }
        }
    }
}

/// What is known of one value.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Parts {
    /// The day, unless it is a span or a clock.
    pub date: Option<NaiveDate>,
    pub year: i64,
    /// From 1; of spans what is left of whole years, from 0.
    pub month: i64,
    pub day: i64,
    pub hour: i64,
    pub minute: i64,
    pub second: i64,
    pub micros: i64,
    /// Seconds east of Greenwich and the name of the zone's time, for points in time.
    pub zone: Option<(i32, String)>,
}

impl Column {
    /// A column of any type of the engine that is a time.
    pub fn of(array: &ArrayRef) -> Result<Self> {
        Ok(match array.data_type() {
            DataType::Date32 | DataType::Date64 => {
                Self::Days(cast(array, &DataType::Date32)?.as_primitive::<Date32Type>().clone())
            }
            DataType::Timestamp(_, zone) => {
                let times = cast(array, &DataType::Timestamp(TimeUnit::Microsecond, zone.clone()))?;
                let times = times.as_primitive::<TimestampMicrosecondType>().clone();
                let clock = |name: &str| -> Result<Clock> {
                    Ok(Clock { zone: Tz::from_str(name)?, name: name.to_owned() })
                };
                Self::Times(times, zone.as_deref().map(clock).transpose()?)
            }
            DataType::Time32(_) | DataType::Time64(_) => {
                let clocks = cast(array, &DataType::Time64(TimeUnit::Microsecond))?;
                Self::Clocks(clocks.as_primitive::<Time64MicrosecondType>().clone())
            }
            DataType::Interval(_) => {
                let spans = cast(array, &DataType::Interval(IntervalUnit::MonthDayNano))?;
                Self::Spans(spans.as_primitive::<IntervalMonthDayNanoType>().clone())
            }
            DataType::Duration(_) => {
                let lengths = cast(array, &DataType::Duration(TimeUnit::Microsecond))?;
                Self::Spans(spans(lengths.as_primitive::<DurationMicrosecondType>()))
            }
            other => return plan_err!("这里需要日期、时间或时段，得到的是 {other}"),
        })
    }

    /// The parts of a row's value; none for NULL and for days no calendar here has.
    pub fn parts(&self, row: usize) -> Option<Parts> {
        match self {
            Self::Days(days) => days.is_valid(row).then(|| days.value_as_date(row)).flatten().map(of_date),
            Self::Times(times, clock) => {
                let utc = times.is_valid(row).then(|| times.value_as_datetime(row)).flatten()?;
                match clock {
                    None => Some(of_wall(utc)),
                    Some(clock) => {
                        let local = clock.zone.from_utc_datetime(&utc);
                        let seconds = local.offset().fix().local_minus_utc();
                        let named = Some((seconds, clock.short_name(seconds)));
                        Some(Parts { zone: named, ..of_wall(local.naive_local()) })
                    }
                }
            }
            Self::Clocks(clocks) => clocks.is_valid(row).then(|| of_micros(clocks.value(row))),
            Self::Spans(spans) => spans.is_valid(row).then(|| of_span(spans.value(row))),
        }
    }

    /// The wall clock of a row's day or time.
    pub fn wall(&self, row: usize) -> Option<NaiveDateTime> {
        let parts = self.parts(row)?;
        let micros = u32::try_from(parts.second * 1_000_000 + parts.micros).ok()?;
        let (hour, minute) = (u32::try_from(parts.hour).ok()?, u32::try_from(parts.minute).ok()?);
        parts.date?.and_hms_micro_opt(hour, minute, micros / 1_000_000, micros % 1_000_000)
    }

    /// Rows.
    pub fn len(&self) -> usize {
        match self {
            Self::Days(days) => days.len(),
            Self::Times(times, _) => times.len(),
            Self::Clocks(clocks) => clocks.len(),
            Self::Spans(spans) => spans.len(),
        }
    }
}

/// Lengths of time as PostgreSQL subtracts times: whole days, and the rest.
pub(super) fn spans(lengths: &PrimitiveArray<DurationMicrosecondType>) -> IntervalMonthDayNanoArray {
    lengths
        .iter()
        .map(|length| {
            length.map(|micros| {
                let days = i32::try_from(micros / DAY).unwrap_or(i32::MAX);
                IntervalMonthDayNano::new(0, days, (micros % DAY) * 1_000)
            })
        })
        .collect()
}

fn of_date(date: NaiveDate) -> Parts {
    let (month, day) = (i64::from(date.month()), i64::from(date.day()));
    Parts { date: Some(date), year: i64::from(date.year()), month, day, ..Parts::default() }
}

fn of_wall(wall: NaiveDateTime) -> Parts {
    Parts {
        hour: i64::from(wall.hour()),
        minute: i64::from(wall.minute()),
        second: i64::from(wall.second()),
        micros: i64::from(wall.nanosecond() / 1_000),
        ..of_date(wall.date())
    }
}

fn of_micros(micros: i64) -> Parts {
    let (seconds, micros) = (micros / 1_000_000, micros % 1_000_000);
    Parts {
        hour: seconds / 3600,
        minute: seconds / 60 % 60,
        second: seconds % 60,
        micros,
        ..Parts::default()
    }
}

fn of_span(span: IntervalMonthDayNano) -> Parts {
    let months = i64::from(span.months);
    Parts {
        year: months / 12,
        month: months % 12,
        day: i64::from(span.days),
        ..of_micros(span.nanoseconds / 1_000)
    }
}

/// A zone by its name.
pub(super) fn zone(name: &str) -> Result<Tz> {
    Tz::from_str(name).map_err(|_| DataFusionError::Plan(format!("不认识时区“{name}”")))
}

/// The day of a year, month and day, if there is one and PostgreSQL has it.
pub(super) fn day_of(year: i32, month: u32, day: u32) -> Option<NaiveDate> {
    YEARS.contains(&year).then(|| NaiveDate::from_ymd_opt(year, month, day)).flatten()
}
