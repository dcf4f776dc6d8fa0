//! Makes scoped sessions over one shared engine runtime (memory limit, spill folder, file caches).

use std::collections::BTreeMap;
use std::sync::Arc;

use futures::FutureExt;
use futures::future::BoxFuture;

use datafusion::execution::memory_pool::{FairSpillPool, TrackConsumersPool};
use datafusion::execution::object_store::ObjectStoreUrl;
use datafusion::execution::runtime_env::{RuntimeEnv, RuntimeEnvBuilder};
use datafusion::execution::session_state::SessionStateBuilder;
use datafusion::prelude::{SessionConfig, SessionContext};
use pujiang_security::Principal;

use super::ScopedSession;
use super::fence::MULTIPLYING;
use crate::definition::Catalog;
use crate::delta::LakeTable;
use crate::error::WarehouseError;
use crate::rollup::{RollupStore, bitmap_count};

/// Memory all queries of a process may use together before they spill or fail.
const QUERY_MEMORY: usize = 1 << 30;

/// Hands out sessions. Cheap to clone; holding it gives no data without a `Principal`.
#[derive(Clone)]
pub struct Door {
    pub(super) catalog: Arc<Catalog>,
    pub(super) tables: Arc<BTreeMap<String, Arc<LakeTable>>>,
    pub(super) rollups: Arc<RollupStore>,
    runtime: Arc<RuntimeEnv>,
}

impl Door {
    pub(crate) fn new(
        catalog: Arc<Catalog>,
        tables: Arc<BTreeMap<String, Arc<LakeTable>>>,
        rollups: Arc<RollupStore>,
    ) -> Result<Self, WarehouseError> {
        let consumers = std::num::NonZeroUsize::MIN.saturating_add(4);
        let pool = TrackConsumersPool::new(FairSpillPool::new(QUERY_MEMORY), consumers);
        let runtime = RuntimeEnvBuilder::new()
            .with_memory_pool(Arc::new(pool))
            .build_arc()
            .map_err(|e| WarehouseError::Query(Box::new(e)))?;
        for (id, table) in tables.iter() {
            let url = store_url(id)?;
            runtime.register_object_store(url.as_ref(), table.store().clone());
        }
        Ok(Self { catalog, tables, rollups, runtime })
    }

    /// The table definitions behind the door: names and titles, never rows.
    pub fn catalog(&self) -> &Arc<Catalog> {
        &self.catalog
    }

    /// A session of this principal on the newest snapshots. No assignment → no districts → no rows.
    pub fn session<'a>(
        &'a self,
        principal: &'a Principal,
    ) -> BoxFuture<'a, Result<ScopedSession, WarehouseError>> {
        async move { ScopedSession::new(self, principal.scope().clone()) }.boxed()
    }

    /// An engine context without any table. The only place in the workspace that makes one.
    #[expect(
        clippy::disallowed_methods,
        reason = "the access room is the one place that makes engine sessions"
    )]
    pub(super) fn empty_context(&self) -> SessionContext {
        let mut config = SessionConfig::new()
            .with_information_schema(true)
            .with_create_default_catalog_and_schema(false)
            .with_default_catalog_and_schema("pujiang", "public")
            .set_bool("datafusion.execution.parquet.pushdown_filters", true)
            .set_bool("datafusion.execution.parquet.reorder_filters", true);
        config.options_mut().execution.time_zone = Some("Asia/Shanghai".into());
        let state = SessionStateBuilder::new()
            .with_config(config)
            .with_runtime_env(self.runtime.clone())
            .with_default_features()
            .build();
        let context = SessionContext::new_with_state(state);
        context.register_udaf(bitmap_count().as_ref().clone());
        for function in MULTIPLYING {
            context.deregister_udf(function);
        }
        context
    }
}

/// The engine's name for the store of a table.
pub(super) fn store_url(table: &str) -> Result<ObjectStoreUrl, WarehouseError> {
    ObjectStoreUrl::parse(format!("lake://{table}")).map_err(|e| WarehouseError::Query(Box::new(e)))
}
