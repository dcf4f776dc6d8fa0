//! Rows of a query as a workbook. Identifiers and numbers a spreadsheet would round stay text; nothing becomes a formula; a
//! second sheet says whose rows these are and of which version. As text they are `csv`'s.

use arrow::error::ArrowError;
use chrono::{NaiveDate, NaiveDateTime};
use pujiang_warehouse::Answer;
use rust_xlsxwriter::{Format, Workbook, Worksheet, XlsxError};
use serde_json::Value;

use crate::provenance::Provenance;
use crate::rows::{SqlColumn, columns, rows};

/// A spreadsheet keeps this many digits and rounds the rest away.
const DIGITS: usize = 15;
/// Characters a cell of a workbook can hold.
const LONGEST_CELL: usize = 32_767;

/// Why a file could not be written.
#[derive(Debug, thiserror::Error)]
pub enum SheetError {
    /// Rows could not be read out of the answer.
    #[error("cannot read the rows of an answer")]
    Rows(#[source] ArrowError),
    /// The workbook could not be written.
    #[error("cannot write a workbook")]
    Workbook(#[from] XlsxError),
}

/// What a cell of a workbook holds.
#[derive(Debug, PartialEq)]
enum Cell {
    Empty,
    /// A number and its decimals.
    Number(f64, usize),
    Date(NaiveDate),
    Time(NaiveDateTime),
    Text(String),
}

/// A workbook with typed cells.
pub fn xlsx(answer: &Answer, provenance: &Provenance) -> Result<Vec<u8>, SheetError> {
    let columns = columns(&answer.schema);
    let formats = Formats::new();
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    sheet.set_name("查询结果")?;
    for (at, column) in (0_u16..).zip(&columns) {
        sheet.set_column_width(at, width(column))?;
    }
    sheet.set_freeze_panes(1, 0)?;
    for (at, column) in (0_u16..).zip(&columns) {
        sheet.write_string_with_format(0, at, &column.name, &formats.head)?;
    }
    let mut row = 0_u32;
    for batch in &answer.batches {
        for values in rows(std::slice::from_ref(batch)).map_err(SheetError::Rows)? {
            row += 1;
            for ((at, column), value) in (0_u16..).zip(&columns).zip(&values) {
                formats.write(sheet, row, at, cell(column, value))?;
            }
        }
    }
    provenance.describe(workbook.add_worksheet())?;
    Ok(workbook.save_to_buffer()?)
}

fn cell(column: &SqlColumn, value: &Value) -> Cell {
    match (value, column.kind) {
        (Value::Null, _) => Cell::Empty,
        (Value::Bool(flag), _) => Cell::Text(if *flag { "是" } else { "否" }.to_owned()),
        (Value::Number(number), _) => numeric(&number.to_string()),
        (Value::String(text), "decimal" | "integer") => numeric(text),
        (Value::String(text), "date") => text.parse().map_or_else(|_| cut(text), day),
        (Value::String(text), "timestamp") => {
            let local = text.strip_suffix("+08:00").unwrap_or(text);
            NaiveDateTime::parse_from_str(local, "%Y-%m-%dT%H:%M:%S%.f").map_or_else(|_| cut(text), moment)
        }
        (Value::String(text), _) => cut(text),
        (other, _) => cut(&other.to_string()),
    }
}

/// A number if a spreadsheet keeps all of its digits, else its text.
fn numeric(text: &str) -> Cell {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let decimals = text.split_once('.').map_or(0, |(_, fraction)| fraction.len());
    match text.parse::<f64>() {
        Ok(number) if digits <= DIGITS && number.is_finite() => Cell::Number(number, decimals),
        // A measured number has no digits worth keeping beyond the fifteenth; an exact one has.
        Ok(number) if text.contains('e') && number.is_finite() => Cell::Number(number, 2),
        _ => Cell::Text(text.to_owned()),
    }
}

fn day(date: NaiveDate) -> Cell {
    // Spreadsheets count the days from 1900 and get the first two months wrong.
    NaiveDate::from_ymd_opt(1900, 3, 1)
        .filter(|first| date >= *first)
        .map_or_else(|| Cell::Text(date.to_string()), |_| Cell::Date(date))
}

fn moment(time: NaiveDateTime) -> Cell {
    match day(time.date()) {
        Cell::Date(_) => Cell::Time(time),
        _ => Cell::Text(time.format("%Y-%m-%d %H:%M:%S").to_string()),
    }
}

fn cut(text: &str) -> Cell {
    // Counted as a spreadsheet does, in UTF-16 units.
    if text.encode_utf16().count() <= LONGEST_CELL {
        return Cell::Text(text.to_owned());
    }
    Cell::Text(text.chars().take(LONGEST_CELL / 2 - 10).chain("…（过长，已截断）".chars()).collect())
}

fn width(column: &SqlColumn) -> f64 {
    match column.kind {
        "timestamp" => 20.0,
        "date" => 12.0,
        "integer" | "decimal" | "float" => 14.0,
        _ => 18.0,
    }
}

struct Formats {
    head: Format,
    text: Format,
    date: Format,
    time: Format,
    /// By decimals.
    numbers: Vec<Format>,
}

impl Formats {
    fn new() -> Self {
        let number = |decimals: usize| {
            let fraction = if decimals == 0 { String::new() } else { format!(".{}", "0".repeat(decimals)) };
            // Counts and codes alike are integers: separators would spoil a year.
            let whole = if decimals == 0 { "0" } else { "#,##0" };
            Format::new().set_num_format(format!("{whole}{fraction}"))
        };
        Self {
            head: Format::new().set_bold(),
            text: Format::new().set_num_format("@"),
            date: Format::new().set_num_format("yyyy-mm-dd"),
            time: Format::new().set_num_format("yyyy-mm-dd hh:mm:ss"),
            numbers: (0..=DIGITS).map(number).collect(),
        }
    }

    fn write(&self, sheet: &mut Worksheet, row: u32, at: u16, cell: Cell) -> Result<(), XlsxError> {
        match cell {
            Cell::Empty => return Ok(()),
            Cell::Number(number, decimals) => {
                sheet.write_number_with_format(row, at, number, &self.numbers[decimals.min(DIGITS)])?
            }
            Cell::Date(date) => sheet.write_datetime_with_format(row, at, date, &self.date)?,
            Cell::Time(time) => sheet.write_datetime_with_format(row, at, time, &self.time)?,
            Cell::Text(text) => sheet.write_string_with_format(row, at, text, &self.text)?,
        };
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn check(kind: &'static str, value: Value, want: Cell) {
        assert_eq!(cell(&SqlColumn { name: "c".into(), kind }, &value), want);
    }

    #[test]
    fn only_what_a_spreadsheet_keeps_becomes_a_number() {
        check("integer", json!(310_104), Cell::Number(310_104.0, 0));
        check("integer", json!(9_007_199_254_740_993_i64), Cell::Text("9007199254740993".into()));
        check("integer", json!("9007199254740993"), Cell::Text("9007199254740993".into()));
        check("decimal", json!("417661.90"), Cell::Number(417_661.9, 2));
        check("decimal", json!("12345678901234567.89"), Cell::Text("12345678901234567.89".into()));
        check("float", json!("NaN"), Cell::Text("NaN".into()));
        check("text", json!("310101199001011234"), Cell::Text("310101199001011234".into()));
        check("text", json!("=1+1"), Cell::Text("=1+1".into()));
        check("text", Value::Null, Cell::Empty);
        check("boolean", json!(true), Cell::Text("是".into()));
    }

    #[test]
    fn days_and_moments_are_dates_unless_too_old() {
        let date = NaiveDate::from_ymd_opt(2026, 10, 31).expect("date");
        check("date", json!("2026-10-31"), Cell::Date(date));
        check("date", json!("1899-12-31"), Cell::Text("1899-12-31".into()));
        let time = date.and_hms_opt(16, 50, 0).expect("time");
        check("timestamp", json!("2026-10-31T16:50:00+08:00"), Cell::Time(time));
        check("timestamp", json!("soon"), Cell::Text("soon".into()));
    }

    #[test]
    fn a_cell_that_is_too_long_is_cut_and_says_so() {
        let Cell::Text(text) = cut(&"很".repeat(40_000)) else { panic!("text") };
        assert!(text.encode_utf16().count() <= LONGEST_CELL && text.ends_with("（过长，已截断）"));
    }
}
