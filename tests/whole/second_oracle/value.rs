//! A value as it came over the wire in binary, as a class of types and a text that is the same whichever server sent it.

use std::error::Error;

use tokio_postgres::types::{FromSql, Kind, Type};

use crate::server::numeric;

type Failure = Box<dyn Error + Sync + Send>;

/// What a column is to whoever reads it. Widths of whole numbers and kinds of texts do not matter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    Integer,
    Numeric,
    Float,
    Text,
    Boolean,
    Date,
    Time,
    Timestamp,
    Zoned,
    Interval,
    Json,
    List,
    Other,
}

impl Class {
    pub fn of(kind: &Type) -> Self {
        match *kind {
            Type::INT2 | Type::INT4 | Type::INT8 | Type::OID => Self::Integer,
            Type::NUMERIC => Self::Numeric,
            Type::FLOAT4 | Type::FLOAT8 => Self::Float,
            Type::TEXT | Type::VARCHAR | Type::BPCHAR | Type::NAME | Type::UNKNOWN | Type::CHAR => Self::Text,
            Type::BOOL => Self::Boolean,
            Type::DATE => Self::Date,
            Type::TIME => Self::Time,
            Type::TIMESTAMP => Self::Timestamp,
            Type::TIMESTAMPTZ => Self::Zoned,
            Type::INTERVAL => Self::Interval,
            Type::JSON | Type::JSONB => Self::Json,
            _ if matches!(kind.kind(), Kind::Array(_)) => Self::List,
            _ => Self::Other,
        }
    }
}

/// A value's text; nothing for NULL is the caller's.
pub struct Cell(pub String);

impl<'b> FromSql<'b> for Cell {
    fn from_sql(kind: &Type, raw: &'b [u8]) -> Result<Self, Failure> {
        text(kind, raw).map(Self)
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

/// Days from 1970 to 2000, where PostgreSQL counts from.
const EPOCH_DAYS: i64 = 10_957;
const DAY: i64 = 86_400_000_000;

fn text(kind: &Type, raw: &[u8]) -> Result<String, Failure> {
    Ok(match *kind {
        Type::BOOL => (raw.first() == Some(&1)).to_string(),
        Type::INT2 => i16::from_be_bytes(raw.try_into()?).to_string(),
        Type::INT4 => i32::from_be_bytes(raw.try_into()?).to_string(),
        Type::INT8 => i64::from_be_bytes(raw.try_into()?).to_string(),
        Type::OID => u32::from_be_bytes(raw.try_into()?).to_string(),
        Type::FLOAT4 => f32::from_be_bytes(raw.try_into()?).to_string(),
        Type::FLOAT8 => f64::from_be_bytes(raw.try_into()?).to_string(),
        Type::NUMERIC => numeric(raw)?,
        Type::DATE => clock(i64::from(i32::from_be_bytes(raw.try_into()?)) * DAY).0,
        Type::TIME => clock(i64::from_be_bytes(raw.try_into()?)).1,
        Type::TIMESTAMP | Type::TIMESTAMPTZ => {
            let (day, time) = clock(i64::from_be_bytes(raw.try_into()?));
            format!("{day} {time}")
        }
        Type::INTERVAL => {
            let (time, rest) = raw.split_at_checked(8).ok_or("short interval")?;
            let (days, months) = rest.split_at_checked(4).ok_or("short interval")?;
            format!(
                "{} months {} days {} us",
                i32::from_be_bytes(months.try_into()?),
                i32::from_be_bytes(days.try_into()?),
                i64::from_be_bytes(time.try_into()?)
            )
        }
        Type::JSONB => std::str::from_utf8(raw.get(1..).ok_or("short jsonb")?)?.to_owned(),
        _ => match kind.kind() {
            Kind::Array(element) => list(element, raw)?,
            _ => std::str::from_utf8(raw)?.to_owned(),
        },
    })
}

/// Day and time of day of microseconds since 2000.
fn clock(since: i64) -> (String, String) {
    match since {
        i64::MAX => return ("infinity".into(), String::new()),
        i64::MIN => return ("-infinity".into(), String::new()),
        _ => {}
    }
    let (days, rest) = (since.div_euclid(DAY) + EPOCH_DAYS, since.rem_euclid(DAY));
    let day = i32::try_from(days).ok().and_then(chrono::NaiveDate::from_epoch_days);
    let day = day.map_or_else(|| format!("day {days}"), |day| day.to_string());
    let (seconds, micros) = (rest / 1_000_000, rest % 1_000_000);
    (day, format!("{:02}:{:02}:{:02}.{micros:06}", seconds / 3600, seconds / 60 % 60, seconds % 60))
}

/// `{…}` of one dimension; more are told by their bounds.
fn list(element: &Type, raw: &[u8]) -> Result<String, Failure> {
    let word = |at: usize| -> Result<i32, Failure> {
        Ok(i32::from_be_bytes(raw.get(at..at + 4).ok_or("short list")?.try_into()?))
    };
    let dimensions = usize::try_from(word(0)?)?;
    let mut at = 12 + 8 * dimensions;
    let mut cells = Vec::new();
    while at < raw.len() {
        let length = word(at)?;
        at += 4;
        let Ok(length) = usize::try_from(length) else {
            cells.push("NULL".to_owned());
            continue;
        };
        cells.push(format!("{:?}", text(element, raw.get(at..at + length).ok_or("short list")?)?));
        at += length;
    }
    Ok(format!(
        "{}{{{}}}",
        if dimensions > 1 { format!("{dimensions}d") } else { String::new() },
        cells.join(",")
    ))
}

#[test]
fn times_have_their_texts() {
    assert_eq!(clock(0), ("2000-01-01".into(), "00:00:00.000000".into()));
    assert_eq!(clock(-1), ("1999-12-31".into(), "23:59:59.999999".into()));
}
