//! Exact distinct counts: sets of ids per member and segment of time, united for every window. Sets are united here
//! and not in the engine's operators, because windows overlap (累计) and each set should be read once.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use roaring::{MultiOps, RoaringBitmap};

use crate::plan::{Segments, Window};

/// The sets of one read by member and segment.
#[derive(Default)]
pub(super) struct Sets {
    by_member: BTreeMap<usize, BTreeMap<usize, Vec<RoaringBitmap>>>,
}

impl Sets {
    /// Puts a serialised set with the others of its member and segment. They are united later, all at once: sorted
    /// lists that grow one by one are copied each time.
    pub(super) fn add(&mut self, member: usize, segment: usize, bytes: &[u8]) -> std::io::Result<()> {
        // The bytes were written by the rollups of this process, so the costly check of foreign bytes is not needed.
        let set = RoaringBitmap::deserialize_unchecked_from(bytes)?;
        self.by_member.entry(member).or_default().entry(segment).or_default().push(set);
        Ok(())
    }

    /// The same ids under other numbers: those of members that get the same number are put together.
    pub(super) fn united(&self, number: impl Fn(usize) -> usize) -> Self {
        let mut united = Self::default();
        for (member, segments) in &self.by_member {
            let into = united.by_member.entry(number(*member)).or_default();
            for (segment, sets) in segments {
                into.entry(*segment).or_default().extend(sets.iter().cloned());
            }
        }
        united
    }

    /// Which segments hold any id.
    pub(super) fn filled(&self) -> BTreeSet<usize> {
        self.by_member.values().flat_map(BTreeMap::keys).copied().collect()
    }

    /// How many different ids every window has, by member.
    pub(super) fn counts(
        self,
        segments: &Segments,
        windows: &BTreeSet<Window>,
    ) -> HashMap<(Window, usize), i128> {
        let mut runs: Vec<((usize, usize), Window)> =
            windows.iter().filter_map(|window| Some((segments.run(window)?, *window))).collect();
        runs.sort_unstable();
        let mut counts = HashMap::new();
        for (member, sets) in self.by_member {
            let sets: BTreeMap<usize, RoaringBitmap> =
                sets.into_iter().map(|(segment, sets)| (segment, sets.union())).collect();
            let mut union = RoaringBitmap::new();
            let mut done = (0, 0);
            for ((first, end), window) in &runs {
                // Windows that begin together follow each other, the shorter first: the longer one only adds to it.
                if done.0 != *first || done.1 == 0 {
                    union.clear();
                    done = (*first, *first);
                }
                sets.range(done.1..*end).for_each(|(_, set)| union |= set);
                done.1 = *end;
                counts.insert((*window, member), i128::from(union.len()));
            }
        }
        counts
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::Span;

    #[test]
    fn overlapping_windows_count_every_id_once() {
        let day = |text: &str| text.parse().unwrap();
        let between = |from, to| Window::Between(Span { from: day(from), to: day(to) });
        let months = [
            between("2026-01-01", "2026-01-31"),
            between("2026-02-01", "2026-02-28"),
            between("2026-03-01", "2026-03-31"),
        ];
        let to_date = [between("2026-01-01", "2026-02-28"), between("2026-01-01", "2026-03-31")];
        let windows: BTreeSet<Window> = months.into_iter().chain(to_date).collect();
        let segments = Segments::of(&windows);
        let mut sets = Sets::default();
        for (segment, ids) in [(0, vec![1, 2]), (1, vec![2, 3]), (1, vec![3]), (2, vec![1])] {
            let mut bytes = Vec::new();
            RoaringBitmap::from_iter(ids).serialize_into(&mut bytes).unwrap();
            sets.add(7, segment, &bytes).unwrap();
        }
        let counts = sets.counts(&segments, &windows);
        let count = |window| counts.get(&(window, 7)).copied();
        assert_eq!(months.map(count), [Some(2), Some(2), Some(1)]);
        assert_eq!(to_date.map(count), [Some(3), Some(3)]);
    }
}
