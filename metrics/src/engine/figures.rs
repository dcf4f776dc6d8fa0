//! Figures of indicators from the series of their parts: values, ratios, changes, shares and ranks. Pure arithmetic
//! on decimals; a missing figure stays missing in everything derived from it. Nothing is rounded here but what ranks
//! are told apart by: rounding is that of the answer.

use std::collections::HashMap;

use rust_decimal::Decimal;

use super::members::{Member, Members};
use super::series::Series;
use crate::calendar::Frame;
use crate::definition::{DISTRICT, IndicatorDef, IndicatorDefinitions, Measure, PLACE};
use crate::error::MetricsError;
use crate::plan::{Role, RollupPlan, window};
use crate::query::{ColumnType, Compare, Gap, ValidQuery};
use crate::rounding::half_away;

/// Everything that was read for one question.
pub(super) struct Figures<'q> {
    pub(super) definitions: &'q IndicatorDefinitions,
    pub(super) plan: &'q RollupPlan,
    pub(super) series: HashMap<String, Series>,
    pub(super) members: Members,
    /// Why parts have no figure, by id, what it is asked for, and frame.
    pub(super) gaps: HashMap<(String, Role), Vec<Option<Gap>>>,
}

/// Whether the rows of an answer are those of the whole city.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sight {
    /// All districts.
    City,
    /// Some of them: a place among these is no place among all.
    Part,
}

/// The figures of one indicator in one row.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Cell {
    pub(crate) value: Option<Decimal>,
    pub(super) yoy: Option<Decimal>,
    pub(super) mom: Option<Decimal>,
    pub(super) cumulative: Option<Decimal>,
    pub(super) share: Option<Decimal>,
    pub(super) rank: Option<Decimal>,
}

impl Cell {
    pub(super) fn get(&self, compare: Compare) -> Option<Decimal> {
        match compare {
            Compare::Yoy => self.yoy,
            Compare::Mom => self.mom,
            Compare::Cumulative => self.cumulative,
            Compare::Share => self.share,
            Compare::Rank => self.rank,
        }
    }
}

impl Figures<'_> {
    /// Why an indicator has no figure of a frame as a whole, if it has none: because a part of it has none.
    pub(super) fn gap(&self, indicator: &IndicatorDef, role: Role, frame: usize) -> Option<Gap> {
        let parts = self.definitions.parts(indicator);
        parts.iter().find_map(|part| *self.gaps.get(&(part.id.clone(), role))?.get(frame)?)
    }

    /// The cells of one indicator, for every frame and member: `cells[frame * members + member]`.
    pub(super) fn cells(
        &self,
        indicator: &IndicatorDef,
        query: &ValidQuery<'_>,
        frames: &[Frame],
        members: &[Member],
        sight: Sight,
    ) -> Result<Vec<Cell>, MetricsError> {
        let numbers: Vec<Option<usize>> = members.iter().map(|member| self.members.find(member)).collect();
        let groups = groups(members);
        let mut cells = Vec::with_capacity(frames.len() * members.len());
        for (place, frame) in frames.iter().enumerate() {
            let gap = |role| self.gap(indicator, role, place);
            let gaps = [gap(Role::Value), gap(Role::Previous), gap(Role::LastYear)];
            let mut row = Vec::with_capacity(numbers.len());
            for number in &numbers {
                row.push(self.cell(indicator, query, frame, *number, gaps)?);
            }
            if query.compare.contains(&Compare::Rank) && is_ranked(query, sight) {
                let named = |place: &usize| members.get(*place).is_some_and(is_named);
                for group in &groups {
                    let group: Vec<usize> = group.iter().copied().filter(named).collect();
                    rank(&mut row, &group, indicator.decimals);
                }
            }
            if query.compare.contains(&Compare::Share) {
                groups
                    .iter()
                    .for_each(|group| share(&mut row, group, self.whole(indicator, frame, group, members)));
            }
            cells.append(&mut row);
        }
        Ok(cells)
    }

    fn cell(
        &self,
        indicator: &IndicatorDef,
        query: &ValidQuery<'_>,
        frame: &Frame,
        member: Option<usize>,
        [gap, before, year_before]: [Option<Gap>; 3],
    ) -> Result<Cell, MetricsError> {
        let figure = |role| self.figure(indicator, role, frame, member);
        let mut cell = Cell::default();
        if query.compare.contains(&Compare::Cumulative) {
            // The year may have figures though the period has none.
            let year = window_of(self, indicator, Role::YearToDate, frame);
            if gap.is_none() || year {
                cell.cumulative = figure(Role::YearToDate)?;
            }
        }
        if gap.is_some() {
            return Ok(cell);
        }
        cell.value = figure(Role::Value)?;
        let change = if indicator.change_type() == ColumnType::Points { difference } else { change };
        let compared = match query.compare.contains(&Compare::Yoy) || query.compare.contains(&Compare::Mom) {
            true => figure(Role::Compared)?,
            false => None,
        };
        if query.compare.contains(&Compare::Yoy) {
            cell.yoy = change(compared, figure(Role::LastYear)?.filter(|_| year_before.is_none()));
        }
        if query.compare.contains(&Compare::Mom) {
            cell.mom = change(compared, figure(Role::Previous)?.filter(|_| before.is_none()));
        }
        Ok(cell)
    }

    /// What a group counts as a whole, where that is not the sum of its members.
    fn whole(
        &self,
        indicator: &IndicatorDef,
        frame: &Frame,
        group: &[usize],
        members: &[Member],
    ) -> Option<Decimal> {
        let part = self.plan.part(&indicator.id)?;
        let rest = members.get(*group.first()?)?.get(1..).unwrap_or_default();
        self.series.get(&indicator.id)?.whole(&window(part.kind, Role::Value, frame)?, rest)
    }

    fn figure(
        &self,
        indicator: &IndicatorDef,
        role: Role,
        frame: &Frame,
        member: Option<usize>,
    ) -> Result<Option<Decimal>, MetricsError> {
        let too_large = || MetricsError::TooLarge { indicator: indicator.id.clone() };
        if let Measure::Ratio { numerator, denominator, scale } = &indicator.measure {
            let side = |id: &str| match self.definitions.get(id) {
                Some(part) => self.figure(part, role, frame, member),
                None => Ok(None),
            };
            let (Some(upper), Some(lower)) = (side(numerator)?, side(denominator)?) else { return Ok(None) };
            if lower.is_zero() {
                return Ok(None);
            }
            let ratio = upper.checked_mul(Decimal::from(*scale)).and_then(|scaled| scaled.checked_div(lower));
            return ratio.map(Some).ok_or_else(too_large);
        }
        let (Some(part), Some(series)) = (self.plan.part(&indicator.id), self.series.get(&indicator.id))
        else {
            return Ok(None);
        };
        match window(part.kind, role, frame) {
            Some(window) => series.get(&window, member).map(Some).ok_or_else(too_large),
            None => Ok(None),
        }
    }
}

/// Whether any row fell into the window of a role.
fn window_of(figures: &Figures<'_>, indicator: &IndicatorDef, role: Role, frame: &Frame) -> bool {
    let (Some(part), Some(series)) = (figures.plan.part(&indicator.id), figures.series.get(&indicator.id))
    else {
        return false;
    };
    window(part.kind, role, frame).is_some_and(|window| series.is_filled(&window))
}

/// (value - earlier) / earlier; nothing if either is missing or the earlier is 0.
fn change(value: Option<Decimal>, earlier: Option<Decimal>) -> Option<Decimal> {
    let (value, earlier) = (value?, earlier?);
    if earlier.is_zero() {
        return None;
    }
    value.checked_sub(earlier)?.checked_div(earlier)
}

/// By how many percentage points a rate has moved.
fn difference(value: Option<Decimal>, earlier: Option<Decimal>) -> Option<Decimal> {
    value?.checked_sub(earlier?)
}

/// Districts are ranked among all districts or not at all.
fn is_ranked(query: &ValidQuery<'_>, sight: Sight) -> bool {
    let of_districts = query.dimensions.first().is_some_and(|name| name == DISTRICT || name == PLACE);
    sight == Sight::City || !of_districts
}

/// Rows that have no value of the ranked dimension are nobody who could be first.
fn is_named(member: &Member) -> bool {
    member.first().is_none_or(Option::is_some)
}

/// Members that differ only in the first dimension stand in one group: shares and ranks run within it.
fn groups(members: &[Member]) -> Vec<Vec<usize>> {
    let mut groups: indexmap::IndexMap<&[Option<String>], Vec<usize>> = indexmap::IndexMap::new();
    for (place, member) in members.iter().enumerate() {
        groups.entry(member.get(1..).unwrap_or_default()).or_default().push(place);
    }
    groups.into_values().collect()
}

/// Competition ranks (1, 2, 2, 4), the largest first. Figures that are shown alike share a rank; a group in which nobody
/// has anything has no first.
fn rank(row: &mut [Cell], group: &[usize], decimals: u32) {
    let shown = |place: &usize| Some(half_away(row.get(*place)?.value?, decimals));
    let values: Vec<Option<Decimal>> = group.iter().map(shown).collect();
    if values.iter().flatten().all(Decimal::is_zero) {
        return;
    }
    for (place, value) in group.iter().zip(&values) {
        let (Some(cell), Some(value)) = (row.get_mut(*place), value) else { continue };
        cell.rank = Some(Decimal::from(1 + values.iter().flatten().filter(|other| *other > value).count()));
    }
}

/// Shares of the whole: of the sum, unless members do not add up.
fn share(row: &mut [Cell], group: &[usize], whole: Option<Decimal>) {
    let values = group.iter().filter_map(|place| row.get(*place)?.value);
    let sum = values.into_iter().try_fold(Decimal::ZERO, Decimal::checked_add);
    let Some(total) = whole.or(sum).filter(|total| !total.is_zero()) else { return };
    for place in group {
        let Some(cell) = row.get_mut(*place) else { continue };
        cell.share = cell.value.and_then(|value| value.checked_div(total));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::{MetricsQuery, validate};

    fn number(text: &str) -> Option<Decimal> {
        (!text.is_empty()).then(|| text.parse().unwrap())
    }

    #[test]
    fn changes_need_an_earlier_figure() {
        let check = |value: &str, earlier: &str, expected: &str| {
            assert_eq!(change(number(value), number(earlier)), number(expected), "{value} {earlier}");
        };
        check("110", "100", "0.1");
        check("50", "100", "-0.5");
        check("0", "4", "-1");
        check("4", "0", "");
        check("4", "", "");
        check("", "4", "");
    }

    #[test]
    fn rates_move_by_percentage_points() {
        assert_eq!(difference(number("52.5"), number("50")), number("2.5"));
        assert_eq!(difference(number("0"), number("0")), number("0"));
        assert_eq!(difference(number("52.5"), None), None);
    }

    #[test]
    fn ranks_share_places_and_shares_add_up() {
        let check = |values: &[&str], whole: &str, ranks: &[&str], shares: &[&str]| {
            let mut row: Vec<Cell> =
                values.iter().map(|value| Cell { value: number(value), ..Cell::default() }).collect();
            let group: Vec<usize> = (0..row.len()).collect();
            rank(&mut row, &group, 1);
            share(&mut row, &group, number(whole));
            assert_eq!(
                row.iter().map(|cell| cell.rank).collect::<Vec<_>>(),
                ranks.iter().map(|t| number(t)).collect::<Vec<_>>()
            );
            assert_eq!(
                row.iter().map(|cell| cell.share).collect::<Vec<_>>(),
                shares.iter().map(|t| number(t)).collect::<Vec<_>>()
            );
        };
        check(&["5", "3", "3", "9"], "", &["2", "3", "3", "1"], &["0.25", "0.15", "0.15", "0.45"]);
        // Whoever is in several members counts once in the whole.
        check(&["5", "3"], "5", &["1", "2"], &["1", "0.6"]);
        // Alike as they are shown, alike in rank.
        check(
            &["5.04", "4.96", "4.94"],
            "",
            &["1", "1", "3"],
            &[
                "0.3373493975903614457831325301",
                "0.3319946452476572958500669344",
                "0.3306559571619812583668005355",
            ],
        );
        check(&["0", "", "0"], "", &["", "", ""], &["", "", ""]);
        check(&["2", "0", "0"], "", &["1", "2", "2"], &["1", "0", "0"]);
    }

    #[test]
    fn page_6_districts_are_ranked_among_all_or_not_at_all() {
        let definitions = IndicatorDefinitions::builtin().unwrap();
        let ranked = |dimensions: &str, sight| {
            let body = format!(
                r#"{{"indicators":["S1-U03"],"dimensions":[{dimensions}],"time":{{"grain":"month","from":"2026-10-01","to":"2026-10-31"}}}}"#
            );
            let query = MetricsQuery::from_json(&serde_json::from_str(&body).unwrap()).unwrap();
            is_ranked(&validate(&query, &definitions, "2026-11-21".parse().unwrap()).unwrap(), sight)
        };
        assert!(ranked("\"district\"", Sight::City) && ranked("\"category\",\"district\"", Sight::Part));
        assert!(!ranked("\"district\"", Sight::Part) && !ranked("\"place\"", Sight::Part));
    }

    #[test]
    fn groups_run_over_the_first_dimension() {
        let member = |a: &str, b: &str| vec![Some(a.to_owned()), Some(b.to_owned())];
        let members = [member("x", "1"), member("y", "1"), member("x", "2"), member("y", "2")];
        assert_eq!(groups(&members), [vec![0, 1], vec![2, 3]]);
        assert_eq!(groups(&[Vec::new()]), [vec![0]]);
    }

    #[test]
    fn rows_without_a_value_of_the_dimension_are_not_ranked() {
        let member = |value: Option<&str>| vec![value.map(str::to_owned), None];
        assert!(is_named(&member(Some("x"))) && is_named(&Vec::new()));
        assert!(!is_named(&member(None)));
    }
}
