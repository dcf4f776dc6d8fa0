//! Rows of a query as comma-separated text, the same for an answer and for a file: UTF-8 with a mark, nothing a spreadsheet
//! would run, NULL as nothing at all and an empty text in quotes, so that the two can be told apart.

use arrow::error::ArrowError;
use pujiang_warehouse::Answer;
use serde_json::Value;

use crate::rows::{columns, rows};

/// Without it spreadsheets of this country read GBK.
const MARK: &str = "\u{feff}";

/// The text of an answer.
pub fn csv(answer: &Answer) -> Result<Vec<u8>, ArrowError> {
    let mut text = MARK.to_owned();
    line(columns(&answer.schema).into_iter().map(|column| Some(column.name)), &mut text);
    for batch in &answer.batches {
        for values in rows(std::slice::from_ref(batch))? {
            line(values.into_iter().map(plain), &mut text);
        }
    }
    Ok(text.into_bytes())
}

fn plain(value: Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text),
        other => Some(other.to_string()),
    }
}

fn line(cells: impl Iterator<Item = Option<String>>, text: &mut String) {
    for (at, cell) in cells.enumerate() {
        if at > 0 {
            text.push(',');
        }
        if let Some(cell) = cell {
            text.push_str(&quoted(harmless(cell)));
        }
    }
    text.push('\n');
}

/// In quotes where a reader would part it, or take it for no value.
fn quoted(cell: String) -> String {
    let bare = !cell.is_empty() && !cell.contains([',', '"', '\n', '\r']) && cell.trim() == cell;
    if bare { cell } else { format!("\"{}\"", cell.replace('"', "\"\"")) }
}

/// A cell that starts like a formula would be run by the spreadsheet of whoever opens the file.
fn harmless(text: String) -> String {
    let number = text.parse::<f64>().is_ok();
    let first = text.trim_start_matches([' ', '\u{3000}', '\u{a0}', '\u{feff}']);
    let formula = first.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']);
    if !number && formula { format!("'{text}") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_disarmed() {
        for (text, want) in [
            ("=1+1", "'=1+1"),
            (" =1+1", "' =1+1"),
            ("＝1+1", "'＝1+1"),
            ("-3.5", "-3.5"),
            ("+1+1", "'+1+1"),
            ("@x", "'@x"),
            ("\t=1", "'\t=1"),
            ("徐汇", "徐汇"),
        ] {
            assert_eq!(harmless(text.to_owned()), want);
        }
    }

    #[test]
    fn nothing_and_an_empty_text_are_apart() {
        let mut text = String::new();
        let cells = [None, Some(""), Some("a,b"), Some("x\"y"), Some(" z"), Some("1")];
        line(cells.into_iter().map(|cell| cell.map(str::to_owned)), &mut text);
        assert_eq!(text, ",\"\",\"a,b\",\"x\"\"y\",\" z\",1\n");
    }
}
