//! One table definition file → [`TableDef`], with every error of the file. Which files there are is `load`'s.

use std::path::Path;

use toml::de::DeTable;

use super::guard::{self, Known};
use super::section::{At, Report, Section};
use super::{ColumnDef, ColumnType, DefinitionError, TableDef, TableKind, Visibility};
use crate::DISTRICT_COLUMN;

/// Reads `<layer>/<id>.toml`.
pub(super) fn read(file: &str, text: &str) -> Result<TableDef, Vec<DefinitionError>> {
    let report = Report::new(file, text);
    let table = match DeTable::parse(text) {
        Ok(parsed) => table(file, Section::new(parsed.get_ref(), 0..0, &report)),
        Err(error) => {
            report.add(error.span().unwrap_or(0..0), "", error.message());
            None
        }
    };
    let errors = report.into_errors();
    match table {
        Some(table) if errors.is_empty() => Ok(table),
        _ => Err(errors),
    }
}

fn table(file: &str, root: Section<'_, '_>) -> Option<TableDef> {
    let report = root.report();
    if let Some(format) = root.required_integer("format").filter(|f| f.value != 1) {
        report.add(format.span, "format", "this program reads format 1");
    }
    let title = root.required_text("title");
    let description = root.required_text("description");
    let kind = root.required_text("kind");
    let table_kind = kind.as_ref().and_then(|k| match k.value.as_str() {
        "district" => Some(TableKind::District),
        "reference" => Some(TableKind::Reference),
        other => {
            report.add(k.span.clone(), "kind", format!("`{other}` is unknown; use district or reference"));
            None
        }
    });
    let (key, version, time) = (root.required_text("key"), root.text("version"), root.text("time"));
    let columns = columns(root.sections("column"));
    let known = Known {
        kind: table_kind,
        columns: columns.iter().map(|c| (c.name.as_str(), c.kind)).collect(),
        plain: [&key, &version, &time]
            .into_iter()
            .flatten()
            .map(|name| name.value.as_str())
            .chain([DISTRICT_COLUMN])
            .collect(),
    };
    let (scope, parent) = (guard::scope(&root, &known), guard::parent(&root, &known));
    let masks = guard::policies(&root, &known);
    root.finish();

    let has = |name: &str, wanted: &[ColumnType]| {
        columns.iter().any(|c| c.name == name && c.kind.is_none_or(|kind| wanted.contains(&kind)))
    };
    let demand = |place: Option<&At<String>>, name: &str, wanted: &[ColumnType], what: &str| {
        if let Some(place) = place.filter(|p| !has(&p.value, wanted)) {
            report.add(place.span.clone(), name, format!("{} must be {what}", place.value));
        }
    };
    demand(key.as_ref(), "key", &[ColumnType::Text], "one of the text columns");
    demand(version.as_ref(), "version", &[ColumnType::Integer], "an integer column");
    demand(time.as_ref(), "time", &[ColumnType::Timestamp, ColumnType::Date], "a timestamp or date column");
    if let Some(kind) =
        kind.filter(|_| table_kind == Some(TableKind::District) && !has(DISTRICT_COLUMN, &[ColumnType::Text]))
    {
        report.add(kind.span, "kind", format!("a district table needs the text column {DISTRICT_COLUMN}"));
    }
    let path = Path::new(file);
    let layer = path.parent().map(|p| p.to_string_lossy().into_owned()).unwrap_or_default();
    if layer.is_empty() {
        report.add(0..0, "layer", "put the file into a layer folder: tables/<layer>/<id>.toml");
    }
    Some(TableDef {
        id: path.file_stem()?.to_string_lossy().into_owned(),
        layer,
        title: title?.value,
        description: description?.value,
        kind: table_kind?,
        key: key?.value,
        version: version.map(|v| v.value),
        time: time.map(|t| t.value),
        columns: columns.into_iter().map(Draft::finish).collect::<Option<_>>()?,
        scope,
        parent,
        masks,
    })
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

fn columns(sections: Vec<Section<'_, '_>>) -> Vec<Draft> {
    let mut columns: Vec<Draft> = Vec::new();
    for section in sections {
        let report = section.report();
        let name = section.required_text("name");
        if let Some(name) = name.as_ref().filter(|n| columns.iter().any(|c| c.name == n.value)) {
            report.add(name.span.clone(), "name", format!("column {} is declared twice", name.value));
        }
        let title = section.required_text("title").map(|t| t.value);
        let kind = section.required_text("type").and_then(|kind| {
            let known = column_type(&kind.value);
            if known.is_none() {
                let types = "text, integer, decimal(p,s), date, timestamp or boolean";
                report.add(kind.span, "type", format!("`{}` is no type; use {types}", kind.value));
            }
            known
        });
        let visibility = section.required_text("visibility").and_then(|v| match v.value.as_str() {
            "public" => Some(Visibility::Public),
            "internal" => Some(Visibility::Internal),
            "personal" => Some(Visibility::Personal),
            other => {
                let message = format!("`{other}` cannot be in the lake; use public, internal or personal");
                report.add(v.span, "visibility", message);
                None
            }
        });
        let (nullable, bookkeeping) = (section.boolean("nullable"), section.boolean("bookkeeping"));
        section.finish();
        if let Some(name) = name {
            columns.push(Draft { name: name.value, title, kind, visibility, nullable, bookkeeping });
        }
    }
    columns
}

fn column_type(text: &str) -> Option<ColumnType> {
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
