//! From figures of all districts to the rows one caller may have; pure. Whatever a caller learns about other districts
//! goes through `rows`.

use std::collections::BTreeMap;

use pujiang_security::DistrictCode;
use pujiang_security::district::name_of;
use rust_decimal::Decimal;

use super::answer::{ComparisonRow, RowState, SlotKind};
use super::hiding::{self, Atom, DOMINANT_PERCENT, Slot, Verdict};
use super::place::{self, Rank};
use super::{ComparisonDef, Statistic};
use crate::rounding::half_away;

/// One cell of one month, as far as the rule needs it.
#[derive(Debug, Clone, Default)]
pub(super) struct MonthCell {
    /// Different persons of all districts that are not the caller's.
    pub(super) persons_of_others: u64,
    /// Persons and figure of each district that has any.
    pub(super) by_district: BTreeMap<DistrictCode, (u64, Option<Decimal>)>,
}

/// Everything that was read for one comparison.
#[derive(Debug, Clone)]
pub(super) struct Input {
    /// Every district that is compared.
    pub(super) districts: Vec<DistrictCode>,
    /// The caller's whole districts.
    pub(super) own: Vec<DistrictCode>,
    /// The cells of each month.
    pub(super) months: Vec<BTreeMap<Slot, MonthCell>>,
    /// Figures over the whole time; none where there is no figure.
    pub(super) figures: BTreeMap<(Slot, DistrictCode), Decimal>,
}

/// How the figures of an indicator are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Form {
    /// Digits after the decimal point.
    pub(super) digits: u32,
    /// Whether figures of districts add up to the city's.
    pub(super) adding: Adding,
}

/// Whether figures of districts add up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Adding {
    /// Counts and sums: the sum of the others may be nearly all one district's.
    Up,
    /// Ratios: each district weighs the same.
    Not,
}

/// The rows of the caller's districts. Whoever has all districts gets every figure in the clear: there is nothing an
/// own row does not show already.
pub(super) fn rows(def: &ComparisonDef, form: Form, input: &Input) -> Vec<ComparisonRow> {
    let sees_all = input.districts.iter().all(|district| input.own.contains(district));
    let verdicts: Vec<BTreeMap<Slot, Verdict>> = input
        .months
        .iter()
        .map(|cells| hiding::month(&atoms(def, form, input, cells), def.minimum))
        .collect();
    let mut slots: Vec<&Slot> = input.months.iter().flat_map(|month| month.keys()).collect();
    slots.sort_unstable();
    slots.dedup();
    let mut rows = Vec::new();
    for slot in slots {
        let verdict = match sees_all {
            true => Verdict::Shown,
            false => hiding::over(&verdicts, slot),
        };
        // A row that is hidden is there for the sake of the own figure: without one, not even that it exists is told.
        let listed = |district: &&DistrictCode| verdict == Verdict::Shown || has(input, slot, **district);
        for district in input.own.iter().filter(listed) {
            let open = if sees_all { place::open_rank } else { place::rank };
            rows.push(row(def, form, input, (slot, *district), verdict, open));
        }
    }
    rows
}

fn atoms(
    def: &ComparisonDef,
    form: Form,
    input: &Input,
    cells: &BTreeMap<Slot, MonthCell>,
) -> BTreeMap<Slot, Atom> {
    let atom = |cell: &MonthCell| {
        let others = || cell.by_district.iter().filter(|(district, _)| !input.own.contains(district));
        Atom {
            persons: cell.persons_of_others,
            contributors: others().filter(|(_, (persons, _))| *persons >= def.minimum).count(),
            dominated: form.adding == Adding::Up && dominated(others().filter_map(|(_, (_, value))| *value)),
        }
    };
    cells.iter().map(|(slot, cell)| (slot.clone(), atom(cell))).collect()
}

fn dominated(values: impl Iterator<Item = Decimal>) -> bool {
    let (mut sum, mut largest) = (Decimal::ZERO, Decimal::ZERO);
    for value in values {
        // A sum beyond what a decimal holds is no figure anybody would get; saturating keeps the rule on the safe side.
        sum = sum.saturating_add(value);
        largest = largest.max(value);
    }
    let (share, bound) = (Decimal::from(100), Decimal::from(DOMINANT_PERCENT));
    largest.saturating_mul(share) > sum.saturating_mul(bound)
}

fn has(input: &Input, slot: &Slot, district: DistrictCode) -> bool {
    let cells = input.months.iter().filter_map(|month| month.get(slot)?.by_district.get(&district));
    *slot == Slot::Total || cells.into_iter().any(|(persons, _)| *persons > 0)
}

fn row(
    def: &ComparisonDef,
    form: Form,
    input: &Input,
    (slot, district): (&Slot, DistrictCode),
    verdict: Verdict,
    rank_of: fn(Decimal, &[Decimal]) -> Rank,
) -> ComparisonRow {
    let figure = |district: DistrictCode| input.figures.get(&(slot.clone(), district)).copied();
    let own = figure(district);
    let others: Vec<Decimal> = input
        .districts
        .iter()
        .filter(|other| **other != district)
        .filter_map(|other| figure(*other))
        .collect();
    let told = own.filter(|_| verdict == Verdict::Shown);
    let wanted = |statistic| told.filter(|_| def.statistics.contains(&statistic));
    // Figures that are shown alike share a rank, as on the district's own pages, and a quarter is one of ranks; where
    // nobody has anything nobody is first.
    let shown: Vec<Decimal> = others.iter().map(|other| half_away(*other, form.digits)).collect();
    let any = |own: &Decimal| !own.is_zero() || shown.iter().any(|other| !other.is_zero());
    let placed = |statistic| wanted(statistic).map(|own| half_away(own, form.digits)).filter(|own| any(own));
    let rank = placed(Statistic::Rank).map(|own| rank_of(own, &shown));
    // An average is of two digits at least: that of counts is no count.
    let digits = form.digits.max(2);
    let average = wanted(Statistic::Average).and_then(|own| place::average(own, &others, digits));
    let (kind, member) = match slot {
        Slot::Total => (SlotKind::Total, None),
        Slot::Member(member) => (SlotKind::Member, member.clone()),
    };
    ComparisonRow {
        slot: kind,
        member,
        district: district.as_str().to_owned(),
        district_name: name_of(district).to_owned(),
        own: own.map(|own| written(own, form.digits)),
        average: match verdict {
            Verdict::Small => Some(format!("<{}", def.minimum)),
            _ => average.map(|average| written(average, digits)),
        },
        rank,
        rank_text: rank.map(Rank::text),
        of: told.map(|_| others.len() + 1),
        quartile: placed(Statistic::Quartile).and_then(|own| place::quartile(own, &shown)),
        state: match verdict {
            Verdict::Shown => RowState::Shown,
            Verdict::Small => RowState::Small,
            Verdict::HeldBack => RowState::HeldBack,
        },
    }
}

fn written(value: Decimal, digits: u32) -> String {
    let rounded = half_away(value, digits);
    format!("{rounded:.*}", digits as usize)
}

#[cfg(test)]
mod tests {
    use pujiang_security::district::DISTRICTS;

    use super::super::ComparisonDefinitions;
    use super::*;

    /// 1.996 is shown as 2.00 beside 2.004: both have the eighth rank and stand in the quarter of that rank.
    #[test]
    fn figures_that_are_shown_alike_are_in_one_quarter() {
        let defs = ComparisonDefinitions::builtin().unwrap();
        let def = defs.get("transactions_per_person").unwrap();
        let districts: Vec<DistrictCode> = DISTRICTS.iter().map(|district| district.code).collect();
        let figure = |place: usize| match place {
            0..7 => Decimal::from(9),
            7 => Decimal::new(2_004, 3),
            8 => Decimal::new(1_996, 3),
            _ => Decimal::ONE,
        };
        let figures = districts.iter().enumerate();
        let figures = figures.map(|(place, district)| ((Slot::Total, *district), figure(place))).collect();
        let months = vec![BTreeMap::from([(Slot::Total, MonthCell::default())])];
        let input = Input { own: districts.clone(), districts, months, figures };
        let rows = rows(def, Form { digits: 2, adding: Adding::Not }, &input);
        for row in &rows[7..9] {
            assert_eq!((row.rank_text.as_deref(), row.quartile), (Some("第8名"), Some(2)), "{:?}", row.own);
        }
        let nothing =
            Input { figures: input.figures.into_keys().map(|key| (key, Decimal::ZERO)).collect(), ..input };
        let rows = super::rows(def, Form { digits: 2, adding: Adding::Not }, &nothing);
        assert!(rows.iter().all(|row| row.rank.is_none() && row.quartile.is_none()));
    }
}
