//! The words of one statement, as session commands are read from them. Nothing is parsed: a statement is cut into tokens,
//! and what is a query is cut out of the text where it stands.

use datafusion::sql::sqlparser::dialect::PostgreSqlDialect;
use datafusion::sql::sqlparser::tokenizer::{Location, Token, TokenWithSpan, Tokenizer};

use super::command::syntax;
use super::failure::Failure;

/// The tokens of a statement, without blanks: unquoted words in small letters, everything else as it is.
pub(super) struct Words(Vec<TokenWithSpan>, Vec<String>);

impl Words {
    pub(super) fn of(text: &str) -> Option<Self> {
        let tokens = Tokenizer::new(&PostgreSqlDialect {}, text).tokenize_with_location().ok()?;
        let is_word = |token: &TokenWithSpan| !matches!(token.token, Token::Whitespace(_) | Token::EOF);
        let tokens: Vec<TokenWithSpan> = tokens.into_iter().filter(is_word).collect();
        let small = tokens
            .iter()
            .map(|token| match &token.token {
                Token::Word(word) if word.quote_style.is_none() => word.value.to_ascii_lowercase(),
                Token::Word(_) => String::new(),
                other => other.to_string(),
            })
            .collect();
        Some(Self(tokens, small))
    }

    pub(super) fn word(&self, at: usize) -> &str {
        self.1.get(at).map_or("", String::as_str)
    }

    pub(super) fn has(&self, word: &str) -> bool {
        self.1.iter().any(|own| own == word)
    }

    /// The text from a token on; none when there is no such token.
    pub(super) fn text_from<'a>(&self, at: usize, text: &'a str) -> Option<&'a str> {
        let Location { line, column } = self.0.get(at)?.span.start;
        let before = usize::try_from(line).ok()?.checked_sub(1)?;
        let begin = match before.checked_sub(1) {
            None => 0,
            Some(last) => text.match_indices('\n').nth(last)?.0 + 1,
        };
        let within = usize::try_from(column).ok()?.checked_sub(1)?;
        let (offset, _) = text[begin..].char_indices().nth(within)?;
        Some(&text[begin + offset..])
    }

    pub(super) fn joined(&self) -> String {
        self.1.join(" ")
    }

    pub(super) fn name(&self, at: usize) -> Option<String> {
        match &self.0.get(at)?.token {
            Token::Word(word) if word.quote_style.is_some() => Some(word.value.clone()),
            Token::Word(word) => Some(word.value.to_ascii_lowercase()),
            _ => None,
        }
    }

    pub(super) fn name_or_all(&self, at: usize) -> Result<Option<String>, Failure> {
        if self.word(at) == "all" {
            return Ok(None);
        }
        self.name(at).map(Some).ok_or_else(syntax)
    }

    /// The rest as one value: `iso, mdy`, `'UTF8'`, `-1`, `"$user", public`. None for DEFAULT.
    pub(super) fn value(&self, at: usize) -> Option<String> {
        if self.word(at) == "default" {
            return None;
        }
        let mut value = String::new();
        for token in self.0.get(at..).unwrap_or_default() {
            match &token.token {
                Token::SingleQuotedString(text) => value.push_str(text),
                Token::Word(word) => value.push_str(&word.value),
                Token::Comma => value.push_str(", "),
                other => value.push_str(&other.to_string()),
            }
        }
        Some(value)
    }
}
