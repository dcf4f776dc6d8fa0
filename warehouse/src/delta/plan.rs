//! What opening a lake with other definitions would make of its stored tables, without opening or changing any.

use std::collections::BTreeSet;
use std::path::Path;

use super::stored::Snapshot;
use super::table::{Found, fit, loaded, schema_of};
use crate::definition::{Catalog, TableDef};
use crate::error::WarehouseError;

/// What would be made of a stored table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TableMade {
    /// The table.
    Table,
    /// These columns.
    Columns(Vec<String>),
}

/// What would happen to one table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableChange {
    /// Its id.
    pub table: String,
    /// What would be made.
    pub made: TableMade,
    /// What cannot be done, in Chinese, each with what to do instead.
    pub problems: Vec<String>,
}

/// The tables below `root` that would not stay as they are. `older` are the definitions that were in use last: a table whose
/// definition stays is not looked at.
pub(crate) async fn plan(
    root: &Path,
    older: &Catalog,
    newer: &Catalog,
) -> Result<Vec<TableChange>, WarehouseError> {
    let mut changes = Vec::new();
    for def in newer.tables() {
        let before = older.table(&def.id);
        if before != Some(def) {
            changes.extend(Box::pin(of_table(root, before.map(AsRef::as_ref), def)).await?);
        }
    }
    Ok(changes)
}

async fn of_table(
    root: &Path,
    older: Option<&TableDef>,
    newer: &TableDef,
) -> Result<Option<TableChange>, WarehouseError> {
    let made = TableChange { table: newer.id.clone(), made: TableMade::Table, problems: Vec::new() };
    let folder = root.join(&newer.id);
    if !folder.is_dir() {
        return Ok(Some(made));
    }
    let Found::Table(delta) = loaded(&newer.id, &folder).await? else { return Ok(Some(made)) };
    let schema = schema_of(&newer.id, &delta)?;
    let snapshot = Snapshot::of(&newer.id, &delta)?;
    let fit = fit(newer, schema.as_ref());
    let mut problems = fit.problems;
    let wanted: BTreeSet<&str> = newer.partition_columns().iter().copied().collect();
    let stored: BTreeSet<String> =
        snapshot.files.iter().flat_map(|file| file.partition_columns()).map(str::to_owned).collect();
    if !snapshot.files.is_empty() && !stored.iter().map(String::as_str).eq(wanted.iter().copied()) {
        problems.push("已有数据，kind 不能在 district 与 reference 之间更改；请改回，或另立新表".to_owned());
    }
    if let Some(older) = older {
        if older.key != newer.key && !snapshot.files.is_empty() {
            problems.push(format!(
                "已有数据按列 {} 识别，key 不能改为 {}；请改回，或另立新表",
                older.key, newer.key
            ));
        }
        for column in older.columns.iter().filter(|column| newer.column(&column.name).is_none()) {
            if snapshot.holds(&column.name) {
                problems.push(format!("列 {} 已有数据，从定义中删去后就看不到了；请保留该列", column.name));
            }
        }
    }
    let columns: Vec<String> = fit.missing.iter().map(|field| field.name().clone()).collect();
    let stays = columns.is_empty() && problems.is_empty();
    let made = TableMade::Columns(columns);
    Ok((!stays).then(|| TableChange { table: newer.id.clone(), made, problems }))
}
