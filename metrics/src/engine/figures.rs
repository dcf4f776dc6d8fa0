//! Figures of indicators from the series of their parts: values, ratios, changes, shares and ranks. Pure arithmetic
//! on decimals; a missing figure stays missing in everything derived from it.

use std::collections::HashMap;

use rust_decimal::Decimal;

use super::members::{Member, Members};
use super::series::Series;
use crate::calendar::Frame;
use crate::definition::{IndicatorDef, IndicatorDefinitions, Measure};
use crate::error::MetricsError;
use crate::plan::{Role, RollupPlan, window};
use crate::query::{Compare, ValidQuery};

/// Everything that was read for one question.
pub(super) struct Figures<'q> {
    pub(super) definitions: &'q IndicatorDefinitions,
    pub(super) plan: &'q RollupPlan,
    pub(super) series: HashMap<String, Series>,
    pub(super) members: Members,
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
    /// The cells of one indicator, for every frame and member: `cells[frame * members + member]`.
    pub(super) fn cells(
        &self,
        indicator: &IndicatorDef,
        query: &ValidQuery<'_>,
        frames: &[Frame],
        members: &[Member],
    ) -> Result<Vec<Cell>, MetricsError> {
        let numbers: Vec<Option<usize>> = members.iter().map(|member| self.members.find(member)).collect();
        let mut cells = Vec::with_capacity(frames.len() * members.len());
        for frame in frames {
            for number in &numbers {
                let figure = |role| self.figure(indicator, role, frame, *number);
                let value = figure(Role::Value)?;
                let mut cell = Cell { value, ..Cell::default() };
                if query.compare.contains(&Compare::Yoy) {
                    cell.yoy = change(value, figure(Role::LastYear)?);
                }
                if query.compare.contains(&Compare::Mom) {
                    cell.mom = change(value, figure(Role::Previous)?);
                }
                if query.compare.contains(&Compare::Cumulative) {
                    cell.cumulative = figure(Role::YearToDate)?;
                }
                cells.push(cell);
            }
        }
        if query.compare.contains(&Compare::Share) || query.compare.contains(&Compare::Rank) {
            let groups = groups(members);
            cells
                .chunks_mut(members.len().max(1))
                .for_each(|row| groups.iter().for_each(|group| share_and_rank(row, group)));
        }
        Ok(cells)
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

/// (value - earlier) / earlier; nothing if either is missing or the earlier is 0.
fn change(value: Option<Decimal>, earlier: Option<Decimal>) -> Option<Decimal> {
    let (value, earlier) = (value?, earlier?);
    if earlier.is_zero() {
        return None;
    }
    value.checked_sub(earlier)?.checked_div(earlier)
}

/// Members that differ only in the first dimension stand in one group: shares and ranks run within it.
fn groups(members: &[Member]) -> Vec<Vec<usize>> {
    let mut groups: indexmap::IndexMap<&[Option<String>], Vec<usize>> = indexmap::IndexMap::new();
    for (place, member) in members.iter().enumerate() {
        groups.entry(member.get(1..).unwrap_or_default()).or_default().push(place);
    }
    groups.into_values().collect()
}

/// Competition ranks (1, 2, 2, 4), the largest first, and shares of the sum.
fn share_and_rank(row: &mut [Cell], group: &[usize]) {
    let values: Vec<Decimal> = group.iter().filter_map(|place| row.get(*place)?.value).collect();
    let total =
        values.iter().try_fold(Decimal::ZERO, |sum, value| sum.checked_add(*value)).unwrap_or_default();
    for place in group {
        let Some(cell) = row.get_mut(*place) else { continue };
        let Some(value) = cell.value else { continue };
        cell.rank = Some(Decimal::from(1 + values.iter().filter(|other| **other > value).count()));
        cell.share = (!total.is_zero()).then(|| value.checked_div(total)).flatten();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn ranks_share_places_and_shares_add_up() {
        let check = |values: &[&str], ranks: &[&str], shares: &[&str]| {
            let mut row: Vec<Cell> =
                values.iter().map(|value| Cell { value: number(value), ..Cell::default() }).collect();
            let group: Vec<usize> = (0..row.len()).collect();
            share_and_rank(&mut row, &group);
            assert_eq!(
                row.iter().map(|cell| cell.rank).collect::<Vec<_>>(),
                ranks.iter().map(|t| number(t)).collect::<Vec<_>>()
            );
            assert_eq!(
                row.iter().map(|cell| cell.share).collect::<Vec<_>>(),
                shares.iter().map(|t| number(t)).collect::<Vec<_>>()
            );
        };
        check(&["5", "3", "3", "9"], &["2", "3", "3", "1"], &["0.25", "0.15", "0.15", "0.45"]);
        check(&["0", "", "0"], &["1", "", "1"], &["", "", ""]);
    }

    #[test]
    fn groups_run_over_the_first_dimension() {
        let member = |a: &str, b: &str| vec![Some(a.to_owned()), Some(b.to_owned())];
        let members = [member("x", "1"), member("y", "1"), member("x", "2"), member("y", "2")];
        assert_eq!(groups(&members), [vec![0, 1], vec![2, 3]]);
        assert_eq!(groups(&[Vec::new()]), [vec![0]]);
    }
}
