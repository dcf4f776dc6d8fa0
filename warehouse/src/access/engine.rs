//! The engine behind the door: one runtime for the process (memory, spill folder, caches of footers) and one template
//! that every session is copied from. Copying costs microseconds; building rules and functions anew a hundred times more.

use std::collections::BTreeMap;
use std::sync::Arc;

use datafusion::execution::cache::TableScopedPath;
use datafusion::execution::memory_pool::{FairSpillPool, MemoryPool};
use datafusion::execution::runtime_env::{RuntimeEnv, RuntimeEnvBuilder};
use datafusion::execution::session_state::{SessionState, SessionStateBuilder};
use datafusion::execution::{FunctionRegistry, TaskContext};
use datafusion::physical_optimizer::optimizer::PhysicalOptimizer;
use datafusion::prelude::{SessionConfig, SessionContext};
use datafusion_pg_catalog::pg_catalog::PgCatalogStaticTables;
use object_store::path::Path;

use super::amplifying;
use super::door::store_url;
use super::fence::{MULTIPLYING, TELLING};
use super::functions::{self, SpelledTimes, TimeArithmetic, TimeSeries};
use super::lake_catalog::{CATALOG, PUBLIC};
use super::local_time::LocalTime;
use super::memory::{BoundedPool, PROCESS, PrincipalPools};
use super::named::guarded;
use super::pg::{self, BoundedSeries, ConstantRows};
use crate::delta::{DataFile, LakeTable};
use crate::error::WarehouseError;
use crate::rollup::bitmap_count;

/// Bytes all queries may spill to disk together.
const SPILL: u64 = 8 << 30;
/// Bytes of Parquet footers kept in memory.
const FOOTERS: usize = 128 << 20;

/// Bytes of statistics of data files kept in memory.
const FILE_STATISTICS: usize = 64 << 20;

/// See the module.
pub(super) struct Engine {
    runtime: Arc<RuntimeEnv>,
    template: SessionState,
    principals: PrincipalPools,
    pub statics: Arc<PgCatalogStaticTables>,
}

impl Engine {
    pub fn new(tables: &BTreeMap<String, Arc<LakeTable>>) -> Result<Self, WarehouseError> {
        let pool: Arc<dyn MemoryPool> = Arc::new(FairSpillPool::new(PROCESS));
        let runtime = RuntimeEnvBuilder::new()
            .with_memory_pool(pool)
            .with_max_temp_directory_size(SPILL)
            .with_metadata_cache_limit(FOOTERS)
            .with_file_statistics_cache_limit(FILE_STATISTICS)
            .build_arc()
            .map_err(WarehouseError::from_engine)?;
        for (id, table) in tables {
            let url = store_url(id)?;
            runtime.register_object_store(url.as_ref(), table.store().clone());
        }
        let statics = Arc::new(PgCatalogStaticTables::try_new().map_err(WarehouseError::from_engine)?);
        let template = template(runtime.clone())?;
        Ok(Self { runtime, template, principals: PrincipalPools::default(), statics })
    }

    /// A copy of the template: functions, rules and settings, and no table.
    pub fn state(&self) -> SessionState {
        self.template.clone()
    }

    /// Forgets what is known of files that are gone.
    pub fn forget(&self, files: &[Arc<DataFile>]) {
        let caches = &self.runtime.cache_manager;
        let (footers, statistics) = (caches.get_file_metadata_cache(), caches.get_file_statistic_cache());
        for file in files {
            let path = Path::from(file.path.as_str());
            footers.remove(&path);
            if let Some(statistics) = &statistics {
                statistics.remove(&TableScopedPath { table: None, path });
            }
        }
    }

    /// What an account's queries run in: bounds of memory for the account and for each query within.
    pub fn runtime_of(&self, account: &str) -> QueryRuntime {
        QueryRuntime {
            principal: self.principals.of(account, &self.runtime.memory_pool),
            process: self.runtime.clone(),
        }
    }
}

/// Makes the surroundings of single queries of one account.
pub(super) struct QueryRuntime {
    principal: Arc<BoundedPool>,
    process: Arc<RuntimeEnv>,
}

impl QueryRuntime {
    /// A task with a memory bound of its own; stores, footers and the spill folder are the process's.
    pub fn task(&self, state: &SessionState) -> Arc<TaskContext> {
        let runtime = RuntimeEnv {
            memory_pool: BoundedPool::for_query(&self.principal),
            ..self.process.as_ref().clone()
        };
        Arc::new(TaskContext::from(state).with_runtime(Arc::new(runtime)))
    }
}

/// The only place in the workspace that makes engine sessions.
#[expect(clippy::disallowed_methods, reason = "the access room is the one place that makes engine sessions")]
fn template(runtime: Arc<RuntimeEnv>) -> Result<SessionState, WarehouseError> {
    let mut config = SessionConfig::new()
        // Our own catalog brings its information schema along.
        .with_information_schema(false)
        .with_create_default_catalog_and_schema(false)
        .with_default_catalog_and_schema(CATALOG, PUBLIC)
        .set_bool("datafusion.execution.parquet.pushdown_filters", true)
        .set_bool("datafusion.execution.parquet.reorder_filters", true)
        // A limit on distinct rows of an input that has an order is refused with an internal error.
        .set_bool("datafusion.optimizer.enable_distinct_aggregation_soft_limit", false)
        // Asked for min and max together, the engine drops rows that only one of them needs.
        .set_bool("datafusion.optimizer.enable_aggregate_dynamic_filter_pushdown", false)
        // Hashing the smaller side of a join in one piece spares shuffling the larger one: a sixth less on TPC-H.
        .set_usize("datafusion.optimizer.hash_join_single_partition_threshold", 64 << 20)
        .set_usize("datafusion.optimizer.hash_join_single_partition_threshold_rows", 500_000);
    config.options_mut().execution.time_zone = Some("Asia/Shanghai".into());
    let mut state = SessionStateBuilder::new()
        .with_config(config)
        .with_runtime_env(runtime)
        .with_default_features()
        .with_analyzer_rule(Arc::new(SpelledTimes))
        .with_analyzer_rule(Arc::new(LocalTime))
        .with_relation_planners(vec![Arc::new(TimeSeries)])
        .with_physical_optimizer_rules(guarded(PhysicalOptimizer::default().rules))
        .build();
    FunctionRegistry::register_expr_planner(&mut state, Arc::new(TimeArithmetic::default()))
        .map_err(WarehouseError::from_engine)?;
    let context = SessionContext::new_with_state(state);
    context.register_udaf(bitmap_count().as_ref().clone());
    pg::install(&context).map_err(WarehouseError::from_engine)?;
    functions::install(&context);
    for function in MULTIPLYING.iter().chain(&TELLING) {
        context.deregister_udf(function);
    }
    amplifying::bound(&context);
    // Table functions are gone but these two: a bounded series, and a list clients complete words from.
    let functions = context.state().table_functions().clone();
    for name in functions.keys() {
        context.deregister_udtf(name);
    }
    if let Some(series) = functions.get("generate_series") {
        context.register_udtf("generate_series", Arc::new(BoundedSeries(series.function().clone())));
    }
    if let Some(keywords) = functions.get("pg_get_keywords") {
        context.register_udtf("pg_get_keywords", Arc::new(ConstantRows(keywords.function().clone())));
    }
    Ok(context.state())
}
