//! The engine behind the door: one runtime for the process (memory, spill folder, caches of footers) and one template
//! that every session is copied from. Copying costs microseconds; building rules and functions anew a hundred times more.

use std::collections::BTreeMap;
use std::sync::Arc;

use datafusion::execution::cache::TableScopedPath;
use datafusion::execution::memory_pool::{FairSpillPool, MemoryPool};
use datafusion::execution::runtime_env::{RuntimeEnv, RuntimeEnvBuilder};
use datafusion::execution::session_state::{SessionState, SessionStateBuilder};
use datafusion::execution::{FunctionRegistry, TaskContext};
use datafusion::optimizer::{Analyzer, AnalyzerRule, Optimizer, OptimizerRule};
use datafusion::physical_optimizer::optimizer::PhysicalOptimizer;
use datafusion::prelude::{SessionConfig, SessionContext};
use datafusion_pg_catalog::pg_catalog::PgCatalogStaticTables;
use object_store::path::Path;

use super::array::{ArraysFromText, quantified_functions};
use super::called::tell_calls_apart;
use super::cast_names::named_cast;
use super::door::store_url;
use super::fence::{MULTIPLYING, TELLING};
use super::functions::{self, SpanOrder, SpelledTimes, TextsOfValues, TimeArithmetic, TimeSeries};
use super::lake_catalog::{CATALOG, PUBLIC};
use super::local_time::LocalTime;
use super::memory::{BoundedPool, PROCESS, PrincipalPools};
use super::microseconds::Microseconds;
use super::named::guarded;
use super::numeric::{
    ExactSums, FloatsFirst, Operators, RoundedCasts, finite_functions, nearest, null_if, spreads,
    unconstrained, uniting_functions, whole_functions,
};
use super::pg::{self, BoundedSeries, ConstantRows};
use super::subquery::{ExistsAnywhere, Membership};
use super::window_lists::WindowLists;
use super::{amplifying, wording};
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
        let statics = Arc::new(PgCatalogStaticTables::try_new().map_err(WarehouseError::from_engine)?);
        let template = template(runtime.clone())?;
        let engine = Self { runtime, template, principals: PrincipalPools::default(), statics };
        engine.know(tables)?;
        Ok(engine)
    }

    /// Makes the stores of tables known; those known already stay.
    pub fn know(&self, tables: &BTreeMap<String, Arc<LakeTable>>) -> Result<(), WarehouseError> {
        for (id, table) in tables {
            let url = store_url(id)?;
            self.runtime.register_object_store(url.as_ref(), table.store().clone());
        }
        Ok(())
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
    // A number with a point is a decimal in PostgreSQL.
    config.options_mut().sql_parser.parse_float_as_decimal = true;
    let mut state = SessionStateBuilder::new()
        .with_config(config)
        .with_runtime_env(runtime)
        .with_expr_planners(vec![Arc::new(Operators), Arc::new(WindowLists)])
        .with_default_features()
        .with_analyzer_rules(analyzer_rules())
        .with_optimizer_rules(optimizer_rules())
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
    let functions = context.state().scalar_functions().clone();
    let values = whole_functions(|name| functions.get(name).cloned()).into_iter();
    let values = values
        .chain(quantified_functions())
        .chain(wording::functions())
        .chain([unconstrained(), named_cast()]);
    let values = values.chain(functions.get("round").cloned().into_iter().flat_map(nearest));
    let values = values.chain(finite_functions(|name| functions.get(name).cloned()));
    let values = values.chain(uniting_functions(|name| functions.get(name).cloned()));
    let values = values.chain(functions.get("nullif").cloned().map(null_if));
    for function in values {
        context.register_udf(function);
    }
    let aggregates = context.state().aggregate_functions().clone();
    for aggregate in spreads(|name| aggregates.get(name).cloned()) {
        context.register_udaf(aggregate);
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
    tell_calls_apart(&context);
    Ok(context.state())
}

/// The engine's rules with ours: floats before types are made equal, the rest behind.
fn analyzer_rules() -> Vec<Arc<dyn AnalyzerRule + Send + Sync>> {
    let mut rules = Analyzer::new().rules;
    rules.insert(0, Arc::new(FloatsFirst));
    rules.insert(1, Arc::new(TextsOfValues));
    rules.insert(2, Arc::new(SpanOrder::default()));
    rules.push(Arc::new(Microseconds));
    rules.push(Arc::new(SpelledTimes));
    rules.push(Arc::new(TextsOfValues));
    rules.push(Arc::new(RoundedCasts));
    rules.push(Arc::new(ArraysFromText));
    rules.push(Arc::new(ExactSums));
    rules.push(Arc::new(Membership));
    rules.push(Arc::new(LocalTime));
    rules
}

/// The engine's rules, and before them what makes EXISTS theirs.
fn optimizer_rules() -> Vec<Arc<dyn OptimizerRule + Send + Sync>> {
    let mut rules = Optimizer::new().rules;
    rules.insert(0, Arc::new(ExistsAnywhere));
    rules
}
