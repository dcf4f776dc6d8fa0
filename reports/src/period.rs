//! The stretch of business time a report covers, on the Shanghai calendar.
//! Pure: knows months, not clocks; the schedule decides which period a due time covers.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Datelike, FixedOffset, Months, NaiveDate};

/// Seconds Shanghai is ahead of UTC. China has had one time without summer time since 1991.
const SHANGHAI_SECONDS: i32 = 8 * 3600;

/// The offset every schedule, ledger time and file date is written in.
///
/// # Panics
/// Never: eight hours is a valid offset.
#[must_use]
pub fn shanghai() -> FixedOffset {
    match FixedOffset::east_opt(SHANGHAI_SECONDS) {
        Some(offset) => offset,
        None => unreachable!("eight hours is a valid offset"),
    }
}

/// One calendar month, the only period kind of this format version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Period {
    first: NaiveDate,
}

/// A text that is no period.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("“{0}”不是月份，请写成 2026-10 的形式")]
pub struct PeriodError(pub String);

impl Period {
    /// The month `date` lies in.
    #[must_use]
    pub fn containing(date: NaiveDate) -> Self {
        Self { first: date.with_day(1).unwrap_or(date) }
    }

    /// The month a run due at `due` reports on: the last one that is over by then.
    #[must_use]
    pub fn covered_by(due: DateTime<FixedOffset>) -> Self {
        Self::containing(due.with_timezone(&shanghai()).date_naive()).back(1)
    }

    /// First day.
    #[must_use]
    pub fn from(self) -> NaiveDate {
        self.first
    }

    /// Last day, inclusive.
    #[must_use]
    pub fn to(self) -> NaiveDate {
        self.forward(1).first.pred_opt().unwrap_or(self.first)
    }

    /// The month `months` earlier.
    #[must_use]
    pub fn back(self, months: u32) -> Self {
        Self { first: self.first.checked_sub_months(Months::new(months)).unwrap_or(self.first) }
    }

    /// The month `months` later.
    #[must_use]
    pub fn forward(self, months: u32) -> Self {
        Self { first: self.first.checked_add_months(Months::new(months)).unwrap_or(self.first) }
    }

    /// `2026年10月`.
    #[must_use]
    pub fn label(self) -> String {
        format!("{}年{}月", self.first.year(), self.first.month())
    }

    /// Whether the last day is over on `today`.
    #[must_use]
    pub fn is_over(self, today: NaiveDate) -> bool {
        self.to() < today
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.first.year(), self.first.month())
    }
}

impl FromStr for Period {
    type Err = PeriodError;

    fn from_str(text: &str) -> Result<Self, PeriodError> {
        let wrong = || PeriodError(text.to_owned());
        let (year, month) = text.split_once('-').ok_or_else(wrong)?;
        if year.len() != 4 || month.len() != 2 {
            return Err(wrong());
        }
        let year: u16 = year.parse().map_err(|_| wrong())?;
        let month: u8 = month.parse().map_err(|_| wrong())?;
        // A year outside this range is a slip of the keyboard, and far dates overflow month arithmetic.
        if !(2000..=2100).contains(&year) {
            return Err(wrong());
        }
        let first = NaiveDate::from_ymd_opt(i32::from(year), u32::from(month), 1).ok_or_else(wrong)?;
        Ok(Self { first })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn period(text: &str) -> Period {
        text.parse().expect("a month")
    }

    #[test]
    fn month_arithmetic() {
        for (text, from, to, before, year_before, label) in [
            ("2026-10", "2026-10-01", "2026-10-31", "2026-09", "2025-10", "2026年10月"),
            ("2026-01", "2026-01-01", "2026-01-31", "2025-12", "2025-01", "2026年1月"),
            ("2024-02", "2024-02-01", "2024-02-29", "2024-01", "2023-02", "2024年2月"),
        ] {
            let p = period(text);
            assert_eq!((p.from().to_string().as_str(), p.to().to_string().as_str()), (from, to));
            assert_eq!((p.back(1), p.back(12)), (period(before), period(year_before)));
            assert_eq!((p.label().as_str(), p.to_string().as_str()), (label, text));
        }
    }

    #[test]
    fn what_is_no_month_is_refused() {
        for text in [
            "",
            "2026",
            "2026-13",
            "2026-00",
            "26-10",
            "2026-1",
            "2026-10-01",
            "９999-10",
            "9999-10",
            "+026-10",
        ] {
            assert!(text.parse::<Period>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_due_time_covers_the_month_before_in_shanghai() {
        let utc = |text: &str| DateTime::parse_from_rfc3339(text).expect("a time");
        // 16:30 UTC on the last day is already 00:30 on the first in Shanghai.
        assert_eq!(Period::covered_by(utc("2026-10-31T16:30:00+00:00")), period("2026-10"));
        assert_eq!(Period::covered_by(utc("2026-10-31T15:30:00+00:00")), period("2026-09"));
        assert_eq!(Period::covered_by(utc("2026-11-01T08:00:00+08:00")), period("2026-10"));
    }
}
