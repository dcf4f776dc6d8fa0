//! The operational store: one pool over SQLite or PostgreSQL, write transactions, and what differs between the two.
//! Which tables exist is `schema`; what a row means is `record`.

mod binding;
mod dialect;
mod failure;
mod integrity;
mod opening;
mod probe;
mod writing;

use std::sync::Arc;

use sqlx::AnyPool;
use tokio::sync::Mutex;

pub(crate) use binding::{Bind, execute, fetch_all, fetch_optional, text_at};
pub use dialect::Dialect;
pub(crate) use dialect::{ColumnKind, Nullable, quoted};
pub use failure::{OpenTrouble, StoreError};
pub use writing::WriteTransaction;

/// An open store. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Store {
    pool: AnyPool,
    dialect: Dialect,
    // SQLite has one writer: waiting here is fair and cheap, while its busy handler polls and starves.
    turn: Arc<Mutex<()>>,
}

impl Store {
    /// Opens `sqlite://FILE?mode=rwc` or `postgres://…`.
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        sqlx::any::install_default_drivers();
        let dialect = Dialect::of_url(url)?;
        let pool = opening::open(url, dialect).await?;
        Ok(Self { pool, dialect, turn: Arc::default() })
    }

    /// The pool, for the crates that keep their own tables here.
    pub fn pool(&self) -> &AnyPool {
        &self.pool
    }

    /// Which database it is.
    pub fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// Begins a transaction that will write. Keep it short: on SQLite all writers of the process wait for it.
    pub async fn begin_write(&self) -> Result<WriteTransaction, StoreError> {
        WriteTransaction::begin(&self.pool, self.dialect, &self.turn).await
    }
}
