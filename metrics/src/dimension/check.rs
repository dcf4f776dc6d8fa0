//! Checks dimensions against the tables of the lake: a table that lists members has the columns that are named, and what
//! they hold may be told to everybody who sees a board. Whether a column behind a dimension fits is checked with the
//! indicators, each against its table.

use pujiang_warehouse::{Catalog, ColumnType, Visibility};

use super::{DimensionDef, DimensionDefinitions, MemberTable, Members};
use crate::definition::DefinitionError;

impl DimensionDefinitions {
    /// Every column that does not fit; empty when all do. A table that is not there at all is found where all
    /// references are followed.
    #[must_use]
    pub fn check_against(&self, catalog: &Catalog) -> Vec<DefinitionError> {
        let listed = |dimension: &DimensionDef| match &dimension.members {
            Members::Table(members) => check_one(dimension, members, catalog),
            Members::Open | Members::Listed(_) => Vec::new(),
        };
        self.all().iter().flat_map(listed).collect()
    }
}

fn check_one(dimension: &DimensionDef, members: &MemberTable, catalog: &Catalog) -> Vec<DefinitionError> {
    let Some(table) = catalog.table(&members.table) else { return Vec::new() };
    let columns = [
        ("members.code", Some(&members.code), false),
        ("members.title", Some(&members.title), false),
        ("members.parent", members.parent.as_ref(), false),
        ("members.until", members.until.as_ref(), true),
    ];
    let mut errors = Vec::new();
    for (key, name, is_date) in columns {
        let Some(name) = name else { continue };
        let message = match table.column(name) {
            None => format!("数据表“{}”没有列“{name}”，请改成表中的列", table.id),
            Some(column) if column.visibility != Visibility::Public => {
                format!("成员会列给所有看看板的人，列“{name}”却不是 public，请换一列")
            }
            Some(column) if is_date && column.kind != ColumnType::Date => {
                format!("列“{name}”应为日期类型")
            }
            Some(column) if !is_date && column.kind != ColumnType::Text => {
                format!("列“{name}”应为文字类型")
            }
            Some(_) => continue,
        };
        errors.push(dimension.error(key, message));
    }
    errors
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use pujiang_definition::{DIMENSIONS, Sources};
    use pujiang_transactional::Definitions;

    use super::*;

    fn catalog() -> Arc<Catalog> {
        Catalog::builtin(&Definitions::builtin().unwrap().lake_forms()).unwrap()
    }

    #[test]
    fn columns_of_members_are_there_and_public() {
        let catalog = catalog();
        let check = |table: &str, code: &str, title: &str, until: &str, expected: &[&str]| {
            let text = format!(
                "format = 1\ntitle = \"t\"\ndescription = \"d\"\ncolumn = \"c\"\n[members]\ntable = \"{table}\"\n\
                 code = \"{code}\"\ntitle = \"{title}\"\nuntil = \"{until}\"\n"
            );
            let loaded =
                DimensionDefinitions::read(&Sources::texts(&DIMENSIONS, [("a.toml", text.as_str())]));
            let errors = loaded.finished().unwrap().check_against(&catalog);
            let keys: Vec<&str> = errors.iter().map(|error| error.key.as_str()).collect();
            assert_eq!(keys, expected, "{errors:#?}");
        };
        check("street", "code", "name", "valid_to", &[]);
        check("street", "kode", "name", "name", &["members.code", "members.until"]);
        check("person", "id", "name", "valid_to", &["members.code", "members.title", "members.until"]);
        check("nowhere", "code", "name", "valid_to", &[]);
    }

    #[test]
    fn the_built_in_dimensions_fit_the_lake() {
        let catalog = catalog();
        let errors = DimensionDefinitions::builtin().unwrap().check_against(&catalog);
        assert!(errors.is_empty(), "{errors:#?}");
    }
}
