//! Numbers: amounts with two decimals, integers. Money is decimal from here to the report; a float is
//! taken at its 15 trustworthy digits.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::Cell;
use super::text::narrow;
use crate::reason::Reason;

/// Largest amount decimal(12,2) holds.
const LIMIT: i64 = 10_000_000_000;

/// An amount of money in yuan after multiplication with the unit's factor; at most two decimals.
pub fn amount(cell: &Cell, factor: Decimal) -> Result<Decimal, Reason> {
    let value = match cell {
        Cell::Exact(text) | Cell::Text(text) => number(text).ok_or(Reason::BadNumber)?,
        Cell::Float(value) | Cell::Shown { number: value, .. } => trusted(*value).ok_or(Reason::BadNumber)?,
        _ => return Err(Reason::BadNumber),
    };
    let value = value.checked_mul(factor).ok_or(Reason::BadNumber)?.normalize();
    if value.scale() > 2 || value.abs() >= Decimal::from(LIMIT) {
        return Err(Reason::BadNumber);
    }
    Ok(value)
}

/// A whole number, such as a version.
pub fn integer(cell: &Cell) -> Result<i64, Reason> {
    let value = match cell {
        Cell::Exact(text) | Cell::Text(text) => number(text),
        Cell::Float(value) | Cell::Shown { number: value, .. } => trusted(*value),
        _ => None,
    };
    value.filter(Decimal::is_integer).and_then(|d| d.to_i64()).ok_or(Reason::BadNumber)
}

/// A coordinate in degrees.
pub fn degrees(cell: &Cell) -> Result<f64, Reason> {
    match cell {
        Cell::Exact(text) | Cell::Text(text) => number(text.trim_end_matches('°')).and_then(|d| d.to_f64()),
        Cell::Float(value) | Cell::Shown { number: value, .. } => Some(*value),
        _ => None,
    }
    .ok_or(Reason::BadNumber)
}

/// What a float means when a person typed it with few decimals: 681.9299999999999 is 681.93.
fn trusted(value: f64) -> Option<Decimal> {
    if !value.is_finite() || value.abs() >= 1e20 {
        return None;
    }
    let cents = (value * 100.0).round() / 100.0;
    let value = if (value - cents).abs() <= 1e-9_f64.max(value.abs() * 4e-16) { cents } else { value };
    let text = format!("{value:.14e}");
    Decimal::from_scientific(&text).ok().map(|d| d.normalize())
}

/// A number as people and programs write it; `None` for whatever could be read in two ways.
fn number(text: &str) -> Option<Decimal> {
    let text = narrow(text).replace('，', ",");
    let (negative, text) = match text.strip_prefix('(').and_then(|t| t.strip_suffix(')')) {
        Some(inner) => (true, inner.trim()),
        None => (false, text.as_str()),
    };
    let (sign, text) = take_sign(text);
    let (inner_sign, text) = take_sign(strip_currency(text));
    let (text, trailing) = match text.strip_suffix('-') {
        Some(rest) => (rest.trim_end(), true),
        None => (text, false),
    };
    // One minus only: "--5" or "(-5)" is a typing error, not a number.
    let minuses = usize::from(negative) + usize::from(sign) + usize::from(inner_sign) + usize::from(trailing);
    if minuses > 1 {
        return None;
    }
    let (mantissa, exponent) = match text.find(['e', 'E']) {
        Some(at) => (&text[..at], Some(text[at + 1..].parse::<i32>().ok()?)),
        None => (text, None),
    };
    let plain = ungrouped(mantissa)?;
    let value = match exponent {
        None => Decimal::from_str_exact(&plain).ok()?,
        Some(e) => Decimal::from_scientific(&format!("{plain}e{e}")).ok()?,
    };
    Some(if minuses == 1 { -value } else { value })
}

fn take_sign(text: &str) -> (bool, &str) {
    match text.strip_prefix('-') {
        Some(rest) => (true, rest.trim_start()),
        None => (false, text.strip_prefix('+').unwrap_or(text).trim_start()),
    }
}

fn strip_currency(text: &str) -> &str {
    let mut text = text;
    for prefix in ["¥", "￥", "RMB", "rmb", "CNY", "cny", "人民币"] {
        text = text.strip_prefix(prefix).unwrap_or(text).trim_start();
    }
    for suffix in ["元整", "元", "圆", "RMB", "rmb", "CNY", "cny"] {
        text = text.strip_suffix(suffix).unwrap_or(text).trim_end();
    }
    text
}

/// Digits with at most one point; commas only where they separate groups of three.
fn ungrouped(text: &str) -> Option<String> {
    let (whole, fraction) = match text.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (text, None),
    };
    let digits = |t: &str| t.bytes().all(|b| b.is_ascii_digit());
    let whole = if whole.contains(',') {
        let mut groups = whole.split(',');
        let first = groups.next()?;
        if first.is_empty() || first.len() > 3 || !digits(first) {
            return None;
        }
        let mut joined = first.to_owned();
        for group in groups {
            if group.len() != 3 || !digits(group) {
                return None;
            }
            joined.push_str(group);
        }
        joined
    } else {
        whole.to_owned()
    };
    let fraction = fraction.unwrap_or("").trim_end_matches('0');
    let empty = whole.is_empty() && text.trim_start_matches('.').is_empty();
    if empty || !digits(&whole) || !digits(fraction) || whole.len() > 20 || fraction.len() > 20 {
        return None;
    }
    if fraction.len() > 8 && whole.len() + fraction.len() > 28 {
        return None;
    }
    let whole = if whole.is_empty() { "0" } else { &whole };
    Some(if fraction.is_empty() { whole.to_owned() } else { format!("{whole}.{fraction}") })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Option<&str>) {
        let got = amount(&Cell::text(text), Decimal::ONE).ok().map(|d| d.to_string());
        assert_eq!(got.as_deref(), expected, "{text}");
    }

    #[test]
    fn amounts_as_text() {
        for (text, expected) in [
            ("385.55", Some("385.55")),
            ("0", Some("0")),
            (".5", Some("0.5")),
            ("12.", Some("12")),
            ("3,588.80", Some("3588.8")),
            ("１，２３４．５０", Some("1234.5")),
            ("1，234.50", Some("1234.5")),
            ("1,234,567.89", Some("1234567.89")),
            ("￥12.30", Some("12.3")),
            ("¥ 1,012.30元", Some("1012.3")),
            ("12.30 元", Some("12.3")),
            ("RMB 5", Some("5")),
            ("人民币5元整", Some("5")),
            ("-3", Some("-3")),
            ("－３", Some("-3")),
            ("−3", Some("-3")),
            ("￥-3.5", Some("-3.5")),
            ("(1,234.50)", Some("-1234.5")),
            ("（1,234.50）", Some("-1234.5")),
            ("12.00-", Some("-12")),
            ("+7", Some("7")),
            ("12.3400", Some("12.34")),
            ("1.2E3", Some("1200")),
            ("3.5e-1", Some("0.35")),
            ("12.345", None),
            ("免费", None),
            ("1\u{0}2", None),
            ("12,34.5", None),
            ("1234,567", None),
            ("1.234,50", None),
            ("385,55", None),
            ("(-5)", None),
            ("--5", None),
            ("1.2.3", None),
            ("12 34", None),
            ("4万", None),
            ("-", None),
            (".", None),
            ("元", None),
            ("1e99", None),
            ("99999999999", None),
            ("0x10", None),
            ("NaN", None),
            ("inf", None),
            ("1/2", None),
            ("５O", None),
        ] {
            check(text, expected);
        }
    }

    #[test]
    fn amounts_as_floats_and_units() {
        let float = |f: f64| amount(&Cell::Float(f), Decimal::ONE).ok().map(|d| d.to_string());
        assert_eq!(float(700.07 - 18.14).as_deref(), Some("681.93"));
        assert_eq!(float(0.1 + 0.2).as_deref(), Some("0.3"));
        assert_eq!(float(2.8e-14).as_deref(), Some("0"));
        assert_eq!(float(12.345), None);
        assert_eq!(float(f64::INFINITY), None);
        assert_eq!(amount(&Cell::Exact("1234".into()), Decimal::new(1, 2)).ok(), Some(Decimal::new(1234, 2)));
        assert_eq!(
            amount(&Cell::Exact("1.2345".into()), Decimal::from(10_000)).ok(),
            Some(Decimal::from(12_345))
        );
        assert_eq!(amount(&Cell::Truth(true), Decimal::ONE), Err(Reason::BadNumber));
    }

    #[test]
    fn integers() {
        assert_eq!(integer(&Cell::text("2.0")), Ok(2));
        assert_eq!(integer(&Cell::Float(3.0)), Ok(3));
        assert_eq!(integer(&Cell::text("2.5")), Err(Reason::BadNumber));
        assert_eq!(integer(&Cell::text("v2")), Err(Reason::BadNumber));
    }
}
