//! One sheet with what all have in common: title rows with scope and period, column widths that fit Chinese,
//! print set up for A4 landscape with the head repeated.

use rust_decimal::Decimal;
use rust_xlsxwriter::{Format, Workbook, Worksheet, XlsxError};

use super::style::{Row, Styles};
use crate::chart::tone;
use crate::data::{Change, Direction, IndicatorFacts, ReportData, ValueKind};
use crate::text::number;

/// Last of the title rows.
pub const TITLE: u32 = 1;
/// Height of a row in points.
const ROW: u32 = 18;
/// Headings wider than this are broken.
const BREAK: usize = 16;
/// First row below titles and headings.
pub const FIRST: u32 = 3;

/// A sheet being written.
pub struct Sheet<'w, 's> {
    /// The sheet itself, for what only one kind of sheet needs.
    pub paper: &'w mut Worksheet,
    styles: &'s Styles,
    widths: Vec<usize>,
}

impl<'w, 's> Sheet<'w, 's> {
    /// Adds a sheet with title, scope and period.
    pub fn begin(
        workbook: &'w mut Workbook,
        name: &str,
        data: &ReportData,
        styles: &'s Styles,
    ) -> Result<Self, XlsxError> {
        let paper = workbook.add_worksheet();
        paper.set_name(name)?.set_screen_gridlines(false).set_default_row_height(ROW);
        let title = format!("{}　{}　{}", data.title, data.period.label, data.scope.short);
        paper.write_string_with_format(0, 0, title, &styles.title)?.set_row_height(0, 26)?;
        let mut about = format!(
            "{name}　|　数据范围：{}　|　期间：{} 至 {}",
            data.scope.label, data.period.from, data.period.to
        );
        if let Some(text) = data.period.incomplete() {
            about.push_str(&format!("（未结束，{text}）"));
        }
        paper.write_string_with_format(1, 0, about, &styles.subtitle)?;
        paper
            .set_landscape()
            .set_paper_size(9)
            .set_print_fit_to_pages(1, 0)
            .set_print_center_horizontally(true);
        paper.set_margins(0.5, 0.5, 0.6, 0.6, 0.3, 0.3);
        paper.set_header(format!("&L&9{}　{}&R&9{}", data.title, data.period.label, data.scope.short));
        paper.set_footer(format!("&L&8数据版本 {}&R&9第 &P 页 共 &N 页", data.data_version));
        Ok(Self { paper, styles, widths: vec![] })
    }

    /// A row of headings. Long ones break into two lines, so that figures decide how wide a column is.
    pub fn heads(&mut self, row: u32, titles: &[String]) -> Result<(), XlsxError> {
        let mut lines = 1;
        for (col, title) in (0..).zip(titles) {
            self.paper.write_string_with_format(row, col, title, &self.styles.head)?;
            let (name, unit) = title.split_once('\n').unwrap_or((title, ""));
            let (needed, broken) = match width(name) {
                wide if wide > BREAK => (wide.div_ceil(4) * 2, 2),
                narrow => (narrow, 1),
            };
            self.fit(col, needed.max(width(unit)));
            lines = lines.max(broken + u32::from(!unit.is_empty()));
        }
        self.paper.set_row_height(row, 20 + 14 * (lines - 1))?;
        Ok(())
    }

    /// A long text in a column of a given width, the row as high as its lines need.
    pub fn wrapped(&mut self, row: u32, col: u16, text: &str, columns: usize) -> Result<(), XlsxError> {
        self.paper.write_string_with_format(row, col, text, &self.styles.wrapped)?;
        self.fit(col, columns);
        // One column is kept back: a Chinese character is never cut in two at the end of a line.
        let lines = width(text).div_ceil(columns - 1).max(1);
        self.paper.set_row_height(row, ROW.max(15 * lines as u32 + 3))?;
        Ok(())
    }

    /// A remark below a table, as wide as its columns, the row as high as its lines need.
    pub fn remark(&mut self, row: u32, columns: u16, text: &str) -> Result<(), XlsxError> {
        let room: usize = self.widths.iter().take(usize::from(columns)).map(|width| width + 2).sum();
        let lines = width(text).div_ceil(room.saturating_sub(1).max(1)).max(1);
        self.paper.merge_range(row, 0, row, columns.saturating_sub(1), text, &self.styles.remark)?;
        self.paper.set_row_height(row, ROW.max(13 * lines as u32 + 5))?;
        Ok(())
    }

    /// A text. Identifiers come here too, so that no digit is ever lost.
    pub fn text(&mut self, row: u32, col: u16, text: &str, format: &Format) -> Result<(), XlsxError> {
        self.paper.write_string_with_format(row, col, text, format)?;
        self.fit(col, width(text));
        Ok(())
    }

    /// A value of an indicator as a number; what is missing is a dash, never zero.
    pub fn value(
        &mut self,
        row: u32,
        col: u16,
        value: Option<Decimal>,
        kind: ValueKind,
        weight: Row,
    ) -> Result<(), XlsxError> {
        let Some(amount) = value else { return self.missing(row, col) };
        let cell = match kind {
            ValueKind::Percent => amount / Decimal::ONE_HUNDRED,
            ValueKind::Integer | ValueKind::Decimal => amount,
        };
        self.paper.write_with_format(row, col, cell, &self.styles.value(kind, weight))?;
        self.fit(col, width(&number::exact(value, kind)));
        Ok(())
    }

    /// A change as a percentage or in percentage points, coloured by whether it is good.
    pub fn change(
        &mut self,
        row: u32,
        col: u16,
        change: Option<Change>,
        direction: Direction,
    ) -> Result<(), XlsxError> {
        let Some(one) = change else { return self.missing(row, col) };
        let (Change::Part(amount) | Change::Points(amount)) = one;
        self.paper.write_with_format(row, col, amount, &self.styles.change(one, tone(change, direction)))?;
        self.fit(col, width(&number::change(change)));
        Ok(())
    }

    /// A share of a total.
    pub fn share(&mut self, row: u32, col: u16, share: Option<Decimal>) -> Result<(), XlsxError> {
        let Some(part) = share else { return self.missing(row, col) };
        self.paper.write_with_format(row, col, part, &self.styles.share())?;
        Ok(())
    }

    /// The title of a block of rows.
    pub fn block(&mut self, row: u32, title: &str) -> Result<(), XlsxError> {
        self.paper.write_string_with_format(row, 0, title, &self.styles.block)?;
        Ok(())
    }

    /// Sets the widths collected, keeps the rows above `body` in sight and those down to `repeated` on every page.
    pub fn finish(self, body: u32, fixed_columns: u16, repeated: u32) -> Result<(), XlsxError> {
        for (col, width) in self.widths.iter().enumerate() {
            self.paper.set_column_width(col as u16, (*width as f64 + 2.5).clamp(9.0, 95.0))?;
        }
        self.paper.set_freeze_panes(body, fixed_columns)?.set_repeat_rows(0, repeated)?;
        Ok(())
    }

    fn missing(&mut self, row: u32, col: u16) -> Result<(), XlsxError> {
        self.paper.write_string_with_format(row, col, number::MISSING, &self.styles.missing)?;
        Ok(())
    }

    fn fit(&mut self, col: u16, width: usize) {
        let col = usize::from(col);
        if self.widths.len() <= col {
            self.widths.resize(col + 1, 0);
        }
        self.widths[col] = self.widths[col].max(width);
    }
}

/// Heading of an indicator's column, the unit on its second line.
#[must_use]
pub fn heading(facts: &IndicatorFacts) -> String {
    format!("{}\n（{}）", facts.title, facts.unit)
}

/// Width of a text in columns of a spreadsheet: two for a Chinese character.
#[must_use]
pub fn width(text: &str) -> usize {
    text.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum()
}
