//! Opening the store. One connection is made alone first: it says why it fails, while the pool would try again until its
//! time is over and then say only that.

use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::{AnyConnection, AnyPool, Connection};

use super::{Dialect, StoreError};

/// Connections at a time.
const CONNECTIONS: u32 = 8;
/// How long a caller waits for one.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(10);

/// What every connection to SQLite begins with. `busy_timeout` first: switching to WAL itself may have to wait.
const PRAGMAS: [&str; 4] = [
    "PRAGMA busy_timeout = 10000",
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
];

pub(super) async fn open(url: &str, dialect: Dialect) -> Result<AnyPool, StoreError> {
    let options: AnyConnectOptions = url.parse().map_err(StoreError::open)?;
    let mut first = AnyConnection::connect_with(&options).await.map_err(StoreError::open)?;
    prepare(&mut first, dialect).await.map_err(StoreError::open)?;
    first.close().await.map_err(StoreError::open)?;
    AnyPoolOptions::new()
        .max_connections(CONNECTIONS)
        .acquire_timeout(PATIENCE)
        .after_connect(move |connection, _| Box::pin(prepare(connection, dialect)))
        .after_release(|connection, _| {
            Box::pin(async move {
                // A COMMIT that failed leaves a transaction that the driver counts and the database has ended, or that
                // neither can end: every later BEGIN would fail. The ping comes after a rollback under way.
                connection.ping().await?;
                Ok(!connection.is_in_transaction())
            })
        })
        .connect_with(options)
        .await
        .map_err(StoreError::open)
}

async fn prepare(connection: &mut AnyConnection, dialect: Dialect) -> Result<(), sqlx::Error> {
    if dialect == Dialect::Sqlite {
        for pragma in PRAGMAS {
            sqlx::raw_sql(pragma).execute(&mut *connection).await?;
        }
        // A header that is none is noticed only when something is read.
        sqlx::raw_sql("SELECT COUNT(*) FROM sqlite_schema").execute(&mut *connection).await?;
    }
    Ok(())
}
