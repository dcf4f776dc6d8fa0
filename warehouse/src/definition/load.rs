//! Loads all tables with every mistake of every file, and looks after what holds for all of them together.

use std::sync::Arc;

use pujiang_definition::{DefinitionError, Layers, Loaded, Places, Sources, TABLES, read_all};
use rust_embed::RustEmbed;

use super::{Catalog, TableDef, table_file};

#[derive(RustEmbed)]
#[folder = "tables/"]
struct Builtin;

impl Catalog {
    /// The definitions built into the binary.
    ///
    /// # Errors
    /// Every mistake of every file.
    pub fn builtin() -> Result<Arc<Self>, Vec<DefinitionError>> {
        Self::load(&Layers::builtin()).finished()
    }

    /// The definitions of the layers.
    #[must_use]
    pub fn load(layers: &Layers) -> Loaded<Arc<Self>> {
        Self::read(&layers.sources::<Builtin>(&TABLES))
    }

    /// The definitions of files.
    #[must_use]
    pub fn read(sources: &Sources) -> Loaded<Arc<Self>> {
        read_all(sources, table_file::read).map(|found, errors| {
            errors.extend(second_hierarchy(&found));
            let tables = found.into_iter().map(|(table, _)| (table.id.clone(), Arc::new(table))).collect();
            Arc::new(Self { tables })
        })
    }
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
        Catalog::read(&sources).finished().err().unwrap_or_default()
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
        let catalog = Catalog::builtin().unwrap_or_else(|errors| panic!("{errors:#?}"));
        let table = catalog.table("benefit_transaction").expect("table");
        assert_eq!((table.key.as_str(), table.layer.as_str()), ("txn_no", "benefit"));
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
