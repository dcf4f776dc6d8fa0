//! The Chinese work calendar as data: which days people work, rest or celebrate.
//! It does not know what people buy on them; that is `season`.

use std::collections::HashMap;

use anyhow::Context;
use chrono::{Datelike, Duration, NaiveDate, Weekday};

const CALENDAR: &str = include_str!("../../data/work_calendar.csv");

/// What kind of day it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DayKind {
    /// People work, possibly on a Saturday or Sunday (调休).
    Work,
    /// An ordinary weekend day.
    Rest,
    /// A day of one of the two golden weeks, 春节 or 国庆.
    GoldenWeek,
    /// A day of a shorter public holiday.
    Holiday,
}

/// Known exceptions from the plain week; a year without entries follows the weekday.
pub struct WorkCalendar {
    exceptions: HashMap<NaiveDate, (DayKind, &'static str)>,
}

impl WorkCalendar {
    /// The calendar built in.
    pub fn builtin() -> anyhow::Result<Self> {
        let mut exceptions = HashMap::new();
        for line in CALENDAR.lines().skip(1) {
            let mut cells = line.split(',');
            let (Some(date), Some(kind), Some(name)) = (cells.next(), cells.next(), cells.next()) else {
                anyhow::bail!("work calendar: expected date,kind,name in {line:?}");
            };
            let date: NaiveDate = date.parse().with_context(|| format!("work calendar: date {date:?}"))?;
            let kind = match (kind, name) {
                ("workday", _) => DayKind::Work,
                (_, "春节" | "国庆节") => DayKind::GoldenWeek,
                _ => DayKind::Holiday,
            };
            exceptions.insert(date, (kind, name));
        }
        Ok(Self { exceptions })
    }

    /// What kind of day `date` is.
    pub fn kind(&self, date: NaiveDate) -> DayKind {
        match self.exceptions.get(&date) {
            Some((kind, _)) => *kind,
            None if matches!(date.weekday(), Weekday::Sat | Weekday::Sun) => DayKind::Rest,
            None => DayKind::Work,
        }
    }

    /// Whether `date` belongs to the holiday of that name.
    pub fn is(&self, date: NaiveDate, name: &str) -> bool {
        self.exceptions.get(&date).is_some_and(|(kind, known)| *kind != DayKind::Work && *known == name)
    }

    /// Whether the Spring Festival begins within the ten days after `date`: the city shops, then empties.
    pub fn before_spring_festival(&self, date: NaiveDate) -> bool {
        !self.is(date, "春节") && (1..=10).any(|ahead| self.is(date + Duration::days(ahead), "春节"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_days() {
        let calendar = WorkCalendar::builtin().unwrap();
        let kind = |text: &str| calendar.kind(text.parse().unwrap());
        assert_eq!(kind("2026-10-01"), DayKind::GoldenWeek);
        assert_eq!(kind("2026-10-10"), DayKind::Work, "a Saturday that is worked");
        assert_eq!(kind("2026-10-17"), DayKind::Rest);
        assert_eq!(kind("2026-10-19"), DayKind::Work);
        assert_eq!(kind("2026-05-01"), DayKind::Holiday);
        assert_eq!(kind("2031-01-04"), DayKind::Rest, "a year without entries follows the weekday");
        assert!(calendar.before_spring_festival("2026-02-10".parse().unwrap()));
        assert!(!calendar.before_spring_festival("2026-03-10".parse().unwrap()));
    }
}
