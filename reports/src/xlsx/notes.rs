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
    sheet.text(row, 0, "数据时间", &styles.text)?;
    sheet.paper.write_with_format(row, 1, &data.data_time.naive_local(), &styles.moment)?;
    row += 2;
    let about = "环比：与上一期相比；同比：与去年同期相比；占比：占本数据范围合计的比重。以 % 计的比率，其环比、同比为百分点之差。“—”表示没有数据，不是零。";
    let incomplete = data.period.incomplete().map(|text| format!("期间未结束，数据{text}。"));
    for line in [about.to_owned()].into_iter().chain(incomplete).chain(data.remarks.iter().cloned()) {
        sheet.paper.write_string_with_format(row, 0, line, &styles.subtitle)?;
        row += 1;
    }
    Ok(sheet.finish(FIRST, 2, FIRST - 1)?)
}
