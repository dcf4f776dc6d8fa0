//! Writes numbers for people: thousands separators, 万 above ten thousand, 亿 above a hundred million,
//! two decimals at most, `—` for what is missing.

use rust_decimal::{Decimal, RoundingStrategy};

use crate::data::{IndicatorFacts, ValueKind};

/// Stands for "no value"; zero is a value.
pub const MISSING: &str = "—";

const WAN: Decimal = Decimal::from_parts(10_000, 0, 0, false, 0);
const YI: Decimal = Decimal::from_parts(100_000_000, 0, 0, false, 0);

/// The full value: `1,234,567`, `417,661.91`, `93.21%`.
#[must_use]
pub fn exact(value: Option<Decimal>, kind: ValueKind) -> String {
    let Some(value) = value else { return MISSING.to_owned() };
    match kind {
        ValueKind::Integer => grouped(value, 0),
        ValueKind::Decimal => grouped(value, 2),
        ValueKind::Percent => format!("{}%", grouped(value, 2)),
    }
}

/// The value a leader reads: `8,912`, `22.35万`, `1.03亿`, `93.21%`.
#[must_use]
pub fn compact(value: Option<Decimal>, kind: ValueKind) -> String {
    let Some(amount) = value else { return MISSING.to_owned() };
    match kind {
        ValueKind::Percent => exact(value, kind),
        // Rounded first, so that 99,999,999.99 becomes 1.00亿 and not 10,000.00万.
        _ if rounded(amount.abs() / WAN, 2) * WAN >= YI => format!("{}亿", grouped(amount / YI, 2)),
        _ if amount.abs() >= WAN => format!("{}万", grouped(amount / WAN, 2)),
        _ => exact(value, kind),
    }
}

/// The value with its unit: `22.35万笔`, `93.21%`, `—`.
#[must_use]
pub fn with_unit(value: Option<Decimal>, indicator: &IndicatorFacts) -> String {
    match (value, indicator.kind) {
        (None, _) | (_, ValueKind::Percent) => compact(value, indicator.kind),
        (Some(_), kind) => format!("{}{}", compact(value, kind), indicator.unit),
    }
}

/// A change: `+3.2%`, `-0.4%`, `0.0%`, `—`.
#[must_use]
pub fn change(ratio: Option<f64>) -> String {
    let Some(ratio) = ratio.filter(|r| r.is_finite()) else { return MISSING.to_owned() };
    let text = format!("{:.1}", ratio * 100.0);
    match text.as_str() {
        "-0.0" | "0.0" => "0.0%".to_owned(),
        _ if ratio > 0.0 => format!("+{text}%"),
        _ => format!("{text}%"),
    }
}

/// A share: `34.5%`, `—`.
#[must_use]
pub fn share(ratio: Option<f64>) -> String {
    match ratio.filter(|r| r.is_finite()) {
        Some(ratio) => format!("{:.1}%", ratio * 100.0),
        None => MISSING.to_owned(),
    }
}

fn rounded(value: Decimal, places: u32) -> Decimal {
    value.round_dp_with_strategy(places, RoundingStrategy::MidpointAwayFromZero)
}

/// Fixed decimals with thousands separators.
fn grouped(value: Decimal, places: u32) -> String {
    let value = rounded(value, places);
    let text = format!("{:.*}", places as usize, value.abs());
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let mut out = String::with_capacity(text.len() + text.len() / 3 + 1);
    if value.is_sign_negative() && !value.is_zero() {
        out.push('-');
    }
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    if !fraction.is_empty() {
        out.push('.');
        out.push_str(fraction);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_as_people_read_them() {
        use ValueKind::{Decimal as Money, Integer, Percent};
        for (value, kind, full, short) in [
            ("0", Integer, "0", "0"),
            ("9999", Integer, "9,999", "9,999"),
            ("10000", Integer, "10,000", "1.00万"),
            ("223456", Integer, "223,456", "22.35万"),
            ("99999999", Integer, "99,999,999", "1.00亿"),
            ("99994999", Integer, "99,994,999", "9,999.50万"),
            ("417661.91", Money, "417,661.91", "41.77万"),
            ("1234567890.5", Money, "1,234,567,890.50", "12.35亿"),
            ("-12345", Integer, "-12,345", "-1.23万"),
            ("-0.001", Money, "0.00", "0.00"),
            ("3.456", Money, "3.46", "3.46"),
            ("93.21", Percent, "93.21%", "93.21%"),
            ("100", Percent, "100.00%", "100.00%"),
        ] {
            let value = Some(value.parse().expect("a number"));
            assert_eq!((exact(value, kind).as_str(), compact(value, kind).as_str()), (full, short));
        }
        assert_eq!((exact(None, Integer).as_str(), compact(None, Money).as_str()), ("—", "—"));
    }

    #[test]
    fn changes_have_a_sign_and_no_negative_zero() {
        for (ratio, text) in [
            (Some(0.0312), "+3.1%"),
            (Some(-0.25), "-25.0%"),
            (Some(-0.0001), "0.0%"),
            (Some(0.0), "0.0%"),
            (Some(f64::NAN), "—"),
            (None, "—"),
        ] {
            assert_eq!(change(ratio), text);
        }
    }
}
