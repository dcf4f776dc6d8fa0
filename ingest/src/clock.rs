//! The clock, as a trait: rules about the future and ledgers take their time from it.

use chrono::{DateTime, FixedOffset, NaiveDateTime, Utc};

/// Tells the time.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> DateTime<Utc>;

    /// Now on a wall in Shanghai.
    fn local(&self) -> NaiveDateTime {
        self.now().naive_utc() + chrono::TimeDelta::hours(8)
    }

    /// Now as RFC 3339 with +08:00, to the millisecond.
    fn stamp(&self) -> String {
        shown(self.now())
    }
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }
}

/// RFC 3339 with +08:00.
pub(crate) fn shown(time: DateTime<Utc>) -> String {
    let shanghai = FixedOffset::east_opt(8 * 3600).unwrap_or_else(|| chrono::Offset::fix(&Utc));
    time.with_timezone(&shanghai).to_rfc3339_opts(chrono::SecondsFormat::Millis, false)
}
