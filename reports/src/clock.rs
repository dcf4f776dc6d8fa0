//! The clock of this crate: the only place that asks the machine for the time.

use chrono::{DateTime, FixedOffset, Utc};

use crate::period::shanghai;

/// Tells the time in Shanghai.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> DateTime<FixedOffset>;
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> DateTime<FixedOffset> {
        Utc::now().with_timezone(&shanghai())
    }
}

/// A clock that stands still, for tests and for runs as of a given time.
#[derive(Debug, Clone, Copy)]
pub struct FixedClock(pub DateTime<FixedOffset>);

impl Clock for FixedClock {
    fn now(&self) -> DateTime<FixedOffset> {
        self.0
    }
}
