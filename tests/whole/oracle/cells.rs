//! One text per cell, the same whichever way an answer came: from Arrow, JSON or the PostgreSQL wire.

use arrow::array::{Array, RecordBatch};
use arrow::datatypes::DataType;
use arrow::util::display::{ArrayFormatter, FormatOptions};

/// Rows as they came, a cell being empty where it is null.
pub type Raw = Vec<Vec<Option<String>>>;

/// How the texts of a column may differ and still mean the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Exact,
    Boolean,
    Float,
    Timestamp,
}

/// The kinds of an answer's columns.
pub fn kinds(batch: &arrow::datatypes::Schema) -> Vec<Kind> {
    let kind = |kind: &DataType| match kind {
        DataType::Boolean => Kind::Boolean,
        DataType::Float32 | DataType::Float64 => Kind::Float,
        DataType::Timestamp(..) => Kind::Timestamp,
        _ => Kind::Exact,
    };
    batch.fields().iter().map(|field| kind(field.data_type())).collect()
}

/// The rows of Arrow batches.
pub fn of_batches(batches: &[RecordBatch]) -> Raw {
    let options = FormatOptions::default();
    let mut rows = Raw::new();
    for batch in batches {
        let columns: Vec<_> =
            batch.columns().iter().map(|column| ArrayFormatter::try_new(column, &options).unwrap()).collect();
        for row in 0..batch.num_rows() {
            let cell = |(column, formatter): (&arrow::array::ArrayRef, &ArrayFormatter<'_>)| {
                column.is_valid(row).then(|| formatter.value(row).to_string())
            };
            rows.push(batch.columns().iter().zip(&columns).map(cell).collect());
        }
    }
    rows
}

fn cell(kind: Kind, text: Option<&str>) -> String {
    let Some(text) = text else { return "∅".into() };
    match kind {
        // Means have as many zeros behind the point as their channel writes.
        Kind::Exact => match text.split_once('.') {
            Some((whole, part)) if part.len() > 15 && part.bytes().all(|digit| digit.is_ascii_digit()) => {
                format!("{whole}.{}", part.trim_end_matches('0')).trim_end_matches('.').to_owned()
            }
            _ => text.to_owned(),
        },
        Kind::Boolean => (text == "t" || text == "true").to_string(),
        // JSON readers and writers round the last digit differently; a wrong row differs in more than that.
        Kind::Float => {
            text.parse::<f64>().map_or_else(|_| text.to_owned(), |number| format!("{:?}", number as f32))
        }
        Kind::Timestamp => {
            let text = text.replace('T', " ");
            let text = text.strip_suffix("+08:00").unwrap_or(&text);
            match text.split_once('.') {
                Some((whole, part)) => {
                    format!("{whole}.{}", part.trim_end_matches('0')).trim_end_matches('.').to_owned()
                }
                None => text.to_owned(),
            }
        }
    }
}

/// One sorted text per row: rows compare as a multiset.
pub fn sorted(rows: &Raw, kinds: &[Kind]) -> Vec<String> {
    let line = |row: &Vec<Option<String>>| {
        let cells = row
            .iter()
            .enumerate()
            .map(|(at, text)| cell(kinds.get(at).copied().unwrap_or(Kind::Exact), text.as_deref()));
        cells.collect::<Vec<_>>().join("|")
    };
    let mut lines: Vec<String> = rows.iter().map(line).collect();
    lines.sort_unstable();
    lines
}

#[test]
fn the_same_value_has_one_text() {
    for (kind, forms) in [
        (Kind::Boolean, vec!["t", "true"]),
        (Kind::Float, vec!["1", "1.0", "1e0"]),
        (
            Kind::Timestamp,
            vec!["2026-09-01T00:30:00.500", "2026-09-01 00:30:00.5", "2026-09-01T00:30:00.5+08:00"],
        ),
        (Kind::Timestamp, vec!["2026-09-01T00:30:00", "2026-09-01 00:30:00.000"]),
    ] {
        let texts: Vec<String> = forms.iter().map(|form| cell(kind, Some(form))).collect();
        assert!(texts.windows(2).all(|pair| pair[0] == pair[1]), "{texts:?}");
    }
    assert_ne!(cell(Kind::Exact, None), cell(Kind::Exact, Some("")));
}
