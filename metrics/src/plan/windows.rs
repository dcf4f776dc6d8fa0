//! Which days a figure is made of, for each kind of figure and each thing it is asked for.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::PartKind;
use crate::calendar::{Comparison, Frame, Span};
use crate::query::Compare;

/// What a figure is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Role {
    /// The figure of the period.
    Value,
    /// The part of it that is compared: the days that are over.
    Compared,
    /// What 环比 compares with.
    Previous,
    /// What 同比 compares with.
    LastYear,
    /// 累计.
    YearToDate,
}

/// The days a figure is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Window {
    /// The days of a run.
    Between(Span),
    /// Every day up to this one: what a stock is.
    UpTo(NaiveDate),
}

/// The window of one figure; none if there is nothing that could fairly be compared with.
pub(crate) fn window(kind: PartKind, role: Role, frame: &Frame) -> Option<Window> {
    match kind {
        PartKind::Stock => stock(role, frame).map(Window::UpTo),
        PartKind::Flow => flow(role, frame).map(Window::Between),
        // Distinct values are kept by month, so a part of a month cannot be matched by days.
        PartKind::Distinct | PartKind::Overlap => match role {
            Role::Value | Role::YearToDate => flow(role, frame).map(Window::Between),
            Role::Compared | Role::Previous | Role::LastYear if !frame.whole => None,
            Role::Compared => Some(Window::Between(frame.window)),
            Role::Previous => Some(Window::Between(frame.previous.period)),
            Role::LastYear => Some(Window::Between(frame.last_year.period)),
        },
    }
}

fn flow(role: Role, frame: &Frame) -> Option<Span> {
    match role {
        Role::Value => Some(frame.window),
        Role::Compared => frame.compared,
        Role::Previous => frame.previous.matched,
        Role::LastYear => frame.last_year.matched,
        Role::YearToDate => Some(frame.year_to_date),
    }
}

/// A stock is what it is at the end of a day; it is not added up over a year.
fn stock(role: Role, frame: &Frame) -> Option<NaiveDate> {
    // Days the earlier period does not have end with it.
    let end = |earlier: Comparison| earlier.matched.map_or(earlier.period.to, |days| days.to);
    match role {
        Role::Value => Some(frame.window.to),
        Role::Compared => frame.compared.map(|days| days.to),
        Role::Previous => frame.compared.map(|_| end(frame.previous)),
        Role::LastYear => frame.compared.map(|_| end(frame.last_year)),
        Role::YearToDate => None,
    }
}

/// Every window a kind of figure needs to answer the frames with these comparisons.
pub(crate) fn windows(kind: PartKind, compare: &BTreeSet<Compare>, frames: &[Frame]) -> BTreeSet<Window> {
    let mut roles = vec![Role::Value];
    let changes = compare.contains(&Compare::Mom) || compare.contains(&Compare::Yoy);
    roles.extend(changes.then_some(Role::Compared));
    roles.extend(compare.contains(&Compare::Mom).then_some(Role::Previous));
    roles.extend(compare.contains(&Compare::Yoy).then_some(Role::LastYear));
    roles.extend(compare.contains(&Compare::Cumulative).then_some(Role::YearToDate));
    frames.iter().flat_map(|frame| roles.iter().filter_map(move |role| window(kind, *role, frame))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::{Grain, frames};

    #[test]
    fn each_kind_of_figure_has_its_own_days() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let between = |from: &str, to: &str| Some(Window::Between(Span { from: day(from), to: day(to) }));
        let range = Span { from: day("2026-10-01"), to: day("2026-11-30") };
        let frames = frames(Grain::Month, range, day("2026-11-21"));
        let (october, november) = (&frames[0], &frames[1]);
        let check = |kind, role, frame, expected| {
            assert_eq!(window(kind, role, frame), expected, "{kind:?} {role:?}")
        };
        check(PartKind::Flow, Role::Value, november, between("2026-11-01", "2026-11-30"));
        check(PartKind::Flow, Role::Compared, november, between("2026-11-01", "2026-11-20"));
        check(PartKind::Flow, Role::Previous, november, between("2026-10-01", "2026-10-20"));
        check(PartKind::Flow, Role::LastYear, october, between("2025-10-01", "2025-10-31"));
        check(PartKind::Flow, Role::YearToDate, october, between("2026-01-01", "2026-10-31"));
        check(PartKind::Stock, Role::Value, october, Some(Window::UpTo(day("2026-10-31"))));
        check(PartKind::Stock, Role::YearToDate, october, None);
        check(PartKind::Stock, Role::Compared, november, Some(Window::UpTo(day("2026-11-20"))));
        check(PartKind::Stock, Role::Previous, november, Some(Window::UpTo(day("2026-10-20"))));
        check(PartKind::Stock, Role::LastYear, november, Some(Window::UpTo(day("2025-11-20"))));
        check(PartKind::Distinct, Role::Previous, october, between("2026-09-01", "2026-09-30"));
        check(PartKind::Distinct, Role::Compared, november, None);
        check(PartKind::Distinct, Role::Previous, november, None);
    }
}
