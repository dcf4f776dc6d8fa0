//! `extract(field from time)`, a decimal with the digits PostgreSQL gives it, and `date_part('field', time)`, the same as
//! a measured number. Weeks begin on Monday, `dow` counts Sunday as 0, seconds keep their fraction.

use std::sync::Arc;

use arrow::array::{Array, Decimal128Array, Float64Array};
use arrow::datatypes::{DataType, TimeUnit};
use chrono::Datelike;
use datafusion::common::plan_err;
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::{ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs};

use super::moment::{Column, Parts};
use super::plain::{Plain, answer, column, constant, field, is_text, is_time};
use super::time_text::julian;

/// Digits of the decimals it gives, by those behind the point: no more than times have, so that what is reckoned with
/// them has room.
fn digits(scale: i8) -> u8 {
    match scale {
        0..=3 => 20,
        4..=6 => 26,
        _ => 38,
    }
}

pub(super) fn functions() -> [Plain; 2] {
    [
        Plain::new("extract", takes, give_decimal, run_decimal),
        Plain::new(
            "date_part",
            takes,
            |_: &ReturnFieldArgs| Ok(field("date_part", DataType::Float64)),
            run_float,
        )
        .also(&["datepart"]),
    ]
}

/// What is asked of a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asked {
    Century,
    Day,
    Decade,
    Dow,
    Doy,
    Epoch,
    Hour,
    Isodow,
    Isoyear,
    Julian,
    Microseconds,
    Millennium,
    Milliseconds,
    Minute,
    Month,
    Quarter,
    Second,
    Timezone,
    TimezoneHour,
    TimezoneMinute,
    Week,
    Year,
}

impl Asked {
    /// By PostgreSQL's names and their short forms.
    fn of(name: &str) -> Result<Self> {
        Ok(match name.to_ascii_lowercase().trim_matches('\'') {
            "century" | "centuries" | "cent" | "c" => Self::Century,
            "day" | "days" | "d" => Self::Day,
            "decade" | "decades" | "dec" | "decs" => Self::Decade,
            "dow" => Self::Dow,
            "doy" => Self::Doy,
            "epoch" => Self::Epoch,
            "hour" | "hours" | "h" | "hr" | "hrs" => Self::Hour,
            "isodow" => Self::Isodow,
            "isoyear" => Self::Isoyear,
            "julian" | "j" | "jd" => Self::Julian,
            "microseconds" | "microsecond" | "us" | "usec" | "usecs" => Self::Microseconds,
            "millennium" | "millennia" | "mil" | "mils" => Self::Millennium,
            "milliseconds" | "millisecond" | "ms" | "msec" | "msecs" => Self::Milliseconds,
            "minute" | "minutes" | "m" | "min" | "mins" => Self::Minute,
            "month" | "months" | "mon" | "mons" => Self::Month,
            "quarter" | "qtr" => Self::Quarter,
            "second" | "seconds" | "s" | "sec" | "secs" => Self::Second,
            "timezone" => Self::Timezone,
            "timezone_hour" | "timezone_h" => Self::TimezoneHour,
            "timezone_minute" | "timezone_m" => Self::TimezoneMinute,
            "week" | "weeks" | "w" => Self::Week,
            "year" | "years" | "y" | "yr" | "yrs" => Self::Year,
            other => {
                return plan_err!(
                    "extract 不认识“{other}”；可用 year、quarter、month、week、day、dow、isodow、doy、hour、minute、second、epoch 等"
                );
            }
        })
    }

    /// Digits behind the point.
    fn scale(self, of: &DataType) -> u32 {
        match self {
            Self::Second => 6,
            Self::Epoch if !matches!(of, DataType::Date32) => 6,
            Self::Milliseconds => 3,
            Self::Julian if matches!(of, DataType::Timestamp(..)) => 20,
            _ => 0,
        }
    }
}

fn takes(types: &[DataType]) -> Result<Vec<DataType>> {
    let [name, time] = types else { return plan_err!("extract 需要一个字段和一个时间") };
    if !is_text(name) {
        return plan_err!("extract 的字段须是文字");
    }
    let time = match time {
        DataType::Null => DataType::Timestamp(TimeUnit::Microsecond, None),
        DataType::Date64 => DataType::Date32,
        kind if is_time(kind) => kind.clone(),
        kind => return plan_err!("extract 需要日期、时间或时段，得到的是 {kind}；文字请先转换类型"),
    };
    Ok(vec![DataType::Utf8, time])
}

fn give_decimal(args: &ReturnFieldArgs) -> Result<arrow::datatypes::FieldRef> {
    let name =
        args.scalar_arguments.first().copied().flatten().and_then(|value| value.try_as_str().flatten());
    let Some(name) = name else { return plan_err!("extract 的字段须是常量") };
    let of = args.arg_fields.get(1).map_or(&DataType::Null, |field| field.data_type());
    let scale = i8::try_from(Asked::of(name)?.scale(of)).unwrap_or(0);
    Ok(field("extract", DataType::Decimal128(digits(scale), scale)))
}

/// Each row's value in units of the scale, and the scale.
fn values(args: &ScalarFunctionArgs) -> Result<(Vec<Option<i128>>, u32)> {
    let Some(name) = constant(args, 0) else { return plan_err!("date_part 的字段须是常量") };
    let array = column(args, 1)?;
    let (asked, times) = (Asked::of(name)?, Column::of(&array)?);
    let scale = asked.scale(array.data_type());
    let kind = Kind::of(&times, array.data_type());
    if !kind.has(asked) {
        return plan_err!("{}没有“{name}”", kind.title());
    }
    let rows = (0..array.len()).map(|row| times.parts(row).map(|parts| value(asked, &parts, kind, scale)));
    Ok((rows.collect(), scale))
}

fn run_decimal(args: &ScalarFunctionArgs) -> Result<ColumnarValue> {
    let (values, scale) = values(args)?;
    let scale = i8::try_from(scale).unwrap_or(0);
    let decimals = Decimal128Array::from(values).with_precision_and_scale(digits(scale), scale)?;
    answer(args, Arc::new(decimals))
}

#[expect(clippy::cast_precision_loss, reason = "a measured number is what is asked for")]
fn run_float(args: &ScalarFunctionArgs) -> Result<ColumnarValue> {
    let (values, scale) = values(args)?;
    let divisor = 10_f64.powi(i32::try_from(scale).map_err(|_| DataFusionError::Internal("scale".into()))?);
    let floats: Float64Array =
        values.into_iter().map(|value| value.map(|value| value as f64 / divisor)).collect();
    answer(args, Arc::new(floats))
}

/// What kind of time is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Day,
    Wall,
    Point,
    Clock,
    Span,
}

impl Kind {
    fn of(column: &Column, kind: &DataType) -> Self {
        match column {
            Column::Days(_) => Self::Day,
            Column::Times(_, Some(_)) => Self::Point,
            Column::Times(_, None) => Self::Wall,
            Column::Clocks(_) => Self::Clock,
            Column::Spans(_) => {
                debug_assert!(is_time(kind));
                Self::Span
            }
        }
    }

    fn title(self) -> &'static str {
        match self {
            Self::Day => "日期",
            Self::Wall => "不带时区的时间",
            Self::Point => "带时区的时间",
            Self::Clock => "钟点",
            Self::Span => "时段",
        }
    }

    fn has(self, asked: Asked) -> bool {
        use Asked::{
            Century, Day, Decade, Dow, Doy, Epoch, Hour, Isodow, Isoyear, Julian, Microseconds, Millennium,
            Milliseconds, Minute, Month, Quarter, Second, Timezone, TimezoneHour, TimezoneMinute, Week, Year,
        };
        let of_clock = matches!(asked, Hour | Minute | Second | Milliseconds | Microseconds);
        let of_calendar = matches!(asked, Dow | Doy | Isodow | Isoyear | Julian | Week);
        let of_years = matches!(asked, Century | Day | Decade | Millennium | Month | Quarter | Year);
        let of_zone = matches!(asked, Timezone | TimezoneHour | TimezoneMinute);
        match self {
            Self::Day => of_calendar || of_years || asked == Epoch,
            Self::Wall => !of_zone,
            Self::Point => true,
            Self::Clock => of_clock || asked == Epoch,
            Self::Span => of_clock || of_years || asked == Epoch,
        }
    }
}

/// Microseconds since midnight.
fn of_day(parts: &Parts) -> i128 {
    i128::from(((parts.hour * 60 + parts.minute) * 60 + parts.second) * 1_000_000 + parts.micros)
}

fn value(asked: Asked, parts: &Parts, kind: Kind, scale: u32) -> i128 {
    let year = parts.year;
    let date = parts.date.unwrap_or_default();
    let seconds = i64::from(parts.zone.as_ref().map_or(0, |(seconds, _)| *seconds));
    let whole: i64 = match asked {
        Asked::Second | Asked::Microseconds => parts.second * 1_000_000 + parts.micros,
        Asked::Milliseconds => parts.second * 1_000_000 + parts.micros,
        Asked::Epoch => return epoch(parts, kind, scale),
        Asked::Julian => {
            let day = i128::from(julian(date)) * 10_i128.pow(scale);
            let rest = if scale == 0 { 0 } else { of_day(parts) * 10_i128.pow(scale - 6) };
            return day + (rest + 43_200) / 86_400;
        }
        Asked::Hour => parts.hour,
        Asked::Minute => parts.minute,
        Asked::Day => parts.day,
        Asked::Month => parts.month,
        Asked::Quarter if kind == Kind::Span => parts.month / 3 + 1,
        Asked::Quarter => (parts.month - 1) / 3 + 1,
        Asked::Year if kind != Kind::Span && year <= 0 => year - 1,
        Asked::Year => year,
        Asked::Decade if kind == Kind::Span => year / 10,
        Asked::Decade => year.div_euclid(10),
        Asked::Century if kind == Kind::Span => year / 100,
        Asked::Century if year > 0 => (year + 99) / 100,
        Asked::Century => -((99 - (year - 1)) / 100),
        Asked::Millennium if kind == Kind::Span => year / 1000,
        Asked::Millennium if year > 0 => (year + 999) / 1000,
        Asked::Millennium => -((999 - (year - 1)) / 1000),
        Asked::Dow => i64::from(date.weekday().num_days_from_sunday()),
        Asked::Isodow => i64::from(date.weekday().number_from_monday()),
        Asked::Doy => i64::from(date.ordinal()),
        Asked::Week => i64::from(date.iso_week().week()),
        Asked::Isoyear if date.iso_week().year() <= 0 => i64::from(date.iso_week().year()) - 1,
        Asked::Isoyear => i64::from(date.iso_week().year()),
        Asked::Timezone => seconds,
        Asked::TimezoneHour => seconds / 3600,
        Asked::TimezoneMinute => seconds / 60 % 60,
    };
    i128::from(whole)
}

/// Seconds since 1970 (of a wall clock as if it were Greenwich's), or the length of a span with years of 365.25 days.
fn epoch(parts: &Parts, kind: Kind, scale: u32) -> i128 {
    let micros = match kind {
        Kind::Clock => of_day(parts),
        Kind::Span => {
            let days = i128::from(parts.month * 30 + parts.day) * 86_400;
            let years = i128::from(parts.year) * 31_557_600;
            (years + days) * 1_000_000 + of_day(parts)
        }
        _ => {
            let days = i128::from(parts.date.unwrap_or_default().num_days_from_ce()) - 719_163;
            let east = i128::from(parts.zone.as_ref().map_or(0, |(seconds, _)| *seconds));
            (days * 86_400 - east) * 1_000_000 + of_day(parts)
        }
    };
    if scale == 6 { micros } else { micros / 1_000_000 }
}
