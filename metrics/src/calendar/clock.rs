//! The clock of the business: what day it is in Shanghai. The system clock is read here and nowhere else in the crate.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

/// Shanghai has kept UTC+8 without summer time since 1991; the platform holds no older data.
const SHANGHAI_AHEAD_OF_UTC: TimeDelta = TimeDelta::hours(8);

/// Tells the time, so that "this month" can be tested at any moment.
pub trait Clock: Send + Sync {
    /// The present instant.
    fn now(&self) -> DateTime<Utc>;

    /// The date on a calendar in Shanghai at this instant.
    fn business_date(&self) -> NaiveDate {
        (self.now() + SHANGHAI_AHEAD_OF_UTC).date_naive()
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

/// A clock that stands still, for tests, case files and figures "as of" a day.
#[derive(Debug, Clone, Copy)]
pub struct FixedClock(pub DateTime<Utc>);

impl Clock for FixedClock {
    fn now(&self) -> DateTime<Utc> {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_business_date_changes_at_midnight_in_shanghai() {
        let check = |instant: &str, date: &str| {
            let clock = FixedClock(instant.parse().unwrap());
            assert_eq!(clock.business_date().to_string(), date, "{instant}");
        };
        check("2026-11-01T00:30:00+08:00", "2026-11-01");
        check("2026-10-31T16:00:00Z", "2026-11-01");
        check("2026-10-31T15:59:59Z", "2026-10-31");
        check("2027-01-01T00:00:00+08:00", "2027-01-01");
    }
}
