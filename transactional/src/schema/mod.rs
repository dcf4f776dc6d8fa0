//! Tables of the store: creates what is missing, adds new columns and indexes, refuses a changed type. Nothing is
//! ever dropped: a column that left its definition stays with its data.

mod held;
mod plan;
mod present;
mod resource;
mod system;

use crate::definition::Definitions;
use crate::error::Error;
use crate::store::{Store, StoreError, WriteTransaction, execute, fetch_optional};

pub use plan::{Made, TableChange, plan};

/// Whether a table is there and has rows.
pub(crate) async fn has_rows(store: &Store, table: &'static str) -> Result<bool, Error> {
    let mut connection = store.pool().acquire().await.map_err(Error::store("look for a table"))?;
    if present::columns(&mut connection, store.dialect(), table).await?.is_empty() {
        return Ok(false);
    }
    let sql = format!("SELECT 1 FROM {table} LIMIT 1");
    let row = fetch_optional(&mut connection, &sql, vec![]).await.map_err(Error::store("look for rows"))?;
    Ok(row.is_some())
}

/// Makes the tables that are no resources. Safe to run at every start and by several processes at once.
pub(crate) async fn prepare(store: &Store) -> Result<(), Error> {
    let failed = |source| Error::Store { operation: "prepare the store", source };
    let mut tx = store.begin_write().await.map_err(failed)?;
    tx.order().await.map_err(failed)?;
    system_tables(&mut tx).await?;
    tx.commit().await.map_err(failed)
}

/// Brings the store to the definitions. Safe to run at every start and by several processes at once.
pub(crate) async fn migrate(store: &Store, definitions: &Definitions) -> Result<(), Error> {
    let failed = |source| Error::Store { operation: "begin the migration", source };
    let mut tx = store.begin_write().await.map_err(failed)?;
    bring(&mut tx, definitions).await?;
    tx.commit().await.map_err(|source| Error::Store { operation: "commit the migration", source })
}

/// The same as a part of a transaction: both databases take statements about tables back with the rest.
pub(crate) async fn bring(tx: &mut WriteTransaction, definitions: &Definitions) -> Result<(), Error> {
    tx.order().await.map_err(|source| Error::Store { operation: "begin the migration", source })?;
    system_tables(tx).await?;
    let dialect = tx.dialect();
    for def in definitions.iter() {
        let present = present::columns(tx.connection(), dialect, &def.id).await?;
        let statements = resource::statements(def, dialect, &present)?;
        for statement in statements.into_iter().chain(resource::backfill(def, &present)) {
            execute(tx.connection(), &statement, vec![])
                .await
                .map_err(|source| unfitting(&def.id, source))?;
        }
    }
    Ok(())
}

async fn system_tables(tx: &mut WriteTransaction) -> Result<(), Error> {
    let dialect = tx.dialect();
    for statement in system::statements(dialect) {
        execute(tx.connection(), &statement, vec![]).await.map_err(Error::store("create system tables"))?;
    }
    for (table, column, kind) in system::ADDED {
        if !present::columns(tx.connection(), dialect, table).await?.contains_key(column) {
            let statement = format!("ALTER TABLE {table} ADD COLUMN {column} {kind}");
            execute(tx.connection(), &statement, vec![])
                .await
                .map_err(Error::store("add a system column"))?;
        }
    }
    Ok(())
}

/// Rows that are there may not fit what a definition newly asks for.
fn unfitting(table: &str, source: sqlx::Error) -> Error {
    match StoreError::from(source) {
        StoreError::Duplicate { .. } => Error::Migration {
            table: table.to_owned(),
            reason: "已有记录的值重复，不能改为唯一；请先更正这些记录，或去掉 unique".to_owned(),
        },
        source => Error::Store { operation: "bring a resource table to its definition", source },
    }
}
