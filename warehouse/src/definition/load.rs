//! Reads table definitions: strict keys, all errors of all files in one report with file, line and key.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use rust_embed::RustEmbed;
use serde::Deserialize;
use toml::Spanned;

use super::{Catalog, ColumnDef, ColumnType, TableDef, TableKind, Visibility};
use crate::DISTRICT_COLUMN;

#[derive(RustEmbed)]
#[folder = "tables/"]
struct Builtin;

/// One thing wrong with one definition file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DefinitionError {
    /// File below the tables folder.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Column, from 1.
    pub col: usize,
    /// Key the error is about.
    pub key: String,
    /// What to do.
    pub message: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TableFile {
    format: Spanned<u32>,
    title: String,
    description: String,
    kind: Spanned<String>,
    key: Spanned<String>,
    version: Option<Spanned<String>>,
    time: Option<Spanned<String>>,
    #[serde(default)]
    column: Vec<ColumnFile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ColumnFile {
    name: Spanned<String>,
    title: String,
    #[serde(rename = "type")]
    kind: Spanned<String>,
    visibility: Spanned<String>,
    #[serde(default)]
    nullable: Option<bool>,
    #[serde(default)]
    bookkeeping: Option<bool>,
}

impl Catalog {
    /// The definitions built into the binary.
    pub fn builtin() -> Result<Arc<Self>, Vec<DefinitionError>> {
        let mut files: Vec<(String, String)> = Vec::new();
        for name in Builtin::iter() {
            if let Some(file) = Builtin::get(&name) {
                files.push((name.to_string(), String::from_utf8_lossy(&file.data).into_owned()));
            }
        }
        Self::from_files(files)
    }

    /// The definitions under a folder with `<layer>/<id>.toml` files.
    pub fn load_from(dir: &Path) -> Result<Arc<Self>, Vec<DefinitionError>> {
        let mut files = Vec::new();
        let mut errors = Vec::new();
        collect(dir, dir, &mut files, &mut errors);
        if !errors.is_empty() {
            return Err(errors);
        }
        Self::from_files(files)
    }

    fn from_files(mut files: Vec<(String, String)>) -> Result<Arc<Self>, Vec<DefinitionError>> {
        files.sort();
        let mut tables: BTreeMap<String, Arc<TableDef>> = BTreeMap::new();
        let mut errors = Vec::new();
        for (file, text) in &files {
            if !file.ends_with(".toml") {
                errors.push(plain(file, "", "only .toml definitions belong here; move this file"));
                continue;
            }
            match parse(file, text) {
                Ok(table) => {
                    if let Some(other) = tables.get(&table.id) {
                        let message = format!(
                            "table id {} is also defined in layer {}; rename one file",
                            table.id, other.layer
                        );
                        errors.push(plain(file, "id", &message));
                    } else {
                        tables.insert(table.id.clone(), Arc::new(table));
                    }
                }
                Err(found) => errors.extend(found),
            }
        }
        if errors.is_empty() { Ok(Arc::new(Self { tables })) } else { Err(errors) }
    }
}

fn collect(root: &Path, dir: &Path, files: &mut Vec<(String, String)>, errors: &mut Vec<DefinitionError>) {
    let shown = |p: &Path| p.strip_prefix(root).unwrap_or(p).to_string_lossy().into_owned();
    let entries = match std::fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(e) => return errors.push(plain(&shown(dir), "", &format!("cannot read the folder: {e}"))),
    };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(root, &path, files, errors);
        } else {
            match std::fs::read_to_string(&path) {
                Ok(text) => files.push((shown(&path), text)),
                Err(e) => errors.push(plain(&shown(&path), "", &format!("cannot read the file: {e}"))),
            }
        }
    }
}

fn plain(file: &str, key: &str, message: &str) -> DefinitionError {
    DefinitionError { file: file.into(), line: 1, col: 1, key: key.into(), message: message.into() }
}

fn parse(file: &str, text: &str) -> Result<TableDef, Vec<DefinitionError>> {
    let at = |span: Range<usize>, key: &str, message: String| {
        let before = &text[..span.start.min(text.len())];
        let line = before.matches('\n').count() + 1;
        let col = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
        DefinitionError { file: file.into(), line, col, key: key.into(), message }
    };
    let raw: TableFile = toml::from_str(text).map_err(|e| {
        let message = e.message().to_owned();
        // serde names the key in back quotes; that is what the author has to look for.
        let key = message.split('`').nth(1).unwrap_or("").to_owned();
        vec![at(e.span().unwrap_or(0..0), &key, message)]
    })?;
    let mut errors = Vec::new();
    if *raw.format.get_ref() != 1 {
        errors.push(at(raw.format.span(), "format", "this program reads format 1".into()));
    }
    let kind = match raw.kind.get_ref().as_str() {
        "district" => TableKind::District,
        "reference" => TableKind::Reference,
        other => {
            errors.push(at(
                raw.kind.span(),
                "kind",
                format!("`{other}` is unknown; use district or reference"),
            ));
            TableKind::Reference
        }
    };
    let mut columns: Vec<ColumnDef> = Vec::new();
    for column in raw.column {
        let name = column.name.get_ref().clone();
        if columns.iter().any(|c| c.name == name) {
            errors.push(at(column.name.span(), "name", format!("column {name} is declared twice")));
        }
        let kind = column_type(column.kind.get_ref());
        if kind.is_none() {
            let message = format!(
                "`{}` is no type; use text, integer, decimal(p,s), date, timestamp or boolean",
                column.kind.get_ref()
            );
            errors.push(at(column.kind.span(), "type", message));
        }
        let visibility = match column.visibility.get_ref().as_str() {
            "public" => Visibility::Public,
            "internal" => Visibility::Internal,
            "personal" => Visibility::Personal,
            other => {
                let message = format!("`{other}` cannot be in the lake; use public, internal or personal");
                errors.push(at(column.visibility.span(), "visibility", message));
                Visibility::Personal
            }
        };
        columns.push(ColumnDef {
            name,
            title: column.title,
            kind: kind.unwrap_or(ColumnType::Text),
            visibility,
            nullable: column.nullable.unwrap_or(false),
            bookkeeping: column.bookkeeping.unwrap_or(false),
        });
    }
    let has = |name: &str, wanted: &[ColumnType]| {
        columns.iter().any(|c| c.name == name && wanted.contains(&c.kind))
    };
    if !has(raw.key.get_ref(), &[ColumnType::Text]) {
        errors.push(at(
            raw.key.span(),
            "key",
            format!("{} must be one of the text columns", raw.key.get_ref()),
        ));
    }
    if let Some(version) = raw.version.as_ref().filter(|v| !has(v.get_ref(), &[ColumnType::Integer])) {
        errors.push(at(
            version.span(),
            "version",
            format!("{} must be an integer column", version.get_ref()),
        ));
    }
    if let Some(time) =
        raw.time.as_ref().filter(|t| !has(t.get_ref(), &[ColumnType::Timestamp, ColumnType::Date]))
    {
        errors.push(at(
            time.span(),
            "time",
            format!("{} must be a timestamp or date column", time.get_ref()),
        ));
    }
    if kind == TableKind::District && !has(DISTRICT_COLUMN, &[ColumnType::Text]) {
        errors.push(at(
            raw.kind.span(),
            "kind",
            format!("a district table needs the text column {DISTRICT_COLUMN}"),
        ));
    }
    let path = Path::new(file);
    let id = path.file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default();
    let layer = path.parent().map(|p| p.to_string_lossy().into_owned()).unwrap_or_default();
    if layer.is_empty() {
        errors.push(plain(file, "layer", "put the file into a layer folder: tables/<layer>/<id>.toml"));
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    Ok(TableDef {
        id,
        layer,
        title: raw.title,
        description: raw.description,
        kind,
        key: raw.key.into_inner(),
        version: raw.version.map(Spanned::into_inner),
        time: raw.time.map(Spanned::into_inner),
        columns,
    })
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

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[(usize, &str)]) {
        let errors =
            Catalog::from_files(vec![("layer/thing.toml".into(), text.into())]).err().unwrap_or_default();
        let got: Vec<(usize, &str)> = errors.iter().map(|e| (e.line, e.key.as_str())).collect();
        assert_eq!(got, expected, "{errors:?}");
    }

    const HEAD: &str = "format = 1\ntitle = \"t\"\ndescription = \"d\"\n";

    #[test]
    fn builtin_definitions_load() {
        let catalog = Catalog::builtin().expect("built-in tables");
        assert_eq!(catalog.table("benefit_transaction").expect("table").key, "txn_no");
    }

    #[test]
    fn every_error_is_named_with_line_and_key() {
        let column = "[[column]]\nname = \"id\"\ntitle = \"号\"\ntype = \"text\"\nvisibility = \"public\"\n";
        check(&format!("{HEAD}kind = \"reference\"\nkey = \"id\"\n{column}"), &[]);
        check(&format!("{HEAD}kind = \"district\"\nkey = \"id\"\n{column}"), &[(4, "kind")]);
        check(
            &format!("{HEAD}kind = \"reference\"\nkey = \"nope\"\ntime = \"id\"\n{column}"),
            &[(5, "key"), (6, "time")],
        );
        check(&format!("{HEAD}kind = \"reference\"\nkey = \"id\"\nkye = 1\n{column}"), &[(6, "kye")]);
        let secret = column.replace("public", "secret").replace("\"text\"", "\"money\"");
        check(
            &format!("{HEAD}kind = \"reference\"\nkey = \"id\"\n{secret}"),
            &[(9, "type"), (10, "visibility")],
        );
    }
}
