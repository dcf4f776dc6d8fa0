//! The door: whoever shows a `Principal` gets a session, a description of what it sees, or a reader of comparisons. Holding
//! a door gives no data.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use datafusion::execution::object_store::ObjectStoreUrl;
use datafusion::prelude::SessionContext;
use futures::FutureExt;
use futures::future::BoxFuture;
use pujiang_security::{Principal, Pseudonymizer, Role};

use super::answers::{AnswerCache, AnswerCacheStatistics};
use super::engine::Engine;
use super::fingerprint::AccessFingerprint;
use super::grants::Grants;
use super::hierarchy::{Hierarchy, HierarchyCache};
use super::lake_catalog::LakeCatalog;
use super::pg::PgCatalog;
use super::view::View;
use super::{ComparisonReader, ScopedSession, session};
use crate::definition::Catalog;
use crate::delta::{DataFile, LakeTable};
use crate::error::WarehouseError;
use crate::rollup::RollupStore;

/// Hands out sessions. Cheap to clone; holding it gives no data without a `Principal`.
#[derive(Clone)]
pub struct Door {
    pub(super) catalog: Arc<Catalog>,
    pub(super) tables: Arc<BTreeMap<String, Arc<LakeTable>>>,
    pub(super) rollups: Arc<RollupStore>,
    pub(super) engine: Arc<Engine>,
    pub(super) answers: Arc<AnswerCache>,
    hierarchy: Arc<HierarchyCache>,
    pseudonyms: Option<Pseudonymizer>,
    views: Arc<Mutex<HashMap<Vec<Arc<Role>>, Seen>>>,
}

/// A view and its system catalog, shared by all people with the same roles.
#[derive(Clone)]
pub(super) struct Seen {
    pub view: Arc<View>,
    pub pg: Arc<PgCatalog>,
}

impl Door {
    pub(crate) fn new(
        catalog: Arc<Catalog>,
        tables: Arc<BTreeMap<String, Arc<LakeTable>>>,
        rollups: Arc<RollupStore>,
        pseudonyms: Option<Pseudonymizer>,
    ) -> Result<Self, WarehouseError> {
        let engine = Arc::new(Engine::new(&tables)?);
        Ok(Self {
            catalog,
            tables,
            rollups,
            engine,
            answers: Arc::default(),
            hierarchy: Arc::default(),
            pseudonyms,
            views: Arc::default(),
        })
    }

    /// A door to the same lake under other definitions: caches of files, memory bounds and rollups are shared, answers and
    /// views are not.
    pub(crate) fn redefined(
        &self,
        catalog: Arc<Catalog>,
        tables: Arc<BTreeMap<String, Arc<LakeTable>>>,
    ) -> Result<Self, WarehouseError> {
        self.engine.know(&tables)?;
        Ok(Self {
            catalog,
            tables,
            rollups: self.rollups.clone(),
            engine: self.engine.clone(),
            answers: Arc::default(),
            hierarchy: Arc::default(),
            pseudonyms: self.pseudonyms.clone(),
            views: Arc::default(),
        })
    }

    /// The table definitions behind the door: names and titles, never rows. For what one person sees of them ask
    /// [`Door::visible_catalog`].
    pub fn catalog(&self) -> &Arc<Catalog> {
        &self.catalog
    }

    /// A session of this principal on the newest snapshots. No assignment → no districts → no rows.
    pub fn session<'a>(
        &'a self,
        principal: &'a Principal,
    ) -> BoxFuture<'a, Result<ScopedSession, WarehouseError>> {
        async move {
            let grants = self.grants(principal).await?;
            let seen = self.seen(principal);
            // Read once: the fingerprint must name the hierarchy that the grants were resolved by.
            let access = self.named(principal, &seen.view, grants.1);
            let lake = LakeCatalog {
                session: ScopedSession::number(),
                account: principal.account().to_owned(),
                grants: grants.0,
                view: seen.view,
                snapshots: self.tables.iter().map(|(id, t)| (id.clone(), t.snapshot())).collect(),
                pseudonyms: self.pseudonyms.clone(),
                pg: seen.pg,
            };
            Ok(ScopedSession::new(self, lake, access))
        }
        .boxed()
    }

    /// The fingerprint a session of this principal would have now, without making one: to look into caches first.
    pub fn fingerprint(&self, principal: &Principal) -> AccessFingerprint {
        let hierarchy = match principal.scope().organizations().is_empty() {
            true => None,
            false => self.hierarchy_table().map(|table| table.snapshot().version),
        };
        self.named(principal, &self.seen(principal).view, hierarchy)
    }

    /// The data version of an answer that would read these tables now.
    pub fn data_version(&self, tables: &[&str]) -> String {
        session::data_version(tables, |table| self.tables.get(table).map(|t| t.snapshot().version))
    }

    /// A reader of declared comparisons over all districts. Every reading is logged with who asked.
    pub fn comparison(&self, principal: &Principal) -> ComparisonReader {
        ComparisonReader::new(self.clone(), principal)
    }

    /// Drops kept answers that were read from older versions.
    pub(crate) fn forget_older(&self) {
        self.answers.forget_older(&self.versions());
    }

    /// Forgets what is known of files that are gone.
    pub(crate) fn forget_files(&self, files: &[Arc<DataFile>]) {
        self.engine.forget(files);
    }

    /// Newest known version of every table.
    pub fn versions(&self) -> BTreeMap<String, i64> {
        self.tables.iter().map(|(id, table)| (id.clone(), table.snapshot().version)).collect()
    }

    /// Counters of the kept SQL answers.
    pub fn answer_cache(&self) -> AnswerCacheStatistics {
        self.answers.statistics()
    }

    fn named(&self, principal: &Principal, view: &View, hierarchy: Option<i64>) -> AccessFingerprint {
        AccessFingerprint::new(&principal.scope().fingerprint(), &view.fingerprint, hierarchy)
    }

    fn hierarchy_table(&self) -> Option<&Arc<LakeTable>> {
        self.tables.get(&self.catalog.hierarchy()?.id)
    }

    /// The principal's grants, organisations resolved, and the version of the hierarchy they were resolved by.
    pub(super) async fn grants(
        &self,
        principal: &Principal,
    ) -> Result<(Grants, Option<i64>), WarehouseError> {
        let scope = principal.scope().clone();
        if scope.organizations().is_empty() {
            return Ok((Grants { scope, organizations: Default::default() }, None));
        }
        let (hierarchy, version) = match self.hierarchy_table() {
            None => (Arc::new(Hierarchy::default()), None),
            Some(table) => {
                let (hierarchy, version) = Box::pin(self.hierarchy.newest(table)).await?;
                (hierarchy, Some(version))
            }
        };
        let organizations = hierarchy.with_all_below(scope.organizations());
        Ok((Grants { scope, organizations }, version))
    }

    /// How people with the principal's roles see the lake.
    pub(super) fn seen(&self, principal: &Principal) -> Seen {
        let mut views = self.views.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(seen) = views.get(principal.roles()) {
            return seen.clone();
        }
        let roles = principal.roles();
        let view = Arc::new(View::of_roles(&self.catalog, roles, self.pseudonyms.is_some()));
        let pg = Arc::new(PgCatalog::new(view.clone(), self.engine.statics.clone()));
        let seen = Seen { view, pg };
        views.insert(roles.to_vec(), seen.clone());
        seen
    }

    /// An engine context without any table and without a scope, for this room's own reading of files.
    #[expect(
        clippy::disallowed_methods,
        reason = "the access room is the one place that makes engine sessions"
    )]
    pub(super) fn empty_context(&self) -> SessionContext {
        SessionContext::new_with_state(self.engine.state())
    }
}

/// The engine's name for the store of a table.
pub(super) fn store_url(table: &str) -> Result<ObjectStoreUrl, WarehouseError> {
    ObjectStoreUrl::parse(format!("lake://{table}")).map_err(|e| WarehouseError::Query(Box::new(e)))
}
