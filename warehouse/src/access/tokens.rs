//! Words PostgreSQL leaves out and the parser needs, put in between fence and parser: `trim(leading from x)` says no letter
//! to cut off, and means blanks.

use datafusion::sql::sqlparser::keywords::Keyword;
use datafusion::sql::sqlparser::tokenizer::{Token, TokenWithSpan};

/// The same tokens with what is missing.
pub(super) fn completed(tokens: Vec<TokenWithSpan>) -> Vec<TokenWithSpan> {
    let mut made: Vec<TokenWithSpan> = Vec::with_capacity(tokens.len());
    // The last three that are no white space.
    let mut last = [None, None, None];
    for token in tokens {
        let next = Word::of(&token.token);
        let in_trim = last == [Some(Word::Trim), Some(Word::Bracket), Some(Word::Side)]
            || last[1..] == [Some(Word::Trim), Some(Word::Bracket)];
        if in_trim && next == Some(Word::From) {
            let blank = Token::SingleQuotedString(" ".to_owned());
            made.push(TokenWithSpan { token: blank, span: token.span });
        }
        if !matches!(token.token, Token::Whitespace(_)) {
            last = [last[1], last[2], next];
        }
        made.push(token);
    }
    made
}

/// The words that matter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Word {
    Trim,
    Bracket,
    /// Where something is cut off.
    Side,
    From,
}

impl Word {
    fn of(token: &Token) -> Option<Self> {
        match token {
            Token::LParen => Some(Self::Bracket),
            Token::Word(word) if word.quote_style.is_none() => match word.keyword {
                Keyword::TRIM => Some(Self::Trim),
                Keyword::LEADING | Keyword::TRAILING | Keyword::BOTH => Some(Self::Side),
                Keyword::FROM => Some(Self::From),
                _ => None,
            },
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::parse::unchanged;

    #[test]
    fn blanks_are_what_is_cut_off() {
        for (sql, want) in [
            ("SELECT trim(LEADING FROM a)", "SELECT TRIM(LEADING ' ' FROM a)"),
            ("SELECT trim ( both from a)", "SELECT TRIM(BOTH ' ' FROM a)"),
            ("SELECT trim(from a)", "SELECT TRIM(' ' FROM a)"),
            ("SELECT TRIM(LEADING 'x' FROM a)", "SELECT TRIM(LEADING 'x' FROM a)"),
            ("SELECT trim(a) FROM t", "SELECT TRIM(a) FROM t"),
        ] {
            assert_eq!(unchanged(sql)[0].to_string(), want, "{sql}");
        }
    }
}
