//! Tables of the store: creates what is missing, adds new columns and indexes, refuses a changed type. Nothing is
//! ever dropped: a column that left its definition stays with its data.

mod present;
mod resource;
mod system;

use crate::definition::Definitions;
use crate::error::Error;
use crate::store::{Store, execute, fetch_optional};

/// Whether a table is there and has rows.
pub(crate) async fn has_rows(store: &Store, table: &'static str) -> Result<bool, Error> {
    let mut tx =
        store.begin_write().await.map_err(|source| Error::Store { operation: "look for a table", source })?;
    if present::columns(&mut tx, table).await?.is_empty() {
        return Ok(false);
    }
    let sql = format!("SELECT 1 FROM {table} LIMIT 1");
    let row = fetch_optional(tx.connection(), &sql, vec![]).await.map_err(Error::store("look for rows"))?;
    Ok(row.is_some())
}

/// Brings the store to the definitions. Safe to run at every start and by several processes at once.
pub(crate) async fn migrate(store: &Store, definitions: &Definitions) -> Result<(), Error> {
    let failed = |source| Error::Store { operation: "begin the migration", source };
    let mut tx = store.begin_write().await.map_err(failed)?;
    tx.order().await.map_err(failed)?;
    for statement in system::statements(store.dialect()) {
        execute(tx.connection(), &statement, vec![]).await.map_err(Error::store("create system tables"))?;
    }
    for (table, column, kind) in system::ADDED {
        if !present::columns(&mut tx, table).await?.contains_key(column) {
            let statement = format!("ALTER TABLE {table} ADD COLUMN {column} {kind}");
            execute(tx.connection(), &statement, vec![])
                .await
                .map_err(Error::store("add a system column"))?;
        }
    }
    for def in definitions.iter() {
        let present = present::columns(&mut tx, &def.id).await?;
        let statements = resource::statements(def, store.dialect(), &present)?;
        for statement in statements.into_iter().chain(resource::backfill(def, &present)) {
            execute(tx.connection(), &statement, vec![])
                .await
                .map_err(Error::store("bring a resource table to its definition"))?;
        }
    }
    tx.commit().await.map_err(|source| Error::Store { operation: "commit the migration", source })
}
