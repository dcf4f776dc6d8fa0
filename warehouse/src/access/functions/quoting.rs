//! `quote_ident`, `quote_literal`, `quote_nullable`: texts written as names and literals of SQL.

use std::sync::Arc;

use arrow::array::StringArray;
use arrow::datatypes::DataType;
use datafusion::common::plan_err;
use datafusion::error::Result;
use datafusion::logical_expr::{ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs};

use super::plain::{Plain, answer, column, field};
use super::written::{Joint, Written};

/// Words PostgreSQL writes with quotes when they are names.
const RESERVED: [&str; 76] = [
    "all",
    "analyse",
    "analyze",
    "and",
    "any",
    "array",
    "as",
    "asc",
    "asymmetric",
    "both",
    "case",
    "cast",
    "check",
    "collate",
    "column",
    "constraint",
    "create",
    "current_catalog",
    "current_date",
    "current_role",
    "current_time",
    "current_timestamp",
    "current_user",
    "default",
    "deferrable",
    "desc",
    "distinct",
    "do",
    "else",
    "end",
    "except",
    "false",
    "fetch",
    "for",
    "foreign",
    "from",
    "grant",
    "group",
    "having",
    "in",
    "initially",
    "intersect",
    "into",
    "lateral",
    "leading",
    "limit",
    "localtime",
    "localtimestamp",
    "not",
    "null",
    "offset",
    "on",
    "only",
    "or",
    "order",
    "placing",
    "primary",
    "references",
    "returning",
    "select",
    "session_user",
    "some",
    "symmetric",
    "table",
    "then",
    "to",
    "trailing",
    "true",
    "union",
    "unique",
    "user",
    "using",
    "variadic",
    "when",
    "where",
    "with",
];

pub(super) fn functions() -> [Plain; 3] {
    [
        Plain::new("quote_ident", one, text, |args| each(args, None, name)),
        Plain::new("quote_literal", one, text, |args| each(args, None, literal)),
        Plain::new("quote_nullable", one, text, |args| each(args, Some("NULL"), literal)),
    ]
}

fn one(types: &[DataType]) -> Result<Vec<DataType>> {
    match types {
        [kind] => Ok(vec![kind.clone()]),
        _ => plan_err!("需要一个参数"),
    }
}

fn text(_: &ReturnFieldArgs) -> Result<arrow::datatypes::FieldRef> {
    Ok(field("quoted", DataType::Utf8))
}

fn each(args: &ScalarFunctionArgs, null: Option<&str>, quoted: fn(&str) -> String) -> Result<ColumnarValue> {
    let array = column(args, 0)?;
    let values = Written::of(&array, Joint::Blank)?;
    let texts = (0..array.len()).map(|row| {
        let mut value = String::new();
        match values.write(row, &mut value) {
            true => Some(quoted(&value)),
            false => null.map(str::to_owned),
        }
    });
    answer(args, Arc::new(texts.collect::<StringArray>()))
}

/// A name as it is where it needs no quotes.
fn name(text: &str) -> String {
    let mut letters = text.chars();
    let plain = letters.next().is_some_and(|first| first.is_ascii_lowercase() || first == '_')
        && letters.all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_');
    match plain && !RESERVED.contains(&text) {
        true => text.to_owned(),
        false => format!("\"{}\"", text.replace('"', "\"\"")),
    }
}

fn literal(text: &str) -> String {
    let quoted = text.replace('\'', "''");
    match quoted.contains('\\') {
        true => format!("E'{}'", quoted.replace('\\', "\\\\")),
        false => format!("'{quoted}'"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_postgresql_quotes() {
        for (text, as_name, as_literal) in [
            ("abc_1", "abc_1", "'abc_1'"),
            ("餐饮", "\"餐饮\"", "'餐饮'"),
            ("Order", "\"Order\"", "'Order'"),
            ("user", "\"user\"", "'user'"),
            ("a\"b", "\"a\"\"b\"", "'a\"b'"),
            ("it's", "\"it's\"", "'it''s'"),
            (r"a\b", r#""a\b""#, r"E'a\\b'"),
            ("", "\"\"", "''"),
        ] {
            assert_eq!((name(text).as_str(), literal(text).as_str()), (as_name, as_literal));
        }
    }
}
