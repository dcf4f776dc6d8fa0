//! When reports are due, in Shanghai time. The arithmetic is pure; waking up at the due time is `runner`.

pub(crate) mod runner;

use std::str::FromStr;

use chrono::{DateTime, FixedOffset, TimeZone};
use croner::Cron;
use croner::parser::{CronParser, Seconds};

use crate::period::{Period, shanghai};

/// A cron expression of six fields: second minute hour day month weekday.
#[derive(Debug, Clone)]
pub struct Schedule {
    text: String,
    cron: Cron,
}

impl Schedule {
    /// Reads an expression.
    ///
    /// # Errors
    /// Why it is none.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.split_whitespace().count() != 6 {
            return Err("应有六项".to_owned());
        }
        let parser = CronParser::builder().seconds(Seconds::Required).build();
        let cron = parser.parse(text).map_err(|cause| format!("不能用作时间（{cause}）"))?;
        let schedule = Self { text: text.to_owned(), cron };
        // Days that never come (30 February) parse and would never be due.
        let probe = shanghai().with_ymd_and_hms(2026, 1, 1, 0, 0, 0).single();
        match probe.and_then(|from| schedule.next_after(from)) {
            Some(_) => Ok(schedule),
            None => Err("这个时间永远不会到".to_owned()),
        }
    }

    /// The expression.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// First due time after `time`.
    #[must_use]
    pub fn next_after(&self, time: DateTime<FixedOffset>) -> Option<DateTime<FixedOffset>> {
        self.cron.find_next_occurrence(&time.with_timezone(&shanghai()), false).ok()
    }

    /// Latest due time at or before `time`.
    #[must_use]
    pub fn latest_at(&self, time: DateTime<FixedOffset>) -> Option<DateTime<FixedOffset>> {
        self.cron.find_previous_occurrence(&time.with_timezone(&shanghai()), true).ok()
    }

    /// First due time of a run that covers `period`.
    #[must_use]
    pub fn due_of(&self, period: Period) -> Option<DateTime<FixedOffset>> {
        let start =
            shanghai().from_local_datetime(&period.forward(1).from().and_hms_opt(0, 0, 0)?).single()?;
        self.cron.find_next_occurrence(&start, true).ok()
    }
}

impl FromStr for Schedule {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::parse(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(text: &str) -> DateTime<FixedOffset> {
        DateTime::parse_from_rfc3339(text).expect("a time")
    }

    #[test]
    fn due_times_are_in_shanghai_whatever_the_zone_of_the_question() {
        let monthly = Schedule::parse("0 0 8 1 * *").expect("a schedule");
        for (now, latest, next) in [
            ("2026-11-01T07:59:59+08:00", "2026-10-01T08:00:00+08:00", "2026-11-01T08:00:00+08:00"),
            ("2026-11-01T08:00:00+08:00", "2026-11-01T08:00:00+08:00", "2026-12-01T08:00:00+08:00"),
            ("2026-11-01T00:30:00+00:00", "2026-11-01T08:00:00+08:00", "2026-12-01T08:00:00+08:00"),
            ("2026-12-31T16:30:00+00:00", "2026-12-01T08:00:00+08:00", "2027-01-01T08:00:00+08:00"),
            ("2026-11-22T03:00:00+08:00", "2026-11-01T08:00:00+08:00", "2026-12-01T08:00:00+08:00"),
        ] {
            assert_eq!(monthly.latest_at(time(now)), Some(time(latest)), "latest at {now}");
            assert_eq!(monthly.next_after(time(now)), Some(time(next)), "next after {now}");
        }
    }

    #[test]
    fn a_period_and_its_due_time_belong_together() {
        let monthly = Schedule::parse("0 0 8 1 * *").expect("a schedule");
        for month in ["2026-10", "2025-12", "2024-02"] {
            let period: Period = month.parse().expect("a month");
            let due = monthly.due_of(period).expect("due");
            assert_eq!(Period::covered_by(due), period);
        }
        let monday = Schedule::parse("0 0 8 * * MON").expect("a schedule");
        assert_eq!(
            monday.due_of("2026-10".parse().expect("a month")),
            Some(time("2026-11-02T08:00:00+08:00"))
        );
    }

    #[test]
    fn what_is_no_schedule_says_why() {
        for (text, word) in [
            ("0 8 1 * *", "六项"),
            ("0 0 25 1 * *", ""),
            ("0 0 8 30 2 *", "永远"),
            ("daily", "六项"),
            ("", "六项"),
        ] {
            let reason = Schedule::parse(text).expect_err(text);
            assert!(reason.contains(word), "{text}: {reason}");
        }
    }
}
