//! XLSX workbooks, cell by cell: a sheet that claims a million columns costs nothing, and what the parts unpack to is
//! looked at in `unpack` first. Numbers are taken as their format shows them (`shown`).
//!
//! What is hidden: hidden sheets are somebody's drafts; they are not read, and the report of the file names them. Hidden
//! rows and columns are read like all others: a filter hides rows, it does not take them out.

mod shown;
mod unpack;

use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};

use calamine::{DataRef, Reader, SheetType, SheetVisible, Xlsx as Workbook};

use self::shown::Shape;
use super::bounds::{Budget, MOST_COLUMNS};
use super::{
    Dialect, FileFormat, FormatOptions, RawRow, Reading, Readings, Table, Titles, read_cells, sniff,
};
use crate::reason::{Refusal, RefusalReason};
use crate::value::{Cell, Epoch, from_serial};

/// Excel workbooks.
pub(super) struct Xlsx;

/// Hidden sheets that are named; more are counted.
const NAMED: usize = 5;

impl FileFormat for Xlsx {
    fn id(&self) -> &'static str {
        "xlsx"
    }

    fn read<'a>(&self, bytes: &'a [u8], options: &FormatOptions) -> Result<Readings<'a>, Refusal> {
        sniff::demand(bytes, sniff::Kind::Zip, "XLSX 工作簿")?;
        // The parser indexes into what the file claims; a damaged file must not take the process down.
        let reading = catch_unwind(AssertUnwindSafe(|| {
            unpack::check(bytes)?;
            reading(bytes, options)
        }))
        .map_err(|_| damaged("内部结构错误"))??;
        if reading.tables.iter().all(|t| t.rows.iter().all(RawRow::is_blank)) {
            return Err(Refusal::new(RefusalReason::EmptyFile, "工作簿里没有数据，请重新导出后再送"));
        }
        Ok(Box::new(std::iter::once(Ok(reading))))
    }

    fn read_row(&self, raw: &[u8], _: &Dialect) -> RawRow {
        read_cells(raw)
    }
}

fn damaged(detail: impl std::fmt::Display) -> Refusal {
    Refusal::new(RefusalReason::Unreadable, format!("工作簿已损坏，打不开（{detail}），请重新导出后再送"))
}

fn reading(bytes: &[u8], options: &FormatOptions) -> Result<Reading, Refusal> {
    let mut book: Workbook<_> = Workbook::new(Cursor::new(bytes)).map_err(|e| match e {
        calamine::XlsxError::FileNotFound(_) => {
            Refusal::new(RefusalReason::WrongFormat, "这是压缩包，不是 XLSX 工作簿，请解压后再送")
        }
        other => damaged(other),
    })?;
    let epoch = if book.has_1904_epoch() { Epoch::From1904 } else { Epoch::From1900 };
    let wanted = |name: &String| options.sheet.as_ref().is_none_or(|wanted| wanted == name);
    let (visible, hidden): (Vec<_>, Vec<_>) = book
        .sheets_metadata()
        .iter()
        .filter(|s| s.typ == SheetType::WorkSheet && wanted(&s.name))
        .map(|s| (s.name.clone(), s.visible))
        .partition(|(_, visible)| *visible == SheetVisible::Visible);
    let mut budget = Budget::default();
    let mut tables = Vec::new();
    for (name, _) in visible {
        let rows = rows(&mut book, &name, epoch, &mut budget)?;
        tables.push(Table { name, titles: Titles::Search, rows });
    }
    let dialect = Dialect { epoch, ..Dialect::default() };
    Ok(Reading { dialect, tables, notes: note(&hidden) })
}

/// The sentence about hidden sheets.
fn note(hidden: &[(String, SheetVisible)]) -> Vec<String> {
    if hidden.is_empty() {
        return Vec::new();
    }
    let names: Vec<String> = hidden
        .iter()
        .take(NAMED)
        .map(|(n, _)| format!("“{}”", n.chars().take(31).collect::<String>()))
        .collect();
    let more = if hidden.len() > NAMED { format!("等 {} 张", hidden.len()) } else { String::new() };
    vec![format!("隐藏的工作表{}{more}未读取，有数据请取消隐藏后重新送", names.join("、"))]
}

fn rows(
    book: &mut Workbook<Cursor<&[u8]>>,
    name: &str,
    epoch: Epoch,
    budget: &mut Budget,
) -> Result<Vec<RawRow>, Refusal> {
    let mut reader = book.worksheet_cells_reader(name).map_err(damaged)?;
    let shapes: Vec<Shape> = reader
        .styles()
        .iter()
        .map(|style| style.number_format.as_ref().map_or(Shape::Plain, |f| Shape::of(&f.format_code)))
        .collect();
    let mut rows: Vec<RawRow> = Vec::new();
    while let Some((cell, style)) = reader.next_cell_with_style_id().map_err(damaged)? {
        let (row, column) = cell.get_position();
        let column = column as usize;
        let value = value(cell.get_value(), shapes.get(style).unwrap_or(&Shape::Plain), epoch);
        if column >= MOST_COLUMNS || value.is_empty() {
            continue;
        }
        let number = u64::from(row) + 1;
        // A row that is there twice is two rows: nothing of the first may be overwritten.
        if rows.last().is_none_or(|last| last.number != number || last.cells.len() > column) {
            budget.row()?;
            rows.push(RawRow { number, ..RawRow::default() });
        }
        let Some(last) = rows.last_mut() else { continue };
        let text = if let Cell::Text(t) | Cell::Garbled(t) = &value { t.len() } else { 0 };
        budget.cell(text, column - last.cells.len())?;
        last.cells.resize(column, Cell::Empty);
        last.cells.push(value);
    }
    Ok(rows)
}

fn value(data: &DataRef<'_>, shape: &Shape, epoch: Epoch) -> Cell {
    match data {
        DataRef::Empty => Cell::Empty,
        DataRef::String(t) | DataRef::DateTimeIso(t) | DataRef::DurationIso(t) => Cell::text(t.as_str()),
        DataRef::SharedString(t) => Cell::text(*t),
        DataRef::Int(n) => shape.cell(*n as f64),
        DataRef::Float(n) => shape.cell(*n),
        DataRef::Bool(b) => Cell::Truth(*b),
        DataRef::Error(e) => Cell::text(e.to_string()),
        // A duration (format [h]:mm) is no date, whatever its number.
        DataRef::DateTime(d) if d.is_duration() => Cell::text(format!("{} 天", d.as_f64())),
        DataRef::DateTime(d) => {
            from_serial(d.as_f64() + epoch.days()).map_or_else(|| Cell::Float(d.as_f64()), Cell::Wall)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rust_xlsxwriter::{Format, Workbook as Writer};

    fn read(bytes: &[u8]) -> Result<Reading, Refusal> {
        Xlsx.read(bytes, &FormatOptions::default())?.next().expect("a reading")
    }

    /// A workbook whose one sheet and whose shared texts are as given.
    fn raw(sheet: &str, shared: &str) -> Vec<u8> {
        use std::io::Write as _;
        let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
        let options =
            zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
        let rels = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
        let package = "http://schemas.openxmlformats.org/package/2006/relationships";
        let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
        for (name, text) in [
            ("[Content_Types].xml", "<Types/>".to_owned()),
            (
                "_rels/.rels",
                format!(
                    "<Relationships xmlns=\"{package}\"><Relationship Id=\"rId1\" Type=\"{rels}/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"
                ),
            ),
            (
                "xl/workbook.xml",
                format!(
                    "<workbook xmlns=\"{main}\" xmlns:r=\"{rels}\"><sheets><sheet name=\"A\" sheetId=\"1\" r:id=\"rId1\"/></sheets></workbook>"
                ),
            ),
            (
                "xl/_rels/workbook.xml.rels",
                format!(
                    "<Relationships xmlns=\"{package}\"><Relationship Id=\"rId1\" Type=\"{rels}/worksheet\" Target=\"worksheets/sheet1.xml\"/><Relationship Id=\"rId2\" Type=\"{rels}/sharedStrings\" Target=\"sharedStrings.xml\"/></Relationships>"
                ),
            ),
            ("xl/sharedStrings.xml", shared.to_owned()),
            (
                "xl/worksheets/sheet1.xml",
                format!("<worksheet xmlns=\"{main}\"><sheetData>{sheet}</sheetData></worksheet>"),
            ),
        ] {
            writer.start_file(name, options).expect("part");
            writer.write_all(text.as_bytes()).expect("text");
        }
        writer.finish().expect("workbook").into_inner()
    }

    #[test]
    fn attack_6_small_workbooks_that_unpack_to_much_are_refused() {
        let started = std::time::Instant::now();
        let refused = |bytes: &[u8]| read(bytes).err().map(|r| r.reason);
        let good = raw(
            "<row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c></row>",
            "<sst uniqueCount=\"1\"><si><t>x</t></si></sst>",
        );
        assert_eq!(read(&good).expect("reading").tables[0].rows.len(), 1);
        // A cell of many megabytes, inline and shared.
        let text = "A".repeat(8 << 20);
        assert_eq!(
            refused(&raw(
                &format!("<row r=\"1\"><c r=\"A1\" t=\"inlineStr\"><is><t>{text}</t></is></c></row>"),
                "<sst/>"
            )),
            Some(RefusalReason::TooLarge)
        );
        assert_eq!(
            refused(&raw("", &format!("<sst><si><t>{text}</t></si></sst>"))),
            Some(RefusalReason::TooLarge)
        );
        // Many short texts that pack to nothing.
        assert_eq!(
            refused(&raw("", &format!("<sst>{}</sst>", "<si><t>a</t></si>".repeat(4 << 20)))),
            Some(RefusalReason::TooLarge)
        );
        // A shared text that many cells show.
        let cells: String = (1..2_000)
            .map(|row| format!("<row r=\"{row}\"><c r=\"A{row}\" t=\"s\"><v>0</v></c></row>"))
            .collect();
        let shared = format!("<sst><si><t>{}</t></si></sst>", "x".repeat(500_000));
        assert_eq!(refused(&raw(&cells, &shared)), Some(RefusalReason::TooLarge));
        // Cells far to the right.
        let far: String =
            (1..20_000).map(|row| format!("<row r=\"{row}\"><c r=\"SR{row}\"><v>1</v></c></row>")).collect();
        assert_eq!(refused(&raw(&far, "<sst/>")), Some(RefusalReason::TooLarge));
        // A promise of texts the reader would make room for.
        assert_eq!(
            refused(&raw("", "<sst uniqueCount = '99999999999'></sst>")),
            Some(RefusalReason::TooLarge)
        );
        assert!(started.elapsed().as_secs() < 20, "{:?}", started.elapsed());
    }

    #[test]
    fn a_row_that_is_there_twice_is_two_rows() {
        let row =
            |text: &str| format!("<row r=\"1\"><c r=\"A1\" t=\"inlineStr\"><is><t>{text}</t></is></c></row>");
        let rows = read(&raw(&format!("{}{}", row("x"), row("y")), "<sst/>"))
            .expect("reading")
            .tables
            .remove(0)
            .rows;
        assert_eq!(
            rows.iter().map(|r| (r.number, r.cells[0].shown())).collect::<Vec<_>>(),
            [(1, "x".into()), (1, "y".into())]
        );
    }

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
        let reading = read(&bytes).expect("reading");
        assert_eq!(reading.tables.len(), 1);
        let rows = &reading.tables[0].rows;
        assert_eq!((rows[0].number, rows[0].cells.clone()), (1, vec![Cell::Text("流水号".into())]));
        assert_eq!(
            (rows[1].number, rows[1].cells.clone()),
            (3, vec![Cell::Empty, Cell::Float(681.93), Cell::Wall(date)])
        );
        assert_eq!(Xlsx.read_row(&rows[1].clone().into_original(), &reading.dialect).cells, rows[1].cells);
        assert!(reading.notes.len() == 1 && reading.notes[0].contains("“草稿”"), "{:?}", reading.notes);
    }

    #[test]
    fn what_is_no_workbook_is_refused() {
        let reason = |bytes: &[u8]| read(bytes).err().map(|r| r.reason);
        assert_eq!(reason(b"<html>"), Some(RefusalReason::WrongFormat));
        assert_eq!(reason(b"a,b\n1,2"), Some(RefusalReason::WrongFormat));
        assert_eq!(reason(b"PK\x03\x04broken"), Some(RefusalReason::Unreadable));
        assert_eq!(reason(b""), Some(RefusalReason::EmptyFile));
        let empty = Writer::new().add_worksheet().name();
        assert!(!empty.is_empty());
    }
}
