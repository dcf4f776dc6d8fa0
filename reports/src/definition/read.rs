//! Turns the text of one definition file into a [`ReportDefinition`], or into every mistake in it.

use pujiang_metrics::Compare;
use pujiang_security::Role;
use toml::de::DeTable;

use super::reader::{Page, Reader};
use super::{ChannelKind, ChartDefinition, DefinitionError, Format, ReportDefinition, Section, SectionKind};
use crate::data::ChartKind;
use crate::pdf::Template;
use crate::schedule::Schedule;
use crate::text::sentence::Sentence;

const FORMAT: u32 = 1;
const ZONE: &str = "Asia/Shanghai";
const ROLES: &str = "city_analyst, district_clerk, leader, sys_admin, sec_admin, auditor";
/// Names of what this crate draws; a sheet of that name is written by itself.
const NOTES_SHEET: &str = "说明";
/// Longest name a spreadsheet takes.
const SHEET_NAME: usize = 31;

/// Reads one file; `template` is the text of the template of the same id, if there is one.
pub(super) fn read(
    file: &str,
    text: &str,
    template: Option<&str>,
) -> Result<ReportDefinition, Vec<DefinitionError>> {
    let mut page = Page::new(file, text);
    let (document, syntax) = DeTable::parse_recoverable(text);
    if !syntax.is_empty() {
        for error in &syntax {
            page.wrong(error.span().unwrap_or(0..0), "", error.message());
        }
        return Err(page.errors);
    }
    let report = definition(file, Reader::root(&document), template, &mut page);
    match report {
        Some(mut report) if page.errors.is_empty() => {
            report.places = page.places;
            Ok(report)
        }
        _ => Err(page.errors),
    }
}

fn definition(
    file: &str,
    mut root: Reader<'_>,
    template: Option<&str>,
    page: &mut Page<'_>,
) -> Option<ReportDefinition> {
    let stem = file.strip_suffix(".toml").unwrap_or(file);
    if root.number(page, "format", 0..=u32::MAX).is_some_and(|format| format != FORMAT) {
        root.wrong(page, "format", format!("this program reads format {FORMAT}"));
    }
    let id = root.text(page, "id");
    if id.as_deref().is_some_and(|id| id != stem) {
        root.wrong(page, "id", format!("write the name of the file, “{stem}”"));
    }
    let title = root.text(page, "title");
    let description = root.text(page, "description");
    let department = root.text(page, "department");
    let district_department = root.text(page, "district_department");
    if district_department.as_deref().is_some_and(|text| !text.contains("{district}")) {
        root.wrong(page, "district_department", "write {district} where the name of the district goes");
    }
    root.word(page, "period", "month", |word| (word == "month").then_some(()));
    root.word(page, "timezone", ZONE, |word| (word == ZONE).then_some(()));
    let cron = root.text(page, "schedule");
    let schedule = cron.as_deref().and_then(|cron| match Schedule::parse(cron) {
        Ok(schedule) => Some(schedule),
        Err(reason) => {
            root.wrong(
                page,
                "schedule",
                format!("{reason}; write second minute hour day month weekday, like “0 0 8 1 * *”"),
            );
            None
        }
    });
    let recipients = root.words(page, "recipients", ROLES, |word| word.parse::<Role>().ok());
    let formats = root.words(page, "formats", "xlsx, pdf", Format::parse);
    let channels = root.words(page, "channels", "folder, inbox", ChannelKind::parse);
    let sentences = root.words(page, "sentences", "sentences", |text| Some(text.to_owned()));
    let mut parsed_sentences = vec![];
    for (at, sentence) in sentences.iter().enumerate() {
        match Sentence::parse(sentence) {
            Ok(parsed) => parsed_sentences.push(parsed),
            Err(message) => page.errors.push(page.places.error(&format!("sentences.{at}"), message)),
        }
    }
    let sections: Vec<Section> =
        root.tables(page, "section").into_iter().filter_map(|table| section(table, page)).collect();
    let charts: Vec<ChartDefinition> =
        root.tables(page, "chart").into_iter().filter_map(|table| chart(table, page)).collect();
    if page.errors.is_empty() {
        for (kind, count) in [
            ("figures", sections.iter().filter(|s| s.kind == SectionKind::Figures).count()),
            ("trend", sections.iter().filter(|s| matches!(s.kind, SectionKind::Trend { .. })).count()),
        ] {
            if count != 1 {
                root.wrong(page, "section", format!("write exactly one [[section]] of kind = \"{kind}\""));
            }
        }
    }
    let template = match (template, &id) {
        (Some(text), Some(id)) => {
            Template::new(id, text).map_err(|e| root.wrong(page, "id", e.to_string())).ok()
        }
        (None, Some(id)) if formats.contains(&Format::Pdf) => {
            root.wrong(
                page,
                "formats",
                format!("pdf needs the template templates/{id}/main.typ; write it or remove pdf"),
            );
            None
        }
        (_, id) => Template::new(id.as_deref().unwrap_or_default(), "").ok(),
    };
    root.finish(page);
    Some(ReportDefinition {
        id: id?,
        title: title?,
        description: description?,
        department: department?,
        district_department: district_department?,
        schedule: schedule?,
        recipients,
        formats,
        channels,
        sentences,
        sections,
        charts,
        template: template?,
        parsed_sentences,
        places: Default::default(),
    })
}

enum Kind {
    Figures,
    Breakdown,
    Trend,
}

fn section(mut table: Reader<'_>, page: &mut Page<'_>) -> Option<Section> {
    let kind = table.word(page, "kind", "figures, breakdown, trend", |word| match word {
        "figures" => Some(Kind::Figures),
        "breakdown" => Some(Kind::Breakdown),
        "trend" => Some(Kind::Trend),
        _ => None,
    });
    let id = table.text(page, "id");
    let title = table.text(page, "title");
    let sheet = table.text(page, "sheet");
    let unfit = |sheet: &String| {
        sheet.chars().count() > SHEET_NAME
            || sheet.contains(['[', ']', ':', '*', '?', '/', '\\'])
            || sheet == NOTES_SHEET
    };
    if sheet.as_ref().is_some_and(unfit) {
        let message = format!(
            "use at most {SHEET_NAME} characters, none of []:*?/\\, and not “{NOTES_SHEET}”, which is written by itself"
        );
        table.wrong(page, "sheet", message);
    }
    let indicators = table.words(page, "indicators", "indicator ids", |text| Some(text.to_owned()));
    let mut compare = vec![];
    let kind = match kind? {
        Kind::Figures => {
            compare = table.words(page, "compare", "mom, yoy, cumulative", |word| {
                Compare::parse(word)
                    .filter(|c| matches!(c, Compare::Mom | Compare::Yoy | Compare::Cumulative))
            });
            SectionKind::Figures
        }
        Kind::Breakdown => {
            compare = table.words(page, "compare", "yoy, share, rank", |word| {
                Compare::parse(word).filter(|c| matches!(c, Compare::Yoy | Compare::Share | Compare::Rank))
            });
            let dimension = table.text(page, "dimension");
            let title = table.text(page, "dimension_title");
            SectionKind::Breakdown { dimension: dimension?, title: title? }
        }
        Kind::Trend => SectionKind::Trend { months: table.number(page, "months", 2..=25)? },
    };
    table.finish(page);
    Some(Section { id: id?, kind, title: title?, sheet: sheet?, indicators, compare })
}

fn chart(mut table: Reader<'_>, page: &mut Page<'_>) -> Option<ChartDefinition> {
    let kind = table.word(page, "kind", "trend, ranking, composition, map", |word| match word {
        "trend" => Some(ChartKind::Trend),
        "ranking" => Some(ChartKind::Ranking),
        "composition" => Some(ChartKind::Composition),
        "map" => Some(ChartKind::Map),
        _ => None,
    });
    let id = table.text(page, "id");
    let title = table.text(page, "title");
    let indicator = table.text(page, "indicator");
    let section = match kind? {
        ChartKind::Trend => Some(String::new()),
        _ => table.text(page, "section"),
    };
    table.finish(page);
    Some(ChartDefinition { id: id?, kind: kind?, title: title?, indicator: indicator?, section: section? })
}
