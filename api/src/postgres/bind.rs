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

use super::failure::Failure;
use super::statement::{Parameter, Stored};
use super::{elements, numeric};

/// Days from year one, where chrono counts from, to 1970, where the engine does.
const EPOCH_DAYS: i32 = 719_163;

/// Shanghai keeps UTC+8 all year; the lake keeps its wall clock.
const SHANGHAI_SECONDS: i64 = 8 * 3600;

/// How a parameter is sent: as the client said, else as fits the engine, else as text.
pub fn wire_type(said: Option<&Type>, engine: Option<&DataType>) -> Type {
    if let Some(said) = said.filter(|said| **said != Type::UNKNOWN) {
        return said.clone();
    }
    let of_engine = |engine: &DataType| match engine {
        DataType::List(field) => elements::array_type(field.data_type()),
        decimal if decimal.is_decimal() => Some(Type::NUMERIC),
        DataType::UInt64 => Some(Type::INT8),
        other => into_pg_type(other).ok(),
    };
    engine.and_then(of_engine).filter(|wire| *wire != Type::UNKNOWN).unwrap_or(Type::TEXT)
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
            Type::NUMERIC => self.decimal()?,
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
            // Texts are their bytes in both formats.
            Type::TEXT | Type::VARCHAR | Type::BPCHAR | Type::NAME | Type::JSON | Type::CHAR => {
                text(self.bytes)?
            }
            _ if elements::element_type(wire).is_some() => self.array(engine)?,
            // Whatever else comes as text is what the engine makes of that text.
            _ if !self.is_binary() => text(self.bytes)?,
            _ => return Err(unsupported(wire)),
        };
        Ok(value)
    }

    fn decimal(&self) -> Result<ScalarValue, Failure> {
        let text = match self.is_binary() {
            true => numeric::from_binary(self.bytes),
            false => std::str::from_utf8(self.bytes).ok().map(str::to_owned),
        };
        text.and_then(|text| numeric::decimal(&text)).ok_or_else(unreadable)
    }

    /// An array of one dimension. Elements become what they are compared with, as single values do.
    fn array(&self, engine: Option<&DataType>) -> Result<ScalarValue, Failure> {
        let wire = &elements::element_type(self.wire).ok_or_else(|| unsupported(self.wire))?;
        let elements = if self.is_binary() { elements::of_binary } else { elements::of_text };
        let elements = elements(self.bytes).ok_or_else(unreadable)?;
        let natural = elements::engine_type(wire).ok_or_else(|| unsupported(self.wire))?;
        let wanted = match engine {
            Some(DataType::List(field)) => Some(field.data_type()),
            _ => None,
        };
        let value = |bytes: &Vec<u8>| {
            let value = match (self.is_binary(), wire) {
                (false, &Type::TIMESTAMPTZ) => {
                    std::str::from_utf8(bytes).ok().and_then(|text| moment(text, wanted))
                }
                (true, &Type::TIMESTAMPTZ) => elements::binary(wire, bytes).map(|time| shifted(time, wanted)),
                (false, _) => elements::text(wire, bytes),
                (true, _) => elements::binary(wire, bytes),
            };
            adapted(value.ok_or_else(unreadable)?, wanted)
        };
        let values = elements.iter().flatten().map(value).collect::<Result<Vec<_>, _>>()?;
        let common = elements::common_type(&values, wanted.cloned().unwrap_or(natural));
        let mut values = values.into_iter();
        let items = elements.iter().map(|element| {
            let value = element.as_ref().and_then(|_| values.next());
            value.unwrap_or(ScalarValue::Null).cast_to(&common).map_err(|_| unreadable())
        });
        let items = items.collect::<Result<Vec<_>, _>>()?;
        Ok(ScalarValue::List(ScalarValue::new_list_nullable(&items, &common)))
    }

    fn is_binary(&self) -> bool {
        self.portal.parameter_format.format_for(self.at) == FieldFormat::Binary
    }
}

fn text(bytes: &[u8]) -> Result<ScalarValue, Failure> {
    let text = std::str::from_utf8(bytes).map_err(|_| Failure::error("22021", "文字不是 UTF8 编码。"))?;
    Ok(ScalarValue::Utf8(Some(text.to_owned())))
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

/// A moment of an array, counted in UTC, as Shanghai's wall clock unless compared with moments.
fn shifted(time: ScalarValue, engine: Option<&DataType>) -> ScalarValue {
    match time {
        ScalarValue::TimestampMicrosecond(Some(micros), None) => {
            zoned(DateTime::from_timestamp_micros(micros).map(|time| time.fixed_offset()), engine)
        }
        other => other,
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
        (ScalarValue::List(_), DataType::List(_)) => Ok(value),
        (_, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View | DataType::Null) => Ok(value),
        (ScalarValue::Utf8(Some(text)), DataType::Timestamp(_, _)) => match moment(text, Some(engine)) {
            Some(moment) => Ok(moment),
            None => time_of_text(text, engine).ok_or_else(unreadable),
        },
        (ScalarValue::Utf8(Some(text)), DataType::Date32 | DataType::Time64(_) | DataType::Interval(_)) => {
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
    fn wire_types() {
        assert_eq!(wire_type(Some(&Type::INT2), Some(&DataType::Int64)), Type::INT2);
        assert_eq!(wire_type(Some(&Type::UNKNOWN), Some(&DataType::Int64)), Type::INT8);
        assert_eq!(wire_type(None, Some(&DataType::Decimal128(12, 2))), Type::NUMERIC);
        assert_eq!(wire_type(None, Some(&DataType::Null)), Type::TEXT);
        assert_eq!(wire_type(None, None), Type::TEXT);
    }
}
