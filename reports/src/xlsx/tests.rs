//! The structure of the workbook read back: sheets, headings, and of what type each cell is.

use std::io::Cursor;

use calamine::{Data, Reader, Xlsx, open_workbook_from_rs};

use super::*;
use crate::data::fixture;

/// A picture of a workbook: one line per row, each cell by its type, texts in full.
fn picture(bytes: Vec<u8>) -> String {
    let mut workbook: Xlsx<_> = open_workbook_from_rs(Cursor::new(bytes)).expect("a workbook");
    let mut out = String::new();
    for name in workbook.sheet_names() {
        out.push_str(&format!("[{name}]\n"));
        let range = workbook.worksheet_range(&name).expect("a sheet");
        for row in range.rows() {
            let cells: Vec<String> = row.iter().map(cell).collect();
            out.push_str(cells.join(" | ").trim_end_matches([' ', '|']));
            out.push('\n');
        }
    }
    out
}

fn cell(data: &Data) -> String {
    match data {
        Data::Empty => String::new(),
        Data::String(text) => text.replace('\n', ""),
        Data::Float(number) => format!("n{number}"),
        Data::Int(number) => format!("i{number}"),
        Data::DateTime(moment) => format!("d{}", moment.as_datetime().expect("a date")),
        other => format!("?{other:?}"),
    }
}

#[test]
fn the_workbook_looks_as_agreed() {
    for (name, data) in [("city", fixture::city()), ("district", fixture::district())] {
        let bytes = render(&data).expect("written");
        if let Some(dir) = std::env::var_os("PUJIANG_REPORT_PREVIEW") {
            std::fs::write(std::path::Path::new(&dir).join(format!("{}.xlsx", data.scope.short)), &bytes)
                .expect("written");
        }
        let golden = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
            .join(format!("golden/benefit_monthly.{name}.txt"));
        let picture = picture(bytes);
        if std::env::var_os("PUJIANG_UPDATE_GOLDEN").is_some() {
            std::fs::write(&golden, &picture).expect("written");
        }
        let agreed = std::fs::read_to_string(&golden).unwrap_or_default();
        assert_eq!(
            picture, agreed,
            "look at the change; if it is meant, run again with PUJIANG_UPDATE_GOLDEN=1"
        );
    }
}

#[test]
fn identifiers_are_text_figures_are_numbers_months_are_dates() {
    let mut workbook: Xlsx<_> =
        open_workbook_from_rs(Cursor::new(render(&fixture::city()).expect("written"))).expect("a workbook");
    assert_eq!(workbook.sheet_names(), ["概览", "分区", "分类别", "享受方式", "趋势", "说明"]);
    let districts = workbook.worksheet_range("分区").expect("a sheet");
    assert_eq!(districts.get_value((4, 0)), Some(&Data::String("310101".into())));
    assert_eq!(districts.get_value((4, 2)), Some(&Data::Float(15_200.0)));
    let overview = workbook.worksheet_range("概览").expect("a sheet");
    let row = overview.rows().find(|r| r[0] == Data::String("优待交易金额".into())).expect("there");
    assert_eq!(row[2], Data::Float(71_623_901.45));
    let rate = overview.rows().find(|r| r[0] == Data::String("用户认证率".into())).expect("there");
    assert_eq!(rate[2], Data::Float(0.9321));
    let unknown = overview.rows().find(|r| r[0] == Data::String("有交易单位数".into())).expect("there");
    assert_eq!(unknown[4], Data::String("—".into()), "what is missing is a dash, not zero");
    let months = workbook.worksheet_range("趋势").expect("a sheet");
    assert_eq!(cell(months.get_value((15, 0)).expect("there")), "d2026-10-01 00:00:00");
    assert_eq!(months.rows().filter(|r| matches!(r[0], Data::DateTime(_))).count(), 13);
}

#[test]
fn a_district_workbook_names_no_other_district() {
    let text = picture(render(&fixture::district()).expect("written"));
    assert!(text.contains("徐汇区"));
    for other in ["黄浦", "浦东", "长宁", "崇明", "全市"] {
        assert!(!text.contains(other), "{other}");
    }
}

#[test]
fn a_month_without_a_record_is_still_a_workbook() {
    let mut data = fixture::city();
    data.breakdowns.iter_mut().for_each(|b| b.cells.clear());
    data.figures.clear();
    data.trend.series.iter_mut().for_each(|s| s.values.fill(None));
    render(&data).expect("written");
}

/// A dash says why on the sheet where it stands, not only among the notes.
#[test]
fn why_a_change_is_missing_stands_below_the_overview() {
    let mut data = fixture::city();
    let why = "单位活跃率、有交易单位数：去重指标按整月统计，本期未完，不作同比、环比。";
    data.remarks = vec![why.to_owned()];
    let mut workbook: Xlsx<_> =
        open_workbook_from_rs(Cursor::new(render(&data).expect("written"))).expect("a workbook");
    let overview = workbook.worksheet_range("概览").expect("a sheet");
    let last = overview.rows().next_back().expect("rows");
    assert_eq!(last[0], Data::String(why.into()));
}
