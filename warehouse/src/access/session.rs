//! One principal's session: a fresh engine context whose catalog lists the lake's tables cut to the
//! scope, pinned to the snapshots of the moment it was made.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures::FutureExt;
use futures::future::BoxFuture;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use async_trait::async_trait;
use datafusion::catalog::{CatalogProvider, MemoryCatalogProvider, SchemaProvider};
use datafusion::datasource::TableProvider;
use datafusion::error::DataFusionError;
use datafusion::execution::context::SQLOptions;
use datafusion::logical_expr::LogicalPlan;
use datafusion::prelude::{DataFrame, SessionContext};
use pujiang_security::{DataScope, DistrictCode, ScopeLevel};

use super::door::{Door, store_url};
use super::fence;
use super::scoped_table::ScopedTable;
use crate::definition::{TableDef, TableKind};
use crate::delta::{DataFile, Snapshot};
use crate::error::WarehouseError;
use crate::rollup::RollupSpec;

/// Rows a query gave, with the versions they were read from.
#[derive(Debug)]
pub struct Answer {
    /// Columns.
    pub schema: SchemaRef,
    /// Rows.
    pub batches: Vec<RecordBatch>,
    /// `table@version` of each table the query named.
    pub data_version: String,
}

/// What one principal can read. Get one from [`Door::session`].
pub struct ScopedSession {
    scope: DataScope,
    context: SessionContext,
    tables: Arc<ScopedTables>,
    door: Door,
}

#[derive(Debug)]
struct Entry {
    def: Arc<TableDef>,
    snapshot: Arc<Snapshot>,
}

#[derive(Debug)]
struct ScopedTables {
    scope: DataScope,
    entries: BTreeMap<String, Entry>,
}

impl ScopedTables {
    fn files(&self, entry: &Entry) -> Vec<Arc<DataFile>> {
        let visible = |file: &&Arc<DataFile>| match (entry.def.kind, file.district.as_deref()) {
            (TableKind::Reference, _) => true,
            (TableKind::District, Some(district)) => {
                // `parse` refuses the tombstone partition, so no scope can include it.
                DistrictCode::parse(district).is_ok_and(|code| self.scope.allows(code))
            }
            (TableKind::District, None) => false,
        };
        entry.snapshot.files.iter().filter(visible).cloned().collect()
    }
}

#[async_trait]
impl SchemaProvider for ScopedTables {
    fn table_names(&self) -> Vec<String> {
        self.entries.keys().cloned().collect()
    }

    async fn table(&self, name: &str) -> Result<Option<Arc<dyn TableProvider>>, DataFusionError> {
        let Some(entry) = self.entries.get(name) else { return Ok(None) };
        let url = store_url(name).map_err(|e| DataFusionError::External(Box::new(e)))?;
        Ok(Some(Arc::new(ScopedTable::new(entry.def.clone(), url, self.files(entry)))))
    }

    fn table_exist(&self, name: &str) -> bool {
        self.entries.contains_key(name)
    }
}

impl ScopedSession {
    pub(super) fn new(door: &Door, scope: DataScope) -> Result<Self, WarehouseError> {
        let entries = door
            .tables
            .iter()
            .map(|(id, table)| (id.clone(), Entry { def: table.def().clone(), snapshot: table.snapshot() }))
            .collect();
        let tables = Arc::new(ScopedTables { scope: scope.clone(), entries });
        let context = door.empty_context();
        let catalog = MemoryCatalogProvider::new();
        catalog.register_schema("public", tables.clone()).map_err(WarehouseError::from_engine)?;
        context.register_catalog("pujiang", Arc::new(catalog));
        Ok(Self { scope, context, tables, door: door.clone() })
    }

    /// The scope every answer of this session is cut to.
    pub fn scope(&self) -> &DataScope {
        &self.scope
    }

    /// Versions of all tables of this session.
    pub fn versions(&self) -> BTreeMap<String, i64> {
        self.tables.entries.iter().map(|(id, e)| (id.clone(), e.snapshot.version)).collect()
    }

    /// The data version of an answer that read these tables, e.g. `benefit_transaction@12,state_event@3`.
    pub fn data_version(&self, tables: &[&str]) -> String {
        let mut named: Vec<&str> = tables.to_vec();
        named.sort_unstable();
        named.dedup();
        let versions = named
            .iter()
            .filter_map(|t| self.tables.entries.get(*t).map(|e| format!("{t}@{}", e.snapshot.version)));
        versions.collect::<Vec<_>>().join(",")
    }

    /// Runs one read-only statement.
    pub fn sql<'a>(&'a self, text: &'a str) -> BoxFuture<'a, Result<Answer, WarehouseError>> {
        self.sql_up_to(text, usize::MAX)
    }

    /// Runs one read-only statement and stops after so many rows, so that no answer fills the memory.
    pub fn sql_up_to<'a>(
        &'a self,
        text: &'a str,
        rows: usize,
    ) -> BoxFuture<'a, Result<Answer, WarehouseError>> {
        async move {
            fence::check(text)?;
            let plan = Box::pin(self.context.state().create_logical_plan(text))
                .await
                .map_err(WarehouseError::from_engine)?;
            let read_only =
                SQLOptions::new().with_allow_ddl(false).with_allow_dml(false).with_allow_statements(false);
            read_only.verify_plan(&plan).map_err(|e| WarehouseError::ReadOnly(e.strip_backtrace()))?;
            let tables = scanned(&plan)?;
            let frame = Box::pin(self.context.execute_logical_plan(plan))
                .await
                .map_err(WarehouseError::from_engine)?;
            let schema = Arc::new(frame.schema().as_arrow().clone());
            // An explained plan is a few rows, and must stay the root of its plan.
            let whole = matches!(
                frame.logical_plan(),
                LogicalPlan::Explain(_) | LogicalPlan::Analyze(_) | LogicalPlan::DescribeTable(_)
            );
            let frame = match rows {
                usize::MAX => frame,
                _ if whole => frame,
                rows => frame.limit(0, Some(rows)).map_err(WarehouseError::from_engine)?,
            };
            let batches = self.collect(frame).await?;
            let named: Vec<&str> = tables.iter().map(String::as_str).collect();
            Ok(Answer { schema, batches, data_version: self.data_version(&named) })
        }
        .boxed()
    }

    /// Runs a plan made from this session's tables.
    pub fn collect(&self, frame: DataFrame) -> BoxFuture<'_, Result<Vec<RecordBatch>, WarehouseError>> {
        async move { Box::pin(frame.collect()).await.map_err(WarehouseError::from_engine) }.boxed()
    }

    /// One table of the scope as a plan to build on.
    pub fn table<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<DataFrame, WarehouseError>> {
        async move {
            if !self.tables.entries.contains_key(id) {
                return Err(WarehouseError::UnknownTable(id.to_owned()));
            }
            Box::pin(self.context.table(format!("pujiang.public.{id}")))
                .await
                .map_err(WarehouseError::from_engine)
        }
        .boxed()
    }

    /// Partial aggregates of the scope's files as a plan to build on: `district_code`, `day`, the
    /// dimensions, the measures (see [`RollupSpec`]).
    pub fn rollup<'a>(&'a self, spec: &'a RollupSpec) -> BoxFuture<'a, Result<DataFrame, WarehouseError>> {
        async move {
            let entry = self
                .tables
                .entries
                .get(&spec.table)
                .ok_or_else(|| WarehouseError::UnknownTable(spec.table.clone()))?;
            let files = self.tables.files(entry);
            let context = || self.door.empty_context();
            let provider = Box::pin(self.door.rollups.provider(
                &context,
                &entry.def,
                store_url(&spec.table)?,
                files,
                spec,
            ))
            .await?;
            self.context.read_table(provider).map_err(WarehouseError::from_engine)
        }
        .boxed()
    }

    /// Whether this session sees the whole city.
    pub fn is_city(&self) -> bool {
        self.scope.level() == ScopeLevel::City
    }
}

/// Tables a plan scans, sub-queries included.
fn scanned(plan: &LogicalPlan) -> Result<Vec<String>, WarehouseError> {
    use datafusion::common::tree_node::TreeNodeRecursion;
    let mut tables = Vec::new();
    plan.apply_with_subqueries(|node| {
        if let LogicalPlan::TableScan(scan) = node {
            tables.push(scan.table_name.table().to_owned());
        }
        Ok(TreeNodeRecursion::Continue)
    })
    .map_err(WarehouseError::from_engine)?;
    Ok(tables)
}
