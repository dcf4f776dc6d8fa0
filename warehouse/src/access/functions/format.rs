//! `format('%s of %I', …)`: texts, names and literals put into a text, with positions and widths.

use std::sync::Arc;

use arrow::array::{Array, StringBuilder};
use arrow::datatypes::DataType;
use datafusion::common::plan_err;
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::{ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs};

use super::plain::{Plain, answer, column, field, is_text, refused, texts};
use super::written::{Joint, Written};
use crate::access::batch_bound::MOST_BYTES;

/// Widest field.
const WIDEST: usize = 10_000;

pub(super) fn function() -> Plain {
    Plain::new("format", takes, |_: &ReturnFieldArgs| Ok(field("format", DataType::Utf8)), run)
}

fn takes(types: &[DataType]) -> Result<Vec<DataType>> {
    match types.split_first() {
        Some((first, rest)) if is_text(first) => {
            Ok(std::iter::once(DataType::Utf8).chain(rest.iter().cloned()).collect())
        }
        _ => plan_err!("format 的第一个参数须是文字"),
    }
}

fn run(args: &ScalarFunctionArgs) -> Result<ColumnarValue> {
    let patterns = texts(args, 0)?;
    let values = (1..args.args.len()).map(|at| Written::of(&column(args, at)?, Joint::Blank));
    let values = values.collect::<Result<Vec<_>>>()?;
    let (mut out, mut bytes) = (StringBuilder::new(), 0);
    for row in 0..patterns.len() {
        if patterns.is_null(row) {
            out.append_null();
            continue;
        }
        let text =
            Line { values: &values, row, next: 0, left: MOST_BYTES - bytes }.fill(patterns.value(row))?;
        bytes += text.len();
        out.append_value(text);
    }
    answer(args, Arc::new(out.finish()))
}

/// One row being written.
struct Line<'a> {
    values: &'a [Written],
    row: usize,
    /// The argument that comes next.
    next: usize,
    /// Bytes this batch may still have.
    left: usize,
}

impl Line<'_> {
    fn fill(&mut self, pattern: &str) -> Result<String> {
        let (mut out, mut rest) = (String::new(), pattern);
        while let Some((before, behind)) = rest.split_once('%') {
            out.push_str(before);
            if let Some(behind) = behind.strip_prefix('%') {
                out.push('%');
                rest = behind;
            } else {
                rest = self.field(behind, &mut out)?;
            }
            if out.len() > self.left {
                return Err(DataFusionError::ResourcesExhausted(format!(
                    "format makes more than {} MiB of text at once",
                    MOST_BYTES >> 20
                )));
            }
        }
        out.push_str(rest);
        Ok(out)
    }

    /// `[n$][-][width]type`
    fn field<'a>(&mut self, text: &'a str, out: &mut String) -> Result<&'a str> {
        let (place, mut text) = position(text);
        let mut to_left = false;
        while let Some(rest) = text.strip_prefix('-') {
            (to_left, text) = (true, rest);
        }
        let mut width = None;
        if let Some(rest) = text.strip_prefix('*') {
            let (place, rest) = position(rest);
            let (mut number, row) = (String::new(), self.row);
            self.taken(place)?.write(row, &mut number);
            let number: i64 = if number.is_empty() {
                0
            } else {
                number.parse().or_else(|_| refused("format 的宽度须是整数"))?
            };
            to_left |= number < 0;
            (width, text) = (usize::try_from(number.unsigned_abs()).ok(), rest);
        } else {
            let digits = text.bytes().take_while(u8::is_ascii_digit).count();
            if digits > 0 {
                width = text[..digits].parse().ok();
                text = &text[digits..];
            }
        }
        if width.is_some_and(|width| width > WIDEST) {
            return refused(format!("format 的宽度最多 {WIDEST}"));
        }
        let Some(kind) = text.chars().next() else {
            return refused("format 的格式没有写完：% 后面缺类型");
        };
        let value = self.value(kind, place)?;
        let missing = width.unwrap_or(0).saturating_sub(value.chars().count());
        let blanks = " ".repeat(missing);
        if to_left {
            out.push_str(&value);
            out.push_str(&blanks);
        } else {
            out.push_str(&blanks);
            out.push_str(&value);
        }
        Ok(&text[kind.len_utf8()..])
    }

    fn taken(&mut self, position: Option<usize>) -> Result<&Written> {
        let at = match position {
            Some(0) => return refused("format 的参数从 1 数起"),
            Some(position) => position - 1,
            None => self.next,
        };
        self.next = at + 1;
        self.values.get(at).map_or_else(|| refused("format 的参数不够"), Ok)
    }

    fn value(&mut self, kind: char, position: Option<usize>) -> Result<String> {
        let row = self.row;
        let value = self.taken(position)?;
        let mut text = String::new();
        let known = value.write(row, &mut text);
        match (kind, known) {
            ('s', _) => Ok(text),
            ('I', true) => Ok(name(&text)),
            ('I', false) => refused("NULL 不能作为名称（format 的 %I）"),
            ('L', true) => Ok(literal(&text)),
            ('L', false) => Ok("NULL".to_owned()),
            (other, _) => refused(format!("format 不认识类型“%{other}”，可用 %s、%I、%L")),
        }
    }
}

/// `2$` before a field.
fn position(text: &str) -> (Option<usize>, &str) {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    match text[digits..].strip_prefix('$') {
        Some(rest) if digits > 0 => (text[..digits].parse().ok(), rest),
        _ => (None, text),
    }
}

/// A name, in quotes if it needs them.
fn name(text: &str) -> String {
    let plain = text.starts_with(|c: char| c.is_ascii_lowercase() || c == '_')
        && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
        && !is_reserved(text);
    if plain { text.to_owned() } else { format!("\"{}\"", text.replace('"', "\"\"")) }
}

/// Words that are no names without quotes.
fn is_reserved(word: &str) -> bool {
    const WORDS: &str = "all analyse analyze and any array as asc asymmetric authorization between bigint binary bit \
        boolean both case cast char character check coalesce collate collation column concurrently constraint create \
        cross current_catalog current_date current_role current_schema current_time current_timestamp current_user dec \
        decimal default deferrable desc distinct do else end except exists extract false fetch float for foreign freeze \
        from full grant greatest group grouping having ilike in initially inner inout int integer intersect interval \
        into is isnull join lateral leading least left like limit localtime localtimestamp national natural nchar none \
        normalize not notnull null nullif numeric offset on only or order out outer overlaps overlay placing position \
        precision primary real references returning right row select session_user setof similar smallint some substring \
        symmetric table tablesample then time timestamp to trailing treat trim true union unique user using values \
        varchar variadic verbose when where window with xmlattributes xmlconcat xmlelement xmlexists xmlforest \
        xmlnamespaces xmlparse xmlpi xmlroot xmlserialize xmltable";
    WORDS.split_whitespace().any(|known| known == word)
}

fn literal(text: &str) -> String {
    let doubled = text.replace('\'', "''");
    if text.contains('\\') { format!("E'{}'", doubled.replace('\\', "\\\\")) } else { format!("'{doubled}'") }
}
