//! Answers as texts: one file per scope, `== q01` before the rows of each query, cells parted by `|`.
//! DuckDB writes such files (`duckdb_answers.py`); what Pujiang answers is compared with them cell by cell.

use std::collections::BTreeMap;
use std::path::Path;

use arrow::array::RecordBatch;
use arrow::util::display::{ArrayFormatter, FormatOptions};

/// Rows of one answer.
pub type Rows = Vec<Vec<String>>;

/// Engines round averages and quotients differently in the last places.
const TOLERANCE: f64 = 1e-6;

/// The answers of one scope by query name.
pub fn read(file: &Path) -> BTreeMap<String, Rows> {
    let text = std::fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let mut answers: BTreeMap<String, Rows> = BTreeMap::new();
    let mut query = String::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        if let Some(name) = line.strip_prefix("== ") {
            query = name.to_owned();
            answers.insert(query.clone(), Rows::new());
        } else if let Some(rows) = answers.get_mut(&query) {
            rows.push(line.split('|').map(str::to_owned).collect());
        }
    }
    answers
}

/// What an engine gave, as such rows.
pub fn texts(batches: &[RecordBatch]) -> Rows {
    let options = FormatOptions::default().with_null("NULL");
    let mut rows = Rows::new();
    for batch in batches {
        let columns: Vec<_> =
            batch.columns().iter().map(|c| ArrayFormatter::try_new(c, &options).unwrap()).collect();
        for row in 0..batch.num_rows() {
            rows.push(columns.iter().map(|column| column.value(row).to_string()).collect());
        }
    }
    rows
}

/// Where two answers differ; `None` if they agree in every cell.
pub fn difference(got: &Rows, expected: &Rows) -> Option<String> {
    if got.len() != expected.len() {
        return Some(format!("{} rows instead of {}", got.len(), expected.len()));
    }
    got.iter().zip(expected).enumerate().find_map(|(number, (got, expected))| {
        let same = got.len() == expected.len() && got.iter().zip(expected).all(|(a, b)| equal(a, b));
        (!same).then(|| format!("row {number}: {} instead of {}", got.join("|"), expected.join("|")))
    })
}

fn equal(one: &str, other: &str) -> bool {
    one == other
        || matches!((one.parse::<f64>(), other.parse::<f64>()),
            (Ok(one), Ok(other)) if (one - other).abs() <= TOLERANCE * one.abs().max(1.0))
}
