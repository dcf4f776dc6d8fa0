//! One board file: from TOML to a board, with every mistake named.

use std::collections::BTreeSet;

use pujiang_metrics::definition::titled;
use pujiang_metrics::{Compare, Grain};
use toml::de::DeTable;

use super::definition::{BoardDef, FilterDef, FilterKind, TileDef, TileKind};
use super::load::{BoardDefinitionError, IndicatorUse};
use super::section::{Placed, Report, Section};

/// Dimensions a tile can be split by.
const DIMENSIONS: [&str; 4] = ["district", "place", "category", "mode"];

/// What a file gave.
pub(super) struct Read {
    /// The board; meaningless if there are errors.
    pub(super) board: BoardDef,
    /// Where it names indicators.
    pub(super) uses: Vec<IndicatorUse>,
    /// What is wrong.
    pub(super) errors: Vec<BoardDefinitionError>,
}

/// Reads the text of `<id>.toml`.
pub(super) fn read(file: &str, id: &str, text: &str) -> Read {
    let mut report = Report::new(file, text);
    let mut uses = Vec::new();
    let mut board = BoardDef {
        id: id.to_owned(),
        title: String::new(),
        description: String::new(),
        filters: Vec::new(),
        tiles: Vec::new(),
    };
    match DeTable::parse(text) {
        Ok(table) => fill(&mut board, Section::new(table.get_ref(), 0, ""), &mut uses, &mut report),
        Err(error) => report.add(error.span().map_or(0, |span| span.start), "", error.message().to_owned()),
    }
    Read { board, uses, errors: report.errors }
}

fn fill(board: &mut BoardDef, mut root: Section<'_>, uses: &mut Vec<IndicatorUse>, report: &mut Report<'_>) {
    match root.number("format", report) {
        Some(Placed { value: 1, .. }) => {}
        Some(other) => report.add(other.offset, "format", "本程序只认识 format = 1"),
        None => report.add(0, "format", "请写 format = 1"),
    }
    board.title = root.required("title", report).map(|text| text.value).unwrap_or_default();
    board.description = root.required("description", report).map(|text| text.value).unwrap_or_default();
    let (filters, tiles) = (root.tables("filter", report), root.tables("tile", report));
    if tiles.is_empty() {
        report.add(0, "tile", "至少要有一个 [[tile]]");
    }
    root.finish(report);
    let mut ids = BTreeSet::new();
    for section in filters {
        board.filters.extend(filter(section, &mut ids, uses, report));
    }
    for section in tiles {
        board.tiles.extend(tile(section, &mut ids, uses, report));
    }
}

fn new_id(section: &mut Section<'_>, ids: &mut BTreeSet<String>, report: &mut Report<'_>) -> Option<String> {
    let id = section.required("id", report)?;
    if !ids.insert(id.value.clone()) {
        report.add(id.offset, section.key("id"), "这个 id 在本看板中已用过，请改名");
    }
    Some(id.value)
}

fn one_of<T: Copy>(
    section: &mut Section<'_>,
    key: &'static str,
    known: &[(&str, T)],
    report: &mut Report<'_>,
) -> Option<T> {
    let name = section.required(key, report)?;
    let found = known.iter().find(|(text, _)| *text == name.value).map(|(_, value)| *value);
    if found.is_none() {
        let names: Vec<&str> = known.iter().map(|(text, _)| *text).collect();
        report.add(
            name.offset,
            section.key(key),
            format!("没有“{}”，可用的有 {}", name.value, names.join("、")),
        );
    }
    found
}

fn filter(
    mut section: Section<'_>,
    ids: &mut BTreeSet<String>,
    uses: &mut Vec<IndicatorUse>,
    report: &mut Report<'_>,
) -> Option<FilterDef> {
    let id = new_id(&mut section, ids, report);
    let kinds = FilterKind::ALL.map(|kind| (kind.as_str(), kind));
    let kind = one_of(&mut section, "kind", &kinds, report);
    let title = section.required("title", report);
    let except = section.texts("except", report).unwrap_or_default();
    section.finish(report);
    uses.extend(except.iter().map(|name| named(name, None, report)));
    let except = except.into_iter().map(|name| name.value).collect();
    Some(FilterDef { id: id?, kind: kind?, title: title?.value, except })
}

fn named(name: &Placed<String>, dimension: Option<&str>, report: &Report<'_>) -> IndicatorUse {
    let (line, col) = report.place(name.offset);
    IndicatorUse { line, col, indicator: name.value.clone(), dimension: dimension.map(str::to_owned) }
}

fn tile(
    mut section: Section<'_>,
    ids: &mut BTreeSet<String>,
    uses: &mut Vec<IndicatorUse>,
    report: &mut Report<'_>,
) -> Option<TileDef> {
    let offset = section.offset;
    let id = new_id(&mut section, ids, report);
    let kinds = TileKind::ALL.map(|kind| (kind.as_str(), kind));
    let kind = one_of(&mut section, "kind", &kinds, report);
    let title = section.text("title", report);
    let description = section.text("description", report).map(|text| text.value);
    let span = within(&mut section, "span", 1, 12, report);
    if span.is_none() {
        report.add(offset, section.key("span"), "请写 1 到 12 之间的宽度");
    }
    let indicators = section.texts("indicators", report).unwrap_or_default();
    if indicators.is_empty() {
        report.add(offset, section.key("indicators"), "请至少写一个指标编号");
    }
    let grains = Grain::ALL.map(|grain| (grain.as_str(), grain));
    let grain =
        section.text("grain", report).and_then(|name| known(&section, "grain", &name, &grains, report));
    let periods = within(&mut section, "periods", 1, 400, report);
    let limit = within(&mut section, "limit", 1, 1000, report);
    let dimensions = DIMENSIONS.map(|name| (name, name));
    let dimension = section
        .text("dimension", report)
        .and_then(|name| known(&section, "dimension", &name, &dimensions, report))
        .or_else(|| kind.and_then(TileKind::default_dimension));
    let compare = section.texts("compare", report).map(|names| {
        let all = Compare::ALL.map(|compare| (compare.as_str(), compare));
        names.iter().filter_map(|name| known(&section, "compare", name, &all, report)).collect::<Vec<_>>()
    });
    if kind == Some(TileKind::Composition) && dimension.is_none() {
        report.add(offset, section.key("dimension"), "构成图要写按什么维度分");
    }
    let title = match (title, indicators.as_slice()) {
        (Some(title), own) => {
            let other = |code: &&str| !own.iter().any(|name| name.value == *code);
            if let Some(code) = titled(&title.value).into_iter().find(other) {
                let message = format!("标题中的 {code} 不是这个图块的指标");
                report.add(title.offset, section.key("title"), message);
            }
            Some(title.value)
        }
        (None, [only]) => Some(format!("{{{}.title}}", only.value)),
        (None, _) => {
            report.add(offset, section.key("title"), "图块有多个指标时请写标题");
            None
        }
    };
    section.finish(report);
    uses.extend(indicators.iter().map(|name| named(name, dimension, report)));
    let kind = kind?;
    Some(TileDef {
        id: id?,
        kind,
        title: title?,
        description,
        span: u8::try_from(span?).ok()?,
        indicators: indicators.into_iter().map(|name| name.value).collect(),
        dimension: dimension.map(str::to_owned),
        grain: grain.unwrap_or(Grain::Month),
        periods: periods.unwrap_or_else(|| kind.default_periods()),
        compare: compare.unwrap_or_else(|| kind.default_compare().to_vec()),
        limit,
    })
}

fn known<T: Copy>(
    section: &Section<'_>,
    key: &str,
    name: &Placed<String>,
    all: &[(&str, T)],
    report: &mut Report<'_>,
) -> Option<T> {
    let found = all.iter().find(|(text, _)| *text == name.value).map(|(_, value)| *value);
    if found.is_none() {
        let names: Vec<&str> = all.iter().map(|(text, _)| *text).collect();
        report.add(
            name.offset,
            section.key(key),
            format!("没有“{}”，可用的有 {}", name.value, names.join("、")),
        );
    }
    found
}

fn within(
    section: &mut Section<'_>,
    key: &'static str,
    least: u32,
    most: u32,
    report: &mut Report<'_>,
) -> Option<u32> {
    let number = section.number(key, report)?;
    if !(least..=most).contains(&number.value) {
        report.add(number.offset, section.key(key), format!("应在 {least} 到 {most} 之间"));
    }
    Some(number.value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[(usize, &str)]) {
        let errors = read("b.toml", "b", text).errors;
        let mut got: Vec<(usize, &str)> = errors.iter().map(|e| (e.line, e.key.as_str())).collect();
        got.sort_unstable();
        assert_eq!(got, expected, "{errors:?}");
    }

    const HEAD: &str = "format = 1\ntitle = \"t\"\ndescription = \"d\"\n";
    const TILE: &str =
        "[[tile]]\nid = \"a\"\nkind = \"figure\"\ntitle = \"t\"\nspan = 3\nindicators = [\"S1-U03\"]\n";

    #[test]
    fn every_error_is_named_with_line_and_key() {
        check(&format!("{HEAD}{TILE}"), &[]);
        check(HEAD, &[(1, "tile")]);
        check("format =", &[(1, "")]);
        check(&format!("{HEAD}{TILE}{TILE}"), &[(11, "tile.id")]);
        check(&format!("{HEAD}{}", TILE.replace("title = \"t\"\nspan", "span")), &[]);
        check(
            &format!("{HEAD}{}", TILE.replace("\"t\"\nspan", "\"{S1-B05.title}\"\nspan")),
            &[(7, "tile.title")],
        );
        let bad = TILE.replace("figure", "pie").replace("span = 3", "sapn = 3");
        check(
            &format!("{HEAD}colour = 1\n{bad}"),
            &[(4, "colour"), (5, "tile.span"), (7, "tile.kind"), (9, "tile.sapn")],
        );
        let bad = TILE.replace("span = 3", "span = 13\ngrain = \"decade\"\ncompare = [\"best\"]");
        check(&format!("{HEAD}{bad}"), &[(8, "tile.span"), (9, "tile.grain"), (10, "tile.compare")]);
        let bad = TILE.replace("figure", "composition");
        check(&format!("{}{bad}", HEAD.replace("= 1", "= 2")), &[(1, "format"), (4, "tile.dimension")]);
    }
}
