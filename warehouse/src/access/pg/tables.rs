//! Makes all tables of the system catalog for one view. The library describes a catalog it is given; ours holds
//! names and types of visible columns only, so there is nothing else it could tell.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::compute::concat_batches;
use arrow::datatypes::{Int32Type, SchemaRef};
use async_trait::async_trait;
use datafusion::datasource::TableType;
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::TaskContext;
use datafusion_pg_catalog::pg_catalog::catalog_info::CatalogInfo;
use datafusion_pg_catalog::pg_catalog::context::EmptyContextProvider;
use datafusion_pg_catalog::pg_catalog::{
    PG_CATALOG_TABLES, PgCatalogSchemaProvider, PgCatalogStaticTables, PgCatalogTable,
};
use futures::TryStreamExt;

use super::Made;
use super::constraints::Described;
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

type Provider = PgCatalogSchemaProvider<Visible, EmptyContextProvider>;

/// Every table of `pg_catalog`, by name.
pub(super) async fn make(
    view: Arc<View>,
    statics: Arc<PgCatalogStaticTables>,
) -> Result<Made> {
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
            made.insert(name.to_string(), rows(&table).await?);
        }
    }
    let namespace = namespace(&made)?;
    let class = made.get("pg_class").cloned().ok_or_else(|| DataFusionError::Internal("pg_class".into()))?;
    let described = Described::new(&view, &class, namespace)?;
    for (name, batch) in described.described(&made)? {
        made.insert(name.to_owned(), batch);
    }
    made.insert("pg_class".into(), described.class(&class)?);
    let comments = described.comments().into_iter().collect();
    Ok(Made { comments, definitions: described.definitions(), tables: made })
}

async fn rows(table: &PgCatalogTable) -> Result<RecordBatch> {
    let schema = table.schema();
    let batches = match table {
        PgCatalogTable::Static(table) => table.data().to_vec(),
        PgCatalogTable::Dynamic(table) => table.execute(Arc::new(TaskContext::default())).try_collect().await?,
        PgCatalogTable::Empty(_) => Vec::new(),
    };
    Ok(concat_batches(&schema, &batches)?)
}

/// Object id of the schema of the lake's tables.
fn namespace(made: &BTreeMap<String, RecordBatch>) -> Result<i32> {
    let missing = || DataFusionError::Internal("pg_namespace".into());
    let table = made.get("pg_namespace").ok_or_else(missing)?;
    let names = table.column_by_name("nspname").and_then(|c| c.as_string_opt::<i32>()).ok_or_else(missing)?;
    let oids = table.column_by_name("oid").and_then(|c| c.as_primitive_opt::<Int32Type>()).ok_or_else(missing)?;
    let row = (0..names.len()).find(|row| names.value(*row) == PUBLIC).ok_or_else(missing)?;
    Ok(oids.value(row))
}
