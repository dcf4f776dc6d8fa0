//! The one rounding of figures: halves away from zero, on the decimal value. A binary float never decides a half.

use rust_decimal::{Decimal, RoundingStrategy};

/// Rounds to so many digits, halves away from zero.
#[must_use]
pub fn half_away(value: Decimal, digits: u32) -> Decimal {
    value.round_dp_with_strategy(digits, RoundingStrategy::MidpointAwayFromZero)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn right_answer_21_halves_go_away_from_zero() {
        let check = |value: &str, digits, expected: &str| {
            assert_eq!(half_away(value.parse().unwrap(), digits).to_string(), expected, "{value}");
        };
        check("31.25", 1, "31.3");
        check("6.25", 1, "6.3");
        check("-6.25", 1, "-6.3");
        check("1.05", 1, "1.1");
        check("0.35", 1, "0.4");
        check("2.5", 0, "3");
        check("1.2499999999999", 1, "1.2");
    }
}
