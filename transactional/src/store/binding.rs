//! Running generated SQL: values are always bound, identifiers come only from validated definitions.

use sqlx::any::{AnyArguments, AnyRow};
use sqlx::query::Query;
use sqlx::{Any, AnyConnection, AssertSqlSafe, Row};

use crate::error::Error;

/// A bound value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Bind {
    Text(Option<String>),
    Int(Option<i64>),
    Bool(Option<bool>),
}

impl Bind {
    pub(crate) fn text(value: impl Into<String>) -> Self {
        Bind::Text(Some(value.into()))
    }

    pub(crate) fn int(value: i64) -> Self {
        Bind::Int(Some(value))
    }
}

fn bound(sql: &str, binds: Vec<Bind>) -> Query<'static, Any, AnyArguments> {
    let query = sqlx::query(AssertSqlSafe(sql));
    binds.into_iter().fold(query, |query, bind| match bind {
        Bind::Text(v) => query.bind(v),
        Bind::Int(v) => query.bind(v),
        Bind::Bool(v) => query.bind(v),
    })
}

/// Runs a statement; the number of rows it touched.
pub(crate) async fn execute(
    connection: &mut AnyConnection,
    sql: &str,
    binds: Vec<Bind>,
) -> Result<u64, sqlx::Error> {
    Ok(bound(sql, binds).execute(connection).await?.rows_affected())
}

/// All rows of a query.
pub(crate) async fn fetch_all(
    connection: &mut AnyConnection,
    sql: &str,
    binds: Vec<Bind>,
) -> Result<Vec<AnyRow>, sqlx::Error> {
    bound(sql, binds).fetch_all(connection).await
}

/// The first row of a query.
pub(crate) async fn fetch_optional(
    connection: &mut AnyConnection,
    sql: &str,
    binds: Vec<Bind>,
) -> Result<Option<AnyRow>, sqlx::Error> {
    bound(sql, binds).fetch_optional(connection).await
}

/// A text column by its position.
pub(crate) fn text_at(row: &AnyRow, position: usize) -> Result<Option<String>, Error> {
    row.try_get(position).map_err(Error::store("read a column"))
}
