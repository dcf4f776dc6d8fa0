//! The ledger of this room in the operational store: files, feeds, pushed batches, quarantine.
//! Portable SQL for SQLite and PostgreSQL; absent texts are empty, never NULL.

mod files;
mod quarantine;
mod schema;
mod sql;

use sqlx::{Any, AnyPool, Transaction};

use crate::error::IngestError;

pub(crate) use files::{Counts, FileEntry, FileState, Prepared};
pub(crate) use quarantine::{NewQuarantine, StoredQuarantine, place};
pub use quarantine::{QuarantineItem, QuarantinePage, QuarantineState};
pub(crate) use sql::Statement;

/// Access to the ledger.
#[derive(Clone)]
pub(crate) struct Ledger {
    pool: AnyPool,
    begin: &'static str,
}

impl Ledger {
    /// Opens the ledger, creating its tables.
    pub(crate) async fn open(pool: AnyPool) -> Result<Self, IngestError> {
        let fail = IngestError::ledger;
        let connection = pool.acquire().await.map_err(fail("connect"))?;
        // On SQLite a transaction that starts reading cannot always become a writing one.
        let begin = if connection.backend_name() == "SQLite" { "BEGIN IMMEDIATE" } else { "BEGIN" };
        drop(connection);
        let ledger = Self { pool, begin };
        let mut tx = ledger.begin("create its tables").await?;
        for statement in schema::TABLES {
            Statement::new(statement).run(&mut tx).await.map_err(fail("create its tables"))?;
        }
        tx.commit().await.map_err(fail("create its tables"))?;
        Ok(ledger)
    }

    /// The pool, for reading the outbox beside the ledger.
    pub(crate) fn pool(&self) -> &AnyPool {
        &self.pool
    }

    async fn begin(&self, doing: &'static str) -> Result<Transaction<'static, Any>, IngestError> {
        self.pool.begin_with(self.begin).await.map_err(IngestError::ledger(doing))
    }
}

/// A count for the database.
fn big(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// A count from the database.
fn small(count: i64) -> usize {
    usize::try_from(count).unwrap_or(0)
}
