//! Values as PostgreSQL writes them as text: `t`, `1.50`, `2026-10-03 08:05:00+08`, `1 day 02:00:00`, `{a,"b c"}`. For
//! functions that put values into texts; what a client is sent is the protocol's business.

use std::fmt::Write;

use arrow::array::{Array, ArrayRef, AsArray, Decimal128Array, Decimal256Array, StringArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Float64Type, IntervalMonthDayNano};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use datafusion::error::Result;

use super::moment::{Column, Parts};
use crate::access::numeric::written;

/// A column of values about to be written.
pub(super) enum Written {
    Texts(StringArray),
    Truths(arrow::array::BooleanArray),
    /// Whole numbers.
    Whole(StringArray),
    Floats(ArrayRef),
    Decimals(Decimal128Array),
    Wide(Decimal256Array),
    Times(Column, Joint),
    Lists(Vec<Option<Box<Written>>>),
    Nothing,
}

/// What stands between day and time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Joint {
    Blank,
    /// As JSON has it: `2026-10-03T08:05:00+08:00`.
    T,
}

impl Written {
    /// Prepares a column.
    pub fn of(array: &ArrayRef, joint: Joint) -> Result<Self> {
        Ok(match array.data_type() {
            DataType::Null => Self::Nothing,
            DataType::Boolean => Self::Truths(array.as_boolean().clone()),
            DataType::Float16 | DataType::Float32 | DataType::Float64 => Self::Floats(array.clone()),
            DataType::Decimal128(..) => Self::Decimals(array.as_primitive().clone()),
            DataType::Decimal256(..) => Self::Wide(array.as_primitive().clone()),
            DataType::Decimal32(p, s) | DataType::Decimal64(p, s) => {
                Self::of(&cast(array, &DataType::Decimal128(*p, *s))?, joint)?
            }
            DataType::Date32
            | DataType::Date64
            | DataType::Timestamp(..)
            | DataType::Time32(_)
            | DataType::Time64(_)
            | DataType::Interval(_)
            | DataType::Duration(_) => Self::Times(Column::of(array)?, joint),
            DataType::List(_) => {
                let lists = array.as_list::<i32>().iter();
                let lists =
                    lists.map(|list| list.map(|list| Self::of(&list, joint).map(Box::new)).transpose());
                Self::Lists(lists.collect::<Result<_>>()?)
            }
            kind if kind.is_integer() => {
                Self::Whole(cast(array, &DataType::Utf8)?.as_string::<i32>().clone())
            }
            kind if kind.is_nested() || kind.is_binary() => Self::Texts(displayed(array)?),
            _ => Self::Texts(cast(array, &DataType::Utf8)?.as_string::<i32>().clone()),
        })
    }

    /// Rows.
    pub fn len(&self) -> usize {
        match self {
            Self::Texts(array) | Self::Whole(array) => array.len(),
            Self::Truths(array) => array.len(),
            Self::Floats(array) => array.len(),
            Self::Decimals(array) => array.len(),
            Self::Wide(array) => array.len(),
            Self::Times(column, _) => column.len(),
            Self::Lists(lists) => lists.len(),
            Self::Nothing => 0,
        }
    }

    /// Writes the value of a row; false for NULL.
    pub fn write(&self, row: usize, out: &mut String) -> bool {
        match self {
            Self::Nothing => return false,
            Self::Texts(array) | Self::Whole(array) if array.is_valid(row) => out.push_str(array.value(row)),
            Self::Truths(array) if array.is_valid(row) => out.push(if array.value(row) { 't' } else { 'f' }),
            Self::Floats(array) if array.is_valid(row) => float(array, row, out),
            Self::Decimals(array) if array.is_valid(row) => out.push_str(&array.value_as_string(row)),
            // Quotients without the zeros that only fill up their type.
            Self::Wide(array) if array.is_valid(row) => out.push_str(&written(array, row)),
            Self::Times(Column::Spans(spans), _) if spans.is_valid(row) => span(spans.value(row), out),
            Self::Times(column, joint) => match column.parts(row) {
                Some(parts) => time(&parts, column, *joint, out),
                None => return false,
            },
            Self::Lists(lists) => match lists.get(row) {
                Some(Some(list)) => braces(list, out),
                _ => return false,
            },
            _ => return false,
        }
        true
    }
}

fn displayed(array: &ArrayRef) -> Result<StringArray> {
    let formatter = ArrayFormatter::try_new(array, &FormatOptions::default())?;
    Ok((0..array.len()).map(|row| array.is_valid(row).then(|| formatter.value(row).to_string())).collect())
}

fn float(array: &ArrayRef, row: usize, out: &mut String) {
    let short = match array.as_primitive_opt::<arrow::datatypes::Float32Type>() {
        // The shortest digits of a number depend on how many it has.
        Some(floats) => format!("{:e}", floats.value(row)),
        None => match array.as_primitive_opt::<Float64Type>() {
            Some(floats) => format!("{:e}", floats.value(row)),
            None => String::new(),
        },
    };
    out.push_str(&shortest(&short));
}

/// Digits and an exponent as PostgreSQL shows them: written out between 0.0001 and a thousand billions.
fn shortest(scientific: &str) -> String {
    let Some((digits, exponent)) = scientific.split_once('e') else {
        return scientific.replace("inf", "Infinity");
    };
    let (sign, digits) = digits.strip_prefix('-').map_or(("", digits), |digits| ("-", digits));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if !(-4..15).contains(&exponent) {
        let (mark, size) = if exponent < 0 { ('-', -exponent) } else { ('+', exponent) };
        return format!("{sign}{digits}e{mark}{size:02}");
    }
    let bare = digits.replace('.', "");
    if exponent < 0 {
        let zeros = usize::try_from(-exponent - 1).unwrap_or(0);
        return format!("{sign}0.{}{bare}", "0".repeat(zeros));
    }
    let whole = usize::try_from(exponent + 1).unwrap_or(1);
    if bare.len() <= whole {
        return format!("{sign}{bare:0<whole$}");
    }
    format!("{sign}{}.{}", &bare[..whole], &bare[whole..])
}

fn time(parts: &Parts, column: &Column, joint: Joint, out: &mut String) {
    if parts.date.is_some() {
        let year = if parts.year <= 0 { 1 - parts.year } else { parts.year };
        let _ = write!(out, "{year:04}-{:02}-{:02}", parts.month, parts.day);
        if !matches!(column, Column::Days(_)) {
            out.push(if joint == Joint::T { 'T' } else { ' ' });
            clock(parts, out);
        }
        if let Some((seconds, _)) = &parts.zone {
            let (mark, size) = if *seconds < 0 { ('-', -seconds) } else { ('+', *seconds) };
            let _ = write!(out, "{mark}{:02}", size / 3600);
            if size % 3600 != 0 || joint == Joint::T {
                let _ = write!(out, ":{:02}", size / 60 % 60);
            }
        }
        if parts.year <= 0 {
            out.push_str(" BC");
        }
    } else {
        clock(parts, out);
    }
}

fn clock(parts: &Parts, out: &mut String) {
    let _ = write!(out, "{:02}:{:02}:{:02}", parts.hour, parts.minute, parts.second);
    if parts.micros != 0 {
        let digits = format!("{:06}", parts.micros);
        let _ = write!(out, ".{}", digits.trim_end_matches('0'));
    }
}

/// A span as PostgreSQL shows it: `1 year 2 mons -3 days +04:05:06`.
pub fn span_text(value: IntervalMonthDayNano) -> String {
    let mut text = String::new();
    span(value, &mut text);
    text
}

fn span(span: IntervalMonthDayNano, out: &mut String) {
    let micros = span.nanoseconds / 1_000;
    let (mut first, mut before) = (true, false);
    for (value, unit) in [(span.months / 12, "year"), (span.months % 12, "mon"), (span.days, "day")] {
        if value == 0 {
            continue;
        }
        let blank = if first { "" } else { " " };
        let plus = if before && value > 0 { "+" } else { "" };
        let many = if value == 1 { "" } else { "s" };
        let _ = write!(out, "{blank}{plus}{value} {unit}{many}");
        (first, before) = (false, value < 0);
    }
    if first || micros != 0 {
        let sign = if micros < 0 {
            "-"
        } else if before {
            "+"
        } else {
            ""
        };
        let size = micros.abs();
        let _ = write!(out, "{}{sign}", if first { "" } else { " " });
        let seconds = size / 1_000_000;
        let parts = Parts {
            hour: seconds / 3600,
            minute: seconds / 60 % 60,
            second: seconds % 60,
            micros: size % 1_000_000,
            ..Parts::default()
        };
        clock(&parts, out);
    }
}

fn braces(list: &Written, out: &mut String) {
    out.push('{');
    for row in 0..list.len() {
        if row > 0 {
            out.push(',');
        }
        let mut element = String::new();
        if !list.write(row, &mut element) {
            out.push_str("NULL");
            continue;
        }
        let plain = !element.is_empty()
            && !element.eq_ignore_ascii_case("null")
            && !element.contains(|c: char| c.is_ascii_whitespace() || "{},\"\\".contains(c));
        if plain || matches!(list, Written::Lists(_)) {
            out.push_str(&element);
        } else {
            let _ = write!(out, "\"{}\"", element.replace('\\', "\\\\").replace('"', "\\\""));
        }
    }
    out.push('}');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn measured_numbers() {
        for (number, want) in [
            (1e14, "100000000000000"),
            (1e15, "1e+15"),
            (123_456_789_012_345_680_f64, "1.2345678901234568e+17"),
            (0.0001, "0.0001"),
            (0.000_01, "1e-05"),
            (-1.5, "-1.5"),
            (100.0, "100"),
            (f64::NAN, "NaN"),
            (f64::NEG_INFINITY, "-Infinity"),
        ] {
            assert_eq!(shortest(&format!("{number:e}")), want);
        }
    }

    #[test]
    fn spans_as_the_protocol_writes_them() {
        for ((months, days, seconds), want) in [
            ((10, 3, -14_706), "10 mons 3 days -04:05:06"),
            ((0, -1, 0), "-1 days"),
            ((0, 0, 0), "00:00:00"),
            ((1, -1, 5_400), "1 mon -1 days +01:30:00"),
            ((14, 1, 0), "1 year 2 mons 1 day"),
        ] {
            let mut out = String::new();
            span(IntervalMonthDayNano::new(months, days, seconds * 1_000_000_000), &mut out);
            assert_eq!(out, want);
        }
    }
}
