//! Elements of array parameters: read out of the array as it is sent, in text or binary, each as its own type says.

use arrow::datatypes::DataType;
use datafusion::scalar::ScalarValue;
use pgwire::api::Type;
use pujiang_warehouse::array_elements;

use super::numeric;

/// Days from 1970, where the engine counts from, to 2000, where the protocol does.
const DAYS_TO_2000: i32 = 10_957;
/// The same in microseconds.
const MICROS_TO_2000: i64 = 946_684_800_000_000;

/// The elements of an array in text form.
pub fn of_text(bytes: &[u8]) -> Option<Vec<Option<Vec<u8>>>> {
    let elements = array_elements(std::str::from_utf8(bytes).ok()?).ok()?;
    Some(elements.into_iter().map(|element| element.map(String::into_bytes)).collect())
}

/// The elements of an array of one dimension in binary form.
pub fn of_binary(bytes: &[u8]) -> Option<Vec<Option<Vec<u8>>>> {
    let mut rest = bytes;
    let mut number = || -> Option<i32> {
        let (head, tail) = rest.split_first_chunk::<4>()?;
        rest = tail;
        Some(i32::from_be_bytes(*head))
    };
    let (dimensions, _has_nulls, _element) = (number()?, number()?, number()?);
    match dimensions {
        0 => return Some(Vec::new()),
        1 => {}
        _ => return None,
    }
    let (count, _lower) = (usize::try_from(number()?).ok()?, number()?);
    let mut elements = Vec::new();
    for _ in 0..count {
        let (head, tail) = rest.split_first_chunk::<4>()?;
        rest = tail;
        elements.push(match usize::try_from(i32::from_be_bytes(*head)) {
            Err(_) => None,
            Ok(length) => {
                let (element, tail) = rest.split_at_checked(length)?;
                rest = tail;
                Some(element.to_vec())
            }
        });
    }
    rest.is_empty().then_some(elements)
}

/// What the elements of an array type are; none of any other type.
pub fn element_type(wire: &Type) -> Option<Type> {
    Some(match *wire {
        Type::BOOL_ARRAY => Type::BOOL,
        Type::INT2_ARRAY => Type::INT2,
        Type::INT4_ARRAY => Type::INT4,
        Type::INT8_ARRAY => Type::INT8,
        Type::OID_ARRAY => Type::OID,
        Type::FLOAT4_ARRAY => Type::FLOAT4,
        Type::FLOAT8_ARRAY => Type::FLOAT8,
        Type::NUMERIC_ARRAY => Type::NUMERIC,
        Type::BYTEA_ARRAY => Type::BYTEA,
        Type::DATE_ARRAY => Type::DATE,
        Type::TIME_ARRAY => Type::TIME,
        Type::TIMESTAMP_ARRAY => Type::TIMESTAMP,
        Type::TIMESTAMPTZ_ARRAY => Type::TIMESTAMPTZ,
        Type::UUID_ARRAY => Type::UUID,
        Type::TEXT_ARRAY => Type::TEXT,
        Type::VARCHAR_ARRAY => Type::VARCHAR,
        Type::BPCHAR_ARRAY => Type::BPCHAR,
        Type::NAME_ARRAY => Type::NAME,
        _ => return None,
    })
}

/// The engine's type of an element.
pub fn engine_type(wire: &Type) -> Option<DataType> {
    use arrow::datatypes::TimeUnit::{Microsecond, Nanosecond};
    Some(match *wire {
        Type::BOOL => DataType::Boolean,
        Type::INT2 => DataType::Int16,
        Type::INT4 => DataType::Int32,
        Type::INT8 | Type::OID => DataType::Int64,
        Type::FLOAT4 => DataType::Float32,
        Type::FLOAT8 => DataType::Float64,
        Type::NUMERIC => DataType::Decimal128(1, 0),
        Type::BYTEA => DataType::Binary,
        Type::DATE => DataType::Date32,
        Type::TIME => DataType::Time64(Nanosecond),
        Type::TIMESTAMP | Type::TIMESTAMPTZ => DataType::Timestamp(Microsecond, None),
        Type::TEXT | Type::VARCHAR | Type::BPCHAR | Type::NAME | Type::JSON | Type::UUID | Type::CHAR => {
            DataType::Utf8
        }
        _ => return None,
    })
}

/// The array type of elements of an engine type.
pub fn array_type(element: &DataType) -> Option<Type> {
    Some(match element {
        DataType::Boolean => Type::BOOL_ARRAY,
        DataType::Int8 | DataType::Int16 => Type::INT2_ARRAY,
        DataType::Int32 => Type::INT4_ARRAY,
        DataType::Int64 => Type::INT8_ARRAY,
        DataType::Float32 => Type::FLOAT4_ARRAY,
        DataType::Float64 => Type::FLOAT8_ARRAY,
        DataType::Date32 => Type::DATE_ARRAY,
        DataType::Timestamp(_, None) => Type::TIMESTAMP_ARRAY,
        DataType::Timestamp(_, Some(_)) => Type::TIMESTAMPTZ_ARRAY,
        DataType::Time64(_) => Type::TIME_ARRAY,
        decimal if decimal.is_decimal() => Type::NUMERIC_ARRAY,
        text if text.is_string() => Type::TEXT_ARRAY,
        _ => return None,
    })
}

/// An element in binary form; moments with a zone are read elsewhere.
pub fn binary(wire: &Type, bytes: &[u8]) -> Option<ScalarValue> {
    fn fixed<const N: usize>(bytes: &[u8]) -> Option<[u8; N]> {
        bytes.try_into().ok()
    }
    Some(match *wire {
        Type::BOOL => ScalarValue::from(*bytes.first()? != 0),
        Type::INT2 => ScalarValue::from(i16::from_be_bytes(fixed(bytes)?)),
        Type::INT4 => ScalarValue::from(i32::from_be_bytes(fixed(bytes)?)),
        Type::INT8 => ScalarValue::from(i64::from_be_bytes(fixed(bytes)?)),
        Type::OID => ScalarValue::from(i64::from(u32::from_be_bytes(fixed(bytes)?))),
        Type::FLOAT4 => ScalarValue::from(f32::from_be_bytes(fixed(bytes)?)),
        Type::FLOAT8 => ScalarValue::from(f64::from_be_bytes(fixed(bytes)?)),
        Type::NUMERIC => numeric::decimal(&numeric::from_binary(bytes)?)?,
        Type::BYTEA => ScalarValue::Binary(Some(bytes.to_vec())),
        Type::DATE => ScalarValue::Date32(i32::from_be_bytes(fixed(bytes)?).checked_add(DAYS_TO_2000)),
        Type::TIME => ScalarValue::Time64Nanosecond(i64::from_be_bytes(fixed(bytes)?).checked_mul(1_000)),
        Type::TIMESTAMP | Type::TIMESTAMPTZ => {
            let micros = i64::from_be_bytes(fixed(bytes)?).checked_add(MICROS_TO_2000);
            ScalarValue::TimestampMicrosecond(micros, None)
        }
        Type::UUID => ScalarValue::from(uuid::Uuid::from_slice(bytes).ok()?.hyphenated().to_string()),
        _ => ScalarValue::from(std::str::from_utf8(bytes).ok()?),
    })
}

/// An element in text form.
pub fn text(wire: &Type, bytes: &[u8]) -> Option<ScalarValue> {
    let text = std::str::from_utf8(bytes).ok()?;
    match *wire {
        Type::NUMERIC => numeric::decimal(text),
        Type::BYTEA => {
            let digits = text.strip_prefix("\\x")?;
            let bytes = digits
                .as_bytes()
                .chunks(2)
                .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok());
            bytes.collect::<Option<Vec<u8>>>().map(|bytes| ScalarValue::Binary(Some(bytes)))
        }
        _ => ScalarValue::from(text).cast_to(&engine_type(wire)?).ok(),
    }
}

/// One type for all elements: decimals of different digits get room for each.
pub fn common_type(elements: &[ScalarValue], empty: DataType) -> DataType {
    let mut types = elements.iter().map(ScalarValue::data_type).filter(|kind| !kind.is_null());
    let Some(first) = types.next() else { return empty };
    types.fold(first, |common, other| match (parts(&common), parts(&other)) {
        (Some((whole, scale)), Some((other_whole, other_scale))) => {
            let (whole, scale) = (whole.max(other_whole), scale.max(other_scale));
            let precision = u8::try_from(whole + scale).unwrap_or(76).clamp(1, 76);
            let scale = i8::try_from(scale).unwrap_or(0);
            if precision <= 38 {
                DataType::Decimal128(precision, scale)
            } else {
                DataType::Decimal256(precision, scale)
            }
        }
        _ => common,
    })
}

/// Digits before and behind the point.
fn parts(data_type: &DataType) -> Option<(i32, i32)> {
    match data_type {
        DataType::Decimal128(precision, scale) | DataType::Decimal256(precision, scale) => {
            Some((i32::from(*precision) - i32::from(*scale), i32::from(*scale)))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn binary_arrays_are_taken_apart() {
        let mut bytes: Vec<u8> =
            [1_i32, 1, 23, 2, 1, 4, 7, -1].into_iter().flat_map(i32::to_be_bytes).collect();
        let elements = of_binary(&bytes).expect("elements");
        assert_eq!(elements, [Some(7_i32.to_be_bytes().to_vec()), None]);
        assert_eq!(binary(&Type::INT4, elements[0].as_deref().expect("7")), Some(ScalarValue::from(7_i32)));
        assert_eq!(of_binary(&[0; 12]), Some(vec![]));
        bytes.pop();
        assert_eq!(of_binary(&bytes), None);
        let two: Vec<u8> = [2_i32, 0, 23].into_iter().flat_map(i32::to_be_bytes).collect();
        assert_eq!(of_binary(&two), None);
    }

    #[test]
    fn elements_are_what_their_type_says() {
        let date = ScalarValue::Date32(Some(20_727));
        assert_eq!(text(&Type::DATE, b"2026-10-01"), Some(date.clone()));
        assert_eq!(binary(&Type::DATE, &9_770_i32.to_be_bytes()), Some(date));
        assert_eq!(text(&Type::NUMERIC, b"10.25"), Some(ScalarValue::Decimal128(Some(1_025), 4, 2)));
        assert_eq!(text(&Type::BOOL, b"t"), Some(ScalarValue::from(true)));
        assert_eq!(text(&Type::BYTEA, b"\\x0aff"), Some(ScalarValue::Binary(Some(vec![10, 255]))));
        assert_eq!(text(&Type::INT4, b"x"), None);
        let decimals = ["10.5", "0.125"].map(|text| numeric::decimal(text).expect("decimal"));
        assert_eq!(common_type(&decimals, DataType::Utf8), DataType::Decimal128(5, 3));
    }
}
