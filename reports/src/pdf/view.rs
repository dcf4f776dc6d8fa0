//! What a template sees: titles, sentences and figures already written as text, so that a template only places them.

use serde::Serialize;

use crate::chart::{Tone, tone};
use crate::data::{Breakdown, Change as Moved, Direction, Figure, IndicatorFacts, ReportData};
use crate::text::{number, sentence::Sentence};

/// The content of `data.json`.
#[derive(Debug, Serialize)]
pub struct View {
    title: String,
    department: String,
    scope: String,
    scope_label: String,
    period: String,
    range: String,
    data_time: String,
    data_version: String,
    /// `截至2026-11-21` when the period was not over, and by which days it is compared.
    incomplete: Option<String>,
    /// Why figures are missing.
    remarks: Vec<String>,
    single_district: bool,
    summary: Vec<String>,
    figures: Vec<FigureRow>,
    tables: Vec<Table>,
    charts: Vec<ChartRef>,
    notes: Vec<Note>,
}

#[derive(Debug, Serialize)]
struct FigureRow {
    title: String,
    unit: String,
    current: String,
    previous: String,
    mom: Change,
    last_year: String,
    yoy: Change,
    cumulative: String,
}

/// Number, arrow and tone: never colour alone.
#[derive(Debug, Serialize)]
struct Change {
    text: String,
    arrow: &'static str,
    tone: Tone,
}

#[derive(Debug, Serialize)]
struct Table {
    id: String,
    title: String,
    dimension: String,
    columns: Vec<String>,
    rows: Vec<TableRow>,
}

#[derive(Debug, Serialize)]
struct TableRow {
    label: String,
    cells: Vec<String>,
    total: bool,
}

/// A chart that was drawn; the template asks by id whether it is there.
#[derive(Debug, Serialize)]
struct ChartRef {
    id: String,
    title: String,
    file: String,
}

#[derive(Debug, Serialize)]
struct Note {
    title: String,
    unit: String,
    description: String,
}

/// Writes the view; `drawn` are the ids of the charts that exist for this scope.
#[must_use]
pub fn view(data: &ReportData, drawn: &[String]) -> View {
    let sentences = data.sentences.iter().filter_map(|pattern| Sentence::parse(pattern).ok()?.fill(data));
    let charts = data.charts.iter().filter(|c| drawn.contains(&c.id));
    View {
        title: data.title.clone(),
        department: data.department.clone(),
        scope: data.scope.short.clone(),
        scope_label: data.scope.label.clone(),
        period: data.period.label.clone(),
        range: format!("{} 至 {}", data.period.from, data.period.to),
        data_time: data.data_time.format("%Y-%m-%d %H:%M").to_string(),
        data_version: data.data_version.replace(',', "、"),
        incomplete: data.period.incomplete(),
        remarks: data.remarks.clone(),
        single_district: data.single_district().is_some(),
        summary: sentences.collect(),
        figures: data
            .figures
            .iter()
            .filter_map(|f| Some(figure_row(f, data.indicator(&f.indicator)?)))
            .collect(),
        tables: data.breakdowns.iter().map(|b| table(b, data)).collect(),
        charts: charts
            .map(|c| ChartRef { id: c.id.clone(), title: c.title.clone(), file: chart_file(&c.id) })
            .collect(),
        notes: data.indicators.iter().map(note).collect(),
    }
}

/// Name under which the template finds a chart.
#[must_use]
pub fn chart_file(id: &str) -> String {
    format!("chart-{id}.svg")
}

fn figure_row(figure: &Figure, facts: &IndicatorFacts) -> FigureRow {
    let value = |v| number::compact(v, facts.kind);
    FigureRow {
        title: facts.title.clone(),
        unit: facts.unit.clone(),
        current: value(figure.current),
        previous: value(figure.previous),
        mom: change(figure.mom, facts.direction),
        last_year: value(figure.last_year),
        yoy: change(figure.yoy, facts.direction),
        cumulative: value(figure.cumulative),
    }
}

fn change(moved: Option<Moved>, direction: Direction) -> Change {
    let text = moved.map_or_else(|| number::MISSING.to_owned(), number::size);
    Change { text, arrow: number::arrow(moved), tone: tone(moved, direction) }
}

/// Groups as rows, largest first by the first indicator; the scope's own total, as computed, stands last.
fn table(section: &Breakdown, data: &ReportData) -> Table {
    let facts: Vec<&IndicatorFacts> = section.indicators.iter().filter_map(|id| data.indicator(id)).collect();
    let lead = section.indicators.first().map(String::as_str).unwrap_or_default();
    let value = |code: &str, facts: &IndicatorFacts| {
        let cell = section.cells.iter().find(|c| c.code == code && c.indicator == facts.id);
        number::compact(cell.and_then(|c| c.value), facts.kind)
    };
    let mut rows: Vec<TableRow> = section
        .ranked(lead)
        .into_iter()
        .map(|group| TableRow {
            label: group.label.clone(),
            cells: facts.iter().map(|f| value(&group.code, f)).collect(),
            total: false,
        })
        .collect();
    if rows.len() > 1 {
        let total = |f: &&IndicatorFacts| {
            data.figure(&f.id)
                .map_or_else(|| number::MISSING.to_owned(), |row| number::compact(row.current, f.kind))
        };
        rows.push(TableRow {
            label: data.scope.short.clone(),
            cells: facts.iter().map(total).collect(),
            total: true,
        });
    }
    let heading = |f: &&IndicatorFacts| format!("{}（{}）", f.title, f.unit);
    Table {
        id: section.id.clone(),
        title: section.title.clone(),
        dimension: section.dimension_title.clone(),
        columns: facts.iter().map(heading).collect(),
        rows,
    }
}

fn note(facts: &IndicatorFacts) -> Note {
    Note { title: facts.title.clone(), unit: facts.unit.clone(), description: facts.description.clone() }
}
