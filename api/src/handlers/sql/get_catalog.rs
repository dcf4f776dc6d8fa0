//! `GET /api/v1/sql/catalog`: the tables and columns the caller may name, with titles, types, how each is shown, and
//! statements to begin with. Hidden columns are not in it.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use pujiang_metrics::ScopeView;
use pujiang_metrics::definition::{Keep, Measure};
use pujiang_security::Permission;
use pujiang_warehouse::{ColumnType, TableKind, VisibleColumn, VisibleTable};
use serde::Serialize;
use utoipa::ToSchema;

use super::examples::{Example, examples};
use crate::app::App;
use crate::auth::Caller;
use crate::clock::shanghai_now;
use crate::problem::Problem;

/// Everything a statement may name.
#[derive(Debug, Serialize, ToSchema)]
pub struct SqlCatalog {
    tables: Vec<SqlTable>,
    #[schema(value_type = Object)]
    scope: ScopeView,
}

/// A table.
#[derive(Debug, Serialize, ToSchema)]
pub struct SqlTable {
    name: String,
    title: String,
    description: String,
    /// `district` (cut to the caller's rows) or `reference` (the same for everybody).
    kind: &'static str,
    columns: Vec<SqlTableColumn>,
    examples: Vec<Example>,
}

/// A column.
#[derive(Debug, Serialize, ToSchema)]
pub struct SqlTableColumn {
    name: String,
    title: String,
    #[serde(rename = "type")]
    kind: String,
    /// `clear`, `masked` or `pseudonymised`: filters, groups and joins see the same form.
    treatment: &'static str,
    treatment_label: &'static str,
}

/// Tables and columns for completion and for reading.
#[utoipa::path(get, path = "/api/v1/sql/catalog", tag = "sql",
    responses((status = 200, body = SqlCatalog), (status = 403, body = crate::problem::ProblemBody)))]
pub async fn get_catalog(State(app): State<Arc<App>>, caller: Caller) -> Result<Json<SqlCatalog>, Problem> {
    caller.require(Permission::SqlQuery)?;
    let door = app.lake.door();
    let today = shanghai_now();
    let tables = door.visible_catalog(caller.principal()).into_iter().map(|table| {
        let time = door.catalog().table(&table.id).and_then(|def| def.time.clone());
        let examples = examples(&table, time.as_deref(), counted(&app, &table.id), &today);
        SqlTable::of(table, examples)
    });
    Ok(Json(SqlCatalog { tables: tables.collect(), scope: ScopeView::from(caller.principal().scope()) }))
}

/// Which rows of a table the first indicator counts that counts its rows.
fn counted<'a>(app: &'a App, table: &str) -> &'a [Keep] {
    let mut sources = app.metrics.indicators().iter().filter_map(|indicator| match &indicator.measure {
        Measure::Count(source) => Some(source),
        _ => None,
    });
    sources.find(|source| source.table == table).map_or(&[], |source| &source.filter)
}

impl SqlTable {
    fn of(table: VisibleTable, examples: Vec<Example>) -> Self {
        Self {
            name: table.id,
            title: table.title,
            description: table.description,
            kind: match table.kind {
                TableKind::District => "district",
                TableKind::Reference => "reference",
            },
            columns: table.columns.into_iter().map(SqlTableColumn::from).collect(),
            examples,
        }
    }
}

impl From<VisibleColumn> for SqlTableColumn {
    fn from(column: VisibleColumn) -> Self {
        Self {
            name: column.name,
            title: column.title,
            kind: type_name(column.kind),
            treatment: column.treatment.as_str(),
            treatment_label: column.treatment.title(),
        }
    }
}

fn type_name(kind: ColumnType) -> String {
    match kind {
        ColumnType::Text => "text".to_owned(),
        ColumnType::Integer => "integer".to_owned(),
        ColumnType::Decimal(precision, scale) => format!("decimal({precision},{scale})"),
        ColumnType::Date => "date".to_owned(),
        ColumnType::Timestamp => "timestamp".to_owned(),
        ColumnType::Boolean => "boolean".to_owned(),
    }
}
