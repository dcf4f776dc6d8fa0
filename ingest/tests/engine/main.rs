//! The ingest engine against a real data folder: the given files, files that got a wrong answer once, files that arrive
//! in odd ways, the outbox, a partner's day, kill -9 and PostgreSQL.

mod arriving;
mod cases;
mod crash;
mod files;
mod guide;
mod kill;
mod outbox;
mod postgres;
mod support;
