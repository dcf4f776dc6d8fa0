//! The protocol's `numeric`: digits in groups of four, as many as there are. Between it, its text, and the engine's decimals.

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::{DataType, Decimal128Type, i256};
use datafusion::scalar::ScalarValue;
use pujiang_warehouse::written;

/// Digits a group has.
const GROUP: usize = 4;
/// Digits the engine's widest decimal has.
const MOST_DIGITS: usize = 76;
/// The sign of a number below zero.
const NEGATIVE: u16 = 0x4000;

/// The decimal in a row, as text.
pub fn text(array: &ArrayRef, row: usize) -> Option<String> {
    match array.data_type() {
        DataType::Decimal128(..) => Some(array.as_primitive::<Decimal128Type>().value_as_string(row)),
        _ => array.as_primitive_opt().map(|decimals| written(decimals, row)),
    }
}

/// The text of a decimal in the binary form.
pub fn to_binary(text: &str) -> Vec<u8> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (NEGATIVE, digits),
        None => (0, text),
    };
    let (whole, behind) = digits.split_once('.').unwrap_or((digits, ""));
    let whole = whole.trim_start_matches('0');
    let whole_groups = whole.len().div_ceil(GROUP);
    let padded = format!(
        "{whole:0>before$}{behind:0<after$}",
        before = whole_groups * GROUP,
        after = behind.len().div_ceil(GROUP) * GROUP
    );
    let mut groups: Vec<u16> = padded
        .as_bytes()
        .chunks(GROUP)
        .map(|group| group.iter().fold(0, |sum, digit| sum * 10 + u16::from(digit - b'0')))
        .collect();
    while groups.last() == Some(&0) {
        groups.pop();
    }
    let leading = groups.iter().take_while(|group| **group == 0).count();
    groups.drain(..leading);
    let count = |number: usize| i16::try_from(number).unwrap_or(i16::MAX);
    let weight = if groups.is_empty() { 0 } else { count(whole_groups) - 1 - count(leading) };
    let sign = if groups.is_empty() { 0 } else { sign };
    let mut bytes = Vec::with_capacity(8 + groups.len() * 2);
    bytes.extend(count(groups.len()).to_be_bytes());
    bytes.extend(weight.to_be_bytes());
    bytes.extend(sign.to_be_bytes());
    bytes.extend(count(behind.len()).to_be_bytes());
    groups.iter().for_each(|group| bytes.extend(group.to_be_bytes()));
    bytes
}

/// The text of the binary form; none of what is no finite number.
pub fn from_binary(bytes: &[u8]) -> Option<String> {
    let mut halves = bytes.chunks_exact(2).map(|half| u16::from_be_bytes([half[0], half[1]]));
    let (count, weight) = (usize::from(halves.next()?), halves.next()?.cast_signed());
    let (sign, scale) = (halves.next()?, usize::from(halves.next()?));
    let groups: Vec<u16> = halves.collect();
    if groups.len() != count
        || !matches!(sign, 0 | NEGATIVE)
        || scale > 1_000
        || weight.unsigned_abs() > 1_000
    {
        return None;
    }
    let group = |place: i32| {
        let at = usize::try_from(i32::from(weight) - place).ok();
        at.and_then(|at| groups.get(at)).copied().unwrap_or(0)
    };
    let mut whole: String =
        (0..=i32::from(weight)).rev().map(|place| format!("{:04}", group(place))).collect();
    whole = whole.trim_start_matches('0').to_owned();
    let behind_groups = i32::try_from(scale.div_ceil(GROUP)).ok()?;
    let mut behind: String = (1..=behind_groups).map(|place| format!("{:04}", group(-place))).collect();
    behind.truncate(scale);
    let sign = if sign == NEGATIVE { "-" } else { "" };
    let whole = if whole.is_empty() { "0" } else { &whole };
    Some(if behind.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{behind}") })
}

/// A text as a decimal of as many digits as it has: the engine widens it to what it is compared with.
pub fn decimal(text: &str) -> Option<ScalarValue> {
    let text = text.trim();
    let (number, exponent) = match text.split_once(['e', 'E']) {
        Some((number, exponent)) => (number, exponent.parse::<i32>().ok()?),
        None => (text, 0),
    };
    let (sign, number) = match number.strip_prefix('-') {
        Some(number) => ("-", number),
        None => ("", number.strip_prefix('+').unwrap_or(number)),
    };
    let (whole, behind) = number.split_once('.').unwrap_or((number, ""));
    let mut digits = format!("{whole}{behind}");
    if digits.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let mut scale = i32::try_from(behind.len()).ok()?.checked_sub(exponent)?;
    if scale < 0 {
        digits.push_str(&"0".repeat(usize::try_from(-scale).ok().filter(|zeros| *zeros <= MOST_DIGITS)?));
        scale = 0;
    }
    let digits = digits.trim_start_matches('0');
    let precision = digits.len().max(usize::try_from(scale).ok()?).max(1);
    if precision > MOST_DIGITS {
        return None;
    }
    let (precision, scale) = (u8::try_from(precision).ok()?, i8::try_from(scale).ok()?);
    let value = i256::from_string(&format!("{sign}{}", if digits.is_empty() { "0" } else { digits }))?;
    Some(match value.to_i128() {
        Some(value) if precision <= 38 => ScalarValue::Decimal128(Some(value), precision, scale),
        _ => ScalarValue::Decimal256(Some(value), precision, scale),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_go_there_and_back() {
        for (text, groups) in [
            ("0", &[][..]),
            ("0.00", &[]),
            ("1", &[1]),
            ("-12345.678", &[1, 2345, 6780]),
            ("10000", &[1]),
            ("0.0001", &[1]),
            ("0.00001234", &[1234]),
            (
                "99999999999999999999999999999999999999.5",
                &[99, 9999, 9999, 9999, 9999, 9999, 9999, 9999, 9999, 9999, 5000],
            ),
        ] {
            let bytes = to_binary(text);
            let written: Vec<u16> =
                bytes[8..].chunks(2).map(|group| u16::from_be_bytes([group[0], group[1]])).collect();
            assert_eq!(written, groups, "{text}");
            assert_eq!(from_binary(&bytes).as_deref(), Some(text));
        }
        assert_eq!(from_binary(&[0, 0, 0, 0, 0xc0, 0, 0, 0]), None, "NaN");
        assert_eq!(from_binary(&[0, 9]), None);
    }

    #[test]
    fn texts_keep_their_digits() {
        for (text, want) in [
            ("0", ScalarValue::Decimal128(Some(0), 1, 0)),
            ("10.25", ScalarValue::Decimal128(Some(1_025), 4, 2)),
            ("0.005", ScalarValue::Decimal128(Some(5), 3, 3)),
            ("-12345678.90", ScalarValue::Decimal128(Some(-1_234_567_890), 10, 2)),
            ("1E+3", ScalarValue::Decimal128(Some(1_000), 4, 0)),
            ("1.5e-2", ScalarValue::Decimal128(Some(15), 3, 3)),
        ] {
            assert_eq!(decimal(text), Some(want), "{text}");
        }
        let long = "9".repeat(40);
        assert_eq!(decimal(&long), Some(ScalarValue::Decimal256(i256::from_string(&long), 40, 0)));
        for text in ["", "x", "1.2.3", "NaN", "1e99", "-"] {
            assert_eq!(decimal(text), None, "{text}");
        }
    }
}
