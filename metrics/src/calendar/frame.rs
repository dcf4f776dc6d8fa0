//! The frame of one answer row in time: its period, the part of it that was asked for, and what it is compared with.
//! Only days that are over are compared: a period that still runs with as many days of the earlier one, and a stock
//! at the end of the last of them. Today counts in the figure and never in a change.

use chrono::{Days, NaiveDate};

use super::span::first_of_year;
use super::{Grain, Span};

/// An earlier period to compare with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Comparison {
    /// The earlier period as a whole: its end is what a stock is compared with.
    pub(crate) period: Span,
    /// The days of it that match the days that are over; none if there are none or the earlier period is too short.
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
    /// Whether the figure covers a whole period that is over, so that it may be compared with a whole earlier one.
    pub(crate) whole: bool,
    /// The days of the window that are over, which are what is compared; none on the first day of a period.
    pub(crate) compared: Option<Span>,
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
    // Today's rows are still coming in: half a day against a whole one would look like a fall.
    let compared = Span::new(window.from, window.to.min(today - Days::new(1)));
    let compare = |earlier: Span| Comparison {
        period: earlier,
        matched: compared.and_then(|days| matching(period, days, earlier)),
    };
    Frame {
        period,
        window,
        open,
        whole: window == period && !open,
        compared,
        previous: compare(period.previous(grain)),
        last_year: compare(period.a_year_before(grain)),
        year_to_date: Span { from: first_of_year(window.to.min(today)), to: window.to },
    }
}

/// The days of the earlier period that correspond to these of this one, counted from the start of each.
fn matching(period: Span, days: Span, earlier: Span) -> Option<Span> {
    let offset = |day: NaiveDate| Days::new(u64::try_from((day - period.from).num_days()).unwrap_or(0));
    let to = if days.to == period.to { earlier.to } else { (earlier.from + offset(days.to)).min(earlier.to) };
    Span::new(earlier.from + offset(days.from), to)
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
    fn page_4_a_running_period_is_compared_by_the_days_that_are_over() {
        let check = |grain, range: &str, today: &str, expected: [&str; 3]| {
            let frame = only(grain, range, today);
            let matched = [frame.compared, frame.previous.matched, frame.last_year.matched];
            assert_eq!(matched, expected.map(|text| Some(span(text))), "{range} on {today}");
        };
        let month = Grain::Month;
        // Over: the whole earlier period, however many days it has.
        check(
            month,
            "2026-10-01..2026-10-31",
            "2026-11-21",
            ["2026-10-01..2026-10-31", "2026-09-01..2026-09-30", "2025-10-01..2025-10-31"],
        );
        // Running, and on its last day: as many days as are over, never more than the earlier period has.
        check(
            month,
            "2026-11-01..2026-11-30",
            "2026-11-21",
            ["2026-11-01..2026-11-20", "2026-10-01..2026-10-20", "2025-11-01..2025-11-20"],
        );
        check(
            month,
            "2026-02-01..2026-02-28",
            "2026-02-28",
            ["2026-02-01..2026-02-27", "2026-01-01..2026-01-27", "2025-02-01..2025-02-27"],
        );
        check(
            month,
            "2027-03-01..2027-03-31",
            "2027-03-31",
            ["2027-03-01..2027-03-30", "2027-02-01..2027-02-28", "2026-03-01..2026-03-30"],
        );
        check(
            Grain::Quarter,
            "2026-10-01..2026-12-31",
            "2026-11-21",
            ["2026-10-01..2026-11-20", "2026-07-01..2026-08-20", "2025-10-01..2025-11-20"],
        );
        check(
            Grain::Week,
            "2026-11-16..2026-11-22",
            "2026-11-18",
            ["2026-11-16..2026-11-17", "2026-11-09..2026-11-10", "2025-11-17..2025-11-18"],
        );
        check(
            Grain::Day,
            "2028-02-29..2028-02-29",
            "2028-03-01",
            ["2028-02-29..2028-02-29", "2028-02-28..2028-02-28", "2027-02-28..2027-02-28"],
        );
        // Cut by the asked range: the same days of the earlier period.
        check(
            month,
            "2026-10-05..2026-10-10",
            "2026-11-21",
            ["2026-10-05..2026-10-10", "2026-09-05..2026-09-10", "2025-10-05..2025-10-10"],
        );
    }

    #[test]
    fn page_4_on_its_first_day_nothing_of_a_period_is_compared() {
        for (grain, range) in
            [(Grain::Month, "2026-11-01..2026-11-30"), (Grain::Day, "2026-11-01..2026-11-01")]
        {
            let frame = only(grain, range, "2026-11-01");
            assert_eq!((frame.compared, frame.previous.matched, frame.last_year.matched), (None, None, None));
        }
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
        check(Grain::Month, "2026-10-01..2026-10-31", "2026-10-31", true, false);
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
