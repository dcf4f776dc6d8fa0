//! Definition-driven CRUD services: one TOML file per resource gives table, migration, validation, data scope,
//! workflow, audit and outbox. Also the stored accounts, sessions and the audit log.
//!
//! Transport-free: `api` turns HTTP into these calls. Of the lake it says only in which form records go there
//! (`Definitions::lake_forms`); `ingest` reads the table `outbox`.

pub mod accounts;
mod applied_sets;
pub mod audit;
pub mod clock;
pub mod definition;
pub mod engine;
pub mod error;
pub mod keys;
mod record;
mod schema;
pub mod store;
pub mod validate;

pub use applied_sets::{AppliedSet, AppliedSets, NewSet, SetHead};
pub use definition::{Definitions, FieldDef, FieldKind, ResourceDef, ScopeFields, Visibility};
pub use engine::{Events, ListQuery, Page, Record, ResourceEngine};
pub use error::{Error, ErrorKind, FieldError};
pub use pujiang_definition::DefinitionError;
pub use schema::{Made, TableChange, plan};
pub use store::{Dialect, Store};
