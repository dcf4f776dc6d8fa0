//! The one catalog of a session: `public` with the lake's tables cut to scope and view, `pg_catalog` and
//! `information_schema` describing exactly these.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use datafusion::catalog::information_schema::InformationSchemaProvider;
use datafusion::catalog::{CatalogProvider, CatalogProviderList, SchemaProvider};
use datafusion::datasource::TableProvider;
use datafusion::error::DataFusionError;
use pujiang_security::Pseudonymizer;

use super::admitted::{Admitted, Origin};
use super::door::store_url;
use super::grants::Grants;
use super::pg::PgCatalog;
use super::scoped_table::ScopedTable;
use super::view::View;
use crate::delta::Snapshot;

/// Name of the catalog; clients see it as the database.
pub(super) const CATALOG: &str = "pujiang";
/// Schema of the lake's tables.
pub(super) const PUBLIC: &str = "public";
const PG_CATALOG: &str = "pg_catalog";
const INFORMATION_SCHEMA: &str = "information_schema";
/// Table of `information_schema` the engine has for its own settings: nobody here may change them, or need know them.
const ENGINE: &str = "df_settings";
/// Tables of `information_schema` the engine does not have.
const STANDARD: [&str; 3] = ["table_constraints", "key_column_usage", "referential_constraints"];

/// What a session reads: the tables of a moment, cut to scope and view.
pub(super) struct LakeCatalog {
    /// Marks the tables given out.
    pub session: u64,
    pub account: String,
    pub grants: Grants,
    pub view: Arc<View>,
    pub snapshots: BTreeMap<String, Arc<Snapshot>>,
    pub pseudonyms: Option<Pseudonymizer>,
    pub pg: Arc<PgCatalog>,
}

impl std::fmt::Debug for LakeCatalog {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "LakeCatalog({})", self.session)
    }
}

impl LakeCatalog {
    /// A table of the lake, marked for this session.
    pub fn table(&self, id: &str) -> Result<Option<Arc<dyn TableProvider>>, DataFusionError> {
        let (Some(view), Some(snapshot)) = (self.view.tables.get(id), self.snapshots.get(id)) else {
            return Ok(None);
        };
        let url = store_url(id).map_err(|e| DataFusionError::External(Box::new(e)))?;
        let reach = self.grants.reach(&view.def, snapshot);
        let table = ScopedTable::new(view.clone(), url, reach, self.pseudonyms.clone());
        Ok(Some(Admitted::of(Arc::new(table), Origin::Session(self.session))))
    }

    /// The version of a table this session reads.
    pub fn version(&self, table: &str) -> Option<i64> {
        self.snapshots.get(table).map(|s| s.version)
    }
}

/// The catalog list of a session: this catalog and no other. Nothing can be added to it.
#[derive(Debug, Clone)]
pub(super) struct OneCatalog(pub Arc<LakeCatalog>);

impl CatalogProviderList for OneCatalog {
    fn register_catalog(&self, _: String, _: Arc<dyn CatalogProvider>) -> Option<Arc<dyn CatalogProvider>> {
        None
    }

    fn catalog_names(&self) -> Vec<String> {
        vec![CATALOG.to_owned()]
    }

    fn catalog(&self, name: &str) -> Option<Arc<dyn CatalogProvider>> {
        (name == CATALOG).then(|| Arc::new(Schemas(self.0.clone())) as Arc<dyn CatalogProvider>)
    }
}

#[derive(Debug)]
struct Schemas(Arc<LakeCatalog>);

impl CatalogProvider for Schemas {
    fn schema_names(&self) -> Vec<String> {
        [PUBLIC, PG_CATALOG, INFORMATION_SCHEMA].map(ToOwned::to_owned).into()
    }

    fn schema(&self, name: &str) -> Option<Arc<dyn SchemaProvider>> {
        let lake = self.0.clone();
        match name {
            PUBLIC => Some(Arc::new(PublicSchema(lake))),
            PG_CATALOG => Some(Arc::new(SystemSchema::Pg(lake))),
            INFORMATION_SCHEMA => Some(Arc::new(SystemSchema::Information(lake))),
            _ => None,
        }
    }
}

#[derive(Debug)]
struct PublicSchema(Arc<LakeCatalog>);

#[async_trait]
impl SchemaProvider for PublicSchema {
    fn table_names(&self) -> Vec<String> {
        self.0.view.tables.keys().cloned().collect()
    }

    async fn table(&self, name: &str) -> Result<Option<Arc<dyn TableProvider>>, DataFusionError> {
        self.0.table(name)
    }

    fn table_exist(&self, name: &str) -> bool {
        self.0.view.tables.contains_key(name)
    }
}

/// Schemas that describe the session's catalog.
#[derive(Debug)]
enum SystemSchema {
    Pg(Arc<LakeCatalog>),
    Information(Arc<LakeCatalog>),
}

impl SystemSchema {
    fn information(lake: &Arc<LakeCatalog>) -> InformationSchemaProvider {
        InformationSchemaProvider::new(Arc::new(OneCatalog(lake.clone())))
    }
}

#[async_trait]
impl SchemaProvider for SystemSchema {
    fn table_names(&self) -> Vec<String> {
        match self {
            Self::Pg(lake) => lake.pg.table_names(),
            Self::Information(lake) => {
                let mut names = Self::information(lake).table_names();
                names.retain(|name| name != ENGINE);
                names.extend(STANDARD.map(ToOwned::to_owned));
                names
            }
        }
    }

    async fn table(&self, name: &str) -> Result<Option<Arc<dyn TableProvider>>, DataFusionError> {
        let table = match self {
            Self::Pg(lake) => lake.pg.table(name, &lake.account).await?,
            Self::Information(_) if name == ENGINE => None,
            Self::Information(lake) => match lake.pg.standard_table(name).await? {
                Some(table) => Some(table),
                None => Self::information(lake).table(name).await?,
            },
        };
        Ok(table.map(|table| Admitted::of(table, Origin::Constant)))
    }

    fn table_exist(&self, name: &str) -> bool {
        match self {
            Self::Pg(lake) => lake.pg.table_names().iter().any(|known| known == name),
            Self::Information(lake) => {
                (name != ENGINE && Self::information(lake).table_exist(name)) || STANDARD.contains(&name)
            }
        }
    }
}
