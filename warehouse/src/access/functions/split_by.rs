//! `regexp_split_to_array`: a text cut where a pattern fits.

use std::sync::Arc;

use arrow::array::{ListBuilder, StringBuilder};
use arrow::datatypes::{DataType, Field};
use datafusion::common::plan_err;
use datafusion::error::Result;
use datafusion::logical_expr::{ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs};
use regex::Regex;

use super::plain::{Plain, answer, field, is_text, refused, texts};

pub(super) fn function() -> Plain {
    let list = |_: &ReturnFieldArgs| {
        let texts = DataType::List(Arc::new(Field::new_list_field(DataType::Utf8, true)));
        Ok(field("regexp_split_to_array", texts))
    };
    Plain::new("regexp_split_to_array", two_texts, list, run)
}

fn two_texts(types: &[DataType]) -> Result<Vec<DataType>> {
    match types {
        [text, pattern] if is_text(text) && is_text(pattern) => Ok(vec![DataType::Utf8; 2]),
        _ => plan_err!("regexp_split_to_array 需要文字和正则表达式；不支持第三个参数"),
    }
}

fn run(args: &ScalarFunctionArgs) -> Result<ColumnarValue> {
    let (texts, patterns) = (texts(args, 0)?, texts(args, 1)?);
    let mut lists = ListBuilder::new(StringBuilder::new());
    let mut known: Option<(String, Regex)> = None;
    for (text, pattern) in texts.iter().zip(patterns.iter()) {
        let (Some(text), Some(pattern)) = (text, pattern) else {
            lists.append_null();
            continue;
        };
        if known.as_ref().is_none_or(|(last, _)| last != pattern) {
            match Regex::new(pattern) {
                Ok(regex) => known = Some((pattern.to_owned(), regex)),
                Err(_) => return refused(format!("正则表达式不成立：{pattern:.60}")),
            }
        }
        if let Some((_, regex)) = &known {
            lists.append_value(pieces(text, regex).into_iter().map(Some));
        }
    }
    answer(args, Arc::new(lists.finish()))
}

/// What stands between the matches. An empty match at the beginning, at the end or right behind another one cuts nothing.
fn pieces<'t>(text: &'t str, pattern: &Regex) -> Vec<&'t str> {
    let (mut pieces, mut from) = (Vec::new(), 0);
    for found in pattern.find_iter(text) {
        let is_idle = found.is_empty() && (found.start() == from || found.end() == text.len());
        if !is_idle {
            pieces.push(&text[from..found.start()]);
            from = found.end();
        }
    }
    pieces.push(&text[from..]);
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Asked of PostgreSQL 15.
    #[test]
    fn as_postgresql_cuts() {
        for (text, pattern, want) in [
            ("a,b,,c", ",", vec!["a", "b", "", "c"]),
            ("", ",", vec![""]),
            ("浦东 新区", r"\s+", vec!["浦东", "新区"]),
            ("abc", "", vec!["a", "b", "c"]),
            ("abc", "x*", vec!["a", "b", "c"]),
            (",a,", ",", vec!["", "a", ""]),
            ("a1b22c", "[0-9]*", vec!["a", "b", "c"]),
        ] {
            assert_eq!(pieces(text, &Regex::new(pattern).expect("pattern")), want, "{text} {pattern}");
        }
    }
}
