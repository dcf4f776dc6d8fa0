//! Rows as an aligned table, as CSV, or as they are in JSON.

use serde_json::Value;

/// One column of a printed table.
#[derive(Debug, Clone)]
pub struct Heading {
    /// What the column is called.
    pub title: String,
    /// Numbers align to the right.
    pub align: Align,
}

/// Side a column leans to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    /// Texts and dates.
    Left,
    /// Numbers.
    Right,
}

/// Aligned columns; Chinese characters count two cells.
pub fn aligned(headings: &[Heading], rows: &[Vec<Value>]) -> String {
    let cells: Vec<Vec<String>> = rows.iter().map(|row| row.iter().map(shown).collect()).collect();
    let widths: Vec<usize> = headings
        .iter()
        .enumerate()
        .map(|(at, heading)| {
            let widest = cells.iter().filter_map(|row| row.get(at)).map(|cell| width(cell)).max();
            width(&heading.title).max(widest.unwrap_or(0))
        })
        .collect();
    let line = |texts: &mut dyn Iterator<Item = &str>| {
        let mut line = String::new();
        for ((text, heading), cell_width) in texts.zip(headings).zip(&widths) {
            let gap = " ".repeat(cell_width.saturating_sub(width(text)));
            if !line.is_empty() {
                line.push_str("  ");
            }
            match heading.align {
                Align::Left => line.extend([text, &gap]),
                Align::Right => line.extend([gap.as_str(), text]),
            }
        }
        line.trim_end().to_owned()
    };
    let mut lines = vec![line(&mut headings.iter().map(|heading| heading.title.as_str()))];
    lines.push(widths.iter().map(|cell_width| "-".repeat(*cell_width)).collect::<Vec<_>>().join("  "));
    lines.extend(cells.iter().map(|row| line(&mut row.iter().map(String::as_str))));
    lines.join("\n")
}

/// RFC 4180 with a header line; identifiers stay as they are.
pub fn csv(names: &[String], rows: &[Vec<Value>]) -> String {
    let mut lines = vec![names.iter().map(|name| quoted(name)).collect::<Vec<_>>().join(",")];
    lines.extend(rows.iter().map(|row| {
        row.iter()
            .map(|value| if value.is_null() { String::new() } else { quoted(&shown(value)) })
            .collect::<Vec<_>>()
            .join(",")
    }));
    lines.join("\r\n")
}

fn shown(value: &Value) -> String {
    match value {
        Value::Null => "—".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn quoted(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

/// Cells a text takes in a terminal.
fn width(text: &str) -> usize {
    text.chars()
        .map(|c| match u32::from(c) {
            0x1100..=0x115F
            | 0x2E80..=0xA4CF
            | 0xAC00..=0xD7A3
            | 0xF900..=0xFAFF
            | 0xFE30..=0xFE4F
            | 0xFF00..=0xFF60
            | 0xFFE0..=0xFFE6 => 2,
            _ => 1,
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn chinese_aligns_and_numbers_lean_right() {
        let headings = [
            Heading { title: "区".to_owned(), align: Align::Left },
            Heading { title: "笔数".to_owned(), align: Align::Right },
        ];
        let text = aligned(&headings, &[vec![json!("徐汇区"), json!(7)], vec![json!("长宁"), json!(null)]]);
        assert_eq!(text, "区      笔数\n------  ----\n徐汇区     7\n长宁       —");
    }

    #[test]
    fn csv_quotes_what_needs_it() {
        let text = csv(&["a".to_owned(), "b".to_owned()], &[vec![json!("x,\"y\""), json!(null)]]);
        assert_eq!(text, "a,b\r\n\"x,\"\"y\"\"\",");
    }
}
