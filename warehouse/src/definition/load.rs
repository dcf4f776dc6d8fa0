//! Loads all tables, those of files and those that follow from resources, with every mistake of every file, and looks after
//! what holds for all of them together.

use std::collections::BTreeMap;
use std::sync::Arc;

use pujiang_definition::{DefinitionError, LakeForms, Layers, Loaded, Places, Sources, TABLES, read_all};
use rust_embed::RustEmbed;

use super::{Catalog, TableDef, derived, table_file};
use crate::STATE_EVENT;

#[derive(RustEmbed)]
#[folder = "tables/"]
struct Builtin;

impl Catalog {
    /// The definitions built into the binary, with the tables of these resources.
    ///
    /// # Errors
    /// Every mistake of every file.
    pub fn builtin(forms: &LakeForms) -> Result<Arc<Self>, Vec<DefinitionError>> {
        Self::load(&Layers::builtin(), forms).finished()
    }

    /// The definitions of the layers, with the tables of these resources.
    #[must_use]
    pub fn load(layers: &Layers, forms: &LakeForms) -> Loaded<Arc<Self>> {
        Self::read(&layers.sources::<Builtin>(&TABLES), forms)
    }

    /// The definitions of files, with the tables of these resources.
    #[must_use]
    pub fn read(sources: &Sources, forms: &LakeForms) -> Loaded<Arc<Self>> {
        let loaded = read_all(sources, |file, root| table_file::read(file, root, forms));
        let Loaded { definitions: mut found, mut ids, references, mut errors } = loaded;
        errors.extend(second_home(&found));
        errors.extend(strangers(&found, forms));
        let homes: Vec<&str> = found.iter().filter_map(|(table, _)| resource(table)).collect();
        let homeless: Vec<_> = forms.all().filter(|form| !homes.contains(&form.resource.as_str())).collect();
        // A file that stands for a resource but has mistakes has said so.
        let fileless: Vec<_> = homeless.into_iter().filter(|form| !ids.contains(&form.resource)).collect();
        ids.extend(fileless.iter().map(|form| form.resource.clone()));
        found.extend(fileless.into_iter().map(|form| (derived::table(form), form.places.clone())));
        errors.extend(second_hierarchy(&found));
        let mut tables: BTreeMap<String, TableDef> =
            found.into_iter().map(|(table, _)| (table.id.clone(), table)).collect();
        if let Some(states) = tables.get_mut(STATE_EVENT) {
            derived::count_by(states, forms);
        }
        let tables = tables.into_iter().map(|(id, table)| (id, Arc::new(table))).collect();
        Loaded { definitions: Arc::new(Self { tables }), ids, references, errors }
    }
}

fn resource(table: &TableDef) -> Option<&str> {
    table.origin.as_ref().map(|origin| origin.resource.as_str())
}

/// The records of a resource are the rows of one table.
fn second_home(tables: &[(TableDef, Places)]) -> Vec<DefinitionError> {
    let mut homes: BTreeMap<&str, &TableDef> = BTreeMap::new();
    let mut errors = Vec::new();
    for (table, places) in tables {
        let Some(resource) = resource(table) else { continue };
        if let Some(first) = homes.get(resource) {
            let message = format!("资源“{resource}”已进入数据表“{}”，请删去一处", first.id);
            errors.push(places.error("resource", message));
        } else {
            homes.insert(resource, table);
        }
    }
    errors
}

/// Resources whose table would have the name of another one.
fn strangers(tables: &[(TableDef, Places)], forms: &LakeForms) -> Vec<DefinitionError> {
    let same_name = |(table, places): &(TableDef, Places)| {
        let form = forms.of(&table.id).filter(|_| resource(table) != Some(table.id.as_str()))?;
        let message = format!(
            "{} 已定义同名的数据表“{}”：请改资源的文件名；要说明与资源不同之处，请在那里写 resource = \"{}\"",
            places.file(),
            table.id,
            table.id
        );
        Some(form.error("id", message))
    };
    tables.iter().filter_map(same_name).collect()
}

/// A scope names organisations of one hierarchy, whichever table it is asked of.
fn second_hierarchy(tables: &[(TableDef, Places)]) -> Option<DefinitionError> {
    let mut hierarchies = tables.iter().filter(|(table, _)| table.parent.is_some());
    let ((first, _), (_, places)) = (hierarchies.next()?, hierarchies.next()?);
    let message = format!("数据表“{}”已有 [tree]，单位的上下级只能由一张表说明，请删去一处", first.id);
    Some(places.error("tree", message))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn errors(files: &[(&str, &str)]) -> Vec<DefinitionError> {
        let sources = Sources::texts(&TABLES, files.iter().copied());
        Catalog::read(&sources, &LakeForms::default()).finished().err().unwrap_or_default()
    }

    fn check(text: &str, expected: &[(usize, &str)]) {
        let errors = errors(&[("layer/thing.toml", text)]);
        let got: Vec<(usize, &str)> = errors.iter().map(|e| (e.line, e.key.as_str())).collect();
        assert_eq!(got, expected, "{errors:?}");
    }

    const HEAD: &str = "format = 1\ntitle = \"t\"\ndescription = \"d\"\n";
    const COLUMN: &str =
        "[[column]]\nname = \"id\"\ntitle = \"号\"\ntype = \"text\"\nvisibility = \"public\"\n";

    /// A district table with columns of several types; `rest` begins in line 26.
    fn guarded(rest: &str) -> String {
        let street = COLUMN.replace("\"id\"", "\"street\"");
        let number = COLUMN.replace("\"id\"", "\"n\"").replace("\"text\"", "\"integer\"");
        let district = COLUMN.replace("\"id\"", "\"district_code\"");
        format!("{HEAD}kind = \"district\"\nkey = \"id\"\n{COLUMN}{street}{number}{district}{rest}")
    }

    #[test]
    fn builtin_definitions_load() {
        // Those over a resource wait for it.
        let catalog = Catalog::builtin(&LakeForms::default()).unwrap_or_else(|errors| panic!("{errors:#?}"));
        let table = catalog.table(STATE_EVENT).expect("table");
        assert_eq!((table.key.as_str(), table.layer.as_str()), ("event_key", "benefit"));
        assert!(catalog.table("benefit_transaction").is_none());
    }

    #[test]
    fn every_error_of_a_file_is_found_in_one_go() {
        let head = [(1, "description"), (1, "key"), (1, "title"), (1, "format"), (2, "titel"), (3, "kind")];
        let column = [
            (4, "column[1].name"),
            (4, "column[1].title"),
            (4, "column[1].type"),
            (4, "column[1].visibility"),
            (5, "column[1].nmae"),
        ];
        let expected = [&head[..], &column[..]].concat();
        check("format = 2\ntitel = \"t\"\nkind = 1\n[[column]]\nnmae = \"x\"\n", &expected);
    }

    #[test]
    fn every_error_is_named_with_line_and_key() {
        check(&format!("{HEAD}kind = \"reference\"\nkey = \"id\"\n{COLUMN}"), &[]);
        check(&format!("{HEAD}kind = \"district\"\nkey = \"id\"\n{COLUMN}"), &[(4, "kind")]);
        check(
            &format!("{HEAD}kind = \"reference\"\nkey = \"nope\"\ntime = \"id\"\n{COLUMN}"),
            &[(5, "key"), (6, "time")],
        );
        check(&format!("{HEAD}kind = \"reference\"\nkey = \"id\"\nkye = 1\n{COLUMN}"), &[(6, "kye")]);
        check(
            &format!("{HEAD}kind = \"reference\"\nkey = \"id\"\n{COLUMN}{COLUMN}"),
            &[(12, "column[id].name")],
        );
        let secret = COLUMN.replace("public", "secret").replace("\"text\"", "\"money\"");
        check(
            &format!("{HEAD}kind = \"reference\"\nkey = \"id\"\n{secret}"),
            &[(9, "column[id].type"), (10, "column[id].visibility")],
        );
    }

    #[test]
    fn scopes_and_hierarchies_name_text_columns() {
        check(&guarded("[scope]\nstreet = \"street\"\n"), &[]);
        check(
            &guarded("[scope]\nstreet = \"nope\"\nperson = \"n\"\nperso = \"id\"\n"),
            &[(27, "scope.street"), (28, "scope.person"), (29, "scope.perso")],
        );
        check(&guarded("[tree]\n"), &[(26, "tree.parent")]);
        let scoped = format!("{HEAD}kind = \"reference\"\nkey = \"id\"\n{COLUMN}[scope]\nstreet = \"id\"\n");
        check(&scoped, &[(11, "scope")]);
    }

    #[test]
    fn there_is_one_hierarchy() {
        let tree = guarded("[tree]\nparent = \"street\"\n");
        let errors = errors(&[("x/a.toml", &tree), ("x/b.toml", &tree), ("x/c.toml", &guarded(""))]);
        let shown: Vec<(&str, usize, &str)> =
            errors.iter().map(|e| (e.file.as_str(), e.line, e.key.as_str())).collect();
        assert_eq!(shown, [("warehouse/tables/x/b.toml", 26, "tree")], "{errors:?}");
    }

    #[test]
    fn masks_fit_their_columns() {
        let mask = "[[mask]]\ncolumn = \"street\"\n";
        check(
            &guarded(&format!(
                "{mask}form = \"name\"\notherwise = \"hidden\"\ndistrict_clerk = \"masked\"\n"
            )),
            &[],
        );
        check(&guarded(&format!("{mask}otherwise = \"masked\"\n")), &[(28, "mask[street].otherwise")]);
        check(
            &guarded(&format!("{mask}otherwise = \"hidden\"\nroot = \"bare\"\n")),
            &[(29, "mask[street].root")],
        );
        check(
            &guarded(&format!("{mask}otherwise = \"shown\"\nform = \"x\"\n")),
            &[(28, "mask[street].otherwise"), (29, "mask[street].form")],
        );
        for (column, wrong) in [("nope", 1), ("id", 1), ("district_code", 1), ("n", 1), ("street", 0)] {
            let text = format!("[[mask]]\ncolumn = \"{column}\"\notherwise = \"pseudonymised\"\n");
            let key = format!("mask[{column}].column");
            check(&guarded(&text), &[(27, key.as_str())][..wrong]);
        }
        check(&guarded("[[mask]]\ncolumn = \"n\"\notherwise = \"hidden\"\n"), &[]);
        let twice = format!("{mask}otherwise = \"hidden\"\n");
        check(&guarded(&format!("{twice}{twice}")), &[(30, "mask[street].column")]);
    }
}
