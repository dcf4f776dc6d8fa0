//! What a statement's text says of its parameters: how many there are, and which count rows. The engine knows those it
//! compares with a column; a client sends all, and drivers that ask for types need one for LIMIT too.

use std::collections::BTreeSet;

use datafusion::sql::sqlparser::dialect::PostgreSqlDialect;
use datafusion::sql::sqlparser::tokenizer::{Token, Tokenizer};

/// Parameters of a text.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Placeholders {
    /// The highest number.
    pub highest: usize,
    /// Those of LIMIT, OFFSET and FETCH.
    pub of_rows: BTreeSet<usize>,
}

impl Placeholders {
    /// Reads a text.
    pub fn of(text: &str) -> Self {
        let tokens = Tokenizer::new(&PostgreSqlDialect {}, text).tokenize().unwrap_or_default();
        let (mut found, mut before_rows) = (Self::default(), false);
        for token in tokens.iter().filter(|token| !matches!(token, Token::Whitespace(_))) {
            // The protocol counts them in sixteen bits.
            if let Token::Placeholder(name) = token
                && let Some(number) = number(name).filter(|number| *number <= usize::from(u16::MAX))
            {
                found.highest = found.highest.max(number);
                if before_rows {
                    found.of_rows.insert(number);
                }
            }
            before_rows = matches!(token, Token::Word(word) if word.quote_style.is_none()
                && ["limit", "offset", "first", "next"].iter().any(|rows| word.value.eq_ignore_ascii_case(rows)));
        }
        found
    }
}

/// The number of `$7`.
pub fn number(name: &str) -> Option<usize> {
    name.strip_prefix('$')?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_read_from_the_text() {
        let cases: [(&str, usize, &[usize]); 6] = [
            ("select 1", 0, &[]),
            ("select $1, $3 where '$9' = $2 -- $8", 3, &[]),
            ("select $99999999999999999999, $1", 1, &[]),
            ("select a from t where b = $1 limit $2 offset /* so many */ $3", 3, &[2, 3]),
            ("select a from t fetch first $1 rows only", 1, &[1]),
            ("select \"limit\" $1", 1, &[]),
        ];
        for (text, highest, of_rows) in cases {
            let want = Placeholders { highest, of_rows: of_rows.iter().copied().collect() };
            assert_eq!(Placeholders::of(text), want, "{text}");
        }
    }
}
