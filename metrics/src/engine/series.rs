//! The figures of one indicator for every window and member of a read. Additive ones are kept as running sums over
//! segments, so that a window is one subtraction however long it is.

use std::collections::{BTreeSet, HashMap};

use rust_decimal::Decimal;

use super::members::Member;
use crate::plan::{Segments, Window};

/// Figures of one indicator.
pub(super) struct Series {
    kind: Kind,
    /// Windows that any row fell into, of whatever member: the others are not nought but unknown, if nothing else says so.
    filled: BTreeSet<Window>,
}

enum Kind {
    /// Running sums over the segments of a read, per member.
    Sums(Sums),
    /// Counts that do not add up, per window and member, and of all members along the first dimension together.
    Counts { by_member: HashMap<(Window, usize), i128>, wholes: HashMap<Window, HashMap<Member, i128>> },
}

/// Running sums: `sums[(segment + 1) * members + member]`.
pub(super) struct Sums {
    runs: HashMap<Window, (usize, usize)>,
    sums: Vec<i128>,
    members: usize,
    scale: u32,
}

impl Sums {
    /// `cells` are (segment, member, value in units of 10^-scale).
    pub(super) fn new(
        segments: &Segments,
        windows: impl IntoIterator<Item = Window>,
        cells: &[(usize, usize, i128)],
        members: usize,
        scale: u32,
    ) -> Self {
        let mut sums = vec![0_i128; (segments.len() + 1) * members];
        for (segment, member, value) in cells {
            if let Some(sum) = sums.get_mut((segment + 1) * members + member) {
                *sum += value;
            }
        }
        for place in members..sums.len() {
            sums[place] += sums[place - members];
        }
        let runs =
            windows.into_iter().filter_map(|window| segments.run(&window).map(|run| (window, run))).collect();
        Self { runs, sums, members, scale }
    }

    fn get(&self, window: &Window, member: usize) -> i128 {
        // Members found by a later read have no rows in this one.
        if member >= self.members {
            return 0;
        }
        let at = |segment: usize| self.sums.get(segment * self.members + member).copied().unwrap_or(0);
        self.runs.get(window).map_or(0, |(first, end)| at(*end) - at(*first))
    }
}

impl Series {
    pub(super) fn of_sums(sums: Sums, filled: BTreeSet<Window>) -> Self {
        Self { kind: Kind::Sums(sums), filled }
    }

    pub(super) fn of_counts(
        by_member: HashMap<(Window, usize), i128>,
        wholes: HashMap<Window, HashMap<Member, i128>>,
        filled: BTreeSet<Window>,
    ) -> Self {
        Self { kind: Kind::Counts { by_member, wholes }, filled }
    }

    /// Whether any row fell into the window.
    pub(super) fn is_filled(&self, window: &Window) -> bool {
        self.filled.contains(window)
    }

    /// The figure of a window; 0 where there are no rows. None if it has more digits than a decimal holds.
    pub(super) fn get(&self, window: &Window, member: Option<usize>) -> Option<Decimal> {
        let Some(member) = member else { return Some(Decimal::ZERO) };
        match &self.kind {
            Kind::Sums(sums) => Decimal::try_from_i128_with_scale(sums.get(window, member), sums.scale).ok(),
            Kind::Counts { by_member, .. } => {
                Decimal::try_from_i128_with_scale(by_member.get(&(*window, member)).copied().unwrap_or(0), 0)
                    .ok()
            }
        }
    }

    /// What the members that share these further dimensions count together; none where members simply add up.
    pub(super) fn whole(&self, window: &Window, rest: &[Option<String>]) -> Option<Decimal> {
        match &self.kind {
            Kind::Sums(_) => None,
            Kind::Counts { wholes, .. } => {
                let count = wholes.get(window).and_then(|groups| groups.get(rest)).copied().unwrap_or(0);
                Decimal::try_from_i128_with_scale(count, 0).ok()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::Span;

    #[test]
    fn windows_are_differences_of_running_sums() {
        let day = |text: &str| text.parse().unwrap();
        let between = |from, to| Window::Between(Span { from: day(from), to: day(to) });
        let (january, february, both) = (
            between("2026-01-01", "2026-01-31"),
            between("2026-02-01", "2026-02-28"),
            between("2026-01-01", "2026-02-28"),
        );
        let windows = BTreeSet::from([january, february, both]);
        let cells = [(0, 0, 150), (1, 0, 25), (1, 1, 7)];
        let sums = Sums::new(&Segments::of(&windows), windows, &cells, 2, 2);
        let series = Series::of_sums(sums, BTreeSet::new());
        let check = |window, member, expected: &str| {
            assert_eq!(
                series.get(&window, Some(member)).unwrap().to_string(),
                expected,
                "{window:?} {member}"
            );
        };
        check(january, 0, "1.50");
        check(february, 0, "0.25");
        check(both, 0, "1.75");
        check(january, 1, "0.00");
        check(both, 1, "0.07");
        assert_eq!(series.get(&january, None), Some(Decimal::ZERO));
    }
}
