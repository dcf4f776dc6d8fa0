//! Records as a table file: CSV or XLSX, with Chinese headings. Identifiers stay text: a spreadsheet would round them.

use pujiang_transactional::{FieldKind, Record, ResourceDef, Visibility};
use rust_xlsxwriter::{Format, Workbook, XlsxError};
use serde_json::Value;

use crate::provenance::Provenance;

/// What a column of the file holds.
struct Column<'a> {
    name: &'a str,
    title: &'a str,
    kind: Option<&'a FieldKind>,
}

fn columns(def: &ResourceDef) -> Vec<Column<'_>> {
    let system = |name, title| Column { name, title, kind: None };
    let mut columns = vec![system("id", "编号"), system("state", "状态")];
    columns.extend(
        def.fields.values().filter(|field| field.visibility != Visibility::Secret).map(|field| Column {
            name: &field.name,
            title: &field.title,
            kind: Some(&field.kind),
        }),
    );
    columns.extend([system("created_at", "登记时间"), system("updated_at", "修改时间")]);
    columns
}

/// What a cell shows: the words of the list. Names stand for codes and ids, and an import takes them back.
fn shown(def: &ResourceDef, column: &Column<'_>, record: &Record) -> String {
    let value = record.body.get(column.name).unwrap_or(&Value::Null);
    let label = |codes: &[pujiang_transactional::definition::Code], text: &str| {
        codes.iter().find(|code| code.code == text).map(|code| code.label.clone())
    };
    let named = record.body.get("labels").and_then(|labels| labels.get(column.name)).and_then(Value::as_str);
    match (value, column.kind) {
        (Value::Null, _) => String::new(),
        (Value::String(text), None) if column.name == "state" => def.state_label(text).to_owned(),
        (Value::String(text), None) if column.name != "id" => minute(text),
        (Value::String(text), Some(FieldKind::Timestamp)) => minute(text),
        (Value::String(text), Some(FieldKind::Enum(codes))) => {
            label(codes, text).unwrap_or_else(|| text.clone())
        }
        (Value::Bool(flag), _) => if *flag { "是" } else { "否" }.to_owned(),
        (Value::String(text), _) => named.unwrap_or(text).to_owned(),
        (other, _) => other.to_string(),
    }
}

/// `2026-10-05 10:00` of `2026-10-05T10:00:00+08:00`: records tell their times in the office's zone.
fn minute(text: &str) -> String {
    text.get(..16).map_or_else(|| text.to_owned(), |minute| minute.replace('T', " "))
}

/// UTF-8 with a mark, without which spreadsheets of this country read GBK.
pub fn csv(def: &ResourceDef, records: &[Record]) -> Result<Vec<u8>, csv::Error> {
    let columns = columns(def);
    let mut writer = csv::Writer::from_writer("\u{feff}".as_bytes().to_vec());
    writer.write_record(columns.iter().map(|column| column.title))?;
    for record in records {
        writer.write_record(columns.iter().map(|column| harmless(shown(def, column, record))))?;
    }
    writer.into_inner().map_err(|error| csv::Error::from(error.into_error()))
}

/// A cell that starts like a formula would be run by the spreadsheet of whoever opens the file.
fn harmless(text: String) -> String {
    let number = text.parse::<f64>().is_ok();
    if !number && text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text }
}

/// A workbook with typed cells: counts and money are numbers, everything else is text. A second sheet says whose rows.
pub fn xlsx(def: &ResourceDef, records: &[Record], provenance: &Provenance) -> Result<Vec<u8>, XlsxError> {
    let columns = columns(def);
    let mut workbook = Workbook::new();
    let head = Format::new().set_bold();
    let money = Format::new().set_num_format("#,##0.00");
    let text = Format::new().set_num_format("@");
    let sheet = workbook.add_worksheet();
    sheet.set_name(def.title.chars().take(31).collect::<String>())?;
    for (at, column) in (0_u16..).zip(&columns) {
        sheet.write_string_with_format(0, at, column.title, &head)?;
        let width = (column.title.chars().count() * 2 + 4).clamp(10, 40);
        sheet.set_column_width(at, f64::from(u32::try_from(width).unwrap_or(12)))?;
    }
    sheet.set_freeze_panes(1, 0)?;
    for (row, record) in (1_u32..).zip(records) {
        for (at, column) in (0_u16..).zip(&columns) {
            let value = shown(def, column, record);
            let number = value.parse::<f64>().ok();
            match (column.kind, number) {
                (Some(FieldKind::Int), Some(number)) => sheet.write_number(row, at, number)?,
                (Some(FieldKind::Money), Some(number)) => {
                    sheet.write_number_with_format(row, at, number, &money)?
                }
                _ => sheet.write_string_with_format(row, at, value, &text)?,
            };
        }
    }
    provenance.describe(workbook.add_worksheet())?;
    workbook.save_to_buffer()
}

#[cfg(test)]
mod tests {
    use super::{harmless, minute};

    #[test]
    fn times_are_those_of_the_list() {
        for (text, want) in [("2026-10-05T10:00:09.123+08:00", "2026-10-05 10:00"), ("—", "—")] {
            assert_eq!(minute(text), want);
        }
    }

    #[test]
    fn formulas_are_disarmed() {
        for (text, want) in
            [("=1+1", "'=1+1"), ("-3.5", "-3.5"), ("@x", "'@x"), ("徐汇", "徐汇"), ("-x", "'-x")]
        {
            assert_eq!(harmless(text.to_owned()), want);
        }
    }
}
