//! `json_build_object`, `json_build_array`, `to_json`, and what `json_agg` and `json_object_agg` are made of. A JSON text
//! bears a mark in its column, so that it is put into another as it is and not as a text in quotes.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, StringBuilder};
use arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::common::plan_err;
use datafusion::error::Result;
use datafusion::logical_expr::{ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs};

use super::plain::{Plain, answer, column, refused};
use super::written::{Joint, Written};
use crate::access::batch_bound::MOST_BYTES;

/// Key and value of the mark; Arrow's own name for JSON.
const MARK: (&str, &str) = ("ARROW:extension:name", "arrow.json");

pub(super) fn functions() -> [Plain; 8] {
    let any = |types: &[DataType]| Ok(types.to_vec());
    let one = |types: &[DataType]| match types {
        [_] => Ok(types.to_vec()),
        _ => plan_err!("to_json 需要一个参数"),
    };
    [
        Plain::new("json_build_object", even, marked, |args| each_row(args, object)),
        Plain::new("json_build_array", any, marked, |args| each_row(args, array)),
        Plain::new("to_json", one, marked, |args| each_row(args, value)),
        // What an aggregate gathers, and what becomes of it.
        Plain::new("json_element", one, plain_text, |args| each_row(args, element)),
        Plain::new("json_member", even, plain_text, |args| each_row(args, member)),
        Plain::new("json_array_of", one, marked, |args| joined(args, ("[", "]"))),
        Plain::new("json_values_of", one, marked, values_of),
        Plain::new("json_object_of", one, marked, |args| joined(args, ("{ ", " }"))),
    ]
}

fn even(types: &[DataType]) -> Result<Vec<DataType>> {
    if !types.len().is_multiple_of(2) {
        return plan_err!("json_build_object 的参数须成对：键、值、键、值……");
    }
    Ok(types.to_vec())
}

fn marked(_: &ReturnFieldArgs) -> Result<FieldRef> {
    let mark = HashMap::from([(MARK.0.to_owned(), MARK.1.to_owned())]);
    Ok(Arc::new(Field::new("json", DataType::Utf8, true).with_metadata(mark)))
}

fn plain_text(_: &ReturnFieldArgs) -> Result<FieldRef> {
    Ok(super::plain::field("json", DataType::Utf8))
}

/// Whether a column holds JSON.
pub fn is_json(field: &Field) -> bool {
    field.metadata().get(MARK.0).is_some_and(|name| name == MARK.1)
}

/// An argument, ready to be written.
struct Input {
    values: Written,
    kind: Shape,
}

/// How a value looks in JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// JSON already.
    Json,
    Truth,
    Number,
    Text,
    List,
}

impl Input {
    fn of(array: &ArrayRef, field: &Field) -> Result<Self> {
        let kind = match array.data_type() {
            _ if is_json(field) => Shape::Json,
            DataType::Boolean => Shape::Truth,
            kind if kind.is_numeric() => Shape::Number,
            DataType::List(_) => Shape::List,
            DataType::Struct(_)
            | DataType::Map(..)
            | DataType::LargeList(_)
            | DataType::FixedSizeList(..) => {
                return plan_err!("这种组合类型还不能写成 JSON，请逐个字段写成 json_build_object");
            }
            _ => Shape::Text,
        };
        Ok(Self { values: Written::of(array, Joint::T)?, kind })
    }

    fn value(&self, row: usize, out: &mut String) -> Result<()> {
        if let (Written::Lists(lists), Shape::List) = (&self.values, self.kind) {
            match lists.get(row) {
                Some(Some(list)) => return list_value(list, out),
                _ => out.push_str("null"),
            }
            return Ok(());
        }
        scalar(&self.values, self.kind, row, out)
    }
}

fn scalar(values: &Written, kind: Shape, row: usize, out: &mut String) -> Result<()> {
    let mut text = String::new();
    if !values.write(row, &mut text) {
        out.push_str("null");
        return Ok(());
    }
    // A letter becomes six at the most.
    bounded(out.len().saturating_add(text.len().saturating_mul(6)))?;
    match kind {
        Shape::Json => out.push_str(&text),
        Shape::Truth => out.push_str(if text == "t" { "true" } else { "false" }),
        // What is no number to JSON is a text to it.
        Shape::Number if !text.contains("N") && !text.contains("Inf") => out.push_str(&text),
        _ => quoted(&text, out),
    }
    Ok(())
}

fn list_value(list: &Written, out: &mut String) -> Result<()> {
    let kind = match list {
        Written::Truths(_) => Shape::Truth,
        Written::Floats(_) | Written::Decimals(_) | Written::Wide(_) => Shape::Number,
        Written::Whole(_) => Shape::Number,
        _ => Shape::Text,
    };
    out.push('[');
    for row in 0..list.len() {
        if row > 0 {
            out.push(',');
        }
        match list {
            Written::Lists(lists) => match lists.get(row) {
                Some(Some(inner)) => list_value(inner, out)?,
                _ => out.push_str("null"),
            },
            _ => scalar(list, kind, row, out)?,
        }
    }
    out.push(']');
    Ok(())
}

/// A text in quotes, with everything escaped that JSON wants escaped.
fn quoted(text: &str, out: &mut String) {
    out.push('"');
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            control if u32::from(control) < 0x20 => out.push_str(&format!("\\u{:04x}", u32::from(control))),
            other => out.push(other),
        }
    }
    out.push('"');
}

/// Writes one row of arguments; false for NULL.
type Row = fn(&[Input], usize, &mut String) -> Result<bool>;

fn each_row(args: &ScalarFunctionArgs, write: Row) -> Result<ColumnarValue> {
    let inputs = (0..args.args.len()).map(|at| Input::of(&column(args, at)?, &args.arg_fields[at]));
    let inputs = inputs.collect::<Result<Vec<_>>>()?;
    let mut out = StringBuilder::new();
    let (mut bytes, mut buffer) = (0, String::new());
    for row in 0..args.number_rows {
        buffer.clear();
        if write(&inputs, row, &mut buffer)? {
            out.append_value(&buffer);
        } else {
            out.append_null();
        }
        bytes += buffer.len();
        bounded(bytes)?;
    }
    answer(args, Arc::new(out.finish()))
}

fn bounded(bytes: usize) -> Result<()> {
    if bytes > MOST_BYTES {
        return Err(datafusion::error::DataFusionError::ResourcesExhausted(format!(
            "JSON makes {} MiB of text at once, {} MiB are allowed",
            bytes >> 20,
            MOST_BYTES >> 20
        )));
    }
    Ok(())
}

fn key(input: &Input, row: usize, out: &mut String) -> Result<()> {
    let mut text = String::new();
    if !input.values.write(row, &mut text) {
        return refused("JSON 的键不能是 NULL");
    }
    if input.kind == Shape::List || input.kind == Shape::Json {
        return refused("JSON 的键须是单个值");
    }
    if input.kind == Shape::Truth {
        text = if text == "t" { "true" } else { "false" }.to_owned();
    }
    quoted(&text, out);
    Ok(())
}

fn member(inputs: &[Input], row: usize, out: &mut String) -> Result<bool> {
    key(&inputs[0], row, out)?;
    out.push_str(" : ");
    inputs[1].value(row, out)?;
    Ok(true)
}

fn object(inputs: &[Input], row: usize, out: &mut String) -> Result<bool> {
    out.push('{');
    for (at, pair) in inputs.chunks_exact(2).enumerate() {
        if at > 0 {
            out.push_str(", ");
        }
        member(pair, row, out)?;
    }
    out.push('}');
    Ok(true)
}

fn array(inputs: &[Input], row: usize, out: &mut String) -> Result<bool> {
    out.push('[');
    for (at, input) in inputs.iter().enumerate() {
        if at > 0 {
            out.push_str(", ");
        }
        input.value(row, out)?;
    }
    out.push(']');
    Ok(true)
}

fn value(inputs: &[Input], row: usize, out: &mut String) -> Result<bool> {
    inputs[0].value(row, out)?;
    Ok(out != "null")
}

/// Lists begin a line of their own in an aggregate, as PostgreSQL writes them.
fn element(inputs: &[Input], row: usize, out: &mut String) -> Result<bool> {
    if inputs[0].kind == Shape::List {
        out.push_str("\n ");
    }
    inputs[0].value(row, out)?;
    Ok(true)
}

/// A list of JSON texts as one. A list of nothing is NULL: there were no rows.
fn joined(args: &ScalarFunctionArgs, (open, close): (&str, &str)) -> Result<ColumnarValue> {
    let lists = column(args, 0)?;
    let mut out = StringBuilder::new();
    let mut bytes = 0;
    for row in 0..lists.len() {
        if lists.is_null(row) {
            out.append_null();
            continue;
        }
        let list = lists.as_list::<i32>().value(row);
        let mut text = open.to_owned();
        for (at, part) in list.as_string::<i32>().iter().enumerate() {
            let part = part.unwrap_or("null");
            if at > 0 {
                text.push_str(", ");
            }
            text.push_str(if at == 0 { part.trim_start() } else { part });
            bounded(text.len())?;
        }
        text.push_str(close);
        bytes += text.len();
        bounded(bytes)?;
        out.append_value(text);
    }
    answer(args, Arc::new(out.finish()))
}

/// A list of values as `json_agg` of them.
fn values_of(args: &ScalarFunctionArgs) -> Result<ColumnarValue> {
    let lists = column(args, 0)?;
    let mut out = StringBuilder::new();
    let (mut bytes, item) = (0, Field::new("item", DataType::Null, true));
    for row in 0..lists.len() {
        if lists.is_null(row) {
            out.append_null();
            continue;
        }
        let list = lists.as_list::<i32>().value(row);
        let (input, mut text) = (Input::of(&list, &item)?, "[".to_owned());
        for at in 0..list.len() {
            if at > 0 {
                text.push_str(", ");
            }
            input.value(at, &mut text)?;
            bounded(text.len())?;
        }
        text.push(']');
        bytes += text.len();
        bounded(bytes)?;
        out.append_value(text);
    }
    answer(args, Arc::new(out.finish()))
}
