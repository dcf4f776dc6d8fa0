//! `GET /api/v1/sql/catalog`: the tables and columns the caller may name, with titles, types, how each is shown, and
//! statements to begin with. Hidden columns are not in it.

use std::cmp::Reverse;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use pujiang_metrics::definition::{Keep, Measure};
use pujiang_metrics::dimension::Members;
use pujiang_metrics::{DimensionDef, ScopeView};
use pujiang_security::Permission;
use pujiang_transactional::definition::FieldKind;
use pujiang_warehouse::{ColumnType, TableKind, VisibleColumn, VisibleTable};
use serde::Serialize;
use utoipa::ToSchema;

use super::examples::{Example, Known, examples};
use crate::app::App;
use crate::auth::Caller;
use crate::clock::shanghai_now;
use crate::problem::Problem;

/// Column of the state every record with a workflow has.
const STATE: &str = "state";

/// Everything a statement may name.
#[derive(Debug, Serialize, ToSchema)]
pub struct SqlCatalog {
    tables: Vec<SqlTable>,
    /// The table to begin with: most indicators count its rows.
    first: Option<String>,
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
        let time = door.catalog().table(&table.id).and_then(|def| def.time.as_deref());
        let (counted, kinds) = (counted(&app, &table.id), kinds(&app, &table.id));
        let examples = examples(&table, &Known { time, counted, kinds }, &today);
        SqlTable::of(table, examples)
    });
    let first = app.metrics.most_counted().map(str::to_owned);
    let scope = ScopeView::from(caller.principal().scope());
    Ok(Json(SqlCatalog { tables: tables.collect(), first, scope }))
}

/// Which rows of a table the first indicator counts that counts its rows.
fn counted<'a>(app: &'a App, table: &str) -> &'a [Keep] {
    let mut sources = app.metrics.indicators().iter().filter_map(|indicator| match &indicator.measure {
        Measure::Count(source) => Some(source),
        _ => None,
    });
    sources.find(|source| source.table == table).map_or(&[], |source| &source.filter)
}

/// Columns that part the rows of a table into a few kinds: those behind dimensions with a list of members, the one most
/// indicators have first, then those the resource of that name has codes for, then the state every record has.
fn kinds<'a>(app: &'a App, table: &str) -> Vec<&'a str> {
    let having = |id: &str| {
        app.metrics.indicators().iter().filter(|one| one.dimensions.iter().any(|own| own == id)).count()
    };
    let listed = |dimension: &&DimensionDef| matches!(dimension.members, Members::Listed(_));
    let mut dimensions: Vec<&DimensionDef> = app.metrics.dimensions().all().iter().filter(listed).collect();
    dimensions.sort_by_key(|dimension| Reverse(having(&dimension.id)));
    let behind = dimensions.into_iter().map(|dimension| dimension.column.as_str());
    let fields = app.records.definitions().get(table).map(|resource| &resource.fields);
    let coded = fields.into_iter().flat_map(|fields| fields.values());
    let coded =
        coded.filter(|field| matches!(field.kind, FieldKind::Enum(_))).map(|field| field.name.as_str());
    behind.chain(coded).chain([STATE]).collect()
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
