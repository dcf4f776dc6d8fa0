//! `to_char` of numbers, written digit by digit as PostgreSQL does it: where a blank stands for a missing digit, where the
//! sign goes, what `FM` leaves out, `#` where a number does not fit. Rounded half away from zero.

use super::number_template::{Anchor, Flag, Part, Shape, Small};
use super::template::Ordinal;
use super::time_text::ending;

/// A number to be written.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    /// Digits in full, a point, decimals: `-12.50`.
    Exact(String),
    /// A measured number.
    Float(f64),
}

/// PostgreSQL writes the end of its own text where a template asks for more than the number has, and stops there.
const END: char = '\0';

/// Digits a double keeps.
const FLOAT_DIGITS: usize = 15;

/// Writes one number.
pub(super) fn write(parts: &[Part], shape: &Shape, value: &Value) -> String {
    let mut shape = shape.clone();
    if shape.has(Flag::Science) {
        return science(value, shape.post);
    }
    if shape.has(Flag::Roman) {
        // Letters have neither sign nor places; all that is kept is whether they are filled.
        return Writer::new(shape.without_digits(), roman(value), END, 0).run(parts);
    }
    shape.pre += shape.moved;
    let text = match value {
        Value::Exact(text) => rounded(&moved(text, shape.moved), shape.post),
        // Words have places like digits, and none behind the point.
        Value::Float(number) if number.is_nan() => "NaN".to_owned(),
        Value::Float(number) if number.is_infinite() => {
            if *number < 0.0 {
                "-Infinity".to_owned()
            } else {
                "Infinity".to_owned()
            }
        }
        Value::Float(number) => {
            let number = number * 10_f64.powi(i32::try_from(shape.moved).unwrap_or(0));
            let whole = format!("{:.0}", number.abs()).len();
            if whole >= FLOAT_DIGITS {
                shape.post = 0;
            } else {
                shape.post = shape.post.min(FLOAT_DIGITS - whole);
            }
            format!("{number:.*}", shape.post)
        }
    };
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => ('-', digits.to_owned()),
        None => ('+', text),
    };
    let whole = digits.find('.').unwrap_or(digits.len());
    if whole > shape.pre {
        let filled = overflow(&shape);
        return Writer::new(shape, filled, sign, 0).run(parts);
    }
    let blanks = shape.pre - whole;
    Writer::new(shape, digits, sign, blanks).run(parts)
}

/// A number that does not fit.
fn overflow(shape: &Shape) -> String {
    format!("{}.{}", "#".repeat(shape.pre), "#".repeat(shape.post))
}

/// The point moved to the right.
fn moved(text: &str, places: usize) -> String {
    if places == 0 {
        return text.to_owned();
    }
    let (sign, digits) = text.strip_prefix('-').map_or(("", text), |digits| ("-", digits));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let fraction = format!("{fraction:0<places$}");
    let (more, fraction) = fraction.split_at(places);
    let whole = format!("{whole}{more}");
    let whole = whole.trim_start_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
}

/// So many decimals, half away from zero.
pub(super) fn rounded(text: &str, decimals: usize) -> String {
    let (sign, digits) = text.strip_prefix('-').map_or(("", text), |digits| ("-", digits));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let kept: String = fraction.chars().chain(std::iter::repeat('0')).take(decimals).collect();
    let mut all: Vec<u8> = format!("{whole}{kept}").into_bytes();
    if fraction.as_bytes().get(decimals).is_some_and(|digit| *digit >= b'5') {
        let carried = all.iter_mut().rev().find_map(|digit| match *digit {
            b'9' => {
                *digit = b'0';
                None
            }
            _ => {
                *digit += 1;
                Some(())
            }
        });
        if carried.is_none() {
            all.insert(0, b'1');
        }
    }
    let all = String::from_utf8_lossy(&all).into_owned();
    let (whole, kept) = all.split_at(all.len() - decimals);
    let sign = if all.bytes().all(|digit| digit == b'0') { "" } else { sign };
    if decimals == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{kept}") }
}

fn science(value: &Value, decimals: usize) -> String {
    let number = match value {
        Value::Float(number) => *number,
        Value::Exact(text) => text.parse().unwrap_or(f64::NAN),
    };
    let text = format!("{number:.decimals$e}");
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let (sign, exponent) = exponent.strip_prefix('-').map_or(('+', exponent), |exponent| ('-', exponent));
    let blank = if number.is_sign_negative() { "" } else { " " };
    format!("{blank}{digits}e{sign}{exponent:0>2}")
}

fn roman(value: &Value) -> String {
    const LETTERS: [(u32, &str); 13] = [
        (1000, "M"),
        (900, "CM"),
        (500, "D"),
        (400, "CD"),
        (100, "C"),
        (90, "XC"),
        (50, "L"),
        (40, "XL"),
        (10, "X"),
        (9, "IX"),
        (5, "V"),
        (4, "IV"),
        (1, "I"),
    ];
    let text = match value {
        Value::Exact(text) => rounded(text, 0),
        Value::Float(number) => format!("{:.0}", number.round_ties_even()),
    };
    let Some(mut left) = text.parse::<u32>().ok().filter(|number| (1..4000).contains(number)) else {
        return "#".repeat(15);
    };
    let mut out = String::new();
    for (worth, letters) in LETTERS {
        while left >= worth {
            out.push_str(letters);
            left -= worth;
        }
    }
    out
}

/// Walks the template beside the digits.
struct Writer {
    shape: Shape,
    number: Vec<u8>,
    sign: char,
    at: usize,
    /// Digits that are missing before the number.
    blanks: usize,
    place: usize,
    places: usize,
    last_relevant: Option<usize>,
    sign_written: bool,
    in_number: bool,
    out: String,
}

impl Writer {
    fn new(mut shape: Shape, number: String, sign: char, blanks: usize) -> Self {
        shape.zero_start = shape.zero_start.saturating_sub(1);
        let number = number.into_bytes();
        let fill = shape.has(Flag::Fill);
        let sign_written = if shape.has(Flag::Plus) || shape.has(Flag::Minus) {
            !shape.has(Flag::Plus) || shape.has(Flag::Minus)
        } else {
            if sign != '-' && fill {
                shape.remove(Flag::Bracket);
            }
            if shape.anchor == Anchor::Before && shape.pre == shape.before_anchor {
                shape.anchor = Anchor::Behind;
            }
            sign == '+' && fill && !shape.has(Flag::LocalSign)
        };
        let mut places = (shape.post + shape.pre).saturating_sub(1);
        let last_relevant =
            (fill && shape.has(Flag::Decimal)).then(|| relevant(&number, &shape, blanks)).flatten();
        if !sign_written && blanks == 0 {
            places += 1;
        }
        Self {
            shape,
            number,
            sign,
            at: 0,
            blanks,
            place: 0,
            places,
            last_relevant,
            sign_written,
            in_number: false,
            out: String::new(),
        }
    }

    fn run(mut self, parts: &[Part]) -> String {
        let fill = self.shape.has(Flag::Fill);
        for part in parts {
            if self.out.ends_with(END) {
                self.out.pop();
                break;
            }
            match part {
                Part::Letter(letter) => self.out.push(*letter),
                Part::Nine | Part::Zero | Part::Point => self.digit(*part),
                Part::Comma if self.in_number => self.out.push(','),
                Part::Comma if fill => {}
                Part::Comma | Part::Currency => self.out.push(' '),
                Part::Minus if self.sign == '-' => self.out.push('-'),
                Part::Plus if self.sign == '+' => self.out.push('+'),
                Part::Minus | Part::Plus if fill => {}
                Part::Minus | Part::Plus => self.out.push(' '),
                Part::Sign => self.out.push(self.sign),
                Part::Roman(small) => {
                    let text = String::from_utf8_lossy(&self.number).into_owned();
                    let text = if *small == Small::Yes { text.to_ascii_lowercase() } else { text };
                    let width = if fill { 0 } else { 15 };
                    self.out.push_str(&format!("{text:>width$}"));
                }
                Part::Ordinal(small) => self.ordinal(*small),
                Part::Silent => {}
            }
        }
        if self.out.ends_with(END) {
            self.out.pop();
        }
        self.out
    }

    fn ordinal(&mut self, small: Small) {
        let bare = self.shape.has(Flag::Roman) || self.shape.has(Flag::Decimal) || self.sign == '-';
        if bare || self.number.first() == Some(&b'#') {
            return;
        }
        let tail = &self.number[self.number.len().saturating_sub(2)..];
        let value = String::from_utf8_lossy(tail).parse().unwrap_or(0);
        self.out.push_str(ending(value, if small == Small::Yes { Ordinal::Lower } else { Ordinal::Upper }));
    }

    fn current(&self) -> u8 {
        self.number.get(self.at).copied().unwrap_or(0)
    }

    /// `9.9` writes ` .1` for 0.1.
    fn is_blank_before_point(&self) -> bool {
        !self.shape.has(Flag::Zero)
            && self.at == 0
            && self.number.first() == Some(&b'0')
            && self.shape.post != 0
    }

    fn ends_in_point(&self) -> bool {
        self.last_relevant.is_some_and(|at| self.number.get(at) == Some(&b'.'))
    }

    fn digit(&mut self, part: Part) {
        if self.shape.has(Flag::Roman) {
            return;
        }
        self.in_number = false;
        let zero = self.shape.has(Flag::Zero);
        let fill = self.shape.has(Flag::Fill);
        self.leading_sign(zero, fill);
        if self.place < self.blanks && (!zero || self.shape.zero_start > self.place) {
            if !fill {
                self.out.push(' ');
            }
        } else if zero && self.place < self.blanks {
            self.out.push('0');
            self.in_number = true;
        } else {
            self.own_digit(part, fill);
        }
        if self.out.ends_with(END) {
            return;
        }
        let mut end = self.places + usize::from(self.blanks > 0) + usize::from(self.shape.has(Flag::Decimal));
        if self.last_relevant == Some(self.at) {
            end = self.place;
        }
        if self.place + 1 == end {
            if self.sign_written && self.shape.has(Flag::Bracket) {
                self.out.push(if self.sign == '+' { ' ' } else { '>' });
            } else if self.shape.has(Flag::LocalSign) && self.shape.anchor == Anchor::Behind {
                self.out.push(self.sign);
            }
        }
        self.place += 1;
    }

    fn leading_sign(&mut self, zero: bool, fill: bool) {
        let begins = self.place >= self.blanks || zero && self.shape.zero_start == self.place;
        if self.sign_written || !begins || self.is_blank_before_point() && !self.ends_in_point() {
            return;
        }
        if self.shape.has(Flag::LocalSign) {
            if self.shape.anchor == Anchor::Before {
                self.out.push(self.sign);
                self.sign_written = true;
            }
            return;
        }
        match (self.shape.has(Flag::Bracket), self.sign) {
            (true, '+') => self.out.push(' '),
            (true, _) => self.out.push('<'),
            (false, '+') if fill => {}
            (false, '+') => self.out.push(' '),
            (false, _) => self.out.push('-'),
        }
        self.sign_written = true;
    }

    fn own_digit(&mut self, part: Part, fill: bool) {
        if self.current() == b'.' {
            if !self.ends_in_point() || fill {
                self.out.push('.');
            }
        } else if self.last_relevant.is_some_and(|last| self.at > last) && part != Part::Zero {
            // What `FM` leaves out.
        } else if self.is_blank_before_point() {
            if !fill {
                self.out.push(' ');
            } else if self.ends_in_point() {
                self.out.push('0');
            }
        } else {
            self.out.push(char::from(self.current()));
            self.in_number = true;
        }
        if self.current() != 0 {
            self.at += 1;
        }
    }
}

/// The last decimal that is no zero, or that a `0` of the template keeps.
fn relevant(number: &[u8], shape: &Shape, blanks: usize) -> Option<usize> {
    let point = number.iter().position(|digit| *digit == b'.')?;
    let last = (point + 1..number.len()).rev().find(|at| number[*at] != b'0').unwrap_or(point);
    if shape.zero_end <= blanks {
        return Some(last);
    }
    Some(last.max((number.len() - 1).min(shape.zero_end - blanks)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::functions::number_template::parts;

    /// What PostgreSQL 15 writes.
    #[test]
    fn numbers_are_written_as_postgres_writes_them() {
        for (value, template, want) in [
            ("1234567.891", "FM9,999,990.00", "1,234,567.89"),
            ("-0.5", "90.99", " -0.50"),
            ("12", "0000", " 0012"),
            ("1234", "999", " ###"),
            ("1234.5", "9.99EEEE", " 1.23e+03"),
            ("42", "RN", "           XLII"),
            ("-1234.5", "9,999.9S", "1,234.5-"),
            ("-12", "99PR", "<12>"),
            ("12", "SG99", "+12"),
            ("0.1", "9.9", "  .1"),
            ("5", "9th", " 5th"),
            ("0.125", "990.99%", "   0.13%"),
            ("-446", "FM0999.PR", "<0446"),
            ("999.995", "FM9990.00", "1000.00"),
        ] {
            let (parts, shape) = parts(template).expect(template);
            assert_eq!(write(&parts, &shape, &Value::Exact(value.to_owned())), want, "{value} {template}");
        }
        let (parts, shape) = parts("FM0.999999999999999999").expect("template");
        assert_eq!(write(&parts, &shape, &Value::Float(0.1)), "0.1");
    }
}
