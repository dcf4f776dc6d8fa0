//! Turns one definition file into an `IndicatorDef` and notes every mistake in it.

use pujiang_definition::{At, DIMENSIONS, INDICATORS, Places, Room, Section, SourceFile, TABLES};

use super::{
    DISTRICT, DISTRICT_COLUMN, Direction, IndicatorDef, Keep, Measure, Overlap, PLACE, PLACE_COLUMN,
    STATE_EVENT, Side, Silence, Source,
};
use crate::calendar::Grain;
use crate::query::Compare;

const FORMAT: i64 = 1;
const MOST_DECIMALS: u32 = 6;

/// Keys of the file that only some kinds of measure have.
const SOURCE_KEYS: [&str; 3] = ["table", "time", "filter"];

const DIRECTIONS: &[(&str, Direction)] =
    &[("up", Direction::Up), ("down", Direction::Down), ("neutral", Direction::Neutral)];
const SILENCES: &[(&str, Silence)] = &[("nothing", Silence::Nothing), ("unknown", Silence::Unknown)];
const SIDES: &[(&str, Side)] = &[("registered", Side::Registered), ("strangers", Side::Strangers)];
const KINDS: &[(&str, Kind)] = &[
    ("count", Kind::Count),
    ("sum", Kind::Sum),
    ("distinct", Kind::Distinct),
    ("stock", Kind::Stock),
    ("overlap", Kind::Overlap),
    ("ratio", Kind::Ratio),
];

#[derive(Clone, Copy)]
enum Kind {
    Count,
    Sum,
    Distinct,
    Stock,
    Overlap,
    Ratio,
}

/// Reads one file. The places of its keys are not known before its end, and come to the definition then.
pub(super) fn definition(file: &SourceFile, root: &Section<'_>) -> Option<IndicatorDef> {
    root.format(FORMAT);
    let version = root.required_whole("version", 1..=u32::MAX);
    let title = root.required_text("title");
    let description = root.required_text("description");
    let unit = root.required_text("unit");
    let direction = root.required_word("direction", DIRECTIONS);
    let dimensions = dimensions(root);
    let grains = grains(root);
    let derived = root.words("derived", &Compare::ALL.map(|compare| (compare.as_str(), compare)));
    let silence = root.word("silence", SILENCES).unwrap_or(Silence::Nothing);
    let measured = match root.required_table("measure") {
        Some(section) => measure(&section, root),
        None => {
            root.leave(&SOURCE_KEYS);
            None
        }
    };
    if let Some((measure, _)) = &measured {
        fits(measure, &grains, &derived, root);
    }
    let (measure, decimals) = measured?;
    Some(IndicatorDef {
        id: file.id.clone(),
        area: file.area.clone(),
        version: version?.value,
        title: title?.value,
        description: description?.value,
        unit: unit?.value,
        direction: direction?,
        measure,
        decimals,
        dimensions,
        grains,
        derived,
        silence,
        places: Places::default(),
    })
}

/// A text that must be there and names a definition of a room.
pub(crate) fn named(section: &Section<'_>, key: &'static str, room: &Room) -> Option<String> {
    let name = section.required_text(key)?;
    section.refers(&name, room);
    Some(name.value)
}

fn text(section: &Section<'_>, key: &'static str) -> Option<String> {
    section.required_text(key).map(|text| text.value)
}

/// A list of texts that must not be empty; `missing` says what to write.
fn values(section: &Section<'_>, key: &'static str, missing: &str) -> Vec<String> {
    let values = section.distinct_texts(key);
    if values.is_empty() {
        section.wrong(key, missing);
    }
    values.into_iter().map(|value| value.value).collect()
}

fn dimensions(root: &Section<'_>) -> Vec<String> {
    let dimensions = root.distinct_texts("dimensions");
    for (column, dimension) in [(DISTRICT_COLUMN, DISTRICT), (PLACE_COLUMN, PLACE)] {
        for written in dimensions.iter().filter(|written| written.value == column) {
            root.wrong_at(written, format!("列 {column} 作为维度请写成 {dimension}"));
        }
    }
    dimensions.iter().for_each(|dimension| root.refers(dimension, &DIMENSIONS));
    dimensions.into_iter().map(|dimension| dimension.value).collect()
}

fn grains(root: &Section<'_>) -> Vec<Grain> {
    let kept = Grain::ALL.into_iter().filter(|grain| *grain != Grain::Total);
    let words: Vec<(&str, Grain)> = kept.map(|grain| (grain.as_str(), grain)).collect();
    let grains = root.words("grains", &words);
    if grains.is_empty() {
        root.wrong("grains", "请至少写一个周期，例如 [\"month\"]");
    }
    grains
}

/// The measure and its digits. Only the keys of its kind are known, so a key of another kind is a mistake.
fn measure(section: &Section<'_>, root: &Section<'_>) -> Option<(Measure, u32)> {
    let Some(kind) = section.required_word("kind", KINDS) else {
        root.leave(&SOURCE_KEYS);
        return None;
    };
    let read = match kind {
        Kind::Count => source(root).map(|source| (Measure::Count(source), 0)),
        Kind::Sum => {
            let (column, decimals) = (text(section, "column"), decimals(section));
            let rows = source(root).zip(column).zip(decimals);
            rows.map(|((source, column), decimals)| (Measure::Sum { source, column }, decimals))
        }
        Kind::Distinct => {
            let column = text(section, "column");
            source(root).zip(column).map(|(source, column)| (Measure::Distinct { source, column }, 0))
        }
        Kind::Overlap => overlap(section).map(|overlap| (Measure::Overlap(overlap), 0)),
        Kind::Stock => stock(section, root).map(|source| (Measure::Stock(source), 0)),
        Kind::Ratio => ratio(section),
    };
    section.finish();
    read
}

fn ratio(section: &Section<'_>) -> Option<(Measure, u32)> {
    let numerator = named(section, "numerator", &INDICATORS);
    let denominator = named(section, "denominator", &INDICATORS);
    let scale = section.required_whole("scale", 0..=u32::MAX);
    if let Some(scale) = scale.as_ref().filter(|scale| scale.value == 0) {
        section.wrong_at(scale, "不能为 0：百分率请写 100，平均数请写 1");
    }
    let decimals = decimals(section);
    let measure = Measure::Ratio { numerator: numerator?, denominator: denominator?, scale: scale?.value };
    Some((measure, decimals?))
}

fn overlap(section: &Section<'_>) -> Option<Overlap> {
    let (stock, seen) = (named(section, "stock", &INDICATORS), named(section, "seen", &INDICATORS));
    let (records, key) = (named(section, "records", &TABLES), text(section, "key"));
    let code = text(section, "code");
    let side = section.required_word("count", SIDES);
    Some(Overlap { stock: stock?, seen: seen?, records: records?, key: key?, code: code?, side: side? })
}

fn decimals(section: &Section<'_>) -> Option<u32> {
    section.required_whole("decimals", 0..=MOST_DECIMALS).map(|decimals| decimals.value)
}

fn source(root: &Section<'_>) -> Option<Source> {
    let (table, time) = (named(root, "table", &TABLES), text(root, "time"));
    let filter = filter(root);
    Some(Source { table: table?, time: time?, filter })
}

/// A stock reads the state changes of one resource; what a row adds or takes is in their column `delta`.
fn stock(section: &Section<'_>, root: &Section<'_>) -> Option<Source> {
    // No key names the table of the state changes, but without it there are no stocks.
    let table = At { value: STATE_EVENT.to_owned(), span: section.span(), key: section.key("") };
    section.refers(&table, &TABLES);
    let resource = text(section, "resource");
    let states = values(section, "states", "请写出要计入的状态，例如 [\"active\"]");
    let others = filter(root);
    let mut keeps = vec![
        Keep { column: "resource".into(), any_of: vec![resource?] },
        Keep { column: "state".into(), any_of: states },
    ];
    keeps.extend(others);
    Some(Source { table: table.value, time: "occurred_at".into(), filter: keeps })
}

fn filter(root: &Section<'_>) -> Vec<Keep> {
    let mut keeps = Vec::new();
    for section in root.tables("filter") {
        let column = text(&section, "column");
        let any_of = values(&section, "in", "请至少写一个值");
        keeps.extend(column.map(|column| Keep { column, any_of }));
        section.finish();
    }
    keeps
}

/// What a kind of measure cannot do.
fn fits(measure: &Measure, grains: &[Grain], derived: &[Compare], root: &Section<'_>) {
    let short = grains.iter().any(|grain| matches!(grain, Grain::Day | Grain::Week));
    if short && matches!(measure, Measure::Distinct { .. } | Measure::Overlap(_)) {
        root.wrong("grains", "去重计数按月保存，请只写 month、quarter、year");
    }
    if derived.contains(&Compare::Share) && matches!(measure, Measure::Ratio { .. } | Measure::Overlap(_)) {
        root.wrong("derived", "比率和重合数没有可占的合计，请删去 share");
    }
    let of_a_day = matches!(measure, Measure::Stock(_) | Measure::Overlap(_) | Measure::Ratio { .. });
    if derived.contains(&Compare::Cumulative) && of_a_day {
        root.wrong("derived", "期末存量和比率不能累加，请删去 cumulative");
    }
}
