//! Read-only SQL: asking, what may be named, taking rows out.

mod csv;
mod examples;
mod export_sql;
mod get_catalog;
mod query_sql;
mod sheet;

pub use export_sql::*;
pub use get_catalog::*;
pub use query_sql::*;
