//! SQL that brings one resource's table to its definition, as a pure function of the two.

use indexmap::IndexMap;

use crate::definition::{FieldKind, ResourceDef, Unique, Visibility};
use crate::error::Error;
use crate::record::column_kind;
use crate::store::{ColumnKind, Dialect, quoted};

/// A column as the database has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct PresentColumn {
    pub(super) declared: String,
    pub(super) must_be_filled: bool,
}

struct Wanted {
    name: String,
    kind: ColumnKind,
    required: bool,
    references: Option<(String, String)>,
}

/// Statements in order; empty when nothing is missing but the indexes, which are created if absent.
pub(super) fn statements(
    def: &ResourceDef,
    dialect: Dialect,
    present: &IndexMap<String, PresentColumn>,
) -> Result<Vec<String>, Error> {
    let wanted = wanted(def);
    let mut statements = Vec::new();
    if present.is_empty() {
        let columns: Vec<_> = wanted.iter().map(|c| column(c, dialect, New::Table)).collect();
        statements.push(format!("CREATE TABLE {} ({})", quoted(&def.id), columns.join(", ")));
    } else {
        let problems = problems(def, dialect, present);
        if !problems.is_empty() {
            return Err(Error::Migration { table: def.id.clone(), reason: problems.join("；") });
        }
        for missing in wanted.iter().filter(|c| !present.contains_key(&c.name)) {
            statements.push(format!(
                "ALTER TABLE {} ADD COLUMN {}",
                quoted(&def.id),
                column(missing, dialect, New::Column)
            ));
        }
    }
    if !present.is_empty() {
        statements.extend(outdated(def));
    }
    statements.extend(indexes(def));
    Ok(statements)
}

/// Unique indexes of earlier versions, which knew no contested records.
fn outdated(def: &ResourceDef) -> impl Iterator<Item = String> {
    let unique = def.fields.values().filter(|f| f.unique.is_some());
    unique.map(|f| format!("DROP INDEX IF EXISTS {}", quoted(&format!("ux_{}_{}", def.id, f.name))))
}

fn wanted(def: &ResourceDef) -> Vec<Wanted> {
    let system = |name: &str, kind, required| Wanted { name: name.into(), kind, required, references: None };
    let mut columns = vec![
        system("id", ColumnKind::Uuid, true),
        system("row_version", ColumnKind::Int, true),
        system("state", ColumnKind::Text, true),
        system("is_deleted", ColumnKind::Bool, true),
        system("created_at", ColumnKind::Timestamp, true),
        system("created_by", ColumnKind::Text, true),
        system("updated_at", ColumnKind::Timestamp, true),
        system("updated_by", ColumnKind::Text, true),
        system("source_system", ColumnKind::Text, false),
        system("source_key", ColumnKind::Text, false),
        system("contested", ColumnKind::Text, false),
    ];
    for field in def.fields.values() {
        match field.visibility {
            Visibility::Secret => {
                columns.push(system(&format!("{}_cipher", field.name), ColumnKind::Text, false))
            }
            Visibility::Personal => {
                for suffix in ["_cipher", "_token", "_masked"] {
                    columns.push(system(
                        &format!("{}{suffix}", field.name),
                        ColumnKind::Text,
                        field.required,
                    ));
                }
            }
            Visibility::Public | Visibility::Internal => {
                let references = match &field.kind {
                    FieldKind::Ref(target) => Some((format!("fk_{}_{}", def.id, field.name), target.clone())),
                    _ => None,
                };
                columns.push(Wanted {
                    name: field.name.clone(),
                    kind: column_kind(&field.kind),
                    required: field.required,
                    references,
                });
            }
        }
    }
    columns
}

/// Fills new columns of old rows with what their definition copies from a referenced record: rows that a scope finds by
/// such a column would otherwise stay hidden until somebody changed them.
pub(super) fn backfill(def: &ResourceDef, present: &IndexMap<String, PresentColumn>) -> Vec<String> {
    if present.is_empty() {
        return Vec::new();
    }
    let missing = def.fields.values().filter(|f| !f.is_encrypted() && !present.contains_key(&f.name));
    let copied = missing.filter_map(|field| {
        let copy = field.copy.as_ref()?;
        let FieldKind::Ref(target) = &def.field(&copy.via)?.kind else { return None };
        Some(format!(
            "UPDATE {table} SET {column} = (SELECT origin.{source} FROM {target} AS origin \
             WHERE origin.\"id\" = {table}.{via})",
            table = quoted(&def.id),
            column = quoted(&field.name),
            source = quoted(&copy.field),
            target = quoted(target),
            via = quoted(&copy.via),
        ))
    });
    copied.collect()
}

enum New {
    Table,
    /// Rows are there already, so it must be allowed to be empty; validation still asks for it.
    Column,
}

fn column(column: &Wanted, dialect: Dialect, new: New) -> String {
    let mut sql = format!("{} {}", quoted(&column.name), dialect.column_type(column.kind));
    if column.name == "id" {
        sql.push_str(" PRIMARY KEY");
    }
    if column.required && matches!(new, New::Table) {
        sql.push_str(" NOT NULL");
    }
    if let Some((name, target)) = &column.references {
        sql.push_str(&format!(" CONSTRAINT {} REFERENCES {} (\"id\")", quoted(name), quoted(target)));
    }
    sql
}

/// What keeps a table that is there from being brought to its definition.
pub(super) fn problems(
    def: &ResourceDef,
    dialect: Dialect,
    present: &IndexMap<String, PresentColumn>,
) -> Vec<String> {
    let wanted = wanted(def);
    let mut problems = Vec::new();
    for column in &wanted {
        // The collation is no part of what the database reports as type.
        let expected = dialect.column_type(column.kind).replace(" COLLATE \"C\"", "");
        let Some(found) = present.get(&column.name) else { continue };
        if found.declared != expected {
            problems.push(format!(
                "列 {} 现为 {}，定义要求 {expected}；类型不能自动更改，请改回定义，或另立新字段再迁移数据",
                column.name, found.declared
            ));
        }
    }
    for (name, column) in present {
        if column.must_be_filled && !wanted.iter().any(|w| w.name == *name) {
            problems
                .push(format!("列 {name} 必填但已不在定义中；请在定义中保留该字段，或先在数据库中放宽此列"));
        }
    }
    problems
}

/// Columns that must be filled in the database although the definition lets them be empty.
pub(super) fn too_strict(def: &ResourceDef, present: &IndexMap<String, PresentColumn>) -> Vec<String> {
    let strict = |name: &String| present.get(name).is_some_and(|column| column.must_be_filled);
    wanted(def)
        .into_iter()
        .filter(|column| !column.required)
        .map(|column| column.name)
        .filter(strict)
        .collect()
}

/// Columns of the definition that a table has not.
pub(super) fn missing(def: &ResourceDef, present: &IndexMap<String, PresentColumn>) -> Vec<String> {
    wanted(def).into_iter().map(|column| column.name).filter(|name| !present.contains_key(name)).collect()
}

/// Columns of an older definition that the newer one has no more.
pub(super) fn dropped(older: &ResourceDef, newer: &ResourceDef) -> Vec<String> {
    let stays = wanted(newer);
    let gone = |name: &String| !stays.iter().any(|column| column.name == *name);
    wanted(older).into_iter().map(|column| column.name).filter(gone).collect()
}

fn indexes(def: &ResourceDef) -> Vec<String> {
    let table = quoted(&def.id);
    let mut sql = Vec::new();
    let mut add = |unique: &str, name: String, columns: String, rest: &str| {
        sql.push(format!(
            "CREATE {unique}INDEX IF NOT EXISTS {} ON {table} ({columns}){rest}",
            quoted(&name)
        ));
    };
    if let Some(scope) = &def.scope {
        add("", format!("ix_{}_scope", def.id), format!("{}, \"id\"", quoted(&scope.district)), "");
        // Organisation and person are references, which have indexes of their own.
        if let Some(street) = &scope.street {
            add("", format!("ix_{}_street", def.id), format!("{}, \"id\"", quoted(street)), "");
        }
    }
    add("UNIQUE ", format!("ux_{}_source", def.id), "\"source_system\", \"source_key\"".into(), "");
    if def.fields.values().any(|f| f.unique.is_some()) {
        let few = " WHERE \"contested\" IS NOT NULL";
        add("", format!("ix_{}_contested", def.id), "\"contested\"".into(), few);
    }
    for field in def.fields.values() {
        let column = match field.visibility {
            Visibility::Secret => continue,
            Visibility::Personal => quoted(&format!("{}_token", field.name)),
            Visibility::Public | Visibility::Internal => quoted(&field.name),
        };
        let name = |kind: &str| format!("{kind}_{}_{}", def.id, field.name);
        match field.unique {
            Some(Unique::Always) => {
                add("UNIQUE ", name("uq"), column.clone(), " WHERE \"contested\" IS NULL")
            }
            Some(Unique::Live) => {
                let live = " WHERE NOT \"is_deleted\" AND \"contested\" IS NULL";
                add("UNIQUE ", name("uq"), column.clone(), live);
            }
            None => {}
        }
        // Imports find the records that references lead to by their names.
        let looked_up = matches!(field.kind, FieldKind::Ref(_))
            || field.name == def.display
            || (field.searchable && field.visibility == Visibility::Personal);
        if field.indexed || (looked_up && field.unique.is_none()) {
            add("", name("ix"), format!("{column}, \"id\""), "");
        }
    }
    sql
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Definitions;

    #[test]
    fn new_columns_are_added_and_changed_types_refused() {
        let definitions = Definitions::builtin().unwrap();
        let def = definitions.get("region").unwrap();
        for dialect in [Dialect::Sqlite, Dialect::Postgres] {
            let mut present: IndexMap<String, PresentColumn> = wanted(def)
                .iter()
                .map(|c| {
                    let declared = dialect.column_type(c.kind).replace(" COLLATE \"C\"", "");
                    (c.name.clone(), PresentColumn { declared, must_be_filled: c.required })
                })
                .collect();
            let alter = |present: &IndexMap<String, PresentColumn>| -> Vec<String> {
                let all = statements(def, dialect, present).unwrap();
                all.into_iter().filter(|s| !s.contains("INDEX")).collect()
            };
            assert!(alter(&present).is_empty());
            present.shift_remove("level");
            assert_eq!(alter(&present).len(), 1);
            assert!(!alter(&present)[0].contains("NOT NULL"));
            if let Some(name) = present.get_mut("name") {
                name.declared = "BIGINT".into();
            }
            let error = statements(def, dialect, &present).unwrap_err().to_string();
            assert!(
                error.contains("region") && error.contains("name") && error.contains("BIGINT"),
                "{error}"
            );
        }
    }

    #[test]
    fn a_dropped_required_column_is_named() {
        let definitions = Definitions::builtin().unwrap();
        let def = definitions.get("region").unwrap();
        let gone = PresentColumn { declared: "TEXT".into(), must_be_filled: true };
        let present = IndexMap::from([("old_code".to_owned(), gone)]);
        let error = statements(def, Dialect::Sqlite, &present).unwrap_err().to_string();
        assert!(error.contains("old_code"), "{error}");
    }
}
