//! Sheet 说明: what each indicator counts, and from what the figures were made.

use super::XlsxError;
use super::sheet::{FIRST, Sheet};
use super::style::Styles;
use crate::data::ReportData;

const HEADS: [&str; 4] = ["指标代码", "指标", "单位", "口径"];
/// Width of the column of definitions.
const WRAP: usize = 92;

pub fn write(mut sheet: Sheet<'_, '_>, data: &ReportData, styles: &Styles) -> Result<(), XlsxError> {
    sheet.heads(FIRST - 1, &HEADS.map(str::to_owned))?;
    let mut row = FIRST;
    for facts in &data.indicators {
        sheet.text(row, 0, &facts.id, &styles.text)?;
        sheet.text(row, 1, &facts.title, &styles.text)?;
        sheet.text(row, 2, &facts.unit, &styles.unit)?;
        sheet.wrapped(row, 3, &facts.description, WRAP)?;
        row += 1;
    }
    row += 1;
    for (name, text) in
        [("数据版本", &data.data_version), ("数据范围", &data.scope.label), ("编制部门", &data.department)]
    {
        sheet.text(row, 0, name, &styles.text)?;
        sheet.paper.write_string_with_format(row, 1, text, &styles.text)?;
        row += 1;
    }
    sheet.text(row, 0, "生成时间", &styles.text)?;
    sheet.paper.write_with_format(row, 1, &data.produced_at.naive_local(), &styles.moment)?;
    sheet.paper.write_string_with_format(
        row + 2,
        0,
        "环比：与上一期相比；同比：与去年同期相比；占比：占本数据范围合计的比重。比率类指标的环比、同比为相对变化。“—”表示没有数据，不是零。",
        &styles.subtitle,
    )?;
    Ok(sheet.finish(FIRST, 2, FIRST - 1)?)
}
