//! Whether the pages of the database are what was written. SQLite looks itself; a PostgreSQL server has tools of its own.

use sqlx::Row;

use super::{Dialect, OpenTrouble, Store, StoreError};

/// Faults told at the most; one is enough to act on.
const LOOK: &str = "PRAGMA integrity_check(10)";

impl Store {
    /// What SQLite finds damaged; nothing for a database of a server.
    pub async fn damage(&self) -> Result<Vec<String>, StoreError> {
        if self.dialect == Dialect::Postgres {
            return Ok(Vec::new());
        }
        let rows = match sqlx::raw_sql(LOOK).fetch_all(&self.pool).await.map_err(StoreError::from) {
            // Pages so damaged that SQLite cannot even look at the rest.
            Err(error) if error.open_trouble() == OpenTrouble::Damaged => return Ok(vec![told(&error)]),
            rows => rows?,
        };
        let lines = rows.iter().map(|row| row.try_get::<String, _>(0)).collect::<Result<Vec<_>, _>>()?;
        Ok(lines.into_iter().filter(|line| line != "ok").collect())
    }
}

/// The words of the deepest cause.
fn told(error: &dyn std::error::Error) -> String {
    error.source().map_or_else(|| error.to_string(), told)
}
