//! One table definition file → [`TableDef`], with every error of the file. Which files there are is `load`'s, those that
//! only say how a table differs from what follows from a resource are `difference`'s.

use pujiang_definition::{At, LakeForms, Section, SourceFile};

use super::guard::{self, Known};
use super::{ColumnDef, ColumnType, TableDef, TableKind, Visibility, difference};
use crate::DISTRICT_COLUMN;

const FORMAT: i64 = 1;
const KINDS: &[(&str, TableKind)] = &[("district", TableKind::District), ("reference", TableKind::Reference)];
pub(super) const VISIBILITIES: &[(&str, Visibility)] =
    &[("public", Visibility::Public), ("internal", Visibility::Internal), ("personal", Visibility::Personal)];

/// Reads `<layer>/<id>.toml`.
pub(super) fn read(file: &SourceFile, root: &Section<'_>, forms: &LakeForms) -> Option<TableDef> {
    root.format(FORMAT);
    if root.has("resource") {
        return difference::read(file, root, forms);
    }
    let title = root.required_text("title");
    let description = root.required_text("description");
    let kind = root.required_word("kind", KINDS);
    let (key, version, time) = (root.required_text("key"), root.text("version"), root.text("time"));
    let columns = columns(root);
    let known = Known {
        kind,
        columns: columns.iter().map(|c| (c.name.as_str(), c.kind)).collect(),
        plain: [&key, &version, &time]
            .into_iter()
            .flatten()
            .map(|name| name.value.as_str())
            .chain([DISTRICT_COLUMN])
            .collect(),
    };
    let (scope, parent) = (guard::scope(root, &known), guard::parent(root, &known));
    let masks = guard::policies(root, &known);

    demand(root, &known, key.as_ref(), &[ColumnType::Text], "文字列");
    demand(root, &known, version.as_ref(), &[ColumnType::Integer], "整数列");
    demand(root, &known, time.as_ref(), &[ColumnType::Timestamp, ColumnType::Date], "时间列或日期列");
    if kind == Some(TableKind::District) && !known.is(DISTRICT_COLUMN, &[ColumnType::Text]) {
        root.wrong("kind", format!("分区的数据表要有文字列 {DISTRICT_COLUMN}，请补上这一列"));
    }
    Some(TableDef {
        id: file.id.clone(),
        layer: file.area.clone(),
        title: title?.value,
        description: description?.value,
        kind: kind?,
        key: key?.value,
        version: version.map(|v| v.value),
        time: time.map(|t| t.value),
        columns: columns.into_iter().map(Draft::finish).collect::<Option<_>>()?,
        scope,
        parent,
        masks,
        origin: None,
    })
}

fn demand(
    root: &Section<'_>,
    known: &Known<'_>,
    name: Option<&At<String>>,
    wanted: &[ColumnType],
    what: &str,
) {
    if let Some(name) = name.filter(|name| !known.is(&name.value, wanted)) {
        root.wrong_at(name, format!("“{}”不是本表的{what}，请改成表中合适的列", name.value));
    }
}

/// A column as far as it could be read: what is wrong with one must not hide what is wrong with the rest.
struct Draft {
    name: String,
    title: Option<String>,
    kind: Option<ColumnType>,
    visibility: Option<Visibility>,
    nullable: bool,
    bookkeeping: bool,
}

impl Draft {
    fn finish(self) -> Option<ColumnDef> {
        Some(ColumnDef {
            name: self.name,
            title: self.title?,
            kind: self.kind?,
            visibility: self.visibility?,
            nullable: self.nullable,
            bookkeeping: self.bookkeeping,
        })
    }
}

fn columns(root: &Section<'_>) -> Vec<Draft> {
    let mut columns: Vec<Draft> = Vec::new();
    for section in root.tables("column") {
        let name = section.required_text("name");
        if let Some(name) = name.as_ref().filter(|n| columns.iter().any(|c| c.name == n.value)) {
            section.wrong_at(name, format!("列“{}”写了两次，请改名或删去一个", name.value));
        }
        let title = section.required_text("title").map(|t| t.value);
        let kind = column_type(&section);
        let visibility = section.required_word("visibility", VISIBILITIES);
        let (nullable, bookkeeping) = (section.flag("nullable"), section.flag("bookkeeping"));
        section.finish();
        if let Some(name) = name {
            columns.push(Draft { name: name.value, title, kind, visibility, nullable, bookkeeping });
        }
    }
    columns
}

fn column_type(section: &Section<'_>) -> Option<ColumnType> {
    section.required_text("type").and_then(|text| known_type(section, &text))
}

/// The type that a text names.
pub(super) fn known_type(section: &Section<'_>, text: &At<String>) -> Option<ColumnType> {
    let found = named_type(&text.value);
    if found.is_none() {
        let types = "text、integer、decimal(位数,小数位)、date、timestamp、boolean";
        section.wrong_at(text, format!("没有“{}”这种类型，可用的有 {types}", text.value));
    }
    found
}

fn named_type(text: &str) -> Option<ColumnType> {
    Some(match text {
        "text" => ColumnType::Text,
        "integer" => ColumnType::Integer,
        "date" => ColumnType::Date,
        "timestamp" => ColumnType::Timestamp,
        "boolean" => ColumnType::Boolean,
        _ => {
            let (p, s) = text.strip_prefix("decimal(")?.strip_suffix(')')?.split_once(',')?;
            let (p, s): (u8, i8) = (p.trim().parse().ok()?, s.trim().parse().ok()?);
            let fits = (1..=38).contains(&p) && u8::try_from(s).is_ok_and(|s| s <= p);
            fits.then_some(ColumnType::Decimal(p, s))?
        }
    })
}
