//! What records hold that newer definitions would not know any more, or would not allow: states and codes that were taken
//! out, and values that are to be unique and are not. Told before anything is changed.

use std::collections::BTreeSet;

use crate::definition::{FieldDef, FieldKind, ResourceDef, Unique, Visibility};
use crate::error::Error;
use crate::store::{Bind, fetch_optional, quoted};

/// The problems, in Chinese, each with what to do instead. Columns that are not `present` hold nothing.
pub(super) async fn problems(
    connection: &mut sqlx::AnyConnection,
    older: &ResourceDef,
    newer: &ResourceDef,
    present: impl Fn(&str) -> bool,
) -> Result<Vec<String>, Error> {
    let mut found = Vec::new();
    for state in older.states.iter().filter(|state| newer.state(&state.code).is_none()) {
        if holds(connection, newer, "state", &state.code).await? {
            found.push(format!(
                "状态 {}（{}）中还有记录，删去后这些记录无法办理；请保留该状态，或先把记录办到别的状态",
                state.code, state.label
            ));
        }
    }
    for field in newer.fields.values().filter(|field| present(&field.name)) {
        let Some(before) = older.fields.get(&field.name) else { continue };
        for code in dropped_codes(before, field) {
            if holds(connection, newer, &field.name, &code).await? {
                found.push(format!(
                    "字段 {} 的选项 {code} 已有记录使用，删去后这些记录无法显示和修改；请保留该选项",
                    field.name
                ));
            }
        }
        if before.unique.is_none() && repeats(connection, newer, field, &present).await? {
            found.push(format!(
                "字段 {} 已有记录的值重复，不能改为唯一；请先更正这些记录，或去掉 unique",
                field.name
            ));
        }
    }
    Ok(found)
}

fn dropped_codes(older: &FieldDef, newer: &FieldDef) -> Vec<String> {
    let (FieldKind::Enum(before), FieldKind::Enum(after)) = (&older.kind, &newer.kind) else { return vec![] };
    let after: BTreeSet<&str> = after.iter().map(|code| code.code.as_str()).collect();
    before.iter().map(|code| code.code.clone()).filter(|code| !after.contains(code.as_str())).collect()
}

async fn holds(
    connection: &mut sqlx::AnyConnection,
    def: &ResourceDef,
    column: &str,
    value: &str,
) -> Result<bool, Error> {
    let sql = format!(
        "SELECT 1 FROM {} WHERE {} = $1 AND NOT \"is_deleted\" LIMIT 1",
        quoted(&def.id),
        quoted(column)
    );
    let row = fetch_optional(connection, &sql, vec![Bind::text(value)]).await;
    Ok(row.map_err(Error::store("look for values that are taken out"))?.is_some())
}

/// Whether a value of a field that is to be unique stands in several records. The index will cover the same records.
async fn repeats(
    connection: &mut sqlx::AnyConnection,
    def: &ResourceDef,
    field: &FieldDef,
    present: &impl Fn(&str) -> bool,
) -> Result<bool, Error> {
    let column = match field.visibility {
        Visibility::Secret => return Ok(false),
        Visibility::Personal => format!("{}_token", field.name),
        Visibility::Public | Visibility::Internal => field.name.clone(),
    };
    let among = match field.unique {
        None => return Ok(false),
        Some(Unique::Always) => "",
        Some(Unique::Live) => "AND NOT \"is_deleted\" ",
    };
    if !present(&column) {
        return Ok(false);
    }
    let (table, column) = (quoted(&def.id), quoted(&column));
    let sql = format!(
        "SELECT 1 FROM {table} WHERE {column} IS NOT NULL {among}GROUP BY {column} HAVING count(*) > 1 LIMIT 1"
    );
    let row =
        fetch_optional(connection, &sql, vec![]).await.map_err(Error::store("look for equal values"))?;
    Ok(row.is_some())
}
