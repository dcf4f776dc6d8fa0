//! `x SIMILAR TO pattern`: the whole text against SQL's own patterns, which the engine takes for regular expressions that
//! may match anywhere. The pattern becomes a regular expression, when it is known once and for all.

use std::ops::ControlFlow;
use std::sync::Arc;

use arrow::array::{AsArray, StringArray};
use arrow::compute::cast;
use arrow::datatypes::DataType;
use datafusion::common::ScalarValue;
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::{ColumnarValue, ScalarUDF, Volatility, create_udf};
use datafusion::sql::sqlparser::ast::{BinaryOperator, Expr, Statement, Value};

use super::super::walk::{Flow, Rewrite, rewrite};
use crate::access::calls::call;

const NAME: &str = "similar_pattern";

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
    create_udf(
        NAME,
        vec![DataType::Utf8, DataType::Utf8],
        DataType::Utf8,
        Volatility::Immutable,
        Arc::new(patterns),
    )
}

fn patterns(args: &[ColumnarValue]) -> Result<ColumnarValue> {
    let constant = args.iter().all(|arg| matches!(arg, ColumnarValue::Scalar(_)));
    let arrays = ColumnarValue::values_to_arrays(args)?;
    let texts = arrays.iter().map(|array| cast(array, &DataType::Utf8)).collect::<Result<Vec<_>, _>>()?;
    let (patterns, escapes) = (texts[0].as_string::<i32>(), texts[1].as_string::<i32>());
    let of = |(pattern, escape): (Option<&str>, Option<&str>)| match (pattern, escape) {
        (Some(pattern), Some(escape)) => regular(pattern, escape).map(Some),
        _ => Ok(None),
    };
    let made: StringArray = patterns.iter().zip(escapes).map(of).collect::<Result<_>>()?;
    Ok(match constant {
        true => ColumnarValue::Scalar(ScalarValue::try_from_array(&made, 0)?),
        false => ColumnarValue::Array(Arc::new(made)),
    })
}

/// The pattern as a regular expression for the whole text.
fn regular(pattern: &str, escape: &str) -> Result<String> {
    let mut escapes = escape.chars();
    let (escape, None) = (escapes.next(), escapes.next()) else {
        return Err(DataFusionError::Execution("ESCAPE 只能是一个字符".to_owned()));
    };
    let mut made = String::with_capacity(pattern.len() + 16);
    made.push_str("(?s)^(?:");
    let mut letters = pattern.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            _ if Some(letter) == escape => push_plain(&mut made, letters.next().unwrap_or(letter)),
            '%' => made.push_str(".*"),
            '_' => made.push('.'),
            '(' => made.push_str("(?:"),
            '[' => set(&mut made, &mut letters, escape),
            '{' => {
                made.push('{');
                // How often, such as `{2,3}`.
                while let Some(number) = letters.next_if(|letter| *letter != '}') {
                    made.push(number);
                }
            }
            '|' | '*' | '+' | '?' | '}' | ')' => made.push(letter),
            other => push_plain(&mut made, other),
        }
    }
    made.push_str(")$");
    Ok(made)
}

/// A letter that stands for itself.
fn push_plain(made: &mut String, letter: char) {
    if letter.is_ascii_punctuation() {
        made.push('\\');
    }
    made.push(letter);
}

/// A set of letters up to its bracket. Regular expressions here know sets within sets, SQL only names such as `[:alpha:]`.
fn set(made: &mut String, letters: &mut std::iter::Peekable<std::str::Chars>, escape: Option<char>) {
    made.push('[');
    if letters.next_if_eq(&'^').is_some() {
        made.push('^');
    }
    let mut is_first = true;
    while let Some(letter) = letters.next() {
        match letter {
            ']' if !is_first => break,
            _ if Some(letter) == escape => push_plain(made, letters.next().unwrap_or(letter)),
            '[' if letters.peek() == Some(&':') => {
                made.push('[');
                for letter in letters.by_ref() {
                    made.push(letter);
                    if letter == ']' {
                        break;
                    }
                }
            }
            '-' => made.push('-'),
            other => push_plain(made, other),
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
            (r"10\%", "\\", r"(?s)^(?:10\%)$"),
            ("10#%", "#", r"(?s)^(?:10\%)$"),
            ("a.c^$", "\\", r"(?s)^(?:a\.c\^\$)$"),
            ("[a-z[:digit:]_]{2,3}", "\\", r"(?s)^(?:[a-z[:digit:]\_]{2,3})$"),
            ("[^%]+", "\\", r"(?s)^(?:[^\%]+)$"),
            (r"a\b", "", r"(?s)^(?:a\\b)$"),
        ] {
            assert_eq!(regular(pattern, escape).expect("pattern"), expected, "{pattern}");
        }
        assert!(regular("a", "##").is_err());
    }
}
