//! Workbooks with other mess than the given file has.

use rust_xlsxwriter::{Format, Workbook, Worksheet};

use super::*;

const OK: &str = "K1 310104 2026-09-05T10:55:43 385.55";
const HEAD: [&str; 9] = ["流水号", "时间", "所在区", "信用代码", "优待证号", "类别", "原价", "优惠", "实付"];
const ROW: [&str; 9] = [
    "K1",
    "2026-09-05 10:55:43",
    "徐汇区",
    "913157614035081808",
    "3100608965573510",
    "文旅",
    "494.30",
    "108.75",
    "385.55",
];

fn put(sheet: &mut Worksheet, row: u32, cells: &[&str]) {
    for (column, cell) in (0u16..).zip(cells) {
        if !cell.is_empty() {
            sheet.write(row, column, *cell).expect("cell");
        }
    }
}

fn book(build: impl FnOnce(&mut Workbook)) -> Vec<u8> {
    let mut book = Workbook::new();
    build(&mut book);
    book.save_to_buffer().expect("workbook")
}

/// One sheet with the header and one row, changed by `change`.
fn sheet(change: impl FnOnce(&mut Worksheet)) -> Vec<u8> {
    book(|book| {
        let sheet = book.add_worksheet();
        put(sheet, 0, &HEAD);
        put(sheet, 1, &ROW);
        change(sheet);
    })
}

#[test]
fn sheets_and_titles() {
    check("no title rows", "tourism", sheet(|_| {}), &format!("in 1 | {OK}"));
    check(
        "titles, note page, several data sheets",
        "tourism",
        book(|book| {
            let notes = book.add_worksheet().set_name("说明").expect("name");
            put(notes, 0, &["填报说明"]);
            put(notes, 1, &["1. 金额单位为元"]);
            put(notes, 2, &["项目", "流水号"]);
            for (name, key) in [("上旬", "K1"), ("中旬", "K2")] {
                let sheet = book.add_worksheet().set_name(name).expect("name");
                put(sheet, 0, &["2026年9月明细表"]);
                put(sheet, 1, &["填报单位：市文旅集团", "", "", "", "", "", "单位：元"]);
                put(sheet, 3, &HEAD);
                put(sheet, 4, &ROW);
                put(sheet, 4, &[key]);
                put(sheet, 6, &["合计", "", "", "", "", "", "", "", "385.55"]);
            }
            put(book.add_worksheet().set_name("汇总").expect("name"), 0, &["所在区", "笔数", "金额"]);
            let summary = book.add_worksheet().set_name("分类汇总").expect("name");
            put(summary, 0, &["所在区", "类别", "原价", "优惠", "实付", "笔数"]);
            put(summary, 1, &["徐汇区", "文旅", "494.30", "108.75", "385.55", "1"]);
            let days = book.add_worksheet().set_name("按日").expect("name");
            put(
                days,
                0,
                &["时间", "黄浦", "徐汇", "长宁", "静安", "普陀", "虹口", "杨浦", "闵行", "宝山", "嘉定"],
            );
            put(days, 1, &["2026-09-05", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10"]);
        }),
        &format!("in 2 | {OK} | {}", OK.replace("K1", "K2")),
    );
    check(
        "three levels",
        "tourism",
        book(|book| {
            let sheet = book.add_worksheet();
            put(sheet, 0, &["交易信息", "", "", "", "", "", "费用"]);
            put(sheet, 1, &["流水号", "时间", "所在区", "商户", "优待证号", "类别", "金额"]);
            put(sheet, 2, &["", "", "", "信用代码", "", "", "原价", "优惠", "实付"]);
            put(sheet, 3, &ROW);
        }),
        &format!("in 1 | {OK}"),
    );
    check(
        "shifted to the right",
        "tourism",
        book(|book| {
            let sheet = book.add_worksheet();
            for (column, (head, cell)) in (2u16..).zip(HEAD.iter().zip(ROW)) {
                sheet.write(5, column, *head).expect("cell");
                sheet.write(6, column, cell).expect("cell");
            }
        }),
        &format!("in 1 | {OK}"),
    );
    check(
        "amounts in ten thousands",
        "tourism",
        book(|book| {
            let sheet = book.add_worksheet();
            put(sheet, 0, &["单位：万元"]);
            put(sheet, 1, &HEAD);
            put(sheet, 2, &[&ROW[..6], &["0.04943", "0.010875", "0.038555"]].concat());
        }),
        &format!("in 1 | {OK}"),
    );
    check(
        "hidden drafts are not read",
        "tourism",
        book(|book| {
            put(book.add_worksheet(), 0, &HEAD);
            let hidden = book.add_worksheet();
            hidden.set_hidden(true);
            put(hidden, 0, &HEAD);
            put(hidden, 1, &ROW);
        }),
        "in 0",
    );
    refused(
        "a data sheet with a renamed column",
        "tourism",
        book(|book| {
            put(book.add_worksheet(), 0, &HEAD);
            let sheet = book.add_worksheet().set_name("下旬").expect("name");
            put(sheet, 0, &["流水号", "时间", "所在区", "信用代码", "客户", "类别", "原价", "优惠", "实付"]);
        }),
        "missing_columns",
        &["下旬", "优待证号"],
    );
    refused(
        "a data sheet without header",
        "tourism",
        book(|book| {
            let sheet = book.add_worksheet();
            put(sheet, 0, &HEAD);
            put(sheet, 1, &ROW);
            put(book.add_worksheet().set_name("续").expect("name"), 0, &ROW);
        }),
        "missing_columns",
        &["续"],
    );
    refused(
        "no sheet with data",
        "tourism",
        book(|book| put(book.add_worksheet(), 0, &["封面"])),
        "missing_columns",
        &["交易流水号"],
    );
    refused(
        "empty workbook",
        "tourism",
        book(|book| {
            book.add_worksheet();
        }),
        "empty_file",
        &[],
    );
    refused(
        "two columns for one field",
        "tourism",
        sheet(|s| {
            put(
                s,
                0,
                &[
                    "流水号",
                    "时间",
                    "所在区",
                    "信用代码",
                    "优待证号",
                    "类别",
                    "原价",
                    "优惠",
                    "实付",
                    "实收金额",
                ],
            )
        }),
        "ambiguous_columns",
        &["实付金额"],
    );
}

#[test]
fn typed_cells() {
    let date = NaiveDate::from_ymd_opt(2026, 9, 5).and_then(|d| d.and_hms_opt(10, 55, 43)).expect("date");
    let dated = Format::new().set_num_format("yyyy-mm-dd hh:mm:ss");
    check(
        "a real date",
        "tourism",
        sheet(|s| {
            s.write_with_format(1, 1, &date, &dated).expect("cell");
        }),
        &format!("in 1 | {OK}"),
    );
    check(
        "a serial number",
        "tourism",
        sheet(|s| {
            s.write(1, 1, 46_270.455_358_796_3).expect("cell");
        }),
        &format!("in 1 | {OK}"),
    );
    check(
        "numbers for amounts",
        "tourism",
        sheet(|s| {
            for (column, value) in [(6, 494.3), (7, 108.75), (8, 385.549_999_999_999_95)] {
                s.write(1, column, value).expect("cell");
            }
        }),
        &format!("in 1 | {OK}"),
    );
    check(
        "a district code as a number",
        "tourism",
        sheet(|s| {
            s.write(1, 2, 310_104).expect("cell");
        }),
        &format!("in 1 | {OK}"),
    );
    let expect = |reason: &str| format!("in 1 | 2 {reason}");
    check(
        "a card as a number",
        "tourism",
        sheet(|s| {
            s.write(1, 4, 3_100_608_965_573_510_f64).expect("cell");
        }),
        &expect("identifier_lost_precision"),
    );
    check(
        "a credit code as a number",
        "tourism",
        sheet(|s| {
            s.write(1, 3, 913_157_614_035_081_808_f64).expect("cell");
        }),
        &expect("identifier_lost_precision"),
    );
    check(
        "three decimals",
        "tourism",
        sheet(|s| {
            s.write(1, 8, 385.555).expect("cell");
        }),
        &expect("bad_number"),
    );
    check(
        "a truth",
        "tourism",
        sheet(|s| {
            s.write(1, 8, true).expect("cell");
        }),
        &expect("bad_number"),
    );
    check(
        "a short serial number as a number",
        "tourism",
        sheet(|s| {
            s.write(1, 0, 20_260_900_001_f64).expect("cell");
        }),
        &format!("in 1 | {}", OK.replace("K1", "20260900001")),
    );
    check(
        "a time far ahead",
        "tourism",
        sheet(|s| {
            s.write(1, 1, 49_000.0).expect("cell");
        }),
        &expect("time_in_future"),
    );
}
