//! Cell formats, made once per workbook. Number formats follow the kind of the indicator, colours the tone of a change.

use rust_xlsxwriter::{Color, Format, FormatAlign, FormatBorder};

use crate::chart::Tone;
use crate::data::{Change, ValueKind};

/// Weight of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Row {
    /// One of many.
    Plain,
    /// The scope's own total.
    Total,
}

/// All formats of a workbook.
pub struct Styles {
    pub title: Format,
    pub subtitle: Format,
    pub remark: Format,
    pub block: Format,
    pub head: Format,
    pub text: Format,
    pub wrapped: Format,
    pub unit: Format,
    pub month: Format,
    pub moment: Format,
    pub missing: Format,
    base: Format,
}

const INK: Color = Color::RGB(0x1F_29_33);
const ACCENT: Color = Color::RGB(0x14_53_8C);
const MUTED: Color = Color::RGB(0x61_6E_7C);
const RULE: Color = Color::RGB(0xCB_D2_D9);
const HEAD_FILL: Color = Color::RGB(0xE6_EE_F6);
const TOTAL_FILL: Color = Color::RGB(0xF5_F7_FA);

impl Styles {
    /// Makes the formats.
    #[must_use]
    pub fn new() -> Self {
        let font = Format::new()
            .set_font_name("Microsoft YaHei")
            .set_font_size(10)
            .set_font_color(INK)
            .set_align(FormatAlign::VerticalCenter);
        let base = font.clone().set_border_bottom(FormatBorder::Thin).set_border_bottom_color(RULE);
        let head = font
            .clone()
            .set_bold()
            .set_background_color(HEAD_FILL)
            .set_align(FormatAlign::Center)
            .set_text_wrap();
        Self {
            title: font.clone().set_bold().set_font_size(16).set_font_color(ACCENT),
            subtitle: font.clone().set_font_size(9).set_font_color(MUTED),
            remark: font.clone().set_font_size(9).set_font_color(MUTED).set_text_wrap(),
            block: font.set_bold().set_font_size(11).set_font_color(ACCENT),
            head: head.set_border_bottom(FormatBorder::Thin).set_border_bottom_color(ACCENT),
            text: base.clone(),
            wrapped: base.clone().set_text_wrap(),
            unit: base.clone().set_align(FormatAlign::Center).set_font_color(MUTED),
            month: base.clone().set_num_format("yyyy-mm").set_align(FormatAlign::Left),
            moment: base.clone().set_num_format("yyyy-mm-dd hh:mm").set_align(FormatAlign::Left),
            missing: base.clone().set_align(FormatAlign::Right).set_font_color(MUTED),
            base,
        }
    }

    /// A text cell of a row.
    #[must_use]
    pub fn label(&self, row: Row) -> Format {
        weighted(self.text.clone(), row)
    }

    /// A value of an indicator.
    #[must_use]
    pub fn value(&self, kind: ValueKind, row: Row) -> Format {
        let pattern = match kind {
            ValueKind::Integer => "#,##0",
            ValueKind::Decimal => "#,##0.00",
            ValueKind::Percent => "0.00%",
        };
        weighted(self.base.clone().set_num_format(pattern), row)
    }

    /// A change, coloured by its tone.
    #[must_use]
    pub fn change(&self, change: Change, tone: Tone) -> Format {
        let pattern = match change {
            Change::Part(_) => "+0.0%;-0.0%;0.0%",
            Change::Points(_) => "+0.00\"百分点\";-0.00\"百分点\";0.00\"百分点\"",
        };
        let color = tone.color();
        let rgb = (u32::from(color.0) << 16) | (u32::from(color.1) << 8) | u32::from(color.2);
        self.base.clone().set_num_format(pattern).set_font_color(Color::RGB(rgb))
    }

    /// A share of a total.
    #[must_use]
    pub fn share(&self) -> Format {
        self.base.clone().set_num_format("0.0%")
    }
}

fn weighted(format: Format, row: Row) -> Format {
    match row {
        Row::Plain => format,
        Row::Total => format.set_bold().set_background_color(TOTAL_FILL),
    }
}
