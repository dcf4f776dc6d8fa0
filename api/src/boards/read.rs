//! One board file: from TOML to a board, with every mistake named.

use std::collections::BTreeSet;

use pujiang_definition::{At, DIMENSIONS, INDICATORS, Section};
use pujiang_metrics::definition::titled;
use pujiang_metrics::{Compare, Grain};

use super::definition::{FilterDef, FilterKind, TileDef, TileKind};

/// What a file says.
pub(super) struct BoardFile {
    pub(super) title: String,
    pub(super) description: String,
    pub(super) filters: Vec<FilterDef>,
    pub(super) tiles: Vec<TileDef>,
}

/// Reads `<id>.toml`.
pub(super) fn read(root: &Section<'_>) -> Option<BoardFile> {
    root.format(1);
    let (title, description) = (root.required_text("title"), root.required_text("description"));
    let (filters, tiles) = (root.tables("filter"), root.tables("tile"));
    if tiles.is_empty() {
        root.wrong("tile", "至少要有一个 [[tile]]");
    }
    let mut ids = BTreeSet::new();
    let mut chosen = Vec::new();
    let filters = filters.iter().filter_map(|section| filter(section, &mut ids, &mut chosen)).collect();
    let tiles = tiles.iter().filter_map(|section| tile(section, &mut ids)).collect();
    Some(BoardFile { title: title?.value, description: description?.value, filters, tiles })
}

fn new_id(section: &Section<'_>, ids: &mut BTreeSet<String>) -> Option<String> {
    let id = section.required_text("id")?;
    if !ids.insert(id.value.clone()) {
        section.wrong_at(&id, "这个 id 在本看板中已用过，请改名");
    }
    Some(id.value)
}

/// `chosen` are the kinds of the filters before: two of one kind would choose twice.
fn filter(
    section: &Section<'_>,
    ids: &mut BTreeSet<String>,
    chosen: &mut Vec<FilterKind>,
) -> Option<FilterDef> {
    let id = new_id(section, ids);
    let kind = match section.required_word("kind", &[("period", false), ("dimension", true)]) {
        Some(true) => section.required_text("dimension").map(|dimension| {
            section.refers(&dimension, &DIMENSIONS);
            FilterKind::Dimension(dimension.value)
        }),
        Some(false) => Some(FilterKind::Period),
        None => {
            section.leave(&["dimension"]);
            None
        }
    };
    if let Some(kind) = &kind {
        if chosen.contains(kind) {
            let key = if kind.dimension().is_some() { "dimension" } else { "kind" };
            section.wrong(key, "本看板已有这项筛选，请删去一个");
        }
        chosen.push(kind.clone());
    }
    let title = section.required_text("title");
    section.finish();
    Some(FilterDef { id: id?, kind: kind?, title: title?.value })
}

/// A list of indicators; none when it is missing.
fn indicators(section: &Section<'_>, key: &'static str) -> Vec<At<String>> {
    let names = section.texts(key).unwrap_or_default();
    names.iter().for_each(|name| section.refers(name, &INDICATORS));
    names
}

fn tile(section: &Section<'_>, ids: &mut BTreeSet<String>) -> Option<TileDef> {
    let id = new_id(section, ids);
    let kind = section.required_word("kind", &TileKind::ALL.map(|kind| (kind.as_str(), kind)));
    let title = section.text("title");
    let description = section.text("description").map(|text| text.value);
    let span = section.required_whole::<u8>("span", 1..=12);
    let indicators = indicators(section, "indicators");
    if indicators.is_empty() {
        section.wrong("indicators", "请至少写一个指标编号");
    }
    let grain = section.word("grain", &Grain::ALL.map(|grain| (grain.as_str(), grain)));
    let periods = section.whole::<u32>("periods", 1..=400).map(|periods| periods.value);
    let limit = section.whole::<u32>("limit", 1..=1000).map(|limit| limit.value);
    let written = section.text("dimension").map(|dimension| dimension.value);
    let default = || kind.and_then(TileKind::default_dimension).map(str::to_owned);
    let dimension = written.or_else(default);
    let compare = section
        .has("compare")
        .then(|| section.words("compare", &Compare::ALL.map(|compare| (compare.as_str(), compare))));
    section.leave(&["compare"]);
    if kind == Some(TileKind::Composition) && dimension.is_none() {
        section.wrong("dimension", "构成图要写按什么维度分");
    }
    let title = tile_title(section, title, &indicators);
    section.finish();
    let kind = kind?;
    Some(TileDef {
        id: id?,
        kind,
        title: title?,
        description,
        span: span?.value,
        indicators: indicators.into_iter().map(|name| name.value).collect(),
        dimension,
        grain: grain.unwrap_or(Grain::Month),
        periods: periods.unwrap_or_else(|| kind.default_periods()),
        compare: compare.unwrap_or_else(|| kind.default_compare().to_vec()),
        limit,
    })
}

/// The title; a tile of one indicator is called what the indicator is called.
fn tile_title(section: &Section<'_>, title: Option<At<String>>, own: &[At<String>]) -> Option<String> {
    match (title, own) {
        (Some(title), _) => {
            let other = |code: &&str| !own.iter().any(|name| name.value == *code);
            if let Some(code) = titled(&title.value).into_iter().find(other) {
                section.wrong_at(&title, format!("标题中的 {code} 不是这个图块的指标"));
            }
            Some(title.value)
        }
        (None, [only]) => Some(format!("{{{}.title}}", only.value)),
        (None, _) if section.has("title") => None,
        (None, _) => {
            section.wrong("title", "图块有多个指标时请写标题");
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use pujiang_definition::{BOARDS, Sources, read_all};

    use super::*;

    fn check(text: &str, expected: &[(usize, &str)]) {
        let errors = read_all(&Sources::texts(&BOARDS, [("b.toml", text)]), |_, root| read(root)).errors;
        let mut got: Vec<(usize, &str)> = errors.iter().map(|e| (e.line, e.key.as_str())).collect();
        got.sort_unstable();
        assert_eq!(got, expected, "{errors:?}");
    }

    const HEAD: &str = "format = 1\ntitle = \"t\"\ndescription = \"d\"\n";
    const TILE: &str =
        "[[tile]]\nid = \"a\"\nkind = \"figure\"\ntitle = \"t\"\nspan = 3\nindicators = [\"S1-U03\"]\n";

    #[test]
    fn a_filter_chooses_the_month_or_a_member_of_a_dimension() {
        let with = |filter: &str| format!("{HEAD}[[filter]]\nid = \"f\"\ntitle = \"t\"\n{filter}\n{TILE}");
        check(&with("kind = \"period\""), &[]);
        check(&with("kind = \"dimension\"\ndimension = \"any\""), &[]);
        check(&with("kind = \"dimension\""), &[(4, "filter[f].dimension")]);
        check(&with("kind = \"period\"\ndimension = \"any\""), &[(8, "filter[f].dimension")]);
        check(&with("kind = \"any\"\nexcept = []"), &[(7, "filter[f].kind"), (8, "filter[f].except")]);
        let twice = "kind = \"period\"\n[[filter]]\nid = \"g\"\ntitle = \"t\"\nkind = \"period\"";
        check(&with(twice), &[(11, "filter[g].kind")]);
    }

    #[test]
    fn every_error_is_named_with_line_and_key() {
        check(&format!("{HEAD}{TILE}"), &[]);
        check(HEAD, &[(1, "tile")]);
        check("format =", &[(1, "")]);
        check(&format!("{HEAD}{TILE}{TILE}"), &[(11, "tile[a].id")]);
        check(&format!("{HEAD}{}", TILE.replace("title = \"t\"\nspan", "span")), &[]);
        check(&format!("{HEAD}{}", TILE.replace("span = 3", "span = 0x3")), &[]);
        check(
            &format!("{HEAD}{}", TILE.replace("\"t\"\nspan", "\"{S1-B05.title}\"\nspan")),
            &[(7, "tile[a].title")],
        );
        let bad = TILE.replace("figure", "pie").replace("span = 3", "sapn = 3");
        check(
            &format!("{HEAD}colour = 1\n{bad}"),
            &[(4, "colour"), (5, "tile[a].span"), (7, "tile[a].kind"), (9, "tile[a].sapn")],
        );
        let bad = TILE.replace("span = 3", "span = 13\ngrain = \"decade\"\ncompare = [\"best\"]");
        check(
            &format!("{HEAD}{bad}"),
            &[(8, "tile[a].span"), (9, "tile[a].grain"), (10, "tile[a].compare[0]")],
        );
        let bad = TILE.replace("figure", "composition");
        check(&format!("{}{bad}", HEAD.replace("= 1", "= 2")), &[(1, "format"), (4, "tile[a].dimension")]);
    }
}
