//! The demonstration city of one seed, scale and last day: how much of everything, over which time.

use anyhow::Context;
use chrono::{Days, Months, NaiveDate, NaiveDateTime, NaiveTime};

/// The time a city's records cover; dates are Shanghai business days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// First day of the transactions.
    pub first: NaiveDate,
    /// Last day of everything.
    pub last: NaiveDate,
}

impl Span {
    /// Three years that end with `last`.
    pub fn ending(last: NaiveDate) -> anyhow::Result<Self> {
        let first = last
            .checked_sub_months(Months::new(36))
            .and_then(|day| day.succ_opt())
            .with_context(|| format!("no three years before {last}"))?;
        Ok(Self { first, last })
    }

    /// Number of days.
    pub fn days(&self) -> u64 {
        (self.last - self.first).num_days() as u64 + 1
    }

    /// All days.
    pub fn dates(&self) -> impl Iterator<Item = NaiveDate> + use<> {
        self.first.iter_days().take(self.days() as usize)
    }

    /// Cards have been issued for 28 months when the transactions begin.
    pub fn registration_start(&self) -> NaiveDate {
        self.first.checked_sub_months(Months::new(28)).unwrap_or(self.first)
    }

    /// Days between the first registration and the first transaction.
    pub fn days_before(&self) -> u64 {
        ((self.first - self.registration_start()).num_days() as u64).max(1)
    }

    /// The last moment of the last day.
    pub fn end(&self) -> NaiveDateTime {
        self.moment(self.last, 86_399)
    }

    /// A second of a day.
    pub fn moment(&self, date: NaiveDate, second: u32) -> NaiveDateTime {
        let midnight = NaiveTime::MIN;
        let time = NaiveTime::from_num_seconds_from_midnight_opt(second, 0).unwrap_or(midnight);
        date.and_time(time)
    }

    /// The `n` last days, oldest first.
    pub fn last_days(&self, n: u64) -> Vec<NaiveDate> {
        (0..n).rev().map(|back| self.last - Days::new(back)).collect()
    }
}

/// How many of everything; scale 1 is 50,000 persons and 7,000,000 records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sizes {
    /// Persons, holders and cards.
    pub people: u64,
    /// Provider units.
    pub units: usize,
    /// All records together, as far as the base records leave room.
    pub records: u64,
    /// Transactions a day entered through the services on the last days.
    pub recent_per_day: u64,
}

impl Sizes {
    /// Sizes for a scale above zero.
    pub fn of(scale: f64) -> anyhow::Result<Self> {
        anyhow::ensure!(
            (0.001..=12.0).contains(&scale),
            "--scale must be between 0.001 and 12; 1 is the city with 7,000,000 records"
        );
        let people = (50_000.0 * scale).round() as u64;
        Ok(Self {
            people: people.max(200),
            // Every category in every district has a unit, whatever the scale.
            units: 128 + (232.0 * scale.sqrt()).round() as usize,
            records: (7_000_000.0 * scale).round() as u64,
            recent_per_day: ((300.0 * scale.sqrt()).round() as u64).clamp(20, 600),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_years_end_with_the_last_day() {
        let span = Span::ending("2026-11-21".parse().unwrap()).unwrap();
        assert_eq!(span.first, "2023-11-22".parse().unwrap());
        assert_eq!(span.days(), 1096);
        assert_eq!(span.dates().last(), Some(span.last));
        assert_eq!(Span::ending("2024-02-29".parse().unwrap()).unwrap().first.to_string(), "2021-03-01");
        assert_eq!(span.last_days(2), ["2026-11-20".parse().unwrap(), span.last]);
    }

    #[test]
    fn scale_one_is_the_promised_city() {
        let sizes = Sizes::of(1.0).unwrap();
        assert_eq!((sizes.people, sizes.records), (50_000, 7_000_000));
        assert!(sizes.units >= 300);
        assert!(Sizes::of(0.0).is_err() && Sizes::of(f64::NAN).is_err());
    }
}
