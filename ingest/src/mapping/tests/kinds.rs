//! Further members of the kinds of which `tests/cases` holds one each: line ends, totals, headings, workbooks.

use rust_xlsxwriter::{Format, Workbook, Worksheet};

use super::*;

const HEAD: [&str; 9] = ["流水号", "时间", "行政区", "信用代码", "优待证号", "类别", "原价", "优惠", "实付"];

fn cells(key: &str) -> [String; 9] {
    let row = [
        "",
        "2026-09-05 10:55:43",
        "徐汇区",
        "91310104MA1FR3XE42",
        "3100608965573510",
        "文旅",
        "9",
        "0",
        "9",
    ];
    let mut row = row.map(ToOwned::to_owned);
    row[0] = key.to_owned();
    row
}

fn line(key: &str) -> String {
    cells(key).join(",")
}

fn ok(key: &str) -> String {
    format!("{key} 310104 2026-09-05T10:55:43 9.00")
}

#[test]
fn right_answer_12_every_row_is_stored_or_quarantined_whatever_ends_its_line() {
    let stray = |key: &str| line(key).replace("徐汇区", "\"徐汇区");
    let closing = |key: &str| line(key).replace("徐汇区", "徐汇区\"");
    let two_lines = |end: &str| line("K2").replace("徐汇区", &format!("\"徐汇{end}区\""));
    for end in ["\n", "\r", "\r\n"] {
        let file = |lines: &[String]| [&[HEAD.join(",")], lines].concat().join(end);
        let name = format!("{end:?}");
        check(
            &name,
            "bank",
            file(&[line("K1"), stray("K2"), line("K3")]),
            &format!("in 3 | {} | {} | 3 unclosed_quote", ok("K1"), ok("K3")),
        );
        // The stray quote seems to be closed in the next row: one row of two would be a record nobody sent.
        check(
            &name,
            "bank",
            file(&[stray("K1"), closing("K2"), line("K3")]),
            &format!("in 3 | {} | {} | 2 unclosed_quote", ok("K2"), ok("K3")),
        );
        // A field over two lines is one row, whatever ends the lines in it.
        for inner in ["\n", "\r", "\r\n"] {
            check(
                &name,
                "bank",
                file(&[line("K1"), two_lines(inner), line("K3")]),
                &format!("in 3 | {} | {} | {}", ok("K1"), ok("K2"), ok("K3")),
            );
        }
    }
    let mixed = format!("{}\r\n{}\r{}\n{}\r\n", HEAD.join(","), line("K1"), line("K2"), line("K3"));
    check("mixed", "bank", mixed, &format!("in 3 | {} | {} | {}", ok("K1"), ok("K2"), ok("K3")));
}

#[test]
fn right_answer_15_totals_and_footers_of_any_kind_are_no_data() {
    for under in [
        "合计（大写）：玖元整,,,,,,,,9.00",
        "合计人民币（大写）,玖元整,,,,,,,9.00",
        "总计：玖元整",
        ",,,,,合计,9.00,0.00,9.00",
        "制表人：张三,,审核人：李四,,,,,,制表日期：2026-10-03",
        "制表人,张三,,审核人,李四,,,,",
        "第1页 共1页",
        "共 1 条",
    ] {
        check(
            under,
            "bank",
            format!("{}\n{}\n{under}\n", HEAD.join(","), line("K1")),
            &format!("in 1 | {}", ok("K1")),
        );
    }
    // What might be a record comes to quarantine.
    let broken = format!("{}\n{}\n合计,,徐汇区,,3100608965573510,文旅,9,0,9\n", HEAD.join(","), line("K1"));
    check("a record named 合计", "bank", broken, &format!("in 2 | {} | 3 required_missing", ok("K1")));
}

#[test]
fn right_answer_19_a_heading_that_names_a_field_twice_refuses_the_file() {
    for twice in ["实付", "实付金额", "实 付（元）", "PAID", "ｐａｉｄ"] {
        let file = format!("{},{twice}\n{},9\n", HEAD.join(","), line("K1"));
        refused(twice, "bank", file, "ambiguous_columns", &["实付金额"]);
    }
    let object = r#"{"trade_no":"K1","tradeNo":"K2","paid_at":"2026-09-05T10:55:43","district":"310104","merchant":"91310104MA1FR3XE42","card":"3100386247984683","category":"金融","original":"9","discount":"0","paid":"9","version":1,"op":"upsert"}"#;
    refused("two spellings of a key", "transit", object, "ambiguous_columns", &["交易流水号"]);
    let same = object.replace("tradeNo", "trade_no");
    check(
        "one key twice",
        "transit",
        format!("{}\n{same}\n", object.replace("\"tradeNo\":\"K2\",", "")),
        "in 2 | K1 310104 2026-09-05T18:55:43 9.00 v1 | 2 not_json",
    );
}

fn sheet(change: impl FnOnce(&mut Worksheet)) -> Vec<u8> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (row, cells) in (0u32..).zip([HEAD.map(ToOwned::to_owned), cells("K1"), cells("K2")]) {
        for (column, cell) in (0u16..).zip(cells) {
            sheet.write(row, column, cell).expect("cell");
        }
    }
    change(sheet);
    book.save_to_buffer().expect("workbook")
}

#[test]
fn right_answer_14_identifiers_are_stored_as_shown_and_amounts_as_counted() {
    let format = |code: &str| Format::new().set_num_format(code);
    let file = sheet(|s| {
        s.write_with_format(1, 0, 123, &format("\"BK\"000000")).expect("cell");
        s.write_with_format(1, 8, 9, &format("000.00")).expect("cell");
        s.write_with_format(1, 6, 9, &format("0\"元\"")).expect("cell");
        s.write_with_format(2, 0, 20_261_003, &format("0000 0000 0000")).expect("cell");
    });
    check("patterns", "tourism", file, &format!("in 2 | {} | {}", ok("BK000123"), ok("000020261003")));
    let file = sheet(|s| {
        s.write_with_format(1, 0, 12, &format("[DBNum1]0")).expect("cell");
        s.write_with_format(2, 0, 12, &format("000,000")).expect("cell");
    });
    check("what only a spreadsheet knows", "tourism", file, "in 2 | 2 bad_code | 3 bad_code");
}

#[test]
fn hidden_rows_are_read_and_hidden_sheets_are_named() {
    let file = sheet(|s| {
        s.set_row_hidden(1).expect("row");
        s.set_column_hidden(4).expect("column");
    });
    check("a filter hides rows", "tourism", file, &format!("in 2 | {} | {}", ok("K1"), ok("K2")));
    let mut book = Workbook::new();
    for (name, hidden) in [("明细", false), ("草稿", true)] {
        let sheet = book.add_worksheet().set_name(name).expect("name");
        sheet.set_hidden(hidden);
        for (row, cells) in (0u32..).zip([HEAD.map(ToOwned::to_owned), cells(name)]) {
            for (column, cell) in (0u16..).zip(cells) {
                sheet.write(row, column, cell).expect("cell");
            }
        }
    }
    let mapped = run("tourism", &book.save_to_buffer().expect("workbook")).expect("mapped");
    assert_eq!((mapped.rows_in, mapped.notes.len()), (1, 1));
    assert!(mapped.notes[0].contains("草稿"), "{:?}", mapped.notes);
}
