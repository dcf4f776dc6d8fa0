//! What bringing the store to other definitions would do, without doing it.

use super::{held, present, resource};
use crate::definition::{Definitions, ResourceDef};
use crate::error::Error;
use crate::store::{Store, fetch_optional, quoted};

/// What would be made of a resource's table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Made {
    /// The table.
    Table,
    /// These columns; none where it is there as it should be.
    Columns(Vec<String>),
}

/// What would happen to the table of one resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableChange {
    /// The resource, whose id is the table's name.
    pub resource: String,
    /// What would be made.
    pub made: Made,
    /// What cannot be done, in Chinese, each with what to do instead.
    pub problems: Vec<String>,
}

/// The tables that would not stay as they are. `older` are the definitions the store was brought to last.
///
/// # Errors
/// The store does not answer.
pub async fn plan(
    store: &Store,
    older: &Definitions,
    newer: &Definitions,
) -> Result<Vec<TableChange>, Error> {
    let mut connection = store.pool().acquire().await.map_err(Error::store("look at the tables"))?;
    let dialect = store.dialect();
    let mut changes = Vec::new();
    for def in newer.iter() {
        let present = present::columns(&mut connection, dialect, &def.id).await?;
        if present.is_empty() {
            changes.push(TableChange { resource: def.id.clone(), made: Made::Table, problems: vec![] });
            continue;
        }
        let mut problems = resource::problems(def, dialect, &present);
        problems.extend(resource::too_strict(def, &present).into_iter().map(|column| {
            format!("列 {column} 在库中必填，定义改成了可以不填；请保持必填，或先在数据库中放宽此列")
        }));
        let before = older.get(&def.id);
        for column in before.map(|before| resource::dropped(before, def)).unwrap_or_default() {
            // One that must be filled is a problem already, whatever stands in it.
            let optional = present.get(&column).is_some_and(|column| !column.must_be_filled);
            if optional && holds_values(&mut connection, def, &column).await? {
                problems.push(format!("列 {column} 已有数据，从定义中删去后就看不到了；请保留该字段"));
            }
        }
        if let Some(before) = before {
            let is_there = |column: &str| present.contains_key(column);
            problems.extend(held::problems(&mut connection, before, def, is_there).await?);
        }
        let columns = resource::missing(def, &present);
        if !columns.is_empty() || !problems.is_empty() {
            let made = Made::Columns(columns);
            changes.push(TableChange { resource: def.id.clone(), made, problems });
        }
    }
    Ok(changes)
}

async fn holds_values(
    connection: &mut sqlx::AnyConnection,
    def: &ResourceDef,
    column: &str,
) -> Result<bool, Error> {
    let sql = format!("SELECT 1 FROM {} WHERE {} IS NOT NULL LIMIT 1", quoted(&def.id), quoted(column));
    let row = fetch_optional(connection, &sql, vec![]).await.map_err(Error::store("look for values"))?;
    Ok(row.is_some())
}
