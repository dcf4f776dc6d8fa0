//! A run of days and the calendar arithmetic on it: the period a day falls in, the one before, the one a year ago.
//! Dates are validated to sensible years at the border (see `query::validate`), so the operators of chrono cannot overflow.

use chrono::{Datelike, Days, Months, NaiveDate};

use super::Grain;

/// A run of days, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// First day.
    pub from: NaiveDate,
    /// Last day.
    pub to: NaiveDate,
}

impl Span {
    /// The run from `from` to `to`; none if it would hold no day.
    #[must_use]
    pub fn new(from: NaiveDate, to: NaiveDate) -> Option<Self> {
        (from <= to).then_some(Self { from, to })
    }

    /// How many days it holds.
    #[must_use]
    pub fn days(self) -> u64 {
        u64::try_from((self.to - self.from).num_days() + 1).unwrap_or(0)
    }

    /// The days both runs hold.
    #[must_use]
    pub fn intersect(self, other: Self) -> Option<Self> {
        Self::new(self.from.max(other.from), self.to.min(other.to))
    }

    /// The period of this grain that holds `day`. `Total` has no periods of its own and answers the day itself.
    #[must_use]
    pub fn holding(grain: Grain, day: NaiveDate) -> Self {
        match grain {
            Grain::Day | Grain::Total => Self { from: day, to: day },
            Grain::Week => {
                let monday = day - Days::new(u64::from(day.weekday().num_days_from_monday()));
                Self { from: monday, to: monday + Days::new(6) }
            }
            Grain::Month => Self::months(first_of_month(day), 1),
            Grain::Quarter => Self::months(first_of_month(day) - Months::new(day.month0() % 3), 3),
            Grain::Year => Self::months(first_of_year(day), 12),
        }
    }

    /// The periods of this grain that touch the range, in order.
    #[must_use]
    pub fn cut(self, grain: Grain) -> Vec<Self> {
        if grain == Grain::Total {
            return vec![self];
        }
        let mut periods = Vec::new();
        let mut next = Self::holding(grain, self.from);
        while next.from <= self.to {
            periods.push(next);
            next = Self::holding(grain, next.to + Days::new(1));
        }
        periods
    }

    /// The period just before this one. A `Total` of whole months goes back by months, any other by its days.
    #[must_use]
    pub fn previous(self, grain: Grain) -> Self {
        if grain != Grain::Total {
            return Self::holding(grain, self.from - Days::new(1));
        }
        match self.whole_months() {
            Some(count) => Self::months(self.from - Months::new(count), count),
            None => {
                let back = Days::new(self.days());
                Self { from: self.from - back, to: self.to - back }
            }
        }
    }

    /// The same period of the year before: 52 weeks back for a week, so that weekdays meet; 29 February meets the 28th.
    #[must_use]
    pub fn a_year_before(self, grain: Grain) -> Self {
        let year = Months::new(12);
        match grain {
            Grain::Week => Self { from: self.from - Days::new(364), to: self.to - Days::new(364) },
            Grain::Day => Self { from: self.from - year, to: self.to - year },
            Grain::Month | Grain::Quarter | Grain::Year => Self::holding(grain, self.from - year),
            Grain::Total => match self.whole_months() {
                Some(count) => Self::months(self.from - year, count),
                None => Self { from: self.from - year, to: self.to - year },
            },
        }
    }

    /// How many calendar months it holds, if it holds only whole ones.
    #[must_use]
    pub fn whole_months(self) -> Option<u32> {
        let whole = self.from.day0() == 0 && (self.to + Days::new(1)).day0() == 0;
        let months = (self.to.year() - self.from.year()) * 12 + self.to.month0() as i32
            - self.from.month0() as i32
            + 1;
        whole.then(|| u32::try_from(months).unwrap_or(0))
    }

    fn months(first: NaiveDate, count: u32) -> Self {
        Self { from: first, to: first + Months::new(count) - Days::new(1) }
    }
}

/// The first day of the month of `day`.
pub(crate) fn first_of_month(day: NaiveDate) -> NaiveDate {
    day - Days::new(u64::from(day.day0()))
}

/// 1 January of the year of `day`.
pub(crate) fn first_of_year(day: NaiveDate) -> NaiveDate {
    day - Days::new(u64::from(day.ordinal0()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn show(span: Span) -> String {
        format!("{}..{}", span.from, span.to)
    }

    #[test]
    fn a_day_falls_into_its_period() {
        let check = |grain, date: &str, expected: &str| {
            assert_eq!(show(Span::holding(grain, day(date))), expected, "{grain:?} {date}");
        };
        check(Grain::Day, "2028-02-29", "2028-02-29..2028-02-29");
        check(Grain::Week, "2026-11-22", "2026-11-16..2026-11-22");
        check(Grain::Week, "2027-01-01", "2026-12-28..2027-01-03");
        check(Grain::Week, "2024-12-30", "2024-12-30..2025-01-05");
        check(Grain::Month, "2028-02-10", "2028-02-01..2028-02-29");
        check(Grain::Month, "2026-12-31", "2026-12-01..2026-12-31");
        check(Grain::Quarter, "2026-11-22", "2026-10-01..2026-12-31");
        check(Grain::Quarter, "2026-03-31", "2026-01-01..2026-03-31");
        check(Grain::Year, "2026-11-22", "2026-01-01..2026-12-31");
    }

    #[test]
    fn a_range_is_cut_into_the_periods_it_touches() {
        let check = |grain, from: &str, to: &str, count: usize, first: &str, last: &str| {
            let periods = Span { from: day(from), to: day(to) }.cut(grain);
            assert_eq!(periods.len(), count, "{grain:?} {from} {to}");
            assert_eq!((show(periods[0]).as_str(), show(periods[count - 1]).as_str()), (first, last));
        };
        check(
            Grain::Month,
            "2025-11-15",
            "2026-02-01",
            4,
            "2025-11-01..2025-11-30",
            "2026-02-01..2026-02-28",
        );
        check(Grain::Week, "2026-12-31", "2027-01-04", 2, "2026-12-28..2027-01-03", "2027-01-04..2027-01-10");
        check(Grain::Day, "2028-02-28", "2028-03-01", 3, "2028-02-28..2028-02-28", "2028-03-01..2028-03-01");
        check(
            Grain::Total,
            "2026-01-05",
            "2026-03-04",
            1,
            "2026-01-05..2026-03-04",
            "2026-01-05..2026-03-04",
        );
    }

    #[test]
    fn every_period_knows_the_one_before_and_the_one_a_year_ago() {
        let check = |grain, from: &str, to: &str, previous: &str, last_year: &str| {
            let span = Span { from: day(from), to: day(to) };
            assert_eq!(show(span.previous(grain)), previous, "previous of {grain:?} {from}");
            assert_eq!(show(span.a_year_before(grain)), last_year, "a year before {grain:?} {from}");
        };
        check(Grain::Day, "2028-02-29", "2028-02-29", "2028-02-28..2028-02-28", "2027-02-28..2027-02-28");
        check(Grain::Day, "2029-02-28", "2029-02-28", "2029-02-27..2029-02-27", "2028-02-28..2028-02-28");
        check(Grain::Week, "2026-12-28", "2027-01-03", "2026-12-21..2026-12-27", "2025-12-29..2026-01-04");
        check(Grain::Month, "2029-02-01", "2029-02-28", "2029-01-01..2029-01-31", "2028-02-01..2028-02-29");
        check(Grain::Month, "2026-01-01", "2026-01-31", "2025-12-01..2025-12-31", "2025-01-01..2025-01-31");
        check(Grain::Quarter, "2026-01-01", "2026-03-31", "2025-10-01..2025-12-31", "2025-01-01..2025-03-31");
        check(Grain::Year, "2028-01-01", "2028-12-31", "2027-01-01..2027-12-31", "2027-01-01..2027-12-31");
        check(Grain::Total, "2026-03-01", "2026-04-30", "2026-01-01..2026-02-28", "2025-03-01..2025-04-30");
        check(Grain::Total, "2029-01-01", "2029-02-28", "2028-11-01..2028-12-31", "2028-01-01..2028-02-29");
        check(Grain::Total, "2026-03-05", "2026-03-14", "2026-02-23..2026-03-04", "2025-03-05..2025-03-14");
    }

    #[test]
    fn whole_months_are_recognised() {
        let check = |from: &str, to: &str, months| {
            assert_eq!(Span { from: day(from), to: day(to) }.whole_months(), months, "{from} {to}");
        };
        check("2026-10-01", "2026-10-31", Some(1));
        check("2025-11-01", "2026-02-28", Some(4));
        check("2028-02-01", "2028-02-28", None);
        check("2026-10-02", "2026-10-31", None);
    }
}
