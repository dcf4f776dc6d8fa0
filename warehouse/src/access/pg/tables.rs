//! Makes all tables of the system catalog for one view. The library describes a catalog it is given; ours holds
//! names and types of visible columns only, so there is nothing else it could tell.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::compute::concat_batches;
use arrow::datatypes::{DataType, Field, Int32Type, Schema, SchemaRef};
use async_trait::async_trait;
use datafusion::common::ScalarValue;
use datafusion::datasource::TableType;
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::TaskContext;
use datafusion_pg_catalog::pg_catalog::catalog_info::CatalogInfo;
use datafusion_pg_catalog::pg_catalog::context::EmptyContextProvider;
use datafusion_pg_catalog::pg_catalog::{
    PG_CATALOG_TABLES, PgCatalogSchemaProvider, PgCatalogStaticTables, PgCatalogTable,
};
use futures::TryStreamExt;

use super::constraints::Described;
use super::lists::with_lists;
use super::rows::Rows;
use super::{EXTRA_SHAPES, Made, standard};
use crate::access::lake_catalog::{CATALOG, PUBLIC};
use crate::access::view::View;

/// Names and columns of what a session can see.
#[derive(Debug, Clone)]
struct Visible {
    /// By schema and table.
    schemas: Arc<BTreeMap<String, BTreeMap<String, SchemaRef>>>,
}

#[async_trait]
impl CatalogInfo for Visible {
    async fn catalog_names(&self) -> Result<Vec<String>> {
        Ok(vec![CATALOG.to_owned()])
    }

    async fn schema_names(&self, _: &str) -> Result<Option<Vec<String>>> {
        // `public` last: its object ids follow those of the system tables, whose number is fixed.
        Ok(Some(self.schemas.keys().cloned().collect()))
    }

    async fn table_names(&self, _: &str, schema: &str) -> Result<Option<Vec<String>>> {
        Ok(self.schemas.get(schema).map(|tables| tables.keys().cloned().collect()))
    }

    async fn table_schema(&self, _: &str, schema: &str, table: &str) -> Result<Option<SchemaRef>> {
        Ok(self.schemas.get(schema).and_then(|tables| tables.get(table)).cloned())
    }

    async fn table_type(&self, _: &str, _: &str, _: &str) -> Result<Option<TableType>> {
        Ok(Some(TableType::Base))
    }
}

/// Tables of which the library ships the rows of somebody's server: its statistics, its accounts, what depends on what.
const EMPTIED: [&str; 6] =
    ["pg_statistic", "pg_authid", "pg_auth_members", "pg_db_role_setting", "pg_depend", "pg_init_privs"];

/// Limits of PostgreSQL as it is built everywhere.
const SETTINGS: [(&str, &str); 3] =
    [("max_index_keys", "32"), ("max_identifier_length", "63"), ("server_encoding", "UTF8")];

type Provider = PgCatalogSchemaProvider<Visible, EmptyContextProvider>;

/// Every table of `pg_catalog`, by name.
pub(super) async fn make(view: Arc<View>, statics: Arc<PgCatalogStaticTables>) -> Result<Made> {
    let nothing = Visible { schemas: Arc::default() };
    let shapes = Provider::try_new(nothing, statics.clone(), EmptyContextProvider)?;
    let mut system = BTreeMap::new();
    for name in PG_CATALOG_TABLES {
        if let Some(table) = shapes.build_table_by_name(name)? {
            system.insert(name.to_string(), table.schema());
        }
    }
    let lake = view.tables.iter().map(|(id, table)| (id.clone(), table.schema.clone())).collect();
    let schemas = BTreeMap::from([
        ("information_schema".to_owned(), BTreeMap::new()),
        ("pg_catalog".to_owned(), system),
        (PUBLIC.to_owned(), lake),
    ]);
    let provider =
        Provider::try_new(Visible { schemas: Arc::new(schemas) }, statics.clone(), EmptyContextProvider)?;
    // Object ids are given in the order tables are asked for: `pg_class` first, which names every object.
    let mut made = BTreeMap::new();
    for name in ["pg_class", "pg_attribute", "pg_namespace", "pg_database"].iter().chain(PG_CATALOG_TABLES) {
        if !made.contains_key(*name)
            && let Some(table) = provider.build_table_by_name(name)?
        {
            made.insert(name.to_string(), with_lists(name, rows(&table).await?)?);
        }
    }
    let namespace = namespace(&made)?;
    let class = made.get("pg_class").cloned().ok_or_else(|| DataFusionError::Internal("pg_class".into()))?;
    let described = Described::new(&view, &class, namespace)?;
    for (name, batch) in described.described(&made)? {
        made.insert(name.to_owned(), batch);
    }
    made.insert("pg_class".into(), described.class(&class)?);
    for name in EMPTIED {
        if let Some(batch) = made.get_mut(name) {
            *batch = RecordBatch::new_empty(batch.schema());
        }
    }
    if let Some(attributes) = made.get("pg_attribute") {
        made.insert("pg_attribute".into(), described.attributes(attributes)?);
    }
    if let Some(settings) = made.get("pg_settings") {
        made.insert("pg_settings".into(), with_settings(settings)?);
    }
    let standard = standard::make(&view, &made, &described)?;
    for (name, texts) in EXTRA_SHAPES {
        let fields: Vec<Field> = texts.iter().map(|text| Field::new(*text, DataType::Utf8, true)).collect();
        made.insert(name.to_owned(), RecordBatch::new_empty(Arc::new(Schema::new(fields))));
    }
    let comments = described.comments().into_iter().collect();
    Ok(Made { comments, definitions: described.definitions(), tables: made, standard })
}

/// Settings drivers ask for before they ask for keys.
fn with_settings(settings: &RecordBatch) -> Result<RecordBatch> {
    let mut more = Rows::new(settings.schema());
    for (name, setting) in SETTINGS {
        more.push(&[("name", ScalarValue::from(name)), ("setting", ScalarValue::from(setting))]);
    }
    Ok(concat_batches(&settings.schema(), &[settings.clone(), more.finish()?])?)
}

async fn rows(table: &PgCatalogTable) -> Result<RecordBatch> {
    let schema = table.schema();
    let batches = match table {
        PgCatalogTable::Static(table) => table.data().to_vec(),
        PgCatalogTable::Dynamic(table) => {
            table.execute(Arc::new(TaskContext::default())).try_collect().await?
        }
        PgCatalogTable::Empty(_) => Vec::new(),
    };
    Ok(concat_batches(&schema, &batches)?)
}

/// Object id of the schema of the lake's tables.
fn namespace(made: &BTreeMap<String, RecordBatch>) -> Result<i32> {
    let missing = || DataFusionError::Internal("pg_namespace".into());
    let table = made.get("pg_namespace").ok_or_else(missing)?;
    let names = table.column_by_name("nspname").and_then(|c| c.as_string_opt::<i32>()).ok_or_else(missing)?;
    let oids =
        table.column_by_name("oid").and_then(|c| c.as_primitive_opt::<Int32Type>()).ok_or_else(missing)?;
    let row = (0..names.len()).find(|row| names.value(*row) == PUBLIC).ok_or_else(missing)?;
    Ok(oids.value(row))
}
