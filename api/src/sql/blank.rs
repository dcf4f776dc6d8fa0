//! A statement without what people wrote into it: literals become `?`, comments go. That is what the audit log keeps,
//! because a condition on a name or a card number is as personal as the row it finds.

use datafusion::sql::sqlparser::dialect::PostgreSqlDialect;
use datafusion::sql::sqlparser::tokenizer::{Token, Tokenizer};
use pujiang_warehouse::LONGEST_STATEMENT;

/// Longest text kept; the beginning of a statement says what it asks.
const LONGEST: usize = 2_000;

/// What stands for a text that cannot be cut into tokens: nothing of it is kept.
const UNREADABLE: &str = "(无法识别的语句)";

/// What stands for a text that is refused for its length alone.
const TOO_LONG: &str = "(过长的语句)";

/// The statement with every literal replaced by `?`.
pub fn blanked(text: &str) -> String {
    if text.len() > LONGEST_STATEMENT {
        return TOO_LONG.to_owned();
    }
    let Ok(tokens) = Tokenizer::new(&PostgreSqlDialect {}, text).tokenize() else {
        return UNREADABLE.to_owned();
    };
    let mut shown = String::with_capacity(text.len().min(LONGEST));
    for token in &tokens {
        match token {
            Token::EOF => {}
            Token::Whitespace(_) => {
                if !shown.is_empty() && !shown.ends_with(' ') {
                    shown.push(' ');
                }
            }
            Token::Word(word) => shown.push_str(&word.to_string()),
            // Whatever is not a name and has a letter or digit in it is a literal, known to us or not.
            other => {
                let written = other.to_string();
                if written.chars().any(char::is_alphanumeric) || written.contains(['\'', '"']) {
                    literal(&mut shown);
                } else {
                    shown.push_str(&written);
                }
            }
        }
        if shown.len() > LONGEST {
            let end = (0..=LONGEST).rev().find(|at| shown.is_char_boundary(*at)).unwrap_or(0);
            shown.truncate(end);
            shown.push('…');
            return shown;
        }
    }
    shown.truncate(shown.trim_end().len());
    shown
}

/// A list of a thousand literals says no more than a list of two.
fn literal(shown: &mut String) {
    let before = shown.trim_end();
    if let Some(list) = before.strip_suffix(',')
        && list.trim_end().ends_with("?, ?")
    {
        let keep = list.len();
        shown.truncate(keep);
        return;
    }
    shown.push('?');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_a_person_wrote_stays() {
        let cases = [
            ("select 1", "select ?"),
            (
                "SELECT *  FROM t\n WHERE name = '张三' AND n > 1.5e3",
                "SELECT * FROM t WHERE name = ? AND n > ?",
            ),
            ("select E'a\\'b', $$geheim$$, $x$ 1 $x$, X'ff', U&'\\0041'", "select ?, ?"),
            (
                "select a from t where b in (1, 2, 3, 4, 5) and c = 'x'",
                "select a from t where b in (?, ?) and c = ?",
            ),
            ("select -- 李四\n a /* 13800001234 */ from t", "select a from t"),
            ("select \"Name\" from t where k = $1", "select \"Name\" from t where k = ?"),
            ("select a::text, b[1], c->>'k' from t", "select a::text, b[?], c->>? from t"),
            ("select 'offen", UNREADABLE),
            (&"x".repeat(LONGEST_STATEMENT + 1), TOO_LONG),
        ];
        for (text, want) in cases {
            assert_eq!(blanked(text), want, "{text}");
        }
    }

    #[test]
    fn long_statements_are_cut() {
        let shown = blanked(&format!("select {}", "列,".repeat(5_000)));
        assert!(shown.len() < LONGEST + 10 && shown.ends_with('…'), "{}", shown.len());
    }
}
