//! Invented numbers in the real formats: identity card, mobile, preferential card, credit code.
//! None can belong to anyone: the area code 310100 and the prefix 161 are not given out.

use chrono::{Datelike, NaiveDate};
use rand::Rng;

const ID_WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const ID_CHECK: &[u8; 11] = b"10X98765432";
const CREDIT_DIGITS: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";

/// Identity number (GB 11643) of someone born on `birth`; `sequence` 0..=499 tells apart people of one day and
/// sex, and the parity of the three-digit order is the sex.
pub fn id_number(birth: NaiveDate, sequence: u32, male: bool) -> String {
    let order = (sequence % 500) * 2 + u32::from(male);
    let body = format!("310100{:04}{:02}{:02}{order:03}", birth.year(), birth.month(), birth.day());
    let sum: u32 = body.bytes().zip(ID_WEIGHTS).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    format!("{body}{}", char::from(ID_CHECK[(sum % 11) as usize]))
}

/// Mobile number, unique for an index below 100 million.
pub fn mobile(index: u64) -> String {
    // An odd multiplier permutes the last digits, so that neighbours do not look alike.
    format!("161{:08}", index.wrapping_mul(61_803_399) % 100_000_000)
}

/// Sixteen-digit number of a preferential card, unique for an index below 10^12.
pub fn card_number(index: u64) -> String {
    format!("3100{:012}", (index + 1).wrapping_mul(618_033_988_749) % 1_000_000_000_000)
}

/// Unified social credit code (GB 32100) of a company registered in a district, unique per index.
pub fn credit_code(district: &str, index: u64) -> String {
    let body = format!("91{district}MA{index:07}");
    let mut sum = 0;
    let mut weight = 1;
    for byte in body.bytes() {
        let value = CREDIT_DIGITS.iter().position(|digit| *digit == byte).unwrap_or(0);
        sum += value * weight;
        weight = weight * 3 % 31;
    }
    format!("{body}{}", char::from(CREDIT_DIGITS[(31 - sum % 31) % 31]))
}

/// Fixed-line number of a unit in the city's format.
pub fn landline(rng: &mut impl Rng) -> String {
    format!("021-5{:07}", rng.random_range(0..10_000_000))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn check_digits() {
        let birth = "1949-12-31".parse().unwrap();
        let number = id_number(birth, 1, false);
        assert_eq!(&number[..17], "31010019491231002");
        assert_eq!(number.len(), 18);
        // ISO 7064 MOD 11-2: the weighted sum including the check digit leaves 1.
        let sum: u32 = number[..17]
            .bytes()
            .zip(ID_WEIGHTS)
            .map(|(digit, weight)| u32::from(digit - b'0') * weight)
            .sum();
        let check = if number.ends_with('X') { 10 } else { u32::from(number.as_bytes()[17] - b'0') };
        assert_eq!((sum + check) % 11, 1);
        assert_eq!(credit_code("310104", 12).len(), 18);
    }

    #[test]
    fn numbers_do_not_repeat() {
        let cards: HashSet<String> = (0..60_000).map(card_number).collect();
        assert_eq!(cards.len(), 60_000);
        assert!(cards.iter().all(|card| card.len() == 16 && card.starts_with("3100")));
        let mobiles: HashSet<String> = (0..60_000).map(mobile).collect();
        assert_eq!(mobiles.len(), 60_000);
    }
}
