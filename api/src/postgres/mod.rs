//! The PostgreSQL protocol: whatever speaks it (psql, drivers, Superset, DBeaver …) may ask the questions of its account.
//! This room knows messages, formats and session commands; what a question may see is `warehouse`, who may ask it and
//! when is `sql`. Decision: docs/decisions/0007-postgres-wire.md.

mod backend;
mod bind;
mod command;
mod connection;
mod cursor;
mod declared;
mod elements;
mod encode;
mod extended;
mod failure;
mod greeting;
mod guard;
mod link;
mod lists;
mod login;
mod numeric;
mod perform;
mod placeholder;
mod plain;
mod registry;
mod server;
mod settings;
mod simple;
mod split;
mod statement;
mod tls;
mod words;

pub use server::{Server, WireError};
