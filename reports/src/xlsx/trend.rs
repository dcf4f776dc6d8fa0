//! Sheet 趋势: the latest months of each indicator with real dates, and a native chart per indicator of the PDF's trends.

use rust_xlsxwriter::{
    Chart, ChartFont, ChartFormat, ChartLegendPosition, ChartLine, ChartMarker, ChartMarkerType,
    ChartSolidFill, Color,
};

use super::XlsxError;
use super::sheet::{FIRST, Sheet, heading};
use super::style::{Row, Styles};
use crate::data::{ChartKind, IndicatorFacts, ReportData, Series};

const ACCENT: Color = Color::RGB(0x1F_6F_B2);
const GRID: Color = Color::RGB(0xE1_E5_EA);
/// Size of a chart in pixels; two stand side by side.
const WIDTH: u32 = 470;
const HEIGHT: u32 = 250;
const GAP: u32 = 16;
/// Rows that a chart covers.
const CHART_ROWS: u32 = 11;

pub fn write(mut sheet: Sheet<'_, '_>, data: &ReportData, styles: &Styles) -> Result<(), XlsxError> {
    let listed = |id: &String| Some((data.indicator(id)?, data.series(id)?));
    let columns: Vec<(&IndicatorFacts, &Series)> = data.trend.indicators.iter().filter_map(listed).collect();
    let mut heads = vec!["月份".to_owned()];
    heads.extend(columns.iter().map(|(facts, _)| heading(facts)));
    sheet.heads(FIRST - 1, &heads)?;
    let skip = data.trend.months.len().saturating_sub(data.trend.listed);
    let mut row = FIRST;
    for (at, month) in data.trend.months.iter().enumerate().skip(skip) {
        sheet.paper.write_with_format(row, 0, month, &styles.month)?;
        for (col, (facts, series)) in (1..).zip(&columns) {
            sheet.value(row, col, series.values.get(at).copied().flatten(), facts.kind, Row::Plain)?;
        }
        row += 1;
    }
    let drawn = |id: &str| data.charts.iter().any(|c| c.kind == ChartKind::Trend && c.indicator == id);
    let charts = (1..).zip(&columns).filter(|(_, (facts, _))| drawn(&facts.id));
    for (place, (col, (facts, _))) in (0..).zip(charts) {
        let chart = chart(&data.trend.sheet, facts, (FIRST, row - 1), col);
        let (line, right) = (place / 2, place % 2);
        sheet.paper.insert_chart_with_offset(
            row + 1 + line * CHART_ROWS,
            0,
            &chart,
            right * (WIDTH + GAP),
            0,
        )?;
    }
    // Table and charts belong on one page.
    sheet.paper.set_print_fit_to_pages(1, 1);
    Ok(sheet.finish(FIRST, 1, FIRST - 1)?)
}

fn chart(sheet: &str, facts: &IndicatorFacts, rows: (u32, u32), col: u16) -> Chart {
    let mut chart = Chart::new_line();
    let line = ChartLine::new().set_color(ACCENT).set_width(2).clone();
    let mut marker = ChartMarker::new();
    marker.set_type(ChartMarkerType::Circle).set_size(5);
    marker.set_format(
        ChartFormat::new()
            .set_solid_fill(ChartSolidFill::new().set_color(ACCENT))
            .set_border(ChartLine::new().set_color(ACCENT)),
    );
    chart
        .add_series()
        .set_name(facts.title.as_str())
        .set_categories((sheet, rows.0, 0, rows.1, 0))
        .set_values((sheet, rows.0, col, rows.1, col))
        .set_format(ChartFormat::new().set_line(&line))
        .set_marker(&marker);
    chart
        .title()
        .set_name(format!("{}（{}）", facts.title, facts.unit).as_str())
        .set_font(ChartFont::new().set_size(11).set_bold());
    chart.legend().set_position(ChartLegendPosition::Bottom).set_hidden();
    chart.x_axis().set_num_format("yyyy-mm").set_text_axis(true);
    chart
        .y_axis()
        .set_min(0)
        .set_num_format("#,##0")
        .set_major_gridlines_line(ChartLine::new().set_color(GRID));
    chart.set_width(WIDTH).set_height(HEIGHT).set_alt_text(format!("{}的月度折线图", facts.title));
    chart
}
