//! What `regexp_replace` puts in the place of a match, from PostgreSQL's writing to the engine's: `\1` and `\&` are groups,
//! `\\` is a backslash, a dollar sign is one.

use std::sync::Arc;

use arrow::array::StringArray;
use arrow::datatypes::DataType;
use datafusion::common::plan_err;
use datafusion::error::Result;
use datafusion::logical_expr::{ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs};

use super::plain::{Plain, answer, field, is_text, texts};

pub(super) fn function() -> Plain {
    let text = |_: &ReturnFieldArgs| Ok(field("regexp_replacement", DataType::Utf8));
    Plain::new("regexp_replacement", one_text, text, run)
}

fn one_text(types: &[DataType]) -> Result<Vec<DataType>> {
    match types {
        [text] if is_text(text) => Ok(vec![DataType::Utf8]),
        _ => plan_err!("regexp_replace 的第三个参数要是文字"),
    }
}

fn run(args: &ScalarFunctionArgs) -> Result<ColumnarValue> {
    let written = texts(args, 0)?.iter().map(|text| text.map(engines)).collect::<StringArray>();
    answer(args, Arc::new(written))
}

fn engines(text: &str) -> String {
    let mut written = String::with_capacity(text.len());
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match (letter, letters.peek().copied()) {
            ('$', _) => written.push_str("$$"),
            ('\\', Some('&')) => {
                letters.next();
                written.push_str("${0}");
            }
            ('\\', Some(group)) if group.is_ascii_digit() => {
                letters.next();
                written.push_str(&format!("${{{group}}}"));
            }
            ('\\', Some('\\')) => {
                letters.next();
                written.push('\\');
                // Before a digit the engine would take the backslash for the beginning of a group: an empty one between.
                if letters.peek().is_some_and(char::is_ascii_digit) {
                    written.push_str("${none}");
                }
            }
            _ => written.push(letter),
        }
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_and_signs() {
        for (postgresql, engine) in [
            (r"<\1>", "<${1}>"),
            (r"<\&>", "<${0}>"),
            (r"a\\b", r"a\b"),
            (r"\\1", r"\${none}1"),
            ("5$", "5$$"),
            (r"\x", r"\x"),
        ] {
            assert_eq!(engines(postgresql), engine, "{postgresql}");
        }
    }
}
