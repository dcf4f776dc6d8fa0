//! Tries to break the rule. An attacker has every answer a district can get for a comparison (each month, each run of
//! months, with and without the dimension), the own figures, and knows the rule. Each answer is an equation between the
//! unknown figures of the other districts; the equations are solved as far as they go.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use pujiang_security::DistrictCode;
use pujiang_security::district::DISTRICTS;
use rust_decimal::Decimal;

use super::answer::{ComparisonRow, RowState, SlotKind};
use super::hiding::Slot;
use super::table::{Adding, Form, Input, MonthCell, rows};
use super::{ComparisonDef, ComparisonDefinitions};

const MINIMUM: u64 = 5;
const MONTHS: usize = 3;
const MEMBERS: [&str; 4] = ["体育", "文旅", "金融", "餐饮"];

/// Persons by month, district and member; each has one transaction, so that figures are persons.
type World = Vec<Vec<Vec<u64>>>;

/// A figure nobody else knows: month, district, member.
type Unknown = (usize, usize, usize);

fn def() -> ComparisonDef {
    ComparisonDefinitions::builtin().unwrap().get("benefit_transactions").unwrap().clone()
}

fn slots_of(place: usize) -> [Slot; 2] {
    [Slot::Total, Slot::Member(Some(MEMBERS[place].to_owned()))]
}

/// What the engine would have read for this district and these months.
fn input(world: &World, own: usize, months: std::ops::Range<usize>) -> Input {
    let code = |place: usize| DISTRICTS[place].code;
    let mut input = Input {
        districts: (0..DISTRICTS.len()).map(code).collect(),
        own: vec![code(own)],
        months: vec![BTreeMap::new(); months.len()],
        figures: BTreeMap::new(),
    };
    for (place, month) in months.enumerate() {
        for (district, members) in world[month].iter().enumerate() {
            for (member, persons) in members.iter().enumerate() {
                for slot in slots_of(member) {
                    *input.figures.entry((slot.clone(), code(district))).or_default() +=
                        Decimal::from(*persons);
                    if *persons == 0 && slot != Slot::Total {
                        continue;
                    }
                    let cell: &mut MonthCell = input.months[place].entry(slot).or_default();
                    if district != own {
                        cell.persons_of_others += persons;
                    }
                    let entry = cell.by_district.entry(code(district)).or_insert((0, Some(Decimal::ZERO)));
                    *entry = (entry.0 + persons, entry.1.map(|value| value + Decimal::from(*persons)));
                }
            }
        }
    }
    input
}

fn ask(world: &World, own: usize, months: std::ops::Range<usize>) -> Vec<ComparisonRow> {
    let form = Form { digits: 0, adding: Adding::Up };
    rows(&def(), form, &input(world, own, months))
}

/// One equation: coefficients of unknowns. Averages are of two digits and figures whole, so `average × 16 − own` is
/// exactly the sum of the others.
type Equation = BTreeMap<Unknown, u64>;

fn equation(row: &ComparisonRow, own: usize, months: std::ops::Range<usize>) -> Equation {
    let members: Vec<usize> = match row.slot {
        SlotKind::Total => (0..MEMBERS.len()).collect(),
        SlotKind::Member => {
            MEMBERS.iter().position(|m| row.member.as_deref() == Some(*m)).into_iter().collect()
        }
    };
    sum_of_others(&members, own, months)
}

fn sum_of_others(members: &[usize], own: usize, months: std::ops::Range<usize>) -> Equation {
    let mut equation = Equation::new();
    for month in months {
        for district in (0..DISTRICTS.len()).filter(|district| *district != own) {
            equation.extend(members.iter().map(|member| ((month, district, *member), 1)));
        }
    }
    equation
}

/// Everything a district can ask: every run of months.
fn everything(world: &World, own: usize) -> Vec<(std::ops::Range<usize>, Vec<ComparisonRow>)> {
    let runs = (0..MONTHS).flat_map(|first| (first + 1..=MONTHS).map(move |end| first..end));
    runs.map(|months| (months.clone(), ask(world, own, months))).collect()
}

const PRIME: u64 = 2_147_483_647;

fn inverse(value: u64) -> u64 {
    let (mut base, mut power, mut result) = (value % PRIME, PRIME - 2, 1);
    while power > 0 {
        if power & 1 == 1 {
            result = result * base % PRIME;
        }
        base = base * base % PRIME;
        power >>= 1;
    }
    result
}

/// Equations brought to a form in which each has an unknown of its own, by arithmetic modulo a large prime.
#[derive(Default)]
struct Solved {
    by_pivot: BTreeMap<Unknown, Equation>,
}

impl Solved {
    /// What is left of an equation after everything known is taken away; nothing if it follows.
    fn reduce(&self, mut equation: Equation) -> Equation {
        for (pivot, known) in &self.by_pivot {
            let Some(factor) = equation.get(pivot).copied().filter(|factor| *factor != 0) else { continue };
            for (unknown, value) in known {
                let entry = equation.entry(*unknown).or_insert(0);
                *entry = (*entry + (PRIME - factor * value % PRIME)) % PRIME;
            }
        }
        equation.retain(|_, value| *value != 0);
        equation
    }

    fn learn(&mut self, equation: Equation) {
        let mut rest = self.reduce(equation);
        let Some((pivot, lead)) = rest.first_key_value().map(|(pivot, lead)| (*pivot, *lead)) else { return };
        let scale = inverse(lead);
        rest.values_mut().for_each(|value| *value = *value * scale % PRIME);
        // Keep the others free of the new pivot, so that one pass reduces.
        for known in self.by_pivot.values_mut() {
            let Some(factor) = known.get(&pivot).copied().filter(|factor| *factor != 0) else { continue };
            for (unknown, value) in &rest {
                let entry = known.entry(*unknown).or_insert(0);
                *entry = (*entry + (PRIME - factor * value % PRIME)) % PRIME;
            }
            known.retain(|_, value| *value != 0);
        }
        self.by_pivot.insert(pivot, rest);
    }

    fn follows(&self, equation: Equation) -> bool {
        self.reduce(equation).is_empty()
    }
}

fn solve(answers: &[(std::ops::Range<usize>, Vec<ComparisonRow>)], own: usize) -> Solved {
    let mut solved = Solved::default();
    for (months, rows) in answers {
        for row in rows.iter().filter(|row| row.state == RowState::Shown) {
            solved.learn(equation(row, own, months.clone()));
        }
        // Where all of a month is told, what is not listed nobody has.
        if months.len() == 1 && rows.iter().all(|row| row.state == RowState::Shown) && rest_is_nought(rows) {
            for member in (0..MEMBERS.len()).filter(|member| !shown(rows).contains(member)) {
                solved.learn(sum_of_others(&[member], own, months.clone()));
            }
        }
    }
    solved
}

/// Whether the members that are told add up to the total.
fn rest_is_nought(rows: &[ComparisonRow]) -> bool {
    let sum = |kind: SlotKind| -> Decimal {
        let own = |row: &ComparisonRow| row.own.as_ref().and_then(|own| own.parse::<Decimal>().ok());
        let average =
            |row: &ComparisonRow| row.average.as_ref().and_then(|text| text.parse::<Decimal>().ok());
        let others = |row| Some((average(row)? * Decimal::from(16) - own(row)?).round());
        rows.iter().filter(|row| row.slot == kind).filter_map(others).sum()
    };
    sum(SlotKind::Total) == sum(SlotKind::Member)
}

fn shown(rows: &[ComparisonRow]) -> BTreeSet<usize> {
    let member = |row: &&ComparisonRow| row.slot == SlotKind::Member && row.state == RowState::Shown;
    rows.iter()
        .filter(member)
        .filter_map(|row| MEMBERS.iter().position(|m| row.member.as_deref() == Some(*m)))
        .collect()
}

/// The bounds an attacker has for a small cell of one month: the hidden cells add up to what the total leaves, each
/// small one is below the minimum, each held back at least the minimum, each unlisted anything.
fn bounds(world: &World, own: usize, month: usize, rows: &[ComparisonRow], cell: usize) -> (u64, u64) {
    let others = |member: usize| -> u64 {
        (0..DISTRICTS.len()).filter(|d| *d != own).map(|district| world[month][district][member]).sum()
    };
    let state = |member: usize| {
        rows.iter().find(|row| row.member.as_deref() == Some(MEMBERS[member])).map(|row| row.state)
    };
    let total_told = rows.iter().any(|row| row.slot == SlotKind::Total && row.state == RowState::Shown);
    if !total_told {
        return (0, MINIMUM - 1);
    }
    let hidden: Vec<usize> = (0..MEMBERS.len()).filter(|m| !shown(rows).contains(m)).collect();
    let sum: u64 = hidden.iter().map(|member| others(*member)).sum();
    let (mut low, mut high) = (0, Some(0_u64));
    for member in hidden.into_iter().filter(|member| *member != cell) {
        let (least, most) = match state(member) {
            Some(RowState::Small) => (0, Some(MINIMUM - 1)),
            Some(RowState::HeldBack) => (MINIMUM, None),
            _ => (0, None),
        };
        low += least;
        high = high.zip(most).map(|(high, most)| high + most);
    }
    (sum.saturating_sub(high.unwrap_or(sum)), (MINIMUM - 1).min(sum.saturating_sub(low)))
}

/// Tells what an attacker finds out that nobody should; nothing if the rule holds.
fn attack(
    world: &World,
    own: usize,
    answers: &[(std::ops::Range<usize>, Vec<ComparisonRow>)],
) -> Result<(), String> {
    let solved = solve(answers, own);
    let others: Vec<usize> = (0..DISTRICTS.len()).filter(|district| *district != own).collect();
    for month in 0..MONTHS {
        let rows = &answers.iter().find(|(months, _)| *months == (month..month + 1)).unwrap().1;
        for district in &others {
            for member in 0..MEMBERS.len() {
                if solved.follows(BTreeMap::from([((month, *district, member), 1)])) {
                    return Err(format!("a figure of district {district} in month {month}"));
                }
            }
            if solved.follows((0..MEMBERS.len()).map(|member| ((month, *district, member), 1)).collect()) {
                return Err(format!("the total of district {district} in month {month}"));
            }
        }
        for row in rows.iter().filter(|row| row.state != RowState::Shown) {
            if solved.follows(equation(row, own, month..month + 1)) {
                return Err(format!("the hidden {:?} of month {month}", row.member));
            }
            let Some(cell) = MEMBERS.iter().position(|m| row.member.as_deref() == Some(*m)) else { continue };
            let found = bounds(world, own, month, rows, cell);
            if row.state == RowState::Small && found != (0, MINIMUM - 1) {
                return Err(format!("{:?} of month {month} lies within {found:?}", row.member));
            }
        }
    }
    // Longer times tell nothing that their months do not tell: every equation follows from those of single months.
    let months: Vec<_> = answers.iter().filter(|(months, _)| months.len() == 1).cloned().collect();
    let by_month = solve(&months, own);
    for (months, rows) in answers {
        for row in rows.iter().filter(|row| row.state == RowState::Shown) {
            if !by_month.follows(equation(row, own, months.clone())) {
                return Err(format!("{:?} of months {months:?} from the longer time alone", row.member));
            }
        }
    }
    Ok(())
}

fn any_world() -> impl Strategy<Value = World> {
    // Many small cells, many empty ones, and some of a proper size.
    let persons = prop_oneof![4 => Just(0_u64), 4 => 1_u64..5, 2 => 5_u64..9, 3 => 9_u64..60];
    let sparse = prop_oneof![6 => Just(0_u64), 1 => 1_u64..4];
    let member =
        prop_oneof![2 => proptest::collection::vec(persons, 16), 1 => proptest::collection::vec(sparse, 16)];
    proptest::collection::vec(proptest::collection::vec(member, MEMBERS.len()), MONTHS).prop_map(|months| {
        // By month, district and member instead of by month, member and district.
        let turned = |members: Vec<Vec<u64>>| {
            (0..16).map(|district| members.iter().map(|column| column[district]).collect()).collect()
        };
        months.into_iter().map(turned).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nobody_works_out_a_small_cell_or_another_district(world in any_world(), own in 0_usize..16) {
        let answers = everything(&world, own);
        prop_assert_eq!(attack(&world, own, &answers), Ok(()), "{:?}", answers);
    }

    #[test]
    fn who_has_which_figure_changes_nothing(world in any_world(), a in 1_usize..16, b in 1_usize..16) {
        let mut traded = world.clone();
        traded.iter_mut().for_each(|month| month.swap(a, b));
        prop_assert_eq!(everything(&world, 0), everything(&traded, 0));
    }
}

/// A world in which every district has `persons` of each member, but the rare one has only the given.
fn plain(rare: &[(usize, u64)]) -> World {
    let mut month = vec![vec![0, 20, 20, 20]; 16];
    for (district, persons) in rare {
        month[*district][0] = *persons;
    }
    vec![month; MONTHS]
}

#[test]
fn the_attack_succeeds_where_the_rule_is_left_out() {
    let world = plain(&[(0, 3), (1, 2), (2, 1)]);
    let honest = everything(&world, 0);
    assert_eq!(attack(&world, 0, &honest), Ok(()));
    let state = |rows: &[ComparisonRow], member: usize| {
        rows.iter().find(|row| row.member.as_deref() == Some(MEMBERS[member])).map(|row| row.state)
    };
    assert_eq!(state(&honest[0].1, 0), Some(RowState::Small));
    assert_eq!(state(&honest[0].1, 1), Some(RowState::HeldBack));

    // Without the second hidden cell, the total less the rest is the small one.
    let mut open = honest.clone();
    for row in open.iter_mut().flat_map(|(_, rows)| rows).filter(|row| row.state == RowState::HeldBack) {
        row.state = RowState::Shown;
    }
    assert!(attack(&world, 0, &open).is_err());

    // Told over three months but not by month, the small cell is a difference of two answers.
    let mut longer = honest.clone();
    for (_, rows) in longer.iter_mut().filter(|(months, _)| months.len() > 1) {
        rows.iter_mut().for_each(|row| row.state = RowState::Shown);
    }
    assert!(attack(&world, 0, &longer).is_err());

    // With two districts the sum of the others is the other's figure.
    let mut two = world.clone();
    two.iter_mut().for_each(|month| month.iter_mut().skip(2).for_each(|district| district.fill(0)));
    assert!(everything(&two, 0).iter().flat_map(|(_, rows)| rows).all(|row| row.state != RowState::Shown));
    // And with three others, each told that 80 % are one's: held back, too.
    let mut uneven = plain(&[]);
    uneven.iter_mut().for_each(|month| month[5] = vec![9_000; 4]);
    assert!(everything(&uneven, 0).iter().flat_map(|(_, rows)| rows).all(|row| row.state != RowState::Shown));
}

#[test]
fn whoever_has_every_district_sees_all_in_the_clear() {
    let world = plain(&[(0, 3)]);
    let mut whole = input(&world, 0, 0..1);
    whole.own = whole.districts.clone();
    let form = Form { digits: 0, adding: Adding::Up };
    let given = rows(&def(), form, &whole);
    assert_eq!(given.len(), 16 * 5);
    assert!(given.iter().all(|row| row.state == RowState::Shown && row.average.is_some()));
    let none: Vec<DistrictCode> = Vec::new();
    whole.own = none;
    assert!(rows(&def(), form, &whole).is_empty());
}
