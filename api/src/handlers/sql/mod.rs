//! Read-only SQL.

mod query_sql;

pub use query_sql::*;
