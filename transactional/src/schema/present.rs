//! The columns a table has now.

use indexmap::IndexMap;
use sqlx::AnyConnection;

use super::resource::PresentColumn;
use crate::error::Error;
use crate::store::{Bind, Dialect, fetch_all, text_at};

/// Columns by name; empty when there is no such table.
pub(super) async fn columns(
    connection: &mut AnyConnection,
    dialect: Dialect,
    table: &str,
) -> Result<IndexMap<String, PresentColumn>, Error> {
    let sql = match dialect {
        Dialect::Sqlite => {
            "SELECT name, type, CAST(\"notnull\" AS TEXT), NULL, NULL FROM pragma_table_info($1)"
        }
        Dialect::Postgres => {
            "SELECT CAST(column_name AS TEXT), CAST(data_type AS TEXT),
                    CASE WHEN is_nullable = 'NO' THEN '1' ELSE '0' END,
                    CAST(numeric_precision AS TEXT), CAST(numeric_scale AS TEXT)
             FROM information_schema.columns
             WHERE table_schema = current_schema() AND table_name = $1
             ORDER BY ordinal_position"
        }
    };
    let rows = fetch_all(connection, sql, vec![Bind::text(table)])
        .await
        .map_err(Error::store("read the columns of a table"))?;
    let mut columns = IndexMap::new();
    for row in &rows {
        let name = text_at(row, 0)?.unwrap_or_default();
        let kind = text_at(row, 1)?.unwrap_or_default();
        let declared = match kind.as_str() {
            "numeric" => {
                let digits = |text: Option<String>| text.unwrap_or_default();
                format!("NUMERIC({},{})", digits(text_at(row, 3)?), digits(text_at(row, 4)?))
            }
            "timestamp with time zone" => "TIMESTAMPTZ".to_owned(),
            other => other.to_uppercase(),
        };
        let must_be_filled = text_at(row, 2)?.as_deref() == Some("1");
        columns.insert(name, PresentColumn { declared, must_be_filled });
    }
    Ok(columns)
}
