//! The resource engine: every call takes a principal, checks what its roles and grants allow, and leaves row, audit
//! entry and outbox event in one transaction. One file per action.

mod act;
mod bulk;
mod change;
mod contest;
mod create;
mod cursor;
mod delete;
mod filter;
mod guards;
mod history;
mod journal;
mod labels;
mod links;
mod list;
mod lookup;
mod reason;
mod review;
mod scope;
mod update;
mod words;

use std::sync::Arc;

use pujiang_security::{FieldCipher, Permission, Principal, Roles};
use serde_json::{Map, Value as Json};
use uuid::Uuid;

pub use bulk::Events;
pub use filter::{Direction, Filter, FilterOp, ListQuery, Sort};
pub use guards::StateRights;
pub use history::{Event, History};
pub use list::Page;
pub use review::{Decision, Task, TaskKind, TaskList, TaskState};
pub use words::FieldChange;

use crate::clock::{Clock, SystemClock};
use crate::definition::{Definitions, ResourceDef, Transition};
use crate::error::Error;
use crate::record::StoredRecord;
use crate::store::{Bind, ColumnKind, Dialect, Store, StoreError, WriteTransaction, fetch_optional, quoted};

/// A record as a caller sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// Its version, for the next change.
    pub version: i64,
    /// Its fields, personal ones masked, secret ones absent; `labels` names what references point to.
    pub body: Map<String, Json>,
}

impl Record {
    /// Its id.
    pub fn id(&self) -> &str {
        self.body.get("id").and_then(Json::as_str).unwrap_or_default()
    }
}

/// What a principal may do with a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capabilities {
    /// Read and list.
    pub read: bool,
    /// Create.
    pub create: bool,
    /// Change.
    pub update: bool,
    /// Delete.
    pub delete: bool,
    /// Take lists out.
    pub export: bool,
}

/// CRUD over all resources. Cheap to clone.
#[derive(Clone)]
pub struct ResourceEngine {
    store: Store,
    definitions: Arc<Definitions>,
    roles: Arc<Roles>,
    cipher: FieldCipher,
    clock: Arc<dyn Clock>,
}

impl ResourceEngine {
    /// An engine over a store. The roles give titles to those that definitions name.
    pub fn new(store: Store, definitions: Arc<Definitions>, roles: Arc<Roles>, cipher: FieldCipher) -> Self {
        Self { store, definitions, roles, cipher, clock: Arc::new(SystemClock) }
    }

    /// The same engine with another clock.
    #[must_use]
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Creates and completes all tables.
    pub async fn migrate(&self) -> Result<(), Error> {
        crate::schema::migrate(&self.store, &self.definitions).await
    }

    /// The definitions it works from.
    pub fn definitions(&self) -> &Arc<Definitions> {
        &self.definitions
    }

    /// The store it works on.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// What a principal may do with a resource; the rows are narrowed further by its scope.
    pub fn capabilities(&self, principal: &Principal, def: &ResourceDef) -> Capabilities {
        let write = may_write(principal, def);
        let read = principal.can(Permission::ResourceRead);
        Capabilities {
            read,
            create: write,
            update: write,
            delete: write,
            export: read && principal.can(Permission::Export),
        }
    }

    /// Whether a principal's roles may make a transition.
    pub fn may_act(&self, principal: &Principal, transition: &Transition) -> bool {
        may_touch(principal) && principal.has_any_of(&transition.roles)
    }

    /// A record in the caller's scope.
    pub async fn get(&self, principal: &Principal, resource: &str, id: &str) -> Result<Record, Error> {
        let def = self.readable(principal, resource)?;
        let failed = || Error::store("read a record");
        let (sql, binds) = self.by_id(def, Some(principal), id)?;
        let mut connection = self.store.pool().acquire().await.map_err(failed())?;
        let row = fetch_optional(&mut connection, &sql, binds).await.map_err(failed())?;
        let record = StoredRecord::read(def, &row.ok_or_else(|| not_found(def))?)?;
        let mut records = self.labelled(&mut connection, principal, def, vec![record]).await?;
        records.pop().ok_or_else(|| not_found(def))
    }

    fn resource(&self, resource: &str) -> Result<&Arc<ResourceDef>, Error> {
        self.definitions.get(resource).ok_or_else(|| Error::NotFound { title: "资源".into() })
    }

    fn readable(&self, principal: &Principal, resource: &str) -> Result<&Arc<ResourceDef>, Error> {
        let def = self.resource(resource)?;
        if principal.can(Permission::ResourceRead) {
            return Ok(def);
        }
        Err(Error::Forbidden { detail: format!("您的角色不能查看{}", def.title) })
    }

    fn writable(&self, principal: &Principal, resource: &str) -> Result<&Arc<ResourceDef>, Error> {
        let def = self.resource(resource)?;
        if may_write(principal, def) {
            return Ok(def);
        }
        Err(Error::Forbidden { detail: format!("您的角色不能登记或修改{}", def.title) })
    }

    async fn begin(&self) -> Result<WriteTransaction, Error> {
        self.store.begin_write().await.map_err(|source| Error::Store { operation: "begin a write", source })
    }

    /// The statement that reads one live record, in the scope of a principal or, for the engine's own copying, in none.
    fn by_id(
        &self,
        def: &ResourceDef,
        scope: Option<&Principal>,
        id: &str,
    ) -> Result<(String, Vec<Bind>), Error> {
        // What is no id cannot exist; asking the database would be an error there.
        let id = Uuid::parse_str(id).map_err(|_| not_found(def))?;
        let dialect = self.store.dialect();
        let mut binds = vec![Bind::text(id.hyphenated().to_string())];
        let scope = scope.map_or_else(String::new, |p| self.scope_clause(def, p, &mut binds));
        let sql = format!(
            "SELECT {} FROM {} WHERE \"id\" = {} AND NOT \"is_deleted\"{scope}",
            StoredRecord::select_list(def, dialect),
            quoted(&def.id),
            dialect.placeholder(ColumnKind::Uuid, 1),
        );
        Ok((sql, binds))
    }

    /// Reads a record to change it; PostgreSQL holds the row until the transaction ends, SQLite has one writer anyway.
    async fn for_change(
        &self,
        tx: &mut WriteTransaction,
        principal: &Principal,
        def: &ResourceDef,
        id: &str,
    ) -> Result<StoredRecord, Error> {
        let (mut sql, binds) = self.by_id(def, Some(principal), id)?;
        if tx.dialect() == Dialect::Postgres {
            sql.push_str(" FOR UPDATE");
        }
        let row =
            fetch_optional(tx.connection(), &sql, binds).await.map_err(Error::store("read a record"))?;
        StoredRecord::read(def, &row.ok_or_else(|| not_found(def))?)
    }
}

/// Definitions name roles, and who looks through another's eyes has those roles; the hands are not lent.
fn may_touch(principal: &Principal) -> bool {
    principal.viewer().is_none()
}

fn may_write(principal: &Principal, def: &ResourceDef) -> bool {
    if !may_touch(principal) {
        return false;
    }
    if def.write_roles.is_empty() {
        return principal.can(Permission::ResourceWrite);
    }
    principal.has_any_of(&def.write_roles)
}

fn not_found(def: &ResourceDef) -> Error {
    Error::NotFound { title: def.title.clone() }
}

/// Turns a constraint's name into the field it guards.
fn write_failure(def: &ResourceDef, operation: &'static str) -> impl FnOnce(sqlx::Error) -> Error {
    let def = def.clone();
    move |source| match StoreError::from(source) {
        StoreError::Duplicate { constraint } => {
            let field = def.fields.values().find(|f| {
                let column = if f.is_encrypted() { format!("{}_token", f.name) } else { f.name.clone() };
                constraint == format!("uq_{}_{}", def.id, f.name)
                    || constraint == format!("{}.{column}", def.id)
            });
            let (name, title) = field.map_or(("id", "编号"), |f| (&f.name, &f.title));
            contest::duplicate(name, title)
        }
        StoreError::Reference => Error::Conflict(crate::error::FieldError::new(
            "id",
            "unknown_reference",
            "所引用的记录刚被删除，请刷新后重试",
        )),
        source => Error::Store { operation, source },
    }
}
