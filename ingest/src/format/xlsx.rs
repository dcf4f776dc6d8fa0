//! XLSX workbooks, cell by cell: a sheet that claims a million columns costs nothing. Hidden sheets are
//! somebody's drafts and are not read.

use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};

use calamine::{DataRef, Reader, SheetType, SheetVisible, Xlsx as Workbook};

use super::{
    Dialect, FileFormat, FormatOptions, RawRow, Reading, Table, Titles, read_cells, render_cells, sniff,
};
use crate::reason::{Refusal, RefusalReason};
use crate::value::{Cell, from_serial};

/// Excel workbooks.
pub(super) struct Xlsx;

/// No partner's table is wider; what lies further right is a note or damage.
const WIDEST: u32 = 512;
/// Days between the two date systems of Excel.
const DAYS_1904: f64 = 1462.0;

impl FileFormat for Xlsx {
    fn id(&self) -> &'static str {
        "xlsx"
    }

    fn read(&self, bytes: &[u8], options: &FormatOptions) -> Result<Vec<Reading>, Refusal> {
        sniff::demand(bytes, sniff::Kind::Zip, "XLSX 工作簿")?;
        // The parser indexes into what the file claims; a damaged file must not take the process down.
        let tables = catch_unwind(AssertUnwindSafe(|| tables(bytes, options)))
            .map_err(|_| damaged("内部结构错误"))??;
        if tables.iter().all(|t| t.rows.iter().all(RawRow::is_blank)) {
            return Err(Refusal::new(RefusalReason::EmptyFile, "工作簿里没有数据，请重新导出后再送"));
        }
        Ok(vec![Reading { dialect: Dialect::default(), tables }])
    }

    fn read_row(&self, raw: &[u8], _: &Dialect) -> RawRow {
        read_cells(raw)
    }
}

fn damaged(detail: impl std::fmt::Display) -> Refusal {
    Refusal::new(RefusalReason::Unreadable, format!("工作簿已损坏，打不开（{detail}），请重新导出后再送"))
}

fn tables(bytes: &[u8], options: &FormatOptions) -> Result<Vec<Table>, Refusal> {
    let mut book: Workbook<_> = Workbook::new(Cursor::new(bytes)).map_err(|e| match e {
        calamine::XlsxError::FileNotFound(_) => {
            Refusal::new(RefusalReason::WrongFormat, "这是压缩包，不是 XLSX 工作簿，请解压后再送")
        }
        other => damaged(other),
    })?;
    let epoch = if book.has_1904_epoch() { DAYS_1904 } else { 0.0 };
    let names: Vec<String> = book
        .sheets_metadata()
        .iter()
        .filter(|s| s.typ == SheetType::WorkSheet && s.visible == SheetVisible::Visible)
        .map(|s| s.name.clone())
        .filter(|n| options.sheet.as_ref().is_none_or(|wanted| wanted == n))
        .collect();
    let mut tables = Vec::new();
    for name in names {
        let rows = rows(&mut book, &name, epoch).map_err(damaged)?;
        tables.push(Table { name, titles: Titles::Search, rows });
    }
    Ok(tables)
}

fn rows(
    book: &mut Workbook<Cursor<&[u8]>>,
    name: &str,
    epoch: f64,
) -> Result<Vec<RawRow>, calamine::XlsxError> {
    let mut reader = book.worksheet_cells_reader(name)?;
    let mut rows: Vec<RawRow> = Vec::new();
    while let Some(cell) = reader.next_cell()? {
        let (row, column) = cell.get_position();
        let value = value(cell.get_value(), epoch);
        if column >= WIDEST || value.is_empty() {
            continue;
        }
        let number = u64::from(row) + 1;
        let at = match rows.last() {
            Some(last) if last.number == number => rows.len() - 1,
            _ => {
                rows.push(RawRow { number, ..RawRow::default() });
                rows.len() - 1
            }
        };
        let cells = &mut rows[at].cells;
        let column = column as usize;
        if cells.len() <= column {
            cells.resize(column + 1, Cell::Empty);
        }
        cells[column] = value;
    }
    for row in &mut rows {
        row.raw = render_cells(&row.cells);
    }
    Ok(rows)
}

fn value(data: &DataRef<'_>, epoch: f64) -> Cell {
    match data {
        DataRef::Empty => Cell::Empty,
        DataRef::String(t) | DataRef::DateTimeIso(t) | DataRef::DurationIso(t) => Cell::text(t.as_str()),
        DataRef::SharedString(t) => Cell::text(*t),
        DataRef::Int(n) => Cell::Float(*n as f64),
        DataRef::Float(n) => Cell::Float(*n),
        DataRef::Bool(b) => Cell::Truth(*b),
        DataRef::Error(e) => Cell::text(e.to_string()),
        // A duration (format [h]:mm) is no date, whatever its number.
        DataRef::DateTime(d) if d.is_duration() => Cell::text(format!("{} 天", d.as_f64())),
        DataRef::DateTime(d) => {
            from_serial(d.as_f64() + epoch).map_or_else(|| Cell::Float(d.as_f64()), Cell::Wall)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rust_xlsxwriter::{Format, Workbook as Writer};

    #[test]
    fn sheets_cells_and_dates() {
        let mut book = Writer::new();
        let sheet = book.add_worksheet();
        sheet.set_name("明细").expect("name");
        sheet.write(0, 0, "流水号").expect("cell");
        sheet.write(2, 1, 681.93).expect("cell");
        let date =
            chrono::NaiveDate::from_ymd_opt(2026, 9, 3).and_then(|d| d.and_hms_opt(18, 6, 15)).expect("date");
        sheet
            .write_with_format(2, 2, &date, &Format::new().set_num_format("yyyy-mm-dd hh:mm:ss"))
            .expect("cell");
        let hidden = book.add_worksheet();
        hidden.set_name("草稿").expect("name").set_hidden(true).write(0, 0, "x").expect("cell");
        let bytes = book.save_to_buffer().expect("workbook");
        let reading = Xlsx.read(&bytes, &FormatOptions::default()).expect("reading").remove(0);
        assert_eq!(reading.tables.len(), 1);
        let rows = &reading.tables[0].rows;
        assert_eq!((rows[0].number, rows[0].cells.clone()), (1, vec![Cell::Text("流水号".into())]));
        assert_eq!(
            (rows[1].number, rows[1].cells.clone()),
            (3, vec![Cell::Empty, Cell::Float(681.93), Cell::Wall(date)])
        );
        assert_eq!(Xlsx.read_row(&rows[1].raw, &reading.dialect).cells, rows[1].cells);
    }

    #[test]
    fn what_is_no_workbook_is_refused() {
        let reason = |bytes: &[u8]| Xlsx.read(bytes, &FormatOptions::default()).err().map(|r| r.reason);
        assert_eq!(reason(b"<html>"), Some(RefusalReason::WrongFormat));
        assert_eq!(reason(b"a,b\n1,2"), Some(RefusalReason::WrongFormat));
        assert_eq!(reason(b"PK\x03\x04broken"), Some(RefusalReason::Unreadable));
        assert_eq!(reason(b""), Some(RefusalReason::EmptyFile));
        let empty = Writer::new().add_worksheet().name();
        assert!(!empty.is_empty());
    }
}
