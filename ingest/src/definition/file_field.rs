//! Reads the columns of a feed file: names, titles, types, codes, what is protected.

use std::collections::BTreeMap;

use pujiang_definition::{At, Section};

use super::{FieldDef, FieldKind, Protect};
use crate::mapping::title::normalise;
use crate::value::{CodeList, Letters};

const KINDS: &[(&str, FieldKind)] = &[
    ("identifier", FieldKind::Identifier),
    ("text", FieldKind::Text),
    ("amount", FieldKind::Amount),
    ("integer", FieldKind::Integer),
    ("time", FieldKind::Time),
    ("code", FieldKind::Code),
    ("district", FieldKind::District),
    ("operation", FieldKind::Operation),
    ("longitude", FieldKind::Longitude),
    ("latitude", FieldKind::Latitude),
];
const LETTERS: &[(&str, Letters)] = &[("folded", Letters::Folded), ("kept", Letters::Kept)];

/// The columns of a file, in its order, as far as they could be read.
pub(super) struct Columns {
    pub fields: Vec<FieldDef>,
    /// Whether name, title and type of each could be.
    pub complete: bool,
}

/// Headers the columns so far answer to, and which column it is.
#[derive(Default)]
struct Taken {
    aliases: BTreeMap<String, String>,
    fallback: BTreeMap<String, String>,
}

pub(super) fn columns(root: &Section<'_>) -> Columns {
    let sections = root.tables("column");
    if sections.is_empty() {
        root.wrong("column", "请用 [[column]] 逐一写出各列");
    }
    let mut columns = Columns { fields: Vec::new(), complete: true };
    let mut taken = Taken::default();
    for section in &sections {
        let kind = section.required_word("type", KINDS);
        let field = field(section, kind, &columns.fields, &mut taken);
        columns.complete &= kind.is_some() && field.is_some();
        columns.fields.extend(field);
        section.finish();
    }
    columns
}

/// Position of the column of a type that a key names.
pub(super) fn position(
    section: &Section<'_>,
    name: &At<String>,
    kind: FieldKind,
    fields: &[FieldDef],
) -> Option<usize> {
    let found = fields.iter().position(|field| field.name == name.value && field.kind == kind);
    if found.is_none() {
        let word = KINDS.iter().find(|(_, known)| *known == kind).map_or("", |(word, _)| *word);
        section.wrong_at(name, format!("“{}”应为本文件中 type = \"{word}\" 的列", name.value));
    }
    found
}

fn field(
    section: &Section<'_>,
    kind: Option<FieldKind>,
    others: &[FieldDef],
    taken: &mut Taken,
) -> Option<FieldDef> {
    let aliases = section.texts("aliases").unwrap_or_default();
    let mut fallback = section.texts("fallback").unwrap_or_default();
    let (name, title) = (section.required_text("name"), section.required_text("title"));
    let codes = codes(section, kind);
    let default = default(section, kind, &codes);
    let protect = protect(section, kind);
    let (required, column_optional) = (section.flag("required"), section.flag("column_optional"));
    let letters = letters(section, kind);
    let (name, title) = (name?, title?);
    if others.iter().any(|other| other.name == name.value) {
        section.wrong_at(&name, format!("列“{}”写了两次，请改名或删去一个", name.value));
    }
    // A wrong type is reported once; the column stays so that what names it is not reported too.
    let kind = kind.unwrap_or(FieldKind::Identifier);
    let mut own = vec![title.clone()];
    // Name and code of a district often stand side by side and say the same: no ambiguity.
    let side = if kind == FieldKind::District { &mut fallback } else { &mut own };
    side.push(name.clone());
    own.extend(aliases);
    Some(FieldDef {
        aliases: headers(section, own, &name.value, &mut taken.aliases),
        fallback: headers(section, fallback, &name.value, &mut taken.fallback),
        name: name.value,
        title: title.value,
        kind,
        required,
        column_optional,
        default,
        codes,
        letters,
        protect,
    })
}

/// The headers a column answers to, normalised, without those another column has.
fn headers(
    section: &Section<'_>,
    words: Vec<At<String>>,
    column: &str,
    taken: &mut BTreeMap<String, String>,
) -> Vec<String> {
    let mut headers: Vec<String> = Vec::new();
    for at in words {
        let word = normalise(&at.value).name;
        if headers.contains(&word) {
            continue;
        }
        match taken.insert(word.clone(), column.to_owned()) {
            Some(other) if other != column => {
                section.wrong_at(&at, format!("表头“{word}”已属于列“{other}”，请只留一处"));
            }
            _ => headers.push(word),
        }
    }
    headers
}

fn codes(section: &Section<'_>, kind: Option<FieldKind>) -> CodeList {
    let mut list = CodeList::default();
    let coded = kind.is_some_and(has_codes);
    let Some(given) = section.lists("codes") else {
        if coded && !section.has("codes") {
            section.wrong("codes", "请列出代码，例如 codes = { \"代码\" = [\"文件中的写法\"] }");
        }
        return list;
    };
    if kind.is_some() && !coded {
        section.wrong_at(&given, "只有 type = \"code\" 或 \"operation\" 的列才有代码，请删去或改类型");
    }
    for (value, names) in &given.value {
        if kind == Some(FieldKind::Operation) && !matches!(value.as_str(), "upsert" | "delete") {
            section.wrong_at(&given, format!("没有“{value}”这种操作，可用的有 upsert、delete"));
        }
        for name in std::iter::once(value).chain(names) {
            if !list.add(name, value) {
                section.wrong_at(&given, format!("“{name}”不能代表两个代码，请只留一处"));
            }
        }
    }
    list
}

fn has_codes(kind: FieldKind) -> bool {
    matches!(kind, FieldKind::Code | FieldKind::Operation)
}

fn default(section: &Section<'_>, kind: Option<FieldKind>, codes: &CodeList) -> Option<String> {
    let given = section.text("default")?;
    if kind.is_some_and(has_codes) && codes.get(&given.value).is_none() {
        section.wrong_at(&given, format!("“{}”不在代码中，请改成 codes 中的一个", given.value));
    }
    Some(given.value)
}

fn letters(section: &Section<'_>, kind: Option<FieldKind>) -> Letters {
    let letters = section.word("letters", LETTERS);
    of_identifier(section, "letters", kind);
    letters.unwrap_or_default()
}

fn protect(section: &Section<'_>, kind: Option<FieldKind>) -> Option<Protect> {
    let table = section.table("protect")?;
    of_identifier(section, "protect", kind);
    let (domain, token) = (table.required_text("domain"), table.required_text("token"));
    table.finish();
    Some(Protect { domain: domain?.value, token: token?.value })
}

/// A key that only identifiers have.
fn of_identifier(section: &Section<'_>, key: &str, kind: Option<FieldKind>) {
    if section.has(key) && kind.is_some_and(|kind| kind != FieldKind::Identifier) {
        section.wrong(key, format!("只有 type = \"identifier\" 的列才有 {key}，请删去或改类型"));
    }
}
