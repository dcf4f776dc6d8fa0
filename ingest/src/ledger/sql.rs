//! Statements with their values, run behind boxed futures: the borrowed forms of the driver are not `Send`
//! for every lifetime, and watch tasks change threads.

use std::pin::Pin;

use sqlx::any::{AnyArguments, AnyRow};
use sqlx::query::Query;
use sqlx::{Any, AnyConnection, AnyPool, Error};

type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, Error>> + Send + 'a>>;

/// A statement with values bound in order.
pub(crate) struct Statement(Query<'static, Any, AnyArguments>);

impl Statement {
    pub(crate) fn new(sql: &'static str) -> Self {
        Self(sqlx::query(sql))
    }

    pub(crate) fn text(self, value: impl Into<String>) -> Self {
        let value: String = value.into();
        Self(self.0.bind(value))
    }

    pub(crate) fn number(self, value: i64) -> Self {
        Self(self.0.bind(value))
    }

    /// All rows.
    pub(crate) fn all(self, pool: &AnyPool) -> Answer<'_, Vec<AnyRow>> {
        Box::pin(async move {
            let mut connection = pool.acquire().await?;
            self.0.fetch_all(&mut *connection).await
        })
    }

    /// The first row.
    pub(crate) fn optional(self, pool: &AnyPool) -> Answer<'_, Option<AnyRow>> {
        Box::pin(async move {
            let mut connection = pool.acquire().await?;
            self.0.fetch_optional(&mut *connection).await
        })
    }

    /// The first row, which must be there.
    pub(crate) fn one(self, pool: &AnyPool) -> Answer<'_, AnyRow> {
        Box::pin(async move { self.optional(pool).await?.ok_or(Error::RowNotFound) })
    }

    /// Runs it inside a transaction; how many rows it touched.
    pub(crate) fn run(self, connection: &mut AnyConnection) -> Answer<'_, u64> {
        Box::pin(async move { Ok(self.0.execute(connection).await?.rows_affected()) })
    }

    /// Runs it on its own.
    pub(crate) fn run_alone(self, pool: &AnyPool) -> Answer<'_, u64> {
        Box::pin(async move {
            let mut connection = pool.acquire().await?;
            self.run(&mut connection).await
        })
    }
}
