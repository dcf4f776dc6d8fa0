//! The ingest engine against a real data folder: the given files, the outbox, a partner's day, kill -9 and PostgreSQL.

mod files;
mod guide;
mod kill;
mod outbox;
mod postgres;
mod support;
