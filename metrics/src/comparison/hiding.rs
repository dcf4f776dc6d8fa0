//! Which cells of a comparison may be told, month by month; pure. A cell is what all *other* districts have together
//! in one month, in total or under one value of the dimension. The rule, its proof and its limits are in
//! docs/decisions/0008-comparisons.md; `attack` tries to break it.

use std::collections::BTreeMap;

/// Districts besides the caller's own that must have a cell of their own, so that no sum speaks of one of them.
pub(super) const OTHERS: usize = 3;
/// How much of the others' sum one of them may have: above, the sum is as good as its figure.
pub(super) const DOMINANT_PERCENT: u32 = 80;

/// A row of a comparison.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Slot {
    /// Whatever the value of the dimension.
    Total,
    /// One value of the dimension; none for rows that have none.
    Member(Option<String>),
}

/// What the rule looks at in one cell of one month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Atom {
    /// Different persons of all other districts together.
    pub(super) persons: u64,
    /// Other districts with enough persons of their own.
    pub(super) contributors: usize,
    /// Whether one of the others has nearly all of the sum.
    pub(super) dominated: bool,
}

/// What may be told of a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Everything.
    Shown,
    /// That it is small.
    Small,
    /// Nothing.
    HeldBack,
}

/// The verdicts of one month. The decision is made by month and never by what is asked for, so that no two questions
/// differ in what they hide: a sum over months tells nothing that its months do not tell.
pub(super) fn month(atoms: &BTreeMap<Slot, Atom>, minimum: u64) -> BTreeMap<Slot, Verdict> {
    let mut verdicts: BTreeMap<Slot, Verdict> =
        atoms.iter().map(|(slot, atom)| (slot.clone(), alone(*atom, minimum))).collect();
    let total = verdicts.get(&Slot::Total).copied().unwrap_or(Verdict::HeldBack);
    if total != Verdict::Shown {
        // Members that could be told would add up to the total that cannot.
        verdicts.values_mut().filter(|one| **one == Verdict::Shown).for_each(|one| *one = Verdict::HeldBack);
        return verdicts;
    }
    if verdicts.values().all(|one| *one == Verdict::Shown) {
        return verdicts;
    }
    // The total less what is shown is the sum of what is hidden: one more is held back, always, so that the hidden are
    // at least two. It is the first by name and not the smallest: a choice by size would tell about sizes.
    let spare = verdicts.iter().find(|(slot, one)| **slot != Slot::Total && **one == Verdict::Shown);
    if let Some(spare) = spare.map(|(slot, _)| slot.clone()) {
        verdicts.insert(spare, Verdict::HeldBack);
        if leaves_room(atoms, &verdicts, minimum) {
            return verdicts;
        }
    }
    // No way to hide it among others: nothing of this month is told, nor which of its cells was the small one.
    verdicts.into_keys().map(|slot| (slot, Verdict::HeldBack)).collect()
}

fn alone(atom: Atom, minimum: u64) -> Verdict {
    match atom {
        Atom { persons, .. } if persons < minimum => Verdict::Small,
        Atom { contributors, dominated, .. } if contributors < OTHERS || dominated => Verdict::HeldBack,
        _ => Verdict::Shown,
    }
}

/// Whether each small cell may have any number of persons below the minimum, for all the sum of the hidden ones tells:
/// those held back have at least the minimum, and what they have beyond must hold one small cell at its largest.
fn leaves_room(atoms: &BTreeMap<Slot, Atom>, verdicts: &BTreeMap<Slot, Verdict>, minimum: u64) -> bool {
    let room: u64 = verdicts
        .iter()
        .filter_map(|(slot, verdict)| Some((verdict, atoms.get(slot)?.persons)))
        .map(|(verdict, persons)| match verdict {
            Verdict::Shown => 0,
            Verdict::Small => persons,
            Verdict::HeldBack => persons.saturating_sub(minimum),
        })
        .sum();
    room + 1 >= minimum
}

/// The verdict of a row over several months: it is told if it may be told in each of them.
pub(super) fn over(months: &[BTreeMap<Slot, Verdict>], slot: &Slot) -> Verdict {
    // Nobody has it in a month: that may be known if all of the month is told, and is one more hidden cell otherwise.
    let absent = |month: &BTreeMap<Slot, Verdict>| match month.values().all(|one| *one == Verdict::Shown) {
        true => Verdict::Shown,
        false => Verdict::HeldBack,
    };
    let of = |month: &BTreeMap<Slot, Verdict>| month.get(slot).copied().unwrap_or_else(|| absent(month));
    match months {
        [month] => of(month),
        months if months.iter().all(|month| of(month) == Verdict::Shown) => Verdict::Shown,
        _ => Verdict::HeldBack,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `T` stands for the total; a cell is persons, or persons/contributors, `!` when one has nearly all of it.
    fn check(cells: &str, expected: &str) {
        let atom = |text: &str| {
            let dominated = text.ends_with('!');
            let mut numbers = text.trim_end_matches('!').split('/').map(|number| number.parse().unwrap());
            let persons = numbers.next().unwrap();
            Atom { persons, contributors: numbers.next().unwrap_or(9) as usize, dominated }
        };
        let slot = |name: &str| match name {
            "T" => Slot::Total,
            name => Slot::Member(Some(name.to_owned())),
        };
        let pair = |text: &str| text.split_once('=').map(|(name, cell)| (slot(name), atom(cell))).unwrap();
        let verdicts = month(&cells.split(' ').map(pair).collect(), 5);
        let shown: Vec<&str> = verdicts
            .values()
            .map(|verdict| match verdict {
                Verdict::Shown => "shown",
                Verdict::Small => "small",
                Verdict::HeldBack => "held",
            })
            .collect();
        assert_eq!(shown.join(" "), expected, "{cells}");
    }

    #[test]
    fn cells_of_a_month() {
        check("T=90", "shown");
        check("T=4", "small");
        check("T=90/2", "held");
        check("T=90!", "held");
        check("T=90 A=40 B=50", "shown shown shown");
        // A small one takes the first shown one with it.
        check("T=93 A=40 B=50 C=3", "shown held shown small");
        check("T=93 A=3 B=40 C=50", "shown small held shown");
        check("T=96 A=3 B=40 C=3 D=50", "shown small held small shown");
        check("T=90 A=40/2 B=20 C=30", "shown held held shown");
        // Nothing to hide it among, or not enough room there: the whole month.
        check("T=43 A=3 B=40", "shown small held");
        check("T=3 A=3", "small small");
        check("T=9 A=4 B=5", "shown small held");
        check("T=58 A=1 B=7 C=50", "held held held held");
        check("T=58 A=1 B=8 C=50", "shown small held shown");
        check("T=7 A=3 B=4", "held held held");
        // A hidden total is not told by its parts.
        check("T=90! A=40 B=50 C=2", "held held held small");
    }

    #[test]
    fn several_months_are_told_if_each_is() {
        let (shown, small) = (Verdict::Shown, Verdict::Small);
        let month = |verdict| BTreeMap::from([(Slot::Total, verdict)]);
        assert_eq!(over(&[month(small)], &Slot::Total), small);
        assert_eq!(over(&[month(shown), month(shown)], &Slot::Total), shown);
        assert_eq!(over(&[month(shown), month(small)], &Slot::Total), Verdict::HeldBack);
        // A value nobody has in a month is known to be nought only where nothing else is hidden.
        let member = Slot::Member(None);
        let with = |total| BTreeMap::from([(Slot::Total, total), (member.clone(), shown)]);
        assert_eq!(over(&[with(shown), month(shown)], &member), shown);
        assert_eq!(over(&[with(shown), month(small)], &member), Verdict::HeldBack);
    }
}
