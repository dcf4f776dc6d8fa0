//! One principal's session: a copy of the engine's template whose catalog lists the lake's tables cut to scope and view,
//! pinned to the snapshots of the moment it was made. Running statements is `query`.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arrow::array::RecordBatch;
use chrono::{DateTime, Utc};
use datafusion::common::TableReference;
use datafusion::datasource::provider_as_source;
use datafusion::execution::session_state::SessionState;
use datafusion::logical_expr::LogicalPlanBuilder;
use datafusion::prelude::DataFrame;
use futures::FutureExt;
use futures::future::BoxFuture;
use pujiang_security::{DataScope, ScopeLevel};

use super::admitted::{Admitted, Alarm, Origin};
use super::door::{Door, store_url};
use super::engine::QueryRuntime;
use super::fingerprint::AccessFingerprint;
use super::lake_catalog::{CATALOG, LakeCatalog, OneCatalog, PUBLIC};
use super::{pg, rollup};
use crate::error::WarehouseError;
use crate::rollup::RollupSpec;

/// Sessions get numbers, so that a table given out by one is known not to be of another.
static SESSIONS: AtomicU64 = AtomicU64::new(1);

/// What one principal can read. Get one from [`Door::session`].
pub struct ScopedSession {
    pub(super) lake: Arc<LakeCatalog>,
    pub(super) state: SessionState,
    pub(super) access: AccessFingerprint,
    pub(super) runtime: QueryRuntime,
    pub(super) door: Door,
}

impl ScopedSession {
    /// The next number of a session.
    pub(super) fn number() -> u64 {
        SESSIONS.fetch_add(1, Ordering::Relaxed)
    }

    pub(super) fn new(door: &Door, lake: LakeCatalog, access: AccessFingerprint) -> Self {
        let lake = Arc::new(lake);
        let mut state = door.engine.state();
        state.register_catalog_list(Arc::new(OneCatalog(lake.clone())));
        state.add_analyzer_rule(Arc::new(Alarm { session: lake.session }));
        for function in pg::of_account(&lake.account, &lake.pg) {
            use datafusion::execution::FunctionRegistry;
            // Registering in a plain map cannot fail.
            let _ = state.register_udf(function);
        }
        let runtime = door.engine.runtime_of(&lake.account);
        Self { lake, state, access, runtime, door: door.clone() }
    }

    /// The same session with the settings of a connection: what `current_setting` tells, and the zone points in time are
    /// shown in.
    ///
    /// # Errors
    /// When a function cannot be made for the zone.
    pub fn with_settings(mut self, settings: BTreeMap<String, String>) -> Result<Self, WarehouseError> {
        use datafusion::execution::FunctionRegistry;
        let zone = settings.get("timezone").cloned();
        for function in pg::Setting::functions(&Arc::new(settings)) {
            self.state.register_udf(Arc::new(function)).map_err(WarehouseError::from_engine)?;
        }
        let Some(zone) = zone.filter(|zone| Some(zone.as_str()) != self.zone()) else { return Ok(self) };
        self.state.config_mut().options_mut().execution.time_zone = Some(zone);
        // Functions whose type bears the zone are made anew for it.
        let options = self.state.config_options().clone();
        let functions = self.state.scalar_functions().values();
        let changed: Vec<_> = functions.filter_map(|f| f.inner().with_updated_config(&options)).collect();
        for function in changed {
            self.state.register_udf(Arc::new(function)).map_err(WarehouseError::from_engine)?;
        }
        Ok(self)
    }

    fn zone(&self) -> Option<&str> {
        self.state.config_options().execution.time_zone.as_deref()
    }

    /// The scope every answer of this session is cut to.
    pub fn scope(&self) -> &DataScope {
        &self.lake.grants.scope
    }

    /// The name of what this session sees; the required part of every key answers are kept under.
    pub fn fingerprint(&self) -> &AccessFingerprint {
        &self.access
    }

    /// Whether this session sees the whole city.
    pub fn is_city(&self) -> bool {
        self.scope().level() == ScopeLevel::City
    }

    /// Versions of all tables of this session.
    pub fn versions(&self) -> BTreeMap<String, i64> {
        self.lake.snapshots.iter().map(|(id, s)| (id.clone(), s.version)).collect()
    }

    /// The data version of an answer that read these tables, e.g. `benefit_transaction@12,state_event@3`.
    pub fn data_version(&self, tables: &[&str]) -> String {
        data_version(tables, |table| self.lake.version(table))
    }

    /// When the newest file of these tables was written: the same for every reading of one data version.
    pub fn data_time(&self, tables: &[&str]) -> Option<DateTime<Utc>> {
        let files = tables.iter().filter_map(|table| self.lake.snapshots.get(*table)).flat_map(|s| &s.files);
        DateTime::from_timestamp_millis(files.map(|file| file.modified).max()?)
    }

    /// Runs a plan made from this session's tables.
    pub fn collect(&self, frame: DataFrame) -> BoxFuture<'_, Result<Vec<RecordBatch>, WarehouseError>> {
        async move {
            self.gather(frame.into_unoptimized_plan(), super::AnswerLimit::default()).await.map(|g| g.batches)
        }
        .boxed()
    }

    /// One table of the scope as a plan to build on.
    pub fn table<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<DataFrame, WarehouseError>> {
        async move {
            let unknown = || WarehouseError::UnknownTable(id.to_owned());
            let table = self.lake.table(id).map_err(WarehouseError::from_engine)?.ok_or_else(unknown)?;
            let plan = LogicalPlanBuilder::scan(
                TableReference::full(CATALOG, PUBLIC, id),
                provider_as_source(table),
                None,
            )
            .and_then(LogicalPlanBuilder::build)
            .map_err(WarehouseError::from_engine)?;
            Ok(DataFrame::new(self.state.clone(), plan))
        }
        .boxed()
    }

    /// Partial aggregates of what the scope shows as a plan to build on: `district_code`, `day`, the dimensions, the
    /// measures (see [`RollupSpec`]). From the side files where the scope is a choice of files and no column is
    /// treated; from the scoped rows otherwise.
    ///
    /// Fails with `HiddenColumn` when the spec needs the clear values of a column that this session does not show.
    pub fn rollup<'a>(&'a self, spec: &'a RollupSpec) -> BoxFuture<'a, Result<DataFrame, WarehouseError>> {
        async move {
            let unknown = || WarehouseError::UnknownTable(spec.table.clone());
            let view = self.lake.view.tables.get(&spec.table).ok_or_else(unknown)?;
            let snapshot = self.lake.snapshots.get(&spec.table).ok_or_else(unknown)?;
            let reach = self.lake.grants.reach(&view.def, snapshot);
            if rollup::from_side_files(view, spec, reach.rows.is_some())? {
                let context = || self.door.empty_context();
                let files = Box::pin(self.door.rollups.provider(
                    &context,
                    &view.def,
                    store_url(&spec.table)?,
                    reach.files,
                    spec,
                ))
                .await?;
                let table = Admitted::of(files, Origin::Session(self.lake.session));
                return self.frame(table);
            }
            let batches =
                self.collect(rollup::of_rows(self.table(&spec.table).await?, &view.def, spec)?).await?;
            let partials = self.door.rollups.provider_of_rows(&view.def, spec, &batches).await?;
            self.frame(Admitted::of(partials, Origin::Session(self.lake.session)))
        }
        .boxed()
    }

    fn frame(
        &self,
        table: Arc<dyn datafusion::datasource::TableProvider>,
    ) -> Result<DataFrame, WarehouseError> {
        let plan = LogicalPlanBuilder::scan("?table?", provider_as_source(table), None)
            .and_then(LogicalPlanBuilder::build)
            .map_err(WarehouseError::from_engine)?;
        Ok(DataFrame::new(self.state.clone(), plan))
    }
}

/// `table@version` of each of the tables that has one, sorted.
pub(super) fn data_version(tables: &[&str], version: impl Fn(&str) -> Option<i64>) -> String {
    let mut named: Vec<&str> = tables.to_vec();
    named.sort_unstable();
    named.dedup();
    let versions = named.iter().filter_map(|t| version(t).map(|v| format!("{t}@{v}")));
    versions.collect::<Vec<_>>().join(",")
}
