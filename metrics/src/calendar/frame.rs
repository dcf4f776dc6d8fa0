//! The frame of one answer row in time: its period, the part of it that was asked for, and what it is compared with.
//! A period that is not over is compared with as many days of the earlier one; a stock is compared with its end.

use chrono::{Days, NaiveDate};

use super::span::first_of_year;
use super::{Grain, Span};

/// An earlier period to compare with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Comparison {
    /// The earlier period as a whole: its end is what a stock is compared with.
    pub(crate) period: Span,
    /// The days of it that match the days we have; none if the earlier period is too short to have them.
    pub(crate) matched: Option<Span>,
}

/// One period of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Frame {
    /// The whole period by the calendar.
    pub(crate) period: Span,
    /// The part of it inside the asked range.
    pub(crate) window: Span,
    /// Whether the period still runs today.
    pub(crate) open: bool,
    /// Whether the figure covers the whole period, so that it may be compared with a whole earlier one.
    pub(crate) whole: bool,
    /// 环比: the period before.
    pub(crate) previous: Comparison,
    /// 同比: the same period of last year.
    pub(crate) last_year: Comparison,
    /// 累计: from 1 January of the year in which the figure ends.
    pub(crate) year_to_date: Span,
}

/// The frames of the asked range. A period that begins after today has no figures and gets no frame.
pub(crate) fn frames(grain: Grain, range: Span, today: NaiveDate) -> Vec<Frame> {
    let frame = |period: Span| {
        let window = period.intersect(range)?;
        (window.from <= today).then(|| build(grain, period, window, today))
    };
    range.cut(grain).into_iter().filter_map(frame).collect()
}

fn build(grain: Grain, period: Span, window: Span, today: NaiveDate) -> Frame {
    let open = period.to >= today;
    // Today counts as a day we have: its figures are running in.
    let reached = window.to.min(today);
    let compare = |earlier: Span| Comparison {
        period: earlier,
        matched: matching(period, window.from, reached, earlier),
    };
    Frame {
        period,
        window,
        open,
        whole: window.from == period.from && reached == period.to,
        previous: compare(period.previous(grain)),
        last_year: compare(period.a_year_before(grain)),
        year_to_date: Span { from: first_of_year(reached), to: window.to },
    }
}

/// The days of the earlier period that correspond to `from..=reached` of this one, counted from the start of each.
fn matching(period: Span, from: NaiveDate, reached: NaiveDate, earlier: Span) -> Option<Span> {
    let offset = |day: NaiveDate| Days::new(u64::try_from((day - period.from).num_days()).unwrap_or(0));
    let to = if reached == period.to { earlier.to } else { (earlier.from + offset(reached)).min(earlier.to) };
    Span::new(earlier.from + offset(from), to)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn span(text: &str) -> Span {
        let (from, to) = text.split_once("..").unwrap();
        Span { from: day(from), to: day(to) }
    }

    fn only(grain: Grain, range: &str, today: &str) -> Frame {
        let all = frames(grain, span(range), day(today));
        assert_eq!(all.len(), 1, "{grain:?} {range}");
        all[0]
    }

    #[test]
    fn a_running_period_is_compared_with_as_many_days() {
        let check = |grain, range: &str, today: &str, previous: &str, last_year: &str| {
            let frame = only(grain, range, today);
            assert_eq!(frame.previous.matched, Some(span(previous)), "previous of {range} on {today}");
            assert_eq!(frame.last_year.matched, Some(span(last_year)), "last year of {range} on {today}");
        };
        // Over, and on its last day: the whole earlier period.
        check(
            Grain::Month,
            "2026-10-01..2026-10-31",
            "2026-11-21",
            "2026-09-01..2026-09-30",
            "2025-10-01..2025-10-31",
        );
        check(
            Grain::Month,
            "2026-02-01..2026-02-28",
            "2026-02-28",
            "2026-01-01..2026-01-31",
            "2025-02-01..2025-02-28",
        );
        // Running: as many days, never more than the earlier period has.
        check(
            Grain::Month,
            "2026-11-01..2026-11-30",
            "2026-11-21",
            "2026-10-01..2026-10-21",
            "2025-11-01..2025-11-21",
        );
        check(
            Grain::Month,
            "2027-03-01..2027-03-31",
            "2027-03-30",
            "2027-02-01..2027-02-28",
            "2026-03-01..2026-03-30",
        );
        check(
            Grain::Quarter,
            "2026-10-01..2026-12-31",
            "2026-11-21",
            "2026-07-01..2026-08-21",
            "2025-10-01..2025-11-21",
        );
        check(
            Grain::Week,
            "2026-11-16..2026-11-22",
            "2026-11-18",
            "2026-11-09..2026-11-11",
            "2025-11-17..2025-11-19",
        );
        check(
            Grain::Day,
            "2028-02-29..2028-02-29",
            "2028-02-29",
            "2028-02-28..2028-02-28",
            "2027-02-28..2027-02-28",
        );
        // 00:30 on the first of a month: one day of it is there.
        check(
            Grain::Month,
            "2026-11-01..2026-11-30",
            "2026-11-01",
            "2026-10-01..2026-10-01",
            "2025-11-01..2025-11-01",
        );
        // Cut by the asked range: the same days of the earlier period.
        check(
            Grain::Month,
            "2026-10-05..2026-10-10",
            "2026-11-21",
            "2026-09-05..2026-09-10",
            "2025-10-05..2025-10-10",
        );
    }

    #[test]
    fn days_the_earlier_month_does_not_have_are_not_compared() {
        let frame = only(Grain::Month, "2026-03-31..2026-03-31", "2026-04-02");
        assert_eq!(frame.previous.matched, None);
        assert_eq!(frame.previous.period, span("2026-02-01..2026-02-28"));
    }

    #[test]
    fn periods_know_whether_they_are_open_and_whole() {
        let check = |grain, range: &str, today: &str, open: bool, whole: bool| {
            let frame = only(grain, range, today);
            assert_eq!((frame.open, frame.whole), (open, whole), "{range} on {today}");
        };
        check(Grain::Month, "2026-10-01..2026-10-31", "2026-11-01", false, true);
        check(Grain::Month, "2026-10-01..2026-10-31", "2026-10-31", true, true);
        check(Grain::Month, "2026-10-01..2026-10-31", "2026-10-30", true, false);
        check(Grain::Month, "2026-10-02..2026-10-31", "2026-11-01", false, false);
        check(Grain::Year, "2026-01-01..2026-12-31", "2026-11-21", true, false);
    }

    #[test]
    fn the_future_has_no_frames() {
        let all = frames(Grain::Month, span("2026-10-01..2027-01-31"), day("2026-11-21"));
        assert_eq!(all.len(), 2);
        assert!(frames(Grain::Total, span("2027-01-01..2027-01-31"), day("2026-11-21")).is_empty());
    }

    #[test]
    fn the_running_total_starts_in_january_of_the_last_day() {
        let check = |grain, range: &str, today: &str, from: &str| {
            assert_eq!(only(grain, range, today).year_to_date.from, day(from), "{range}");
        };
        check(Grain::Month, "2026-10-01..2026-10-31", "2026-11-21", "2026-01-01");
        check(Grain::Week, "2026-12-28..2027-01-03", "2027-02-01", "2027-01-01");
        check(Grain::Week, "2026-12-28..2027-01-03", "2026-12-30", "2026-01-01");
    }
}
