//! `x SIMILAR TO pattern`: the whole text against SQL's own patterns, which the engine takes for regular expressions that
//! may match anywhere. The pattern becomes a regular expression, when it is known once and for all.

use std::ops::ControlFlow;

use datafusion::logical_expr::ScalarUDF;
use datafusion::sql::sqlparser::ast::{BinaryOperator, Expr, Statement, Value};

use super::super::walk::{Flow, Rewrite, rewrite};
use super::regular::{engines, of_two_texts};
use crate::access::calls::call;

pub(super) const NAME: &str = "similar_pattern";

/// Changes the statement in place.
pub(super) fn match_whole(statement: &mut Statement) {
    let _ = rewrite(statement, &mut Similar);
}

struct Similar;

impl Rewrite for Similar {
    fn post_visit_expr(&mut self, expr: &mut Expr) -> Flow {
        if let Expr::SimilarTo { negated, expr: value, pattern, escape_char } = expr {
            let escape = escape_char.clone().map_or_else(
                || Expr::Value(Value::SingleQuotedString("\\".to_owned()).with_empty_span()),
                Expr::Value,
            );
            let op = match negated {
                true => BinaryOperator::PGRegexNotMatch,
                false => BinaryOperator::PGRegexMatch,
            };
            let right = Box::new(call(NAME, vec![pattern.as_ref().clone(), escape]));
            let whole = Expr::BinaryOp { left: value.clone(), op, right };
            *expr = Expr::Nested(Box::new(whole));
        }
        ControlFlow::Continue(())
    }
}

/// `similar_pattern(pattern, escape)`: the regular expression.
pub(super) fn function() -> ScalarUDF {
    of_two_texts(NAME, regular)
}

/// The pattern as a regular expression of the engine for the whole text: first one of PostgreSQL, as PostgreSQL does it
/// itself, so that `[[:alpha:]]` and `\w` mean what they mean there.
pub(super) fn regular(pattern: &str, escape: &str) -> Result<String, String> {
    let mut escapes = escape.chars();
    let (escape, None) = (escapes.next(), escapes.next()) else {
        return Err("ESCAPE 只能是一个字符".to_owned());
    };
    let mut made = String::with_capacity(pattern.len() + 16);
    made.push_str("^(?:");
    let mut letters = pattern.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            // Any character may be escaped, also to name a class.
            _ if Some(letter) == escape => {
                made.push('\\');
                made.push(letters.next().unwrap_or(letter));
            }
            '%' => made.push_str(".*"),
            '_' => made.push('.'),
            '(' => made.push_str("(?:"),
            '[' => set(&mut made, &mut letters, escape),
            '\\' | '.' | '^' | '$' => {
                made.push('\\');
                made.push(letter);
            }
            other => made.push(other),
        }
    }
    made.push_str(")$");
    engines(&made, "")
}

/// A set of letters up to its bracket, in which nothing but the backslash is written otherwise.
fn set(made: &mut String, letters: &mut std::iter::Peekable<std::str::Chars>, escape: Option<char>) {
    made.push('[');
    if letters.next_if_eq(&'^').is_some() {
        made.push('^');
    }
    let mut is_first = true;
    while let Some(letter) = letters.next() {
        match letter {
            _ if Some(letter) == escape => {
                made.push('\\');
                made.push(letters.next().unwrap_or(letter));
            }
            ']' if !is_first => break,
            '\\' => made.push_str("\\\\"),
            '[' if letters.peek() == Some(&':') => {
                made.push('[');
                for letter in letters.by_ref() {
                    made.push(letter);
                    if letter == ']' {
                        break;
                    }
                }
            }
            other => made.push(other),
        }
        is_first = false;
    }
    made.push(']');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_become_regular_expressions() {
        for (pattern, escape, expected) in [
            ("(a|b)%", "\\", "(?s)^(?:(?:a|b).*)$"),
            ("a_c", "\\", "(?s)^(?:a.c)$"),
            (r"\w+", "\\", r"^(?:[\p{Alphabetic}\p{Nd}_]+)$"),
            (r"10\%", "\\", "^(?:10%)$"),
            ("10#%", "#", "^(?:10%)$"),
            ("a.c^$", "\\", r"^(?:a\.c\^\$)$"),
            ("[a-z[:digit:]_]{2,3}", "\\", "^(?:[a-z0-9_]{2,3})$"),
            ("[^%]+", "\\", "^(?:[^%]+)$"),
            (r"a\b", "", r"^(?:a\\b)$"),
        ] {
            assert_eq!(regular(pattern, escape).expect("pattern"), expected, "{pattern}");
        }
        assert!(regular("a", "##").is_err());
    }
}
