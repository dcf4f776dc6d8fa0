//! The operational store: one pool over SQLite or PostgreSQL, write transactions, and what differs between the two.
//! Which tables exist is `schema`; what a row means is `record`.

mod binding;
mod dialect;
mod failure;
mod writing;

use std::sync::Arc;

use sqlx::AnyPool;
use sqlx::any::AnyPoolOptions;
use tokio::sync::Mutex;

pub(crate) use binding::{Bind, execute, fetch_all, fetch_optional, text_at};
pub use dialect::Dialect;
pub(crate) use dialect::{ColumnKind, Nullable, quoted};
pub use failure::StoreError;
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
        let mut options =
            AnyPoolOptions::new().max_connections(8).acquire_timeout(std::time::Duration::from_secs(10));
        if dialect == Dialect::Sqlite {
            options = options.after_connect(|connection, _| {
                Box::pin(async move {
                    // busy_timeout first: switching to WAL itself may have to wait for another process.
                    for pragma in [
                        "PRAGMA busy_timeout = 10000",
                        "PRAGMA journal_mode = WAL",
                        "PRAGMA synchronous = FULL",
                        "PRAGMA foreign_keys = ON",
                    ] {
                        sqlx::raw_sql(pragma).execute(&mut *connection).await?;
                    }
                    Ok(())
                })
            });
        }
        let pool = options.connect(url).await.map_err(StoreError::open)?;
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
