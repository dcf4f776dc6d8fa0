//! Sheets 分区, 分类别, 享受方式: groups × indicators, a block of values, one of changes, one of shares.
//! The last row of the values is the scope's own figure from the overview, not a sum of rows: rates and distinct
//! counts do not add up.

use super::XlsxError;
use super::pivot::{Group, pivot};
use super::sheet::{FIRST, Sheet, TITLE, heading};
use super::style::{Row, Styles};
use crate::data::{Breakdown, Cell, IndicatorFacts, ReportData};

const DISTRICT: &str = "district";
/// Rows that fit on an A4 page in landscape below the title rows; a block is not cut in two.
const PAGE_ROWS: u32 = 25;
/// Rows a block needs beside its body: title, headings of double height, the gap below.
const AROUND: u32 = 4;

/// What a block shows of each cell.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Block {
    Values,
    Changes,
    Shares,
}

impl Block {
    const ALL: [Self; 3] = [Self::Values, Self::Changes, Self::Shares];

    fn title(self) -> &'static str {
        match self {
            Self::Values => "本期",
            Self::Changes => "同比",
            Self::Shares => "占比",
        }
    }

    /// Values are always shown; the others where the answer has any.
    fn is_there(self, cell: &Cell) -> bool {
        match self {
            Self::Values => true,
            Self::Changes => cell.yoy.is_some(),
            Self::Shares => cell.share.is_some(),
        }
    }
}

/// One section with its table.
struct Table<'a> {
    section: &'a Breakdown,
    groups: Vec<Group<'a>>,
    facts: Vec<&'a IndicatorFacts>,
}

impl<'a> Table<'a> {
    fn of(section: &'a Breakdown, data: &'a ReportData) -> Result<Self, XlsxError> {
        let mut groups = pivot(section)
            .map_err(|e| XlsxError::Reshape { section: section.id.clone(), reason: e.to_string() })?;
        // Districts keep the order of their codes, as everywhere; other groups stand by size.
        if section.dimension != DISTRICT {
            let lead = |group: &Group<'_>| group.cells.first().copied().flatten().and_then(|cell| cell.value);
            groups.sort_by_key(|group| std::cmp::Reverse(lead(group)));
        }
        let facts = section.indicators.iter().filter_map(|id| data.indicator(id)).collect();
        Ok(Self { section, groups, facts })
    }

    /// Columns that name the group.
    fn labels(&self) -> u16 {
        if self.section.dimension == DISTRICT { 2 } else { 1 }
    }

    fn blocks(&self) -> impl Iterator<Item = Block> {
        Block::ALL
            .into_iter()
            .filter(|block| self.groups.iter().flat_map(|g| &g.cells).flatten().any(|c| block.is_there(c)))
    }

    fn has_total(&self, block: Block) -> bool {
        block == Block::Values && self.groups.len() > 1
    }
}

pub fn write(
    mut sheet: Sheet<'_, '_>,
    sections: &[&Breakdown],
    data: &ReportData,
    styles: &Styles,
) -> Result<(), XlsxError> {
    let tables = sections.iter().map(|s| Table::of(s, data)).collect::<Result<Vec<_>, _>>()?;
    let (mut row, mut used, mut breaks) = (FIRST - 1, 0, vec![]);
    for table in &tables {
        for block in table.blocks() {
            let height = AROUND + table.groups.len() as u32 + u32::from(table.has_total(block));
            if used > 0 && used + height > PAGE_ROWS {
                breaks.push(row);
                used = 0;
            }
            used += height;
            row = self::block(&mut sheet, row, table, block, data, styles)? + 1;
        }
    }
    sheet.paper.set_page_breaks(&breaks)?;
    // With several sections below each other only the title rows fit all of them.
    let (body, fixed) = match tables.as_slice() {
        [one] => (FIRST + 1, one.labels()),
        _ => (FIRST - 1, 1),
    };
    // Headings change from block to block, so pages repeat only the title rows.
    Ok(sheet.finish(body, fixed, TITLE)?)
}

/// Writes a block from `row` and hands back the row below it.
fn block(
    sheet: &mut Sheet<'_, '_>,
    row: u32,
    table: &Table<'_>,
    block: Block,
    data: &ReportData,
    styles: &Styles,
) -> Result<u32, XlsxError> {
    sheet.block(row, &format!("{}：{}", table.section.title, block.title()))?;
    let mut heads = vec![table.section.dimension_title.clone()];
    if table.section.dimension == DISTRICT {
        heads.insert(0, "区划代码".to_owned());
    }
    heads.extend(table.facts.iter().map(|f| heading(f)));
    sheet.heads(row + 1, &heads)?;
    let mut row = row + 2;
    for group in &table.groups {
        if table.section.dimension == DISTRICT {
            sheet.text(row, 0, group.code, &styles.text)?;
        }
        sheet.text(row, table.labels() - 1, group.label, &styles.text)?;
        for ((col, cell), facts) in (table.labels()..).zip(&group.cells).zip(&table.facts) {
            match block {
                Block::Values => {
                    sheet.value(row, col, cell.and_then(|c| c.value), facts.kind, Row::Plain)?;
                }
                Block::Changes => sheet.change(row, col, cell.and_then(|c| c.yoy), facts.direction)?,
                Block::Shares => sheet.share(row, col, cell.and_then(|c| c.share))?,
            }
        }
        row += 1;
    }
    if table.has_total(block) {
        total(sheet, row, table, data, styles)?;
        row += 1;
    }
    Ok(row)
}

fn total(
    sheet: &mut Sheet<'_, '_>,
    row: u32,
    table: &Table<'_>,
    data: &ReportData,
    styles: &Styles,
) -> Result<(), XlsxError> {
    let label = styles.label(Row::Total);
    sheet.text(row, 0, &data.scope.short, &label)?;
    if table.labels() > 1 {
        sheet.text(row, 1, "合计", &label)?;
    }
    for (col, facts) in (table.labels()..).zip(&table.facts) {
        let value = data.figure(&facts.id).and_then(|f| f.current);
        sheet.value(row, col, value, facts.kind, Row::Total)?;
    }
    Ok(())
}
