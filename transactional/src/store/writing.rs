//! A transaction that writes: BEGIN IMMEDIATE on SQLite (a later upgrade from reading could only fail), one advisory
//! lock on PostgreSQL from the first audit entry on, so that chain and outbox have the order of the commits.

use std::sync::Arc;

use sqlx::{Any, AnyConnection, AnyPool, Transaction};
use tokio::sync::{Mutex, OwnedMutexGuard};

use super::{Dialect, StoreError};

/// Key of the advisory lock; any constant that no other program of the database uses.
const COMMIT_ORDER: &str = "SELECT pg_advisory_xact_lock(7023310000)";

/// An open write transaction. Dropping it rolls back.
#[derive(Debug)]
pub struct WriteTransaction {
    // Before the turn: the transaction must be given back first.
    transaction: Transaction<'static, Any>,
    dialect: Dialect,
    ordered: bool,
    _turn: Option<OwnedMutexGuard<()>>,
}

impl WriteTransaction {
    pub(super) async fn begin(
        pool: &AnyPool,
        dialect: Dialect,
        turn: &Arc<Mutex<()>>,
    ) -> Result<Self, StoreError> {
        let (statement, turn) = match dialect {
            Dialect::Sqlite => ("BEGIN IMMEDIATE", Some(turn.clone().lock_owned().await)),
            Dialect::Postgres => ("BEGIN", None),
        };
        let transaction = pool.begin_with(statement).await?;
        Ok(Self { transaction, dialect, ordered: dialect == Dialect::Sqlite, _turn: turn })
    }

    /// The connection inside the transaction.
    pub fn connection(&mut self) -> &mut AnyConnection {
        &mut self.transaction
    }

    /// Which database it is.
    pub fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// From here to the end no other transaction adds to audit log or outbox.
    pub(crate) async fn order(&mut self) -> Result<(), StoreError> {
        if !self.ordered {
            sqlx::query(COMMIT_ORDER).execute(self.connection()).await?;
            self.ordered = true;
        }
        Ok(())
    }

    /// Makes everything durable at once.
    pub async fn commit(self) -> Result<(), StoreError> {
        self.transaction.commit().await.map_err(StoreError::from)
    }
}
