//! Reads table definitions: strict keys, all errors of all files in one report with file, line and key.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use rust_embed::RustEmbed;

use super::{Catalog, TableDef, table_file};

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
            match table_file::read(file, text) {
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
        let mut hierarchies = tables.values().filter(|def| def.parent.is_some());
        if let (Some(first), Some(second)) = (hierarchies.next(), hierarchies.next()) {
            let message =
                format!("table {} has a [tree] already; there is one hierarchy of organisations", first.id);
            errors.push(plain(&format!("{}/{}.toml", second.layer, second.id), "tree", &message));
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
    fn every_error_of_a_file_is_found_in_one_go() {
        let missing = [(1, "title"), (1, "description"), (1, "key")];
        let wrong = [(1, "format"), (2, "titel"), (3, "kind")];
        let column = [(4, "name"), (4, "title"), (4, "type"), (4, "visibility"), (5, "nmae")];
        let expected = [&missing[..], &wrong[..], &column[..]].concat();
        check("format = 2\ntitel = \"t\"\nkind = 1\n[[column]]\nnmae = \"x\"\n", &expected);
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
        let guarded = |rest: &str| {
            let street = column.replace("\"id\"", "\"street\"");
            let number = column.replace("\"id\"", "\"n\"").replace("\"text\"", "\"integer\"");
            let district = column.replace("\"id\"", "\"district_code\"");
            format!("{HEAD}kind = \"district\"\nkey = \"id\"\n{column}{street}{number}{district}{rest}")
        };
        let mask = "[[mask]]\ncolumn = \"street\"\n";
        check(&guarded("[scope]\nstreet = \"street\"\n"), &[]);
        check(
            &guarded("[scope]\nstreet = \"nope\"\nperson = \"n\"\nperso = \"id\"\n"),
            &[(27, "street"), (28, "person"), (29, "perso")],
        );
        check(&guarded("[tree]\n"), &[(26, "parent")]);
        check(
            &guarded(&format!(
                "{mask}form = \"name\"\notherwise = \"hidden\"\ndistrict_clerk = \"masked\"\n"
            )),
            &[],
        );
        check(&guarded(&format!("{mask}otherwise = \"masked\"\n")), &[(28, "otherwise")]);
        check(&guarded(&format!("{mask}otherwise = \"hidden\"\nroot = \"clear\"\n")), &[(29, "root")]);
        check(
            &guarded(&format!("{mask}otherwise = \"shown\"\nform = \"x\"\n")),
            &[(28, "otherwise"), (29, "form")],
        );
        for (column, wrong) in [("nope", 1), ("id", 1), ("district_code", 1), ("n", 1), ("street", 0)] {
            let text = format!("[[mask]]\ncolumn = \"{column}\"\notherwise = \"pseudonymised\"\n");
            check(&guarded(&text), &[(27, "column")][..wrong]);
        }
        check(&guarded("[[mask]]\ncolumn = \"n\"\notherwise = \"hidden\"\n"), &[]);
        let twice = format!("{mask}otherwise = \"hidden\"\n");
        check(&guarded(&format!("{twice}{twice}")), &[(30, "column")]);
        let secret = column.replace("public", "secret").replace("\"text\"", "\"money\"");
        check(
            &format!("{HEAD}kind = \"reference\"\nkey = \"id\"\n{secret}"),
            &[(9, "type"), (10, "visibility")],
        );
    }
}
