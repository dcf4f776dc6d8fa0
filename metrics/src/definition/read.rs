//! Turns the text of one definition file into an `IndicatorDef`, or into every mistake in it.

use toml::de::DeTable;

use super::reader::{Findings, Page, Reader};
use super::{
    DISTRICT_COLUMN, DefinitionError, Direction, IndicatorDef, Keep, Measure, Overlap, PLACE, PLACE_COLUMN,
    STATE_EVENT, Side, Silence, Source,
};
use crate::calendar::Grain;
use crate::query::Compare;

const FORMAT: u32 = 1;
const GRAINS: &str = "day, week, month, quarter, year";
const KINDS: &str = "count, sum, distinct, stock, overlap, ratio";

/// Keys of the file that only some kinds of measure have.
const SOURCE_KEYS: [&str; 3] = ["table", "time", "filter"];

enum Kind {
    Count,
    Sum,
    Distinct,
    Stock,
    Overlap,
    Ratio,
}

/// Reads one file. `file` is its path below the definitions folder: `<area>/<CODE>.toml`.
pub(super) fn read(file: &str, text: &str) -> Result<IndicatorDef, Vec<DefinitionError>> {
    let page = Page { file, text };
    let mut found = Findings::default();
    let (document, syntax) = DeTable::parse_recoverable(text);
    if !syntax.is_empty() {
        let place = |error: &toml::de::Error| error.span().unwrap_or(0..0);
        return Err(syntax
            .iter()
            .map(|error| page.error(&place(error), "", error.message().to_owned()))
            .collect());
    }
    let indicator = definition(file, Reader::root(&page, &document), &mut found);
    match indicator {
        Some(mut indicator) if found.errors.is_empty() => {
            indicator.places = found.places;
            Ok(indicator)
        }
        _ => Err(found.errors),
    }
}

fn definition(file: &str, mut root: Reader<'_>, found: &mut Findings) -> Option<IndicatorDef> {
    let (area, id) = identity(file);
    if area.is_empty() {
        root.wrong("", "put the file into an area folder: indicators/<area>/<CODE>.toml".into(), found);
    }
    let format = root.number("format", found);
    if format.is_some_and(|format| format != FORMAT) {
        root.wrong("format", format!("this program reads format {FORMAT}"), found);
    }
    let version = root.number("version", found);
    if version == Some(0) {
        root.wrong("version", "versions begin at 1".into(), found);
    }
    let title = root.text("title", found);
    let description = root.text("description", found);
    let unit = root.text("unit", found);
    let direction = root.word("direction", direction, "up, down, neutral", found);
    let dimensions = root.texts("dimensions", found);
    if dimensions.iter().any(|dimension| dimension == DISTRICT_COLUMN) {
        root.wrong("dimensions", format!("write `district` for the column {DISTRICT_COLUMN}"), found);
    }
    if dimensions.iter().any(|dimension| dimension == PLACE_COLUMN) {
        root.wrong("dimensions", format!("write `{PLACE}` for the column {PLACE_COLUMN}"), found);
    }
    let grain = |name: &str| Grain::parse(name).filter(|grain| *grain != Grain::Total);
    let grains = root.words("grains", grain, GRAINS, found);
    if grains.is_empty() {
        root.wrong("grains", format!("name at least one of {GRAINS}"), found);
    }
    let derived = root.words("derived", Compare::parse, Compare::NAMES, found);
    let silence = root.word_or("silence", silence, Silence::Nothing, "nothing, unknown", found);
    let measured = match root.section("measure", found) {
        Some(section) => measure(section, &mut root, found),
        None => {
            root.leave(&SOURCE_KEYS);
            None
        }
    };
    if let Some((measure, _)) = &measured {
        fits(measure, &grains, &derived, &root, found);
    }
    root.finish(found);
    let (measure, decimals) = measured?;
    Some(IndicatorDef {
        id,
        area,
        version: version?,
        title: title?,
        description: description?,
        unit: unit?,
        direction: direction?,
        measure,
        decimals,
        dimensions,
        grains,
        derived,
        silence,
        file: file.to_owned(),
        places: Default::default(),
    })
}

fn identity(file: &str) -> (String, String) {
    let (area, name) = file.rsplit_once('/').unwrap_or(("", file));
    (area.to_owned(), name.trim_end_matches(".toml").to_owned())
}

fn direction(name: &str) -> Option<Direction> {
    match name {
        "up" => Some(Direction::Up),
        "down" => Some(Direction::Down),
        "neutral" => Some(Direction::Neutral),
        _ => None,
    }
}

fn silence(name: &str) -> Option<Silence> {
    match name {
        "nothing" => Some(Silence::Nothing),
        "unknown" => Some(Silence::Unknown),
        _ => None,
    }
}

fn kind(name: &str) -> Option<Kind> {
    match name {
        "count" => Some(Kind::Count),
        "sum" => Some(Kind::Sum),
        "distinct" => Some(Kind::Distinct),
        "stock" => Some(Kind::Stock),
        "overlap" => Some(Kind::Overlap),
        "ratio" => Some(Kind::Ratio),
        _ => None,
    }
}

/// The measure and its digits. Only the keys of its kind are known, so a key of another kind is a mistake.
fn measure(mut section: Reader<'_>, root: &mut Reader<'_>, found: &mut Findings) -> Option<(Measure, u32)> {
    let Some(kind) = section.word("kind", kind, KINDS, found) else {
        root.leave(&SOURCE_KEYS);
        return None;
    };
    let read = match kind {
        Kind::Count => source(root, found).map(|source| (Measure::Count(source), 0)),
        Kind::Sum => {
            let (column, decimals) = (section.text("column", found), decimals(&mut section, found));
            let source = source(root, found);
            source
                .zip(column)
                .zip(decimals)
                .map(|((source, column), decimals)| (Measure::Sum { source, column }, decimals))
        }
        Kind::Distinct => {
            let column = section.text("column", found);
            source(root, found).zip(column).map(|(source, column)| (Measure::Distinct { source, column }, 0))
        }
        Kind::Overlap => overlap(&mut section, found).map(|overlap| (Measure::Overlap(overlap), 0)),
        Kind::Stock => stock(&mut section, root, found).map(|source| (Measure::Stock(source), 0)),
        Kind::Ratio => {
            let numerator = section.text("numerator", found);
            let denominator = section.text("denominator", found);
            let scale = section.number("scale", found);
            if scale == Some(0) {
                section.wrong("scale", "use 100 for a percentage, 1 for an average".into(), found);
            }
            let decimals = decimals(&mut section, found);
            numerator.zip(denominator).zip(scale.zip(decimals)).map(
                |((numerator, denominator), (scale, decimals))| {
                    (Measure::Ratio { numerator, denominator, scale }, decimals)
                },
            )
        }
    };
    section.finish(found);
    read
}

fn overlap(section: &mut Reader<'_>, found: &mut Findings) -> Option<Overlap> {
    let side = |name: &str| match name {
        "registered" => Some(Side::Registered),
        "strangers" => Some(Side::Strangers),
        _ => None,
    };
    let (stock, seen) = (section.text("stock", found), section.text("seen", found));
    let (records, key) = (section.text("records", found), section.text("key", found));
    let code = section.text("code", found);
    let side = section.word("count", side, "registered, strangers", found);
    Some(Overlap { stock: stock?, seen: seen?, records: records?, key: key?, code: code?, side: side? })
}

fn decimals(section: &mut Reader<'_>, found: &mut Findings) -> Option<u32> {
    let decimals = section.number("decimals", found)?;
    if decimals > 6 {
        section.wrong("decimals", "use 0 to 6 digits".into(), found);
    }
    Some(decimals)
}

fn source(root: &mut Reader<'_>, found: &mut Findings) -> Option<Source> {
    let (table, time) = (root.text("table", found), root.text("time", found));
    let filter = filter(root, found);
    Some(Source { table: table?, time: time?, filter })
}

/// A stock reads the state changes of one resource; what a row adds or takes is in their column `delta`.
fn stock(section: &mut Reader<'_>, root: &mut Reader<'_>, found: &mut Findings) -> Option<Source> {
    let resource = section.text("resource", found);
    let states = section.texts("states", found);
    if states.is_empty() {
        section.wrong("states", "name the states that count, for example [\"active\"]".into(), found);
    }
    let mut keeps = vec![
        Keep { column: "resource".into(), any_of: vec![resource?] },
        Keep { column: "state".into(), any_of: states },
    ];
    keeps.extend(filter(root, found));
    Some(Source { table: STATE_EVENT.into(), time: "occurred_at".into(), filter: keeps })
}

fn filter(root: &mut Reader<'_>, found: &mut Findings) -> Vec<Keep> {
    let mut keeps = Vec::new();
    for mut section in root.sections("filter", found) {
        let column = section.text("column", found);
        let any_of = section.texts("in", found);
        if any_of.is_empty() {
            section.wrong("in", "name at least one value".into(), found);
        }
        keeps.extend(column.map(|column| Keep { column, any_of }));
        section.finish(found);
    }
    keeps
}

/// What a kind of measure cannot do.
fn fits(measure: &Measure, grains: &[Grain], derived: &[Compare], root: &Reader<'_>, found: &mut Findings) {
    let short = grains.iter().any(|grain| matches!(grain, Grain::Day | Grain::Week));
    if short && matches!(measure, Measure::Distinct { .. } | Measure::Overlap(_)) {
        root.wrong("grains", "distinct values are kept by month; use month, quarter, year".into(), found);
    }
    if derived.contains(&Compare::Share) && matches!(measure, Measure::Ratio { .. } | Measure::Overlap(_)) {
        root.wrong("derived", "a ratio or overlap has no total to be a share of; remove share".into(), found);
    }
    let of_a_day = matches!(measure, Measure::Stock(_) | Measure::Overlap(_) | Measure::Ratio { .. });
    if derived.contains(&Compare::Cumulative) && of_a_day {
        let message = "what stands at the end of a period, and a rate, cannot be added up; remove cumulative";
        root.wrong("derived", message.into(), found);
    }
}
