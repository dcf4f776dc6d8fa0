//! Sheets 分区, 分类别, 享受方式: groups × indicators, a block of values, one of changes, one of shares.
//! The last row of the values is the scope's own figure from the overview, not a sum of rows: rates and distinct
//! counts do not add up.

use super::XlsxError;
use super::pivot::{Group, pivot};
use super::sheet::{FIRST, Sheet, TITLE, heading};
use super::style::{Row, Styles};
use crate::data::{Breakdown, Cell, IndicatorFacts, ReportData};

const DISTRICT: &str = "district";
/// Blocks longer than this begin on a page of their own.
const PAGE_GROUPS: usize = 10;

pub fn write(
    mut sheet: Sheet<'_, '_>,
    sections: &[&Breakdown],
    data: &ReportData,
    styles: &Styles,
) -> Result<(), XlsxError> {
    let mut row = FIRST - 1;
    let mut breaks = vec![];
    for section in sections {
        row = self::section(&mut sheet, row, section, data, styles, &mut breaks)? + 1;
    }
    sheet.paper.set_page_breaks(&breaks)?;
    // With several sections below each other only the title rows fit all of them.
    let (body, fixed) = match sections {
        [one] => (FIRST + 1, labels(one)),
        _ => (FIRST - 1, 1),
    };
    // Headings change from block to block, so pages repeat only the title rows.
    Ok(sheet.finish(body, fixed, TITLE)?)
}

/// Columns that name the group.
fn labels(section: &Breakdown) -> u16 {
    if section.dimension == DISTRICT { 2 } else { 1 }
}

fn section(
    sheet: &mut Sheet<'_, '_>,
    mut row: u32,
    section: &Breakdown,
    data: &ReportData,
    styles: &Styles,
    breaks: &mut Vec<u32>,
) -> Result<u32, XlsxError> {
    let groups = pivot(section)
        .map_err(|e| XlsxError::Reshape { section: section.id.clone(), reason: e.to_string() })?;
    let facts: Vec<&IndicatorFacts> = section.indicators.iter().filter_map(|id| data.indicator(id)).collect();
    let first = labels(section);

    row = begin(sheet, row, &format!("{}：本期", section.title), section, &facts)?;
    for group in &groups {
        names(sheet, row, group, section, styles)?;
        for ((col, cell), facts) in (first..).zip(&group.cells).zip(&facts) {
            sheet.value(row, col, cell.and_then(|c| c.value), facts.kind, Row::Plain)?;
        }
        row += 1;
    }
    if groups.len() > 1 {
        let label = styles.label(Row::Total);
        sheet.text(row, 0, &data.scope.short, &label)?;
        if first > 1 {
            sheet.text(row, 1, "合计", &label)?;
        }
        for (col, facts) in (first..).zip(&facts) {
            sheet.value(row, col, data.figure(&facts.id).and_then(|f| f.current), facts.kind, Row::Total)?;
        }
        row += 1;
    }
    for (title, pick) in [("同比", yoy as fn(&Cell) -> Option<f64>), ("占比", share)] {
        if !groups.iter().flat_map(|g| &g.cells).flatten().any(|c| pick(c).is_some()) {
            continue;
        }
        if groups.len() > PAGE_GROUPS {
            breaks.push(row + 1);
        }
        row = begin(sheet, row + 1, &format!("{}：{title}", section.title), section, &facts)?;
        for group in &groups {
            names(sheet, row, group, section, styles)?;
            for ((col, cell), facts) in (first..).zip(&group.cells).zip(&facts) {
                let ratio = cell.and_then(pick);
                match title {
                    "占比" => sheet.share(row, col, ratio)?,
                    _ => sheet.change(row, col, ratio, facts.direction)?,
                }
            }
            row += 1;
        }
    }
    Ok(row)
}

fn yoy(cell: &Cell) -> Option<f64> {
    cell.yoy
}

fn share(cell: &Cell) -> Option<f64> {
    cell.share
}

/// Block title and headings; hands back the first row of the body.
fn begin(
    sheet: &mut Sheet<'_, '_>,
    row: u32,
    title: &str,
    section: &Breakdown,
    facts: &[&IndicatorFacts],
) -> Result<u32, XlsxError> {
    sheet.block(row, title)?;
    let mut heads = vec![section.dimension_title.clone()];
    if section.dimension == DISTRICT {
        heads.insert(0, "区划代码".to_owned());
    }
    heads.extend(facts.iter().map(|f| heading(f)));
    sheet.heads(row + 1, &heads)?;
    Ok(row + 2)
}

fn names(
    sheet: &mut Sheet<'_, '_>,
    row: u32,
    group: &Group<'_>,
    section: &Breakdown,
    styles: &Styles,
) -> Result<(), XlsxError> {
    if section.dimension == DISTRICT {
        sheet.text(row, 0, group.code, &styles.text)?;
        return Ok(sheet.text(row, 1, group.label, &styles.text)?);
    }
    Ok(sheet.text(row, 0, group.label, &styles.text)?)
}
