//! Parameters of a client as values of the engine. The wire type says how the bytes are read; what the engine compares
//! the value with decides only where a text has to become something else, or a number would not fit.

use arrow::datatypes::DataType;
use arrow_pg::datatypes::into_pg_type;
use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, Timelike};
use datafusion::common::ParamValues;
use datafusion::scalar::ScalarValue;
use pgwire::api::Type;
use pgwire::api::portal::{Format, Portal};
use pgwire::api::results::FieldFormat;
use pgwire::error::PgWireError;
use pujiang_warehouse::time_of_text;
use rust_decimal::Decimal;

use super::failure::Failure;
use super::statement::{Parameter, Stored};

/// Days from year one, where chrono counts from, to 1970, where the engine does.
const EPOCH_DAYS: i32 = 719_163;

/// Shanghai keeps UTC+8 all year; the lake keeps its wall clock.
const SHANGHAI_SECONDS: i64 = 8 * 3600;

/// How a parameter is sent: as the client said, else as fits the engine, else as text.
pub fn wire_type(said: Option<&Type>, engine: Option<&DataType>) -> Type {
    if let Some(said) = said.filter(|said| **said != Type::UNKNOWN) {
        return said.clone();
    }
    engine
        .and_then(|engine| into_pg_type(engine).ok())
        .filter(|wire| *wire != Type::UNKNOWN)
        .unwrap_or(Type::TEXT)
}

/// All parameters of a portal, in order.
pub fn values(portal: &Portal<Stored>) -> Result<ParamValues, Failure> {
    let parameters = portal.statement.statement.parameters();
    if portal.parameters.len() != parameters.len() {
        let text = format!("语句有 {} 个参数，收到 {} 个。", parameters.len(), portal.parameters.len());
        return Err(Failure::error("08P01", text));
    }
    if let Format::Individual(codes) = &portal.parameter_format
        && codes.len() != parameters.len()
    {
        return Err(Failure::error("08P01", "参数格式的个数与参数不符。"));
    }
    let values = parameters.iter().enumerate().map(|(at, parameter)| {
        let value = value(portal, at, parameter).map_err(|failure| failure.about_parameter(at + 1))?;
        Ok(value.into())
    });
    values.collect::<Result<Vec<_>, Failure>>().map(ParamValues::List)
}

fn value(portal: &Portal<Stored>, at: usize, parameter: &Parameter) -> Result<ScalarValue, Failure> {
    let Some(Some(bytes)) = portal.parameters.get(at) else {
        return null(parameter);
    };
    let read = Reader { portal, at, bytes, wire: &parameter.wire };
    adapted(read.natural(parameter.engine.as_ref())?, parameter.engine.as_ref())
}

fn null(parameter: &Parameter) -> Result<ScalarValue, Failure> {
    let Some(engine) = &parameter.engine else { return Ok(ScalarValue::Utf8(None)) };
    ScalarValue::try_from(engine).map_err(|_| unsupported(&parameter.wire))
}

struct Reader<'a> {
    portal: &'a Portal<Stored>,
    at: usize,
    bytes: &'a [u8],
    wire: &'a Type,
}

impl Reader<'_> {
    /// The value as its wire type has it.
    fn natural(&self, engine: Option<&DataType>) -> Result<ScalarValue, Failure> {
        let portal = self.portal;
        let (at, wire) = (self.at, self.wire);
        let value = match *wire {
            Type::BOOL => ScalarValue::Boolean(portal.parameter(at, wire).map_err(bad)?),
            Type::INT2 => ScalarValue::Int16(portal.parameter(at, wire).map_err(bad)?),
            Type::INT4 => ScalarValue::Int32(portal.parameter(at, wire).map_err(bad)?),
            Type::INT8 => ScalarValue::Int64(portal.parameter(at, wire).map_err(bad)?),
            Type::OID => ScalarValue::Int64(portal.parameter::<u32>(at, wire).map_err(bad)?.map(i64::from)),
            Type::FLOAT4 => ScalarValue::Float32(portal.parameter(at, wire).map_err(bad)?),
            Type::FLOAT8 => ScalarValue::Float64(portal.parameter(at, wire).map_err(bad)?),
            Type::NUMERIC => decimal(portal.parameter(at, wire).map_err(bad)?),
            Type::BYTEA => ScalarValue::Binary(portal.parameter(at, wire).map_err(bad)?),
            Type::DATE => {
                let date: Option<NaiveDate> = portal.parameter(at, wire).map_err(bad)?;
                ScalarValue::Date32(date.map(|date| chrono::Datelike::num_days_from_ce(&date) - EPOCH_DAYS))
            }
            Type::TIME => {
                let time: Option<NaiveTime> = portal.parameter(at, wire).map_err(bad)?;
                ScalarValue::Time64Nanosecond(time.map(|time| {
                    i64::from(time.num_seconds_from_midnight()) * 1_000_000_000 + i64::from(time.nanosecond())
                }))
            }
            Type::TIMESTAMP => {
                let time: Option<NaiveDateTime> = portal.parameter(at, wire).map_err(bad)?;
                ScalarValue::TimestampMicrosecond(time.map(|time| time.and_utc().timestamp_micros()), None)
            }
            Type::TIMESTAMPTZ if self.is_binary() => zoned(portal.parameter(at, wire).map_err(bad)?, engine),
            Type::TIMESTAMPTZ => {
                let text = std::str::from_utf8(self.bytes).map_err(|_| unreadable())?;
                moment(text, engine).ok_or_else(unreadable)?
            }
            Type::UUID if self.is_binary() => {
                let id = uuid::Uuid::from_slice(self.bytes).map_err(|_| unreadable())?;
                ScalarValue::Utf8(Some(id.hyphenated().to_string()))
            }
            Type::INTERVAL if self.is_binary() => interval(self.bytes)?,
            // The first byte of binary jsonb is its version.
            Type::JSONB if self.is_binary() => text(self.bytes.get(1..).unwrap_or_default())?,
            Type::BOOL_ARRAY => {
                list(portal.parameter(at, wire).map_err(bad)?, ScalarValue::Boolean, &DataType::Boolean)
            }
            Type::INT2_ARRAY => {
                list(portal.parameter(at, wire).map_err(bad)?, ScalarValue::Int16, &DataType::Int16)
            }
            Type::INT4_ARRAY => {
                list(portal.parameter(at, wire).map_err(bad)?, ScalarValue::Int32, &DataType::Int32)
            }
            Type::INT8_ARRAY => {
                list(portal.parameter(at, wire).map_err(bad)?, ScalarValue::Int64, &DataType::Int64)
            }
            Type::FLOAT4_ARRAY => {
                list(portal.parameter(at, wire).map_err(bad)?, ScalarValue::Float32, &DataType::Float32)
            }
            Type::FLOAT8_ARRAY => {
                list(portal.parameter(at, wire).map_err(bad)?, ScalarValue::Float64, &DataType::Float64)
            }
            Type::TEXT_ARRAY | Type::VARCHAR_ARRAY => {
                list(portal.parameter(at, wire).map_err(bad)?, ScalarValue::Utf8, &DataType::Utf8)
            }
            // Texts are their bytes in both formats.
            Type::TEXT | Type::VARCHAR | Type::BPCHAR | Type::NAME | Type::JSON | Type::CHAR => {
                text(self.bytes)?
            }
            // Whatever else comes as text is what the engine makes of that text.
            _ if !self.is_binary() => text(self.bytes)?,
            _ => return Err(unsupported(wire)),
        };
        Ok(value)
    }

    fn is_binary(&self) -> bool {
        self.portal.parameter_format.format_for(self.at) == FieldFormat::Binary
    }
}

fn list<T>(
    items: Option<Vec<Option<T>>>,
    scalar: fn(Option<T>) -> ScalarValue,
    item: &DataType,
) -> ScalarValue {
    let items: Vec<ScalarValue> = items.unwrap_or_default().into_iter().map(scalar).collect();
    ScalarValue::List(ScalarValue::new_list_nullable(&items, item))
}

fn text(bytes: &[u8]) -> Result<ScalarValue, Failure> {
    let text = std::str::from_utf8(bytes).map_err(|_| Failure::error("22021", "文字不是 UTF8 编码。"))?;
    Ok(ScalarValue::Utf8(Some(text.to_owned())))
}

/// As many digits as the number has: the engine widens it to what it is compared with.
fn decimal(value: Option<Decimal>) -> ScalarValue {
    let Some(value) = value else { return ScalarValue::Decimal128(None, 1, 0) };
    let scale = u8::try_from(value.scale()).unwrap_or(0);
    let digits = u8::try_from(value.mantissa().unsigned_abs().to_string().len()).unwrap_or(38);
    ScalarValue::Decimal128(
        Some(value.mantissa()),
        digits.max(scale).max(1),
        i8::try_from(scale).unwrap_or(0),
    )
}

/// Microseconds, days, months, as the protocol writes them.
fn interval(bytes: &[u8]) -> Result<ScalarValue, Failure> {
    let (micros, rest) = bytes.split_first_chunk::<8>().ok_or_else(unreadable)?;
    let (days, rest) = rest.split_first_chunk::<4>().ok_or_else(unreadable)?;
    let (months, _) = rest.split_first_chunk::<4>().ok_or_else(unreadable)?;
    let nanos = i64::from_be_bytes(*micros).checked_mul(1_000).ok_or_else(too_large)?;
    Ok(ScalarValue::new_interval_mdn(i32::from_be_bytes(*months), i32::from_be_bytes(*days), nanos))
}

/// A moment with its offset, compared with times of the lake: those are Shanghai's wall clock.
fn zoned(time: Option<DateTime<FixedOffset>>, engine: Option<&DataType>) -> ScalarValue {
    let micros = time.map(|time| time.timestamp_micros());
    match engine {
        Some(DataType::Timestamp(_, Some(zone))) => {
            ScalarValue::TimestampMicrosecond(micros, Some(zone.clone()))
        }
        _ => ScalarValue::TimestampMicrosecond(micros.map(|at| at + SHANGHAI_SECONDS * 1_000_000), None),
    }
}

/// A text as the moment it names; one without an offset is Shanghai's.
fn moment(text: &str, engine: Option<&DataType>) -> Option<ScalarValue> {
    let text = text.trim();
    for format in ["%Y-%m-%d %H:%M:%S%.f%#z", "%Y-%m-%dT%H:%M:%S%.f%#z"] {
        if let Ok(time) = DateTime::parse_from_str(text, format) {
            return Some(zoned(Some(time), engine));
        }
    }
    for format in ["%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M:%S%.f"] {
        if let Ok(time) = NaiveDateTime::parse_from_str(text, format) {
            let time = time
                .and_local_timezone(FixedOffset::east_opt(i32::try_from(SHANGHAI_SECONDS).ok()?)?)
                .single();
            return Some(zoned(time, engine));
        }
    }
    None
}

/// What the engine can compare: texts become what they are compared with, whole numbers get the width of the column.
/// Everything else the engine widens itself, as it does with literals.
fn adapted(value: ScalarValue, engine: Option<&DataType>) -> Result<ScalarValue, Failure> {
    let Some(engine) = engine else { return Ok(value) };
    match (&value, engine) {
        (_, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View | DataType::Null) => Ok(value),
        (ScalarValue::Utf8(Some(text)), DataType::Timestamp(_, _)) => match moment(text, Some(engine)) {
            Some(moment) => Ok(moment),
            None => time_of_text(text, engine).ok_or_else(unreadable),
        },
        (ScalarValue::Utf8(Some(text)), DataType::Date32 | DataType::Time64(_)) => {
            time_of_text(text, engine).ok_or_else(unreadable)
        }
        (ScalarValue::Utf8(Some(_)), _) => value.cast_to(engine).map_err(|_| unreadable()),
        _ if value.data_type().is_integer() && engine.is_integer() => {
            value.cast_to(engine).map_err(|_| too_large())
        }
        _ => Ok(value),
    }
}

fn bad(error: PgWireError) -> Failure {
    match error {
        PgWireError::InvalidRustTypeForParameter(_) => Failure::error("0A000", "暂不支持这种类型的参数。"),
        _ => unreadable(),
    }
}

fn unreadable() -> Failure {
    Failure::error("22P02", "参数的写法与它的类型不符。")
}

fn too_large() -> Failure {
    Failure::error("22003", "参数的数值超出范围。")
}

fn unsupported(wire: &Type) -> Failure {
    Failure::error("0A000", format!("暂不支持类型为 {} 的参数。", wire.name()))
}

#[cfg(test)]
mod tests {
    use arrow::datatypes::TimeUnit;

    use super::*;

    fn utf8(text: &str) -> ScalarValue {
        ScalarValue::Utf8(Some(text.to_owned()))
    }

    #[test]
    fn texts_become_what_they_are_compared_with() {
        let naive = DataType::Timestamp(TimeUnit::Microsecond, None);
        let half_past = ScalarValue::TimestampMicrosecond(Some(1_790_814_600_000_000), None);
        let cases = [
            (utf8("7"), DataType::Int64, ScalarValue::Int64(Some(7))),
            (utf8("2026-10-01"), DataType::Date32, ScalarValue::Date32(Some(20_727))),
            (utf8("2026/10/1"), DataType::Date32, ScalarValue::Date32(Some(20_727))),
            (utf8("2026/10/1 0:30"), naive.clone(), half_past.clone()),
            (utf8("10.25"), DataType::Decimal128(12, 2), ScalarValue::Decimal128(Some(1_025), 12, 2)),
            // 00:30 in Shanghai, said in three ways.
            (utf8("2026-10-01 00:30:00"), naive.clone(), half_past.clone()),
            (utf8("2026-09-30 16:30:00+00"), naive.clone(), half_past.clone()),
            (utf8("2026-10-01T00:30:00+08:00"), naive, half_past),
            (ScalarValue::Int16(Some(5)), DataType::Int64, ScalarValue::Int64(Some(5))),
            (ScalarValue::Int64(Some(5)), DataType::Decimal128(12, 2), ScalarValue::Int64(Some(5))),
            (utf8("310104"), DataType::Utf8View, utf8("310104")),
        ];
        for (value, engine, want) in cases {
            assert_eq!(adapted(value.clone(), Some(&engine)).expect("adapts"), want, "{value} {engine}");
        }
        assert!(adapted(utf8("x"), Some(&DataType::Int64)).is_err());
        assert!(adapted(ScalarValue::Int64(Some(1 << 40)), Some(&DataType::Int32)).is_err());
    }

    #[test]
    fn decimals_keep_their_digits() {
        let cases = [("0", 1, 0), ("10.25", 4, 2), ("0.005", 3, 3), ("-12345678.90", 10, 2)];
        for (text, precision, scale) in cases {
            let value = decimal(Some(text.parse().expect("decimal")));
            assert_eq!(value.data_type(), DataType::Decimal128(precision, scale), "{text}");
        }
    }

    #[test]
    fn wire_types() {
        assert_eq!(wire_type(Some(&Type::INT2), Some(&DataType::Int64)), Type::INT2);
        assert_eq!(wire_type(Some(&Type::UNKNOWN), Some(&DataType::Int64)), Type::INT8);
        assert_eq!(wire_type(None, Some(&DataType::Decimal128(12, 2))), Type::NUMERIC);
        assert_eq!(wire_type(None, Some(&DataType::Null)), Type::TEXT);
        assert_eq!(wire_type(None, None), Type::TEXT);
    }
}
