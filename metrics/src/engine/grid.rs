//! The figures of a question before they are laid out: reads every rollup it needs, finds why figures and changes are
//! missing, and derives the cells. Also what comparisons of districts are computed from.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;
use pujiang_security::{DistrictCode, Principal};

use super::MetricsEngine;
use super::compared::{self, CHANGES, FirstDays, looked_at};
use super::figures::{Cell, Figures, Sight};
use super::members::{Member, Members};
use super::overlap::OverlapReading;
use super::presence;
use super::read::Reading;
use super::source::Rollups;
use crate::calendar::{Frame, frames};
use crate::definition::{IndicatorDef, Measure};
use crate::error::{MetricsError, Problem};
use crate::plan::{Part, PartKind, Role, Window};
use crate::query::{Compare, Gap, MetricsQuery, ValidQuery, validate};

/// Cells of one answer; more is an export, not a question.
const MOST_CELLS: usize = 400_000;

/// Figures of one question before they are laid out: `cells[indicator][frame * members + member]`.
pub(crate) struct Grid {
    pub(crate) frames: Vec<Frame>,
    pub(crate) members: Vec<Member>,
    pub(crate) cells: Vec<Vec<Cell>>,
    /// Why an indicator has no figure of a frame: `gaps[indicator][frame]`.
    pub(crate) gaps: Vec<Vec<Option<Gap>>>,
    /// Why it is not compared: `changes[indicator]` has the asked changes, each with a reason per frame.
    pub(crate) changes: Vec<Vec<(Compare, Vec<Option<Gap>>)>>,
}

impl MetricsEngine {
    /// The figures of a question from whatever rows `rollups` gives; `listed` districts appear even without rows.
    pub(crate) async fn grid(
        &self,
        rollups: &dyn Rollups,
        query: &MetricsQuery,
        today: NaiveDate,
        listed: &[DistrictCode],
        sight: Sight,
        firsts: &FirstDays,
    ) -> Result<Grid, MetricsError> {
        let valid = validate(query, &self.definitions, today)
            .map_err(|problems| MetricsError::Invalid { problems })?;
        let frames = frames(valid.grain, valid.range, today);
        if frames.is_empty() {
            let count = valid.indicators.len();
            let (cells, gaps) = (vec![Vec::new(); count], vec![Vec::new(); count]);
            return Ok(Grid { frames, members: Vec::new(), cells, gaps, changes: Vec::new() });
        }
        let figures = self.read(rollups, &valid, &frames, firsts).await?;
        let members = figures.members.shown(&valid.dimensions, listed);
        refuse_too_many(frames.len() * members.len() * (valid.indicators.len() + valid.dimensions.len()))?;
        let cells = |indicator: &&IndicatorDef| figures.cells(indicator, &valid, &frames, &members, sight);
        let cells = valid.indicators.iter().map(cells).collect::<Result<Vec<_>, _>>()?;
        let gaps = |indicator: &IndicatorDef, role| {
            (0..frames.len()).map(|frame| figures.gap(indicator, role, frame)).collect::<Vec<_>>()
        };
        let asked = || CHANGES.into_iter().filter(|(compare, _)| valid.compare.contains(compare));
        let changes = |indicator: &&IndicatorDef| {
            asked().map(|(compare, role)| (compare, gaps(indicator, role))).collect::<Vec<_>>()
        };
        let changes = valid.indicators.iter().map(changes).collect();
        let gaps = valid.indicators.iter().map(|indicator| gaps(indicator, Role::Value)).collect();
        Ok(Grid { frames, members, cells, gaps, changes })
    }

    /// The indicators with figures of their own that one is computed from, and where those are.
    pub(super) fn parts_of<'e>(
        &'e self,
        indicator: &'e IndicatorDef,
    ) -> impl Iterator<Item = (&'e IndicatorDef, &'e Part)> {
        let parts = self.definitions.parts(indicator).into_iter();
        parts.filter_map(|part| Some((part, self.plan.part(&part.id)?)))
    }

    /// When the records begin that the asked indicators are computed from.
    pub(super) async fn first_days(
        &self,
        principal: &Principal,
        rollups: &dyn Rollups,
        valid: &ValidQuery<'_>,
    ) -> Result<FirstDays, MetricsError> {
        let reader = self.door.comparison(principal);
        let mut firsts = FirstDays::new();
        for (indicator, part) in valid.indicators.iter().flat_map(|indicator| self.parts_of(indicator)) {
            let Some(spec) = self.plan.rows_behind(part) else { continue };
            let first = match Box::pin(self.first_days.first_day(&reader, spec)).await {
                Ok(first) => first,
                // A file of another district that cannot be read must not take this question with it.
                Err(error) => {
                    tracing::warn!(table.id = %spec.table, error = %error, "the first record of all districts is not known");
                    Box::pin(compared::own_first_day(rollups, spec)).await?
                }
            };
            firsts.extend(first.map(|first| (indicator.id.clone(), first)));
        }
        Ok(firsts)
    }

    /// Reads every rollup the question needs once per kind of figure.
    async fn read(
        &self,
        rollups: &dyn Rollups,
        valid: &ValidQuery<'_>,
        frames: &[Frame],
        firsts: &FirstDays,
    ) -> Result<Figures<'_>, MetricsError> {
        let mut reads: BTreeMap<(usize, PartKind), Vec<(&IndicatorDef, &Part)>> = BTreeMap::new();
        let mut all: Vec<(&IndicatorDef, &Part)> = Vec::new();
        for (indicator, part) in valid.indicators.iter().flat_map(|indicator| self.parts_of(indicator)) {
            if !all.iter().any(|(other, _)| other.id == indicator.id) {
                all.push((indicator, part));
            }
        }
        let (mut members, mut series) = (Members::default(), HashMap::new());
        for &(indicator, part) in &all {
            let (Measure::Overlap(overlap), Some(sources)) =
                (&indicator.measure, self.plan.overlap_part(&indicator.id))
            else {
                reads.entry((part.rollup, part.kind)).or_default().push((indicator, part));
                continue;
            };
            let (plan, query) = (&self.plan, valid);
            let reading = OverlapReading { rollups, plan, indicator, overlap, part, sources, query, frames };
            series.insert(indicator.id.clone(), Box::pin(reading.run(&mut members)).await?);
        }
        for ((rollup, kind), parts) in reads {
            let Some(spec) = self.plan.rollups.get(rollup) else { continue };
            let reading = Reading { rollups, spec, kind, parts, query: valid, frames };
            series.extend(reading.run(&mut members).await?);
        }
        let mut gaps = HashMap::new();
        for (indicator, part) in all {
            let filled = |window: &Window| series.get(&indicator.id).is_some_and(|one| one.is_filled(window));
            for role in looked_at(part.kind, &valid.compare) {
                let asked = (frames, role);
                let found = presence::gaps(rollups, &self.plan, (indicator, part), valid, asked, filled);
                gaps.insert((indicator.id.clone(), role), Box::pin(found).await?);
            }
            for (_, role) in CHANGES.into_iter().filter(|(compare, _)| valid.compare.contains(compare)) {
                let first = firsts.get(&indicator.id).copied();
                let known =
                    gaps.entry((indicator.id.clone(), role)).or_insert_with(|| vec![None; frames.len()]);
                for (gap, frame) in known.iter_mut().zip(frames) {
                    *gap = compared::gap(part.kind, role, frame, first).or(*gap);
                }
            }
        }
        Ok(Figures { definitions: &self.definitions, plan: &self.plan, series, members, gaps })
    }
}

fn refuse_too_many(cells: usize) -> Result<(), MetricsError> {
    if cells <= MOST_CELLS {
        return Ok(());
    }
    let problem = Problem::new("time", "too_many_rows", "结果过大，请缩短时间范围、减少维度或增加筛选");
    Err(MetricsError::Invalid { problems: vec![problem] })
}
