//! The same suite on SQLite and, when `PUJIANG_TEST_PG` names a server, on PostgreSQL.

#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests are not inside test functions, where unwrap is allowed"
)]

mod support;

mod accounts;
mod audit_writer;
mod bulk;
mod changes;
mod contest;
mod creation;
mod finer_scope;
mod full_disk;
mod guards;
mod hierarchy;
mod history;
mod journal;
mod lists;
mod lookup;
mod migration;
mod review;
mod scope;
mod scram;
mod view;
