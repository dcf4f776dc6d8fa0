//! Reads the parts of a feed file that describe files: their format and where their rows go.

use indexmap::IndexMap;
use pujiang_definition::{Section, TABLES};

use super::file_field::{Columns, columns, position};
use super::load::named;
use super::{FieldDef, FieldKind, FileFeed, PlaceDef, Roles, Rule, rule};
use crate::format::{Encoding, FORMATS, FileFormat, FormatOptions};
use crate::value::Zone;

/// Rows among which the header is looked for when the file says nothing.
const DEPTH: usize = 20;
const MOST_DEPTH: usize = 100;

const ZONES: &[(&str, Zone)] = &[("Asia/Shanghai", Zone::Shanghai), ("UTC", Zone::Utc)];
/// Nothing said is `auto`.
const ENCODINGS: &[(&str, Option<Encoding>)] =
    &[("auto", None), ("utf-8", Some(Encoding::Utf8)), ("gb18030", Some(Encoding::Gb18030))];

/// What `[files]` says.
struct Files {
    format: &'static dyn FileFormat,
    options: FormatOptions,
    header_depth: usize,
}

/// What `[target]` says.
struct Target {
    table: String,
    zone: Zone,
    set: IndexMap<String, String>,
    place: Option<PlaceDef>,
    roles: Roles,
}

pub(super) fn read(id: &str, root: &Section<'_>) -> Option<FileFeed> {
    let Columns { fields, complete } = columns(root);
    let sections = root.tables("rule");
    let rules: Vec<Rule> = sections.iter().flat_map(|section| rule::read(section, &fields)).collect();
    let files = root.required_table("files").and_then(|section| files(&section));
    let target = root.required_table("target").and_then(|section| target(&section, id, &fields));
    let (files, target) = (files?, target?);
    // Against the table of the lake only a whole feed can be checked: a column less would be a column missing.
    complete.then(|| FileFeed {
        format: files.format,
        options: files.options,
        header_depth: files.header_depth,
        table: target.table,
        zone: target.zone,
        set: target.set,
        place: target.place,
        roles: target.roles,
        fields,
        rules,
    })
}

fn files(section: &Section<'_>) -> Option<Files> {
    let format = section.required_word("type", &FORMATS.map(|format| (format.id(), format)));
    let options = FormatOptions {
        encoding: section.word("encoding", ENCODINGS).flatten(),
        delimiter: delimiter(section),
        // Names of sheets are compared as they are, blanks and all.
        sheet: section.raw_text("sheet").map(|name| name.value),
    };
    let depth = section.whole("header_depth", 1..=MOST_DEPTH);
    section.finish();
    Some(Files { format: format?, options, header_depth: depth.map_or(DEPTH, |depth| depth.value) })
}

/// The delimiter of CSV. A tab is one, so the text is not trimmed.
fn delimiter(section: &Section<'_>) -> Option<char> {
    let given = section.raw_text("delimiter")?;
    match given.value.as_str() {
        "auto" => None,
        "," => Some(','),
        ";" => Some(';'),
        "\t" => Some('\t'),
        "|" => Some('|'),
        _ => {
            section.wrong_at(&given, "请写 \"auto\"、\",\"、\";\"、\"|\" 或制表符 \"\\t\"");
            None
        }
    }
}

fn target(section: &Section<'_>, id: &str, fields: &[FieldDef]) -> Option<Target> {
    let table = named(section, "table", &TABLES);
    let zone = section.required_word("time_zone", ZONES);
    let roles = roles(section, fields);
    let set = set(section, id, fields);
    let place = place(section, fields);
    section.finish();
    Some(Target { table: table?.value, zone: zone?, set: set?, place, roles })
}

/// The fields that play a part: two are named, the others are known by their type.
fn roles(section: &Section<'_>, fields: &[FieldDef]) -> Roles {
    let key = section.required_text("key").and_then(|name| {
        let at = position(section, &name, FieldKind::Identifier, fields)?;
        if !fields[at].required {
            section.wrong_at(&name, format!("列“{}”作为主键要必填，请在该列写 required = true", name.value));
        }
        Some(at)
    });
    let version =
        section.text("version").and_then(|name| position(section, &name, FieldKind::Integer, fields));
    let of = |kind| fields.iter().position(|field| field.kind == kind);
    Roles {
        key: key.unwrap_or_default(),
        version,
        operation: of(FieldKind::Operation),
        district: of(FieldKind::District),
        longitude: of(FieldKind::Longitude),
        latitude: of(FieldKind::Latitude),
    }
}

/// `set = { feed = "bank", state = "confirmed" }`; none when it is there and cannot be read.
fn set(section: &Section<'_>, id: &str, fields: &[FieldDef]) -> Option<IndexMap<String, String>> {
    let Some(set) = section.pairs("set") else { return (!section.has("set")).then(IndexMap::new) };
    for (name, value) in &set.value {
        if fields.iter().any(|field| field.name == *name) {
            section.wrong_at(&set, format!("“{name}”也是一列，请只留一处"));
        }
        if name == "feed" && value != id {
            section.wrong_at(&set, format!("feed 应为本文件的编号，请写成 feed = \"{id}\""));
        }
    }
    Some(set.value.into_iter().collect())
}

/// `place = { column = "place_code", time = "pay_time" }`.
fn place(section: &Section<'_>, fields: &[FieldDef]) -> Option<PlaceDef> {
    let table = section.table("place")?;
    if !fields.iter().any(|field| field.kind == FieldKind::District) {
        section.wrong("place", "写了 place 就要有一列 type = \"district\"，请补上或删去 place");
    }
    let column = table.required_text("column");
    let time = table.required_text("time");
    let time = time.and_then(|name| position(&table, &name, FieldKind::Time, fields));
    table.finish();
    Some(PlaceDef { column: column?.value, time: time? })
}
