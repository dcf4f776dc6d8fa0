//! What PostgreSQL clients ask the system catalog for, answered from the columns a session may see and nothing else:
//! no row counts, no statistics, no other accounts. Made once per view, so object ids are the same in all sessions.

mod bend;
mod constraints;
mod elements;
mod functions;
mod lists;
mod members;
mod rows;
mod series;
mod setting;
mod standard;
mod tables;

use std::collections::{BTreeMap, HashMap};
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use arrow::array::RecordBatch;
use datafusion::common::ScalarValue;
use datafusion::datasource::{MemTable, TableProvider};
use datafusion::error::{DataFusionError, Result};
use datafusion_pg_catalog::pg_catalog::{PG_CATALOG_TABLES, PgCatalogStaticTables};
use tokio::sync::OnceCell;

pub(super) use bend::{bend, look_up_names};
pub(super) use functions::{install, of_account};
pub(super) use series::{BoundedSeries, ConstantRows};
pub(super) use setting::Setting;

use super::view::View;
use rows::Rows;

/// Owner of everything, as clients see it.
pub(super) const OWNER: &str = "pujiang";
/// Object id of the owner.
const OWNER_OID: i32 = 10;
/// Object id of the account that asks.
const ACCOUNT_OID: i32 = 16_000;

/// Tables the library does not have and clients read; all columns are text.
const EXTRA_SHAPES: [(&str, &[&str]); 2] = [
    (
        "pg_user",
        &[
            "usename",
            "usesysid",
            "usecreatedb",
            "usesuper",
            "userepl",
            "usebypassrls",
            "passwd",
            "valuntil",
            "useconfig",
        ],
    ),
    (
        "pg_stat_activity",
        &[
            "datid",
            "datname",
            "pid",
            "usesysid",
            "usename",
            "application_name",
            "client_addr",
            "backend_start",
            "xact_start",
            "query_start",
            "state_change",
            "wait_event_type",
            "wait_event",
            "state",
            "query",
            "backend_type",
        ],
    ),
];
/// Their names.
pub(super) const EXTRA_TABLES: [&str; 2] = ["pg_user", "pg_stat_activity"];

/// The system catalog of one view.
pub(super) struct PgCatalog {
    view: Arc<View>,
    statics: Arc<PgCatalogStaticTables>,
    made: OnceCell<Made>,
}

/// What was made of a view.
struct Made {
    tables: BTreeMap<String, RecordBatch>,
    /// Tables of `information_schema`.
    standard: BTreeMap<String, RecordBatch>,
    /// Comments by object and column, 0 for the object itself.
    comments: HashMap<(i32, i32), String>,
    /// Texts of constraints and indexes.
    definitions: HashMap<i32, String>,
}

/// Catalogs of equal views are equal.
impl PartialEq for PgCatalog {
    fn eq(&self, other: &Self) -> bool {
        self.view.fingerprint == other.view.fingerprint
    }
}

impl Eq for PgCatalog {}

impl Hash for PgCatalog {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.view.fingerprint.hash(state);
    }
}

impl std::fmt::Debug for PgCatalog {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PgCatalog({})", self.view.fingerprint)
    }
}

impl PgCatalog {
    pub fn new(view: Arc<View>, statics: Arc<PgCatalogStaticTables>) -> Self {
        Self { view, statics, made: OnceCell::new() }
    }

    pub fn table_names(&self) -> Vec<String> {
        PG_CATALOG_TABLES.iter().chain(&EXTRA_TABLES).map(ToString::to_string).collect()
    }

    async fn made(&self) -> Result<&Made> {
        self.made.get_or_try_init(|| Box::pin(tables::make(self.view.clone(), self.statics.clone()))).await
    }

    /// A table of `pg_catalog` as this account sees it.
    pub async fn table(&self, name: &str, account: &str) -> Result<Option<Arc<dyn TableProvider>>> {
        let Some(batch) = self.made().await?.tables.get(name) else { return Ok(None) };
        in_memory(match name {
            "pg_roles" => roles(batch, account)?,
            "pg_user" => user(batch, account)?,
            _ => batch.clone(),
        })
        .map(Some)
    }

    /// A table of `information_schema` that this catalog has better than the engine.
    pub async fn standard_table(&self, name: &str) -> Result<Option<Arc<dyn TableProvider>>> {
        self.made().await?.standard.get(name).cloned().map(in_memory).transpose()
    }

    /// The comment on an object, or on one of its columns. Object ids are known from the catalog's tables, so these
    /// have been made when somebody asks.
    fn comment(&self, oid: i32, column: i32) -> Option<String> {
        self.made.get()?.comments.get(&(oid, column)).cloned()
    }

    /// The text of a constraint or an index.
    fn definition(&self, oid: i32) -> Option<String> {
        self.made.get()?.definitions.get(&oid).cloned()
    }
}

fn in_memory(batch: RecordBatch) -> Result<Arc<dyn TableProvider>> {
    Ok(Arc::new(MemTable::try_new(batch.schema(), vec![vec![batch]])?))
}

/// The account that asks.
fn user(shape: &RecordBatch, account: &str) -> Result<RecordBatch> {
    let mut rows = Rows::new(shape.schema());
    rows.push(&[("usename", ScalarValue::from(account)), ("usesuper", ScalarValue::from("false"))]);
    rows.finish()
}

/// The owner and the account that asks; nobody learns of other accounts.
fn roles(shape: &RecordBatch, account: &str) -> Result<RecordBatch> {
    let mut rows = Rows::new(shape.schema());
    for (name, oid) in [(OWNER, OWNER_OID), (account, ACCOUNT_OID)] {
        rows.push(&[
            ("rolname", ScalarValue::from(name)),
            ("oid", ScalarValue::from(oid)),
            ("rolinherit", ScalarValue::from(true)),
            ("rolcanlogin", ScalarValue::from(name == account)),
            ("rolconnlimit", ScalarValue::from(-1)),
        ]);
    }
    rows.finish().map_err(|e| DataFusionError::Context("pg_roles".into(), Box::new(e)))
}
