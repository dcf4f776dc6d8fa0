//! One decimal number with the rules of PostgreSQL's `numeric` that depend on its value: how many digits a quotient gets,
//! how halves are rounded, how many digits are shown.

use arrow::datatypes::{DECIMAL256_MAX_PRECISION, DataType, i256};
use datafusion::common::ScalarValue;

/// Digits behind the point of results whose scale depends on the value: quotients and means. PostgreSQL keeps sixteen
/// significant digits, in steps of four; this holds them for all but the smallest quotients.
pub(super) const WIDE_SCALE: i8 = 38;

/// Significant digits PostgreSQL gives a quotient at least.
pub(super) const SIGNIFICANT: i32 = 16;
/// PostgreSQL counts in digits of base 10,000.
pub(super) const GROUP: i32 = 4;

/// The type of quotients and means.
pub(super) fn wide() -> DataType {
    DataType::Decimal256(DECIMAL256_MAX_PRECISION, WIDE_SCALE)
}

/// `digits` · 10^-`scale`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Number {
    pub digits: i256,
    pub scale: i32,
}

/// More digits than can be kept, or none at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TooLarge;

impl Number {
    pub fn new(digits: i256, scale: i8) -> Self {
        Self { digits, scale: i32::from(scale) }
    }

    /// A number of a column: those of variable scale lose the zeros that only fill up.
    pub fn of_column(digits: i256, scale: i8) -> Self {
        let number = Self::new(digits, scale);
        if scale == WIDE_SCALE { number.shown() } else { number }
    }

    /// Reads a number as PostgreSQL writes it, with or without an exponent.
    pub fn read(text: &str) -> Result<Self, TooLarge> {
        let text = text.trim();
        let (number, exponent) = match text.split_once(['e', 'E']) {
            Some((number, exponent)) => (number, exponent.parse::<i32>().map_err(|_| TooLarge)?),
            None => (text, 0),
        };
        let unsigned = number.strip_prefix(['-', '+']).unwrap_or(number);
        let (whole, behind) = unsigned.split_once('.').unwrap_or((unsigned, ""));
        let digits = format!("{whole}{behind}");
        if digits.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
            return Err(TooLarge);
        }
        let digits = digits.trim_start_matches('0');
        let digits = if digits.is_empty() { "0" } else { digits };
        let digits = i256::from_string(digits).ok_or(TooLarge)?;
        let digits = if number.starts_with('-') { digits.wrapping_neg() } else { digits };
        let scale = i32::try_from(behind.len()).ok().and_then(|behind| behind.checked_sub(exponent));
        let number = Self { digits, scale: scale.ok_or(TooLarge)? };
        let kept = number.scale.clamp(0, i32::from(WIDE_SCALE));
        if number.scale == kept { Ok(number) } else { number.at_scale(kept) }
    }

    /// The narrowest type that holds it.
    pub fn data_type(self) -> DataType {
        let digits = self.digits.wrapping_abs().checked_ilog10().map_or(1, |log| log + 1);
        let (digits, scale) =
            (u8::try_from(digits).unwrap_or(76), i8::try_from(self.scale).unwrap_or(WIDE_SCALE));
        match digits.max(scale.unsigned_abs()).max(1) {
            narrow @ ..=38 => DataType::Decimal128(narrow, scale),
            _ => DataType::Decimal256(DECIMAL256_MAX_PRECISION, scale),
        }
    }

    /// The number as the engine has it written out.
    pub fn scalar(self) -> ScalarValue {
        match (self.data_type(), self.digits.to_i128()) {
            (DataType::Decimal128(precision, scale), digits) => {
                ScalarValue::Decimal128(digits, precision, scale)
            }
            (_, _) => {
                let scale = i8::try_from(self.scale).unwrap_or(WIDE_SCALE);
                ScalarValue::Decimal256(Some(self.digits), DECIMAL256_MAX_PRECISION, scale)
            }
        }
    }

    /// Without zeros at the end, down to a whole number.
    fn stripped(self) -> Self {
        let ten = i256::from_i128(10);
        let (mut digits, mut scale) = (self.digits, self.scale);
        if digits == i256::ZERO {
            return Self { digits, scale: 0 };
        }
        while scale > 0 && digits.wrapping_rem(ten) == i256::ZERO {
            digits = digits.wrapping_div(ten);
            scale -= 1;
        }
        Self { digits, scale }
    }

    /// The same value with as many digits as PostgreSQL would show of a quotient.
    pub fn shown(self) -> Self {
        let number = self.stripped();
        // Nothing divided by something counts as less than one.
        let weight = if number.digits == i256::ZERO { -1 } else { number.group().0 };
        let scale = (SIGNIFICANT - weight * GROUP).clamp(0, i32::from(WIDE_SCALE)).max(number.scale);
        number.at_scale(scale).unwrap_or(number)
    }

    /// Exponent of the first group of four digits, and that group; both zero of nothing.
    fn group(self) -> (i32, i256) {
        let Some(log) = self.digits.wrapping_abs().checked_ilog10() else { return (0, i256::ZERO) };
        let log = i32::try_from(log).unwrap_or(i32::MAX);
        let exponent = log - self.scale;
        let kept = exponent.rem_euclid(GROUP);
        let digits = self.digits.wrapping_abs();
        let first = match log - kept {
            more if more >= 0 => power(more).map_or(i256::ZERO, |by| digits.wrapping_div(by)),
            fewer => power(-fewer).map_or(digits, |by| digits.wrapping_mul(by)),
        };
        (exponent.div_euclid(GROUP), first)
    }

    /// At another scale, halves away from zero.
    pub fn at_scale(self, scale: i32) -> Result<Self, TooLarge> {
        let digits = match scale - self.scale {
            0 => self.digits,
            more if more > 0 => power(more).and_then(|by| self.digits.checked_mul(by)).ok_or(TooLarge)?,
            fewer => match power(-fewer) {
                Some(by) => rounded_quotient(self.digits, by),
                None => i256::ZERO,
            },
        };
        Ok(Self { digits, scale })
    }

    /// The product at the sum of both scales, or rounded to `most`.
    pub fn times(self, other: Self, most: i32) -> Result<Self, TooLarge> {
        let exact = |a: Self, b: Self| {
            Some(Self { digits: a.digits.checked_mul(b.digits)?, scale: a.scale + b.scale })
        };
        let product =
            exact(self, other).or_else(|| exact(self.stripped(), other.stripped())).ok_or(TooLarge)?;
        product.at_scale(product.scale.min(most))
    }

    /// The quotient as PostgreSQL rounds it. None where the divisor is nothing.
    pub fn over(self, divisor: Self) -> Option<Result<Self, TooLarge>> {
        if divisor.digits == i256::ZERO {
            return None;
        }
        let ((weight, first), (other_weight, other_first)) = (self.group(), divisor.group());
        let weight = weight - other_weight - i32::from(first <= other_first);
        let scale = (SIGNIFICANT - weight * GROUP).max(self.scale).max(divisor.scale);
        Some(self.divided(divisor, scale.clamp(0, i32::from(WIDE_SCALE))))
    }

    /// What is left of a division to a whole number, with the sign of the dividend. None where the divisor is nothing.
    pub fn rest(self, divisor: Self) -> Option<Result<Self, TooLarge>> {
        let scale = self.scale.max(divisor.scale);
        let (upper, lower) = match (self.at_scale(scale), divisor.at_scale(scale)) {
            (Ok(upper), Ok(lower)) => (upper.digits, lower.digits),
            _ => return Some(Err(TooLarge)),
        };
        (lower != i256::ZERO).then(|| Ok(Self { digits: upper.wrapping_rem(lower), scale }))
    }

    fn divided(self, divisor: Self, scale: i32) -> Result<Self, TooLarge> {
        let (upper, lower) = (self.stripped(), divisor.stripped());
        let shift = scale + lower.scale - upper.scale;
        let by = power(shift.abs()).ok_or(TooLarge)?;
        let (upper, lower) = match shift >= 0 {
            true => (upper.digits.checked_mul(by).ok_or(TooLarge)?, lower.digits),
            false => (upper.digits, lower.digits.checked_mul(by).ok_or(TooLarge)?),
        };
        Ok(Self { digits: rounded_quotient(upper, lower), scale })
    }
}

/// 10^`exponent`, if it can be held.
fn power(exponent: i32) -> Option<i256> {
    i256::from_i128(10).checked_pow(u32::try_from(exponent).ok()?)
}

/// Halves away from zero. Most numbers fit into half the width, which divides many times faster.
fn rounded_quotient(upper: i256, lower: i256) -> i256 {
    if let (Some(upper), Some(lower)) = (upper.to_i128(), lower.to_i128())
        && upper != i128::MIN
    {
        let (quotient, rest) = (upper / lower, upper % lower);
        let away = i128::from(rest.unsigned_abs() >= lower.unsigned_abs() - rest.unsigned_abs());
        let sign = if (upper < 0) == (lower < 0) { 1 } else { -1 };
        return i256::from_i128(quotient).wrapping_add(i256::from_i128(away * sign));
    }
    let (quotient, rest) = (upper.wrapping_div(lower), upper.wrapping_rem(lower).wrapping_abs());
    if rest < lower.wrapping_abs().wrapping_sub(rest) {
        return quotient;
    }
    let one = if upper.is_negative() == lower.is_negative() { i256::ONE } else { i256::MINUS_ONE };
    quotient.wrapping_add(one)
}

impl std::fmt::Display for Number {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let scale = usize::try_from(self.scale).unwrap_or(0);
        let digits = format!("{:0>width$}", self.digits.wrapping_abs().to_string(), width = scale + 1);
        let (whole, behind) = digits.split_at(digits.len() - scale);
        let sign = if self.digits.is_negative() { "-" } else { "" };
        match behind.is_empty() {
            true => write!(f, "{sign}{whole}"),
            false => write!(f, "{sign}{whole}.{behind}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Number {
        let scale = text.split_once('.').map_or(0, |(_, behind)| behind.len());
        let digits = i256::from_string(&text.replace('.', "")).expect("digits");
        Number { digits, scale: i32::try_from(scale).expect("scale") }
    }

    /// What PostgreSQL 15 answers.
    #[test]
    fn quotients_have_postgresqls_digits() {
        for (upper, lower, expected) in [
            ("1", "3", "0.33333333333333333333"),
            ("2", "3", "0.66666666666666666667"),
            ("100", "3", "33.3333333333333333"),
            ("100000", "3", "33333.333333333333"),
            ("10", "4.0", "2.5000000000000000"),
            ("0.01", "30000.00", "0.000000333333333333333333"),
            ("0", "3.0", "0.00000000000000000000"),
            ("-1", "8", "-0.12500000000000000000"),
            ("5", "3", "1.6666666666666667"),
            ("12345678901234567890.12", "1", "12345678901234567890.12"),
            ("1", "0.000001", "1000000.000000000000"),
        ] {
            let quotient = number(upper).over(number(lower)).expect("divisor").expect("fits");
            assert_eq!(quotient.to_string(), expected, "{upper} / {lower}");
        }
        assert_eq!(number("1").over(number("0.00")), None);
    }

    #[test]
    fn halves_go_away_from_zero() {
        for (text, scale, expected) in [
            ("2.5", 0, "3"),
            ("-2.5", 0, "-3"),
            ("2.4999", 0, "2"),
            ("0.125", 2, "0.13"),
            ("7", 2, "7.00"),
            (
                "99999999999999999999999999999999999999999999.5",
                0,
                "100000000000000000000000000000000000000000000",
            ),
        ] {
            assert_eq!(number(text).at_scale(scale).expect("fits").to_string(), expected, "{text}");
        }
    }

    #[test]
    fn products_are_exact_or_rounded_at_the_last_digit_kept() {
        let product = |a: &str, b: &str, most| number(a).times(number(b), most).map(|n| n.to_string());
        assert_eq!(product("33.30", "0.85", 38).as_deref(), Ok("28.3050"));
        assert_eq!(product("0.15", "0.5", 2).as_deref(), Ok("0.08"));
        let long = "0.33333333333333333333000000000000000000";
        assert_eq!(product(long, "300", 38).as_deref(), Ok("99.99999999999999999900000000000000000000"));
        let huge = "9".repeat(60);
        assert_eq!(product(&huge, &huge, 38), Err(TooLarge));
    }

    #[test]
    fn filling_zeros_are_not_shown() {
        for (text, expected) in [
            ("0.33333333333333333333000000000000000000", "0.33333333333333333333"),
            ("2.50000000000000000000000000000000000000", "2.5000000000000000"),
            ("12345.00000000000000000000000000000000000000", "12345.000000000000"),
            ("0.00", "0.00000000000000000000"),
        ] {
            assert_eq!(number(text).shown().to_string(), expected);
        }
    }
}
