//! Writes numbers for people: thousands separators, 万 above ten thousand, 亿 above a hundred million,
//! two decimals at most, `—` for what is missing.

use pujiang_metrics::rounding::half_away;
use rust_decimal::Decimal;

use crate::data::{Change, IndicatorFacts, ValueKind};

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
        _ if half_away(amount.abs() / WAN, 2) * WAN >= YI => format!("{}亿", grouped(amount / YI, 2)),
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

/// What a change shows, and so which way it is said to go: what is shown as nought does not move.
#[must_use]
pub fn shown(change: Change) -> Decimal {
    match change {
        Change::Part(part) => half_away(part * Decimal::ONE_HUNDRED, 1),
        Change::Points(points) => half_away(points, 2),
    }
}

/// A change with its sign: `+3.2%`, `-0.4%`, `0.0%`, `+1.25百分点`, `—`.
#[must_use]
pub fn change(change: Option<Change>) -> String {
    let Some(one) = change else { return MISSING.to_owned() };
    let sign = match shown(one) {
        zero if zero.is_zero() => "",
        up if up.is_sign_positive() => "+",
        _ => "-",
    };
    format!("{sign}{}", size(one))
}

/// A change without its sign, for places where an arrow or a word tells the way: `3.2%`, `1.25百分点`.
#[must_use]
pub fn size(change: Change) -> String {
    let amount = shown(change).abs();
    match change {
        Change::Part(_) => format!("{amount:.1}%"),
        Change::Points(_) => format!("{amount:.2}百分点"),
    }
}

/// The arrow of a change; none where it does not move.
#[must_use]
pub fn arrow(change: Option<Change>) -> &'static str {
    match change.map(shown) {
        Some(amount) if amount.is_zero() => "",
        Some(amount) if amount.is_sign_positive() => "▲",
        Some(_) => "▼",
        None => "",
    }
}

/// A change with an arrow in place of its sign: `▲ 3.2%`, `▼ 28.6%`, `0.0%`, `—`.
#[must_use]
pub fn with_arrow(one: Option<Change>) -> String {
    let size = one.map_or_else(|| MISSING.to_owned(), size);
    match arrow(one) {
        "" => size,
        arrow => format!("{arrow} {size}"),
    }
}

/// A share: `34.5%`, `—`.
#[must_use]
pub fn share(share: Option<Decimal>) -> String {
    share.map_or_else(
        || MISSING.to_owned(),
        |part| format!("{:.1}%", half_away(part * Decimal::ONE_HUNDRED, 1)),
    )
}

/// Fixed decimals with thousands separators.
fn grouped(value: Decimal, places: u32) -> String {
    let value = half_away(value, places);
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
        let part = |text: &str| Some(Change::Part(text.parse().expect("a number")));
        let points = |text: &str| Some(Change::Points(text.parse().expect("a number")));
        for (one, text, beside) in [
            (part("0.0312"), "+3.1%", "▲ 3.1%"),
            (part("-0.25"), "-25.0%", "▼ 25.0%"),
            (part("-0.0001"), "0.0%", "0.0%"),
            (part("0"), "0.0%", "0.0%"),
            (points("1.25"), "+1.25百分点", "▲ 1.25百分点"),
            (points("-0.004"), "0.00百分点", "0.00百分点"),
            (None, "—", "—"),
        ] {
            assert_eq!((change(one).as_str(), with_arrow(one).as_str()), (text, beside));
        }
    }

    #[test]
    fn right_answer_21_halves_go_away_from_zero_as_decimals() {
        let part = |text: &str| Some(Change::Part(text.parse().expect("a number")));
        for (ratio, text) in [
            ("0.0625", "+6.3%"),
            ("-0.0625", "-6.3%"),
            ("0.0005", "+0.1%"),
            ("0.0035", "+0.4%"),
            ("0.1005", "+10.1%"),
            ("0.0624999999", "+6.2%"),
        ] {
            assert_eq!(change(part(ratio)), text, "{ratio}");
        }
        assert_eq!(share(Some("0.3125".parse().expect("a number"))), "31.3%");
        assert_eq!(share(None), "—");
    }

    #[test]
    fn page_6_an_arrow_takes_the_place_of_the_sign() {
        assert_eq!(with_arrow(Some(Change::Part("-0.286".parse().expect("a number")))), "▼ 28.6%");
    }
}
