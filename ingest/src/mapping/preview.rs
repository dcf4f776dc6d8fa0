//! A quarantined row for the people who look at it. Personal values are shown as the column says, to everybody: who may
//! see a card number masked everywhere else sees it masked here. Columns the contract does not know may hold anything
//! and are not shown; where the columns themselves are in doubt, every long number is masked.

use pujiang_security::{MaskKind, mask};
use serde_json::{Map, Value};

use super::file::{RowContext, laid_out};
use super::header;
use crate::definition::FileFeed;
use crate::format::{Encoding, RawRow};
use crate::value::{Cell, Letters, identifier, narrow};

/// Characters of a preview; the whole row is kept for the replay.
const LONGEST: usize = 2_000;
/// Shown instead of a value nobody said anything about.
const UNKNOWN: &str = "****";
/// Digits of the shortest number that may name a person.
const PERSONAL_DIGITS: usize = 9;

/// The row as people see it.
pub fn preview(feed: &FileFeed, raw: &[u8], context: &RowContext) -> String {
    let row = feed.format.read_row(raw, &context.dialect);
    let certain = row.fault.is_none()
        && context.width.is_none_or(|width| width == row.cells.len())
        && !row.cells.iter().any(|c| matches!(c, Cell::Garbled(_)));
    let text = if certain { by_column(feed, &row, context) } else { doubtful(raw, context) };
    shortened(text)
}

/// Of an original nobody has a contract for: an event of the operational store.
pub fn preview_of_event(raw: &[u8]) -> String {
    let Ok(Value::Object(fields)) = serde_json::from_slice(raw) else { return UNKNOWN.to_owned() };
    let hidden = fields.into_iter().map(|(name, value)| {
        let shown = if value.is_null() { value } else { Value::from(UNKNOWN) };
        (name, shown)
    });
    shortened(Value::Object(hidden.collect()).to_string())
}

fn by_column(feed: &FileFeed, row: &RawRow, context: &RowContext) -> String {
    let layout = laid_out(header::fit(feed, &context.titles), context);
    let shown = row.cells.iter().enumerate().map(|(column, cell)| {
        let slot = layout.slots.iter().find(|slot| slot.column == column);
        match slot.map(|slot| &feed.fields[slot.field]) {
            _ if cell.is_empty() => String::new(),
            None => UNKNOWN.to_owned(),
            Some(field) if field.protect.is_some() => {
                let number = identifier(cell, Letters::Folded).ok().flatten();
                mask(MaskKind::CardNumber, &number.unwrap_or_else(|| narrow(&cell.shown())))
            }
            Some(_) => cell.shown(),
        }
    });
    if let Some(delimiter) = context.dialect.delimiter {
        let quoted = |text: String| {
            let special = text.contains([delimiter, '"', '\n', '\r']);
            if special { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
        };
        return shown.map(quoted).collect::<Vec<_>>().join(&delimiter.to_string());
    }
    let titled = shown.enumerate().map(|(column, text)| {
        let title =
            context.titles.get(column).map_or_else(|| format!("第 {} 列", column + 1), |t| t.join("/"));
        (title, Value::from(text))
    });
    Value::Object(titled.collect::<Map<_, _>>()).to_string()
}

fn doubtful(raw: &[u8], context: &RowContext) -> String {
    // Enough for the preview, and characters at the cut are not worth a word.
    let start = &raw[..raw.len().min(LONGEST * 4)];
    masked_numbers(&context.dialect.encoding.unwrap_or(Encoding::Utf8).decode(start))
}

/// The text with the middle of every long number hidden, also of one written in groups (3100 6089 6557 3510).
fn masked_numbers(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let is_digit = |at: usize| {
        chars
            .get(at)
            .is_some_and(|c| narrow(&c.to_string()).chars().all(|c| c.is_ascii_digit()) && !c.is_whitespace())
    };
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while at < chars.len() {
        if !is_digit(at) {
            out.push(chars[at]);
            at += 1;
            continue;
        }
        let mut end = at;
        while is_digit(end)
            || end < chars.len()
                && matches!(chars[end], ' ' | '-' | '\u{a0}' | '\u{3000}')
                && group_follows(&is_digit, end)
        {
            end += 1;
        }
        let digits: Vec<usize> = (at..end).filter(|place| is_digit(*place)).collect();
        let hidden = if digits.len() >= PERSONAL_DIGITS { &digits[3..digits.len() - 4] } else { &[] };
        out.extend((at..end).map(|place| if hidden.contains(&place) { '*' } else { chars[place] }));
        at = end;
    }
    out
}

/// Whether a separator stands between two groups of at least three digits: a number in groups, not a date.
fn group_follows(is_digit: &impl Fn(usize) -> bool, separator: usize) -> bool {
    let before = separator >= 3 && (1..=3).all(|back| is_digit(separator - back));
    before && (1..=3).all(|ahead| is_digit(separator + ahead))
}

fn shortened(text: String) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn page_2_long_numbers_of_doubtful_rows_are_masked() {
        for (text, expected) in [
            ("K1,3100608965573510,18.00", "K1,310*********3510,18.00"),
            ("3100 6089 6557 3510", "310* **** **** 3510"),
            ("３１００６０８９６５５７３５１０", "３１０*********３５１０"),
            ("13812341234", "138****1234"),
            ("2026-10-03 08:05:00", "2026-10-03 08:05:00"),
            ("BT1,20.00,2.00", "BT1,20.00,2.00"),
        ] {
            assert_eq!(masked_numbers(text), expected);
        }
    }

    #[test]
    fn page_2_an_event_shows_its_fields_and_no_values() {
        assert_eq!(preview_of_event(br#"{"name":"x","note":null}"#), r#"{"name":"****","note":null}"#);
        assert_eq!(preview_of_event(b"x"), "****");
    }
}
