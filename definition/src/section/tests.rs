//! Reading tables key by key: what is a mistake, where it is said to be, and what is noted beside.

use crate::rooms::INDICATORS;
use crate::sources::Sources;
use crate::{BOARDS, Document, read};

use super::*;

fn reading<T>(text: &str, fill: impl FnOnce(&Section<'_>) -> Option<T>) -> Document<T> {
    let sources = Sources::texts(&BOARDS, [("b.toml", text)]);
    read(sources.files().next().expect("one"), fill)
}

/// Mistakes as `line:column key`.
fn check<T>(text: &str, fill: impl FnOnce(&Section<'_>) -> Option<T>, expected: &[&str]) {
    let errors = reading(text, fill).errors;
    let shown: Vec<String> = errors.iter().map(|e| format!("{}:{} {}", e.line, e.col, e.key)).collect();
    assert_eq!(shown, expected, "{errors:#?}");
}

#[test]
fn whole_numbers_are_read_in_every_way_toml_has() {
    for (text, expected) in
        [("16", 16), ("0x10", 16), ("1_6", 16), ("0b1_0000", 16), ("0o20", 16), ("+16", 16), ("-1", -1)]
    {
        let read = reading(&format!("n = {text}"), |root| root.whole::<i64>("n", -1..=16));
        assert_eq!((read.value.map(|n| n.value), read.errors), (Some(expected), vec![]), "{text}");
    }
    for text in ["17", "-2", "1.0", "\"1\"", "99999999999999999999", "true"] {
        check(&format!("n = {text}"), |root| root.whole::<i64>("n", -1..=16), &["1:5 n"]);
    }
    let number = reading("n = \"0.10\"", |root| root.number::<f64>("n"));
    assert_eq!(number.value.map(|n| n.value), Some(0.1));
}

#[test]
fn every_mistake_is_named_with_its_place_and_the_tables_around_it() {
    let fill = |root: &Section<'_>| {
        root.format(1);
        root.required_text("title");
        for tile in root.tables("tile") {
            tile.required_text("id");
            tile.required_word("kind", &[("map", 1), ("table", 2)]);
            tile.words("grains", &[("day", 1), ("month", 2)]);
            tile.finish();
        }
        root.required_table("more");
        Some(())
    };
    check("", fill, &["1:1 format", "1:1 title", "1:1 more"]);
    check(
        "format = 2\ntitle = \" \"\n\"甲\" = 1\nmore = 3\n[[tile]]\nid = \"a\"\nkind = \"globe\"\ngrains = [\"day\", \"day\", 3, \"hour\"]\ncolour = 1\n[[tile]]\nkind = \"map\"\ngrains = []\n",
        fill,
        &[
            "1:10 format",
            "2:9 title",
            "3:1 甲",
            "4:8 more",
            "7:8 tile[a].kind",
            "8:18 tile[a].grains[1]",
            "8:25 tile[a].grains[2]",
            "8:28 tile[a].grains[3]",
            "9:1 tile[a].colour",
            "10:1 tile[2].id",
        ],
    );
    check("format = [", |_| Some(()), &["1:11 "]);
}

#[test]
fn keys_that_name_definitions_are_references() {
    let words = [("clear", 1), ("hidden", 2)];
    let document = reading(
        "[[mask]]\ncolumn = \"a\"\nX-1 = \"clear\"\nX-2 = \" hidden \"\nX-3 = \"shown\"\nX-4 = 1\n",
        |root| {
            let masks = root.tables("mask");
            let mask = masks.first()?;
            mask.required_text("column");
            let found = mask.words_by_id(&INDICATORS, &words);
            mask.finish();
            Some(found)
        },
    );
    let found = document.value.expect("a mask");
    let by_id: Vec<(&str, i32)> = found.iter().map(|(id, word)| (id.value.as_str(), *word)).collect();
    assert_eq!(by_id, [("X-1", 1), ("X-2", 2)]);
    let named: Vec<String> = document
        .references
        .iter()
        .map(|r| format!("{} {}:{} {}", r.id, r.place.line, r.place.col, r.place.key))
        .collect();
    assert_eq!(
        named,
        ["X-1 3:1 mask[a].X-1", "X-2 4:1 mask[a].X-2", "X-3 5:1 mask[a].X-3", "X-4 6:1 mask[a].X-4"]
    );
    let wrong: Vec<String> =
        document.errors.iter().map(|e| format!("{}:{} {}", e.line, e.col, e.key)).collect();
    assert_eq!(wrong, ["5:7 mask[a].X-3", "6:7 mask[a].X-4"]);
}

#[test]
fn texts_are_trimmed_and_places_and_references_are_kept() {
    let document = reading("title = \" 标题 \"\nof = [\"X-1\", \" X-2\"]\nbad = 1\n", |root| {
        for at in root.texts("of").unwrap_or_default() {
            root.refers(&at, &INDICATORS);
        }
        root.required_text("title")
    });
    assert_eq!(document.value.map(|title| title.value).as_deref(), Some("标题"));
    // The unknown key hides nothing.
    let named: Vec<String> =
        document.references.iter().map(|r| format!("{} {}:{}", r.id, r.place.line, r.place.col)).collect();
    assert_eq!(named, ["X-1 2:7", "X-2 2:14"]);
    assert_eq!(document.errors.len(), 1);
    let error = document.places.error("of[1]", "x");
    assert_eq!((error.file.as_str(), error.line, error.col), ("dashboards/boards/b.toml", 2, 14));
    assert_eq!(document.places.error("of[7].deep", "x").line, 1);
}
