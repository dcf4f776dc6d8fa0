//! The workbook of a report: exact values in typed cells, one sheet per section, print set up.
//! A pure function of the report data; knows neither where the file goes nor who gets it.

mod breakdown;
mod notes;
mod overview;
mod pivot;
mod sheet;
mod style;
mod trend;

#[cfg(test)]
mod tests;

use rust_xlsxwriter::{DocProperties, Workbook};

use crate::data::ReportData;
use sheet::Sheet;
use style::Styles;

/// The workbook could not be written.
#[derive(Debug, thiserror::Error)]
pub enum XlsxError {
    /// A cell, sheet or chart was refused.
    #[error("writing the workbook failed")]
    Write(#[from] rust_xlsxwriter::XlsxError),
    /// The long list of a breakdown could not be turned into a table.
    #[error("reshaping section {section} failed: {reason}")]
    Reshape {
        /// Section id.
        section: String,
        /// What the library said.
        reason: String,
    },
}

/// Sheet titles that are not sections of the definition.
const NOTES: &str = "说明";

/// Writes the workbook.
///
/// # Errors
/// The data holds what a workbook cannot (a sheet title of more than 31 characters, for example).
pub fn render(data: &ReportData) -> Result<Vec<u8>, XlsxError> {
    let styles = Styles::new();
    let mut workbook = Workbook::new();
    // The format says that its times are of UTC.
    let created = data.data_time.naive_utc();
    let properties =
        DocProperties::new().set_title(format!("{} {} {}", data.title, data.period.label, data.scope.short));
    workbook.set_properties(&properties.set_company(&data.department).set_creation_datetime(&created));

    overview::write(Sheet::begin(&mut workbook, &data.overview_sheet, data, &styles)?, data, &styles)?;
    let mut sheets: Vec<&str> = vec![];
    for section in data.breakdowns.iter().filter(|s| !s.cells.is_empty()) {
        if !sheets.contains(&section.sheet.as_str()) {
            sheets.push(&section.sheet);
        }
    }
    for name in sheets {
        let sections: Vec<_> =
            data.breakdowns.iter().filter(|s| s.sheet == name && !s.cells.is_empty()).collect();
        breakdown::write(Sheet::begin(&mut workbook, name, data, &styles)?, &sections, data, &styles)?;
    }
    trend::write(Sheet::begin(&mut workbook, &data.trend.sheet, data, &styles)?, data, &styles)?;
    notes::write(Sheet::begin(&mut workbook, NOTES, data, &styles)?, data, &styles)?;
    Ok(workbook.save_to_buffer()?)
}
