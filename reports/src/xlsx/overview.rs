//! Sheet 概览: one row per indicator with this period, the one before, the year before and the year so far; below it why
//! some are missing.

use super::XlsxError;
use super::sheet::{FIRST, Sheet};
use super::style::{Row, Styles};
use crate::data::ReportData;

const HEADS: [&str; 8] = ["指标", "单位", "本期", "上期", "环比", "去年同期", "同比", "本年累计"];

pub fn write(mut sheet: Sheet<'_, '_>, data: &ReportData, styles: &Styles) -> Result<(), XlsxError> {
    sheet.heads(FIRST - 1, &HEADS.map(str::to_owned))?;
    let rows = data.figures.iter().filter_map(|figure| Some((figure, data.indicator(&figure.indicator)?)));
    let mut below = FIRST;
    for (row, (figure, facts)) in (FIRST..).zip(rows) {
        below = row + 1;
        sheet.text(row, 0, &facts.title, &styles.text)?;
        sheet.text(row, 1, &facts.unit, &styles.unit)?;
        sheet.value(row, 2, figure.current, facts.kind, Row::Total)?;
        sheet.value(row, 3, figure.previous, facts.kind, Row::Plain)?;
        sheet.change(row, 4, figure.mom, facts.direction)?;
        sheet.value(row, 5, figure.last_year, facts.kind, Row::Plain)?;
        sheet.change(row, 6, figure.yoy, facts.direction)?;
        sheet.value(row, 7, figure.cumulative, facts.kind, Row::Plain)?;
    }
    for (row, remark) in (below + 1..).zip(&data.remarks) {
        sheet.remark(row, HEADS.len() as u16, remark)?;
    }
    Ok(sheet.finish(FIRST, 1, FIRST - 1)?)
}
