//! Turns one definition file into a [`ReportDefinition`] and notes every mistake in it.

use pujiang_definition::{At, INDICATORS, ROLES, Section as Table, SourceFile, TEMPLATES};
use pujiang_metrics::Compare;
use pujiang_metrics::definition::titled;
use pujiang_security::RoleId;

use super::{ChannelKind, ChartDefinition, Format, ReportDefinition, Section, SectionKind};
use crate::data::ChartKind;
use crate::pdf::{PdfError, Template};
use crate::schedule::Schedule;
use crate::text::sentence::Sentence;

const FORMAT: i64 = 1;
const ZONE: &str = "Asia/Shanghai";
/// Names of what this crate draws; a sheet of that name is written by itself.
const NOTES_SHEET: &str = "说明";
/// Longest name a spreadsheet takes.
const SHEET_NAME: usize = 31;

const KINDS: &[(&str, Kind)] =
    &[("figures", Kind::Figures), ("breakdown", Kind::Breakdown), ("trend", Kind::Trend)];
const CHARTS: &[(&str, ChartKind)] = &[
    ("trend", ChartKind::Trend),
    ("ranking", ChartKind::Ranking),
    ("composition", ChartKind::Composition),
    ("map", ChartKind::Map),
];

#[derive(Clone, Copy)]
enum Kind {
    Figures,
    Breakdown,
    Trend,
}

/// Reads one file; `main` is the text of the template of the same id, if there is one. The places of its keys are not
/// known before its end, and come to the definition then.
pub(super) fn definition(
    file: &SourceFile,
    root: &Table<'_>,
    main: Option<&str>,
) -> Option<ReportDefinition> {
    root.format(FORMAT);
    if let Some(id) = root.required_text("id").filter(|id| id.value != file.id) {
        root.wrong_at(&id, format!("请写成文件名“{}”", file.id));
    }
    let (title, description) = (text(root, "title"), text(root, "description"));
    let department = text(root, "department");
    let district_department = district_department(root);
    root.required_word("period", &[("month", ())]);
    root.required_word("timezone", &[(ZONE, ())]);
    let schedule = schedule(root);
    let recipients = recipients(root);
    let formats = words(root, "formats", &Format::ALL.map(|format| (format.as_str(), format)));
    let channels = words(root, "channels", &ChannelKind::ALL.map(|channel| (channel.as_str(), channel)));
    let (sentences, parsed_sentences) = sentences(root);
    let sections: Vec<Section> = root.tables("section").iter().filter_map(section).collect();
    let charts: Vec<ChartDefinition> = root.tables("chart").iter().filter_map(chart).collect();
    let template = template(root, &file.id, main, &formats);
    Some(ReportDefinition {
        id: file.id.clone(),
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

fn text(table: &Table<'_>, key: &'static str) -> Option<String> {
    table.required_text(key).map(|text| text.value)
}

/// A list of texts, each once, of which there must be one at least.
fn listed(table: &Table<'_>, key: &'static str) -> Vec<At<String>> {
    let texts = table.distinct_texts(key);
    // That it is missing or no list was said before.
    if texts.is_empty() && table.is_list(key) {
        table.wrong(key, "请至少写一项");
    }
    texts
}

fn words<T: Clone>(table: &Table<'_>, key: &'static str, words: &[(&str, T)]) -> Vec<T> {
    listed(table, key).iter().filter_map(|text| table.known(text, words)).collect()
}

/// The roles that get the report; whether there are such is known where all definitions are.
fn recipients(root: &Table<'_>) -> Vec<RoleId> {
    let roles = listed(root, "recipients");
    roles.iter().for_each(|role| root.refers(role, &ROLES));
    roles.iter().map(|role| RoleId::from(role.value.as_str())).collect()
}

fn district_department(root: &Table<'_>) -> Option<String> {
    let text = root.required_text("district_department")?;
    if !text.value.contains("{district}") {
        root.wrong_at(&text, "请在区名的位置写 {district}");
    }
    Some(text.value)
}

fn schedule(root: &Table<'_>) -> Option<Schedule> {
    let text = root.required_text("schedule")?;
    let wrong = |reason: String| {
        root.wrong_at(&text, format!("{reason}，请按 秒 分 时 日 月 周 写，例如 \"0 0 8 1 * *\""));
    };
    Schedule::parse(&text.value).map_err(wrong).ok()
}

/// The summary as it is written and taken apart.
fn sentences(root: &Table<'_>) -> (Vec<String>, Vec<Sentence>) {
    let (mut written, mut parsed) = (Vec::new(), Vec::new());
    for text in listed(root, "sentences") {
        match Sentence::parse(&text.value) {
            Ok(sentence) => parsed.push(sentence),
            Err(message) => root.wrong_at(&text, message),
        }
        written.push(text.value);
    }
    (written, parsed)
}

/// The template; a report without a PDF does without.
fn template(root: &Table<'_>, id: &str, main: Option<&str>, formats: &[Format]) -> Option<Template> {
    let path = format!("{TEMPLATES}/{id}/main.typ");
    if main.is_none() && formats.contains(&Format::Pdf) {
        root.wrong("formats", format!("pdf 要有模板 {path}，请补上模板或删去 pdf"));
        return None;
    }
    let broken = |error: PdfError| {
        let problems = match error {
            PdfError::Template { problems, .. } => problems.join("；"),
            other => other.to_string(),
        };
        root.wrong("id", format!("模板 {path} 有错，请修改：{problems}"));
    };
    Template::new(id, main.unwrap_or_default()).map_err(broken).ok()
}

fn section(table: &Table<'_>) -> Option<Section> {
    let kind = table.required_word("kind", KINDS);
    let (id, title) = (text(table, "id"), text(table, "title"));
    let sheet = sheet(table);
    let indicators = listed(table, "indicators");
    indicators.iter().for_each(|indicator| table.refers(indicator, &INDICATORS));
    // Which other keys are right hangs on the kind.
    let (kind, compare) = form(table, kind?);
    table.finish();
    let indicators = indicators.into_iter().map(|indicator| indicator.value).collect();
    Some(Section { id: id?, kind: kind?, title: title?, sheet: sheet?, indicators, compare })
}

fn sheet(table: &Table<'_>) -> Option<String> {
    let sheet = table.required_text("sheet")?;
    let name = &sheet.value;
    let unfit = name.chars().count() > SHEET_NAME
        || name.contains(['[', ']', ':', '*', '?', '/', '\\'])
        || name == NOTES_SHEET;
    if unfit {
        let message = format!(
            "最多 {SHEET_NAME} 个字，不能有 []:*?/\\，也不能叫“{NOTES_SHEET}”（这张表由程序写），请改名"
        );
        table.wrong_at(&sheet, message);
    }
    Some(sheet.value)
}

/// What only some kinds of section have: the form, and the comparisons that make sense for it.
fn form(table: &Table<'_>, kind: Kind) -> (Option<SectionKind>, Vec<Compare>) {
    match kind {
        Kind::Figures => {
            let known = [Compare::Mom, Compare::Yoy, Compare::Cumulative];
            (Some(SectionKind::Figures), compare(table, known))
        }
        Kind::Breakdown => {
            let compare = compare(table, [Compare::Yoy, Compare::Share, Compare::Rank]);
            let named = text(table, "dimension").zip(text(table, "dimension_title"));
            (named.map(|(dimension, title)| SectionKind::Breakdown { dimension, title }), compare)
        }
        Kind::Trend => {
            let months = table.required_whole::<u32>("months", 2..=25);
            (months.map(|months| SectionKind::Trend { months: months.value }), Vec::new())
        }
    }
}

fn compare(table: &Table<'_>, known: [Compare; 3]) -> Vec<Compare> {
    words(table, "compare", &known.map(|compare| (compare.as_str(), compare)))
}

fn chart(table: &Table<'_>) -> Option<ChartDefinition> {
    let kind = table.required_word("kind", CHARTS);
    let (id, title) = (text(table, "id"), table.required_text("title"));
    if let Some(title) = &title {
        for code in titled(&title.value) {
            table.refers(&At { value: code.to_owned(), ..title.clone() }, &INDICATORS);
        }
    }
    let indicator = table.required_text("indicator");
    if let Some(indicator) = &indicator {
        table.refers(indicator, &INDICATORS);
    }
    // Which other keys are right hangs on the kind.
    let kind = kind?;
    let section = if kind == ChartKind::Trend { Some(String::new()) } else { text(table, "section") };
    table.finish();
    Some(ChartDefinition {
        id: id?,
        kind,
        title: title?.value,
        indicator: indicator?.value,
        section: section?,
    })
}
