//! Floats, times and spans as PostgreSQL writes them: `8` and not `8.0`, `1e+20`, `08:30:00` without zeros behind it.
//! Only the text format; in binary there is nothing to choose.

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::{
    DataType, Float32Type, Float64Type, IntervalMonthDayNanoType, IntervalUnit, Time32MillisecondType,
    Time32SecondType, Time64MicrosecondType, Time64NanosecondType, TimeUnit, TimestampMicrosecondType,
};
use chrono::{NaiveDateTime, NaiveTime, Offset};
use pujiang_warehouse::span_text;

/// Whether values of a type are written here.
pub fn is_plain(data_type: &DataType) -> bool {
    matches!(
        data_type,
        DataType::Float32
            | DataType::Float64
            | DataType::Time32(_)
            | DataType::Time64(_)
            | DataType::Interval(IntervalUnit::MonthDayNano)
    )
}

/// The text of one value.
pub fn text(array: &ArrayRef, row: usize) -> Option<String> {
    match array.data_type() {
        DataType::Float64 => {
            let value = array.as_primitive::<Float64Type>().value(row);
            Some(float(value.to_string(), &format!("{value:e}"), 15))
        }
        DataType::Float32 => {
            let value = array.as_primitive::<Float32Type>().value(row);
            Some(float(value.to_string(), &format!("{value:e}"), 6))
        }
        DataType::Interval(_) => {
            Some(span_text(array.as_primitive_opt::<IntervalMonthDayNanoType>()?.value(row)))
        }
        _ => time(array, row).map(|time| {
            let text = time.format("%H:%M:%S%.6f").to_string();
            text.trim_end_matches('0').trim_end_matches('.').to_owned()
        }),
    }
}

/// A time as PostgreSQL writes it; none for years the calendar here does not have.
pub fn moment(array: &ArrayRef, row: usize) -> Option<String> {
    let times = array.as_primitive_opt::<TimestampMicrosecondType>()?;
    let written = |wall: NaiveDateTime| {
        let text = wall.format("%Y-%m-%d %H:%M:%S%.6f").to_string();
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    };
    match array.data_type() {
        DataType::Timestamp(_, Some(zone)) => {
            let time = times.value_as_datetime_with_tz(row, zone.parse().ok()?)?;
            let east = time.offset().fix().local_minus_utc();
            let (sign, size) = if east < 0 { ('-', -east) } else { ('+', east) };
            let minutes = if size % 3600 == 0 { String::new() } else { format!(":{:02}", size / 60 % 60) };
            Some(format!("{}{sign}{:02}{minutes}", written(time.naive_local()), size / 3600))
        }
        _ => times.value_as_datetime(row).map(written),
    }
}

fn time(array: &ArrayRef, row: usize) -> Option<NaiveTime> {
    match array.data_type() {
        DataType::Time32(TimeUnit::Second) => array.as_primitive::<Time32SecondType>().value_as_time(row),
        DataType::Time32(_) => array.as_primitive::<Time32MillisecondType>().value_as_time(row),
        DataType::Time64(TimeUnit::Microsecond) => {
            array.as_primitive::<Time64MicrosecondType>().value_as_time(row)
        }
        _ => array.as_primitive::<Time64NanosecondType>().value_as_time(row),
    }
}

/// The fewest digits that read back as the same number; with an exponent from `digits` places on.
fn float(plain: String, scientific: &str, digits: i32) -> String {
    match scientific.split_once('e').map(|(mantissa, exponent)| (mantissa, exponent.parse::<i32>())) {
        Some((mantissa, Ok(exponent))) if exponent < -4 || exponent >= digits => {
            let sign = if exponent < 0 { '-' } else { '+' };
            format!("{mantissa}e{sign}{:02}", exponent.abs())
        }
        // Neither NaN nor infinity has an exponent.
        None => plain.replace("inf", "Infinity"),
        _ => plain,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{Float64Array, Time64NanosecondArray};

    use super::*;

    /// Each as PostgreSQL 15 answers.
    #[test]
    fn floats_have_the_fewest_digits() {
        for (value, want) in [
            (8.0, "8"),
            (-0.5, "-0.5"),
            (0.1 + 0.2, "0.30000000000000004"),
            (1e14, "100000000000000"),
            (1e15, "1e+15"),
            (1.5e20, "1.5e+20"),
            (0.0001, "0.0001"),
            (0.00001, "1e-05"),
            (f64::NAN, "NaN"),
            (f64::NEG_INFINITY, "-Infinity"),
        ] {
            let array: ArrayRef = Arc::new(Float64Array::from(vec![value]));
            assert_eq!(text(&array, 0).as_deref(), Some(want));
        }
    }

    #[test]
    fn times_have_no_zeros_behind_them() {
        let half_past_eight = 30_600_000_000_000;
        let array: ArrayRef =
            Arc::new(Time64NanosecondArray::from(vec![half_past_eight, half_past_eight + 250_000_000]));
        assert_eq!(text(&array, 0).as_deref(), Some("08:30:00"));
        assert_eq!(text(&array, 1).as_deref(), Some("08:30:00.25"));
    }
}
