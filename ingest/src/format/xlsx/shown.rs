//! What people see in a cell whose number has a format of digits: leading zeros, a prefix, groups. Somebody who gives
//! serial numbers the format 000000 reads and writes 000123, and so does everybody who gets them.

use crate::value::Cell;

/// Beyond this a double has invented digits.
const EXACT: f64 = 1e15;

/// How a number format shows whole numbers.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Shape {
    /// With their own digits.
    Plain,
    /// By pattern; that of zero where it has its own.
    Pattern(Vec<Token>, Option<Vec<Token>>),
    /// With their own digits, commas and decimals aside, unless zeros are put before them: this many digits.
    AtLeast(usize),
    /// In a way only a spreadsheet knows.
    Unknown,
}

/// A piece of a pattern.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    /// A place for a digit that is always filled.
    Zero,
    /// A place for a digit that may stay empty.
    Optional,
    /// Shown as it is.
    Literal(char),
}

impl Shape {
    /// Reads a number format.
    pub fn of(format: &str) -> Self {
        if format.is_empty() || format.eq_ignore_ascii_case("general") || format == "@" {
            return Self::Plain;
        }
        let sections = sections(format);
        let read: Option<Vec<Section>> = sections.iter().map(|s| Section::read(s)).collect();
        let Some(read) = read else { return Self::Unknown };
        let Some(first) = read.first() else { return Self::Plain };
        if first.counts {
            return Self::AtLeast(first.zeros());
        }
        if !first.tokens.iter().any(|t| matches!(t, Token::Zero | Token::Optional)) {
            return Self::Unknown;
        }
        Self::Pattern(first.tokens.clone(), read.get(2).map(|s| s.tokens.clone()))
    }

    /// The cell of a number in this format.
    pub fn cell(&self, number: f64) -> Cell {
        let plain = Cell::Float(number);
        if number.fract() != 0.0 || !(0.0..EXACT).contains(&number) {
            return plain;
        }
        let digits = format!("{number:.0}");
        let text = match self {
            Self::Plain => return plain,
            Self::AtLeast(places) if *places <= digits.len() => return plain,
            Self::AtLeast(_) | Self::Unknown => None,
            Self::Pattern(_, Some(zero)) if number == 0.0 => Some(fill(zero, &digits)),
            Self::Pattern(tokens, _) => Some(fill(tokens, &digits)),
        };
        if text.as_deref() == Some(digits.as_str()) { plain } else { Cell::Shown { number, text } }
    }
}

/// A format has up to four parts: for numbers above zero, below zero, zero, and texts.
fn sections(format: &str) -> Vec<String> {
    let mut sections = vec![String::new()];
    let (mut quoted, mut escaped) = (false, false);
    for c in format.chars() {
        let literal = quoted || escaped;
        escaped = !literal && c == '\\';
        quoted ^= c == '"' && (quoted || !literal);
        match sections.last_mut() {
            _ if c == ';' && !literal => sections.push(String::new()),
            Some(section) => section.push(c),
            None => {}
        }
    }
    sections
}

struct Section {
    tokens: Vec<Token>,
    /// Whether it shows an amount (decimals, thousands, percent) rather than a row of digits.
    counts: bool,
}

impl Section {
    /// `None` for what only a spreadsheet knows: conditions, Chinese digits.
    fn read(text: &str) -> Option<Self> {
        let mut section = Self { tokens: Vec::new(), counts: false };
        let mut chars = text.chars();
        while let Some(c) = chars.next() {
            match c {
                '0' => section.tokens.push(Token::Zero),
                '#' | '?' => section.tokens.push(Token::Optional),
                '"' => {
                    section.tokens.extend(chars.by_ref().take_while(|c| *c != '"').map(Token::Literal));
                }
                '\\' => section.tokens.extend(chars.next().map(Token::Literal)),
                // Room as wide as a character, and a character repeated to the width of the column.
                '_' | '*' => {
                    chars.next();
                }
                '[' => {
                    let inside: String = chars.by_ref().take_while(|c| *c != ']').collect();
                    match inside.strip_prefix('$') {
                        Some(currency) => {
                            let sign = currency.split('-').next().unwrap_or_default();
                            section.tokens.extend(sign.chars().map(Token::Literal));
                        }
                        None if inside.starts_with(['<', '>', '='])
                            || inside.to_lowercase().starts_with("dbnum") =>
                        {
                            return None;
                        }
                        None => {}
                    }
                }
                ',' | '%' => section.counts = true,
                // What follows is behind the point, the line of a fraction or the power of ten.
                '.' | '/' | 'E' | 'e' => {
                    section.counts = true;
                    break;
                }
                '@' => return None,
                literal => section.tokens.push(Token::Literal(literal)),
            }
        }
        Some(section)
    }

    /// Digits that are always shown before the point.
    fn zeros(&self) -> usize {
        self.tokens.iter().filter(|t| **t == Token::Zero).count()
    }
}

/// Fills the places from the right; digits left over stand where the first place is.
fn fill(tokens: &[Token], digits: &str) -> String {
    let mut left: Vec<char> = digits.chars().collect();
    let first = tokens.iter().position(|t| matches!(t, Token::Zero | Token::Optional));
    let mut shown: Vec<char> = Vec::new();
    for (at, token) in tokens.iter().enumerate().rev() {
        match token {
            Token::Literal(c) => shown.push(*c),
            Token::Zero => shown.push(left.pop().unwrap_or('0')),
            Token::Optional => shown.extend(left.pop()),
        }
        if Some(at) == first {
            shown.extend(left.drain(..).rev());
        }
    }
    shown.into_iter().rev().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn right_answer_14_numbers_as_their_formats_show_them() {
        let shown = |format: &str, number: f64| match Shape::of(format).cell(number) {
            Cell::Shown { text, .. } => text.unwrap_or_else(|| "?".to_owned()),
            Cell::Float(_) => "plain".to_owned(),
            other => format!("{other:?}"),
        };
        for (format, number, expected) in [
            ("000000000000", 20_261_003.0, "000020261003"),
            ("00000000", 20_261_003.0, "plain"),
            ("00000000", 12_345.0, "00012345"),
            ("000", 12_345.0, "plain"),
            ("\"BK\"000000", 123.0, "BK000123"),
            ("\\B\\K-000000", 123.0, "BK-000123"),
            ("[$-804]000000", 123.0, "000123"),
            ("[Red]000000;[Blue]-000000", 123.0, "000123"),
            ("0000\\ 0000", 12_345.0, "0001 2345"),
            ("000000_ ", 123.0, "000123"),
            ("##0000", 12.0, "0012"),
            ("000;-000;\"-\"", 0.0, "-"),
            ("General", 12.0, "plain"),
            ("@", 12.0, "plain"),
            ("0", 12.0, "plain"),
            ("#,##0.00", 1_234.0, "plain"),
            ("0.00", 12.0, "plain"),
            ("0.00_ ", 0.0, "plain"),
            ("0%", 12.0, "plain"),
            ("0\"元\"", 12.0, "12元"),
            ("000,000", 12_345.0, "?"),
            ("0000.00", 12.0, "?"),
            ("0.00E+00", 12.0, "plain"),
            ("[DBNum1]0", 12.0, "?"),
            ("[<100]000;0", 12.0, "?"),
            (";;;", 12.0, "?"),
            ("000000", 12.5, "plain"),
            ("000000", -12.0, "plain"),
        ] {
            assert_eq!(shown(format, number), expected, "{format} {number}");
        }
    }
}
