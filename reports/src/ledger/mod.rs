//! The record of what was made and sent: runs, files, deliveries, inbox. Portable SQL over the operational store,
//! text and whole numbers only. A delivery row stands before anything is sent; it is what keeps a rerun from sending twice.

mod deliveries;
mod inbox;
mod runs;
mod schema;

pub use deliveries::{Delivery, DeliveryKey, DeliveryState};
pub use inbox::{InboxLink, InboxMessage};
pub use runs::{Cause, RunFile, RunRecord, RunState};
pub use schema::ensure_schema;

use chrono::{DateTime, FixedOffset, SecondsFormat};
use sqlx::AnyPool;

use crate::error::ReportError;
use crate::period::shanghai;

/// Access to the ledger tables.
#[derive(Debug, Clone)]
pub struct Ledger {
    pool: AnyPool,
}

impl Ledger {
    /// A ledger on this store; the tables are made by [`ensure_schema`].
    #[must_use]
    pub fn new(pool: AnyPool) -> Self {
        Self { pool }
    }
}

/// Times are stored as `2026-11-01T08:00:00+08:00`, so that text order is time order.
pub(crate) fn stamp(time: DateTime<FixedOffset>) -> String {
    time.with_timezone(&shanghai()).to_rfc3339_opts(SecondsFormat::Secs, false)
}

/// Names the operation a store error happened in.
fn during(operation: &'static str) -> impl Fn(sqlx::Error) -> ReportError {
    move |source| ReportError::Ledger { operation, source }
}
