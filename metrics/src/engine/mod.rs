//! Answers questions: may the caller ask, is the question sound, is the answer kept already; if not, read the rollups
//! it needs, derive and lay out. Whose rows are read is decided by the scoped session alone.

mod assemble;
mod distinct;
mod figures;
mod members;
mod missing;
mod overlap;
mod presence;
mod read;
mod refusal;
mod series;
mod source;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Instant;

use chrono::{DateTime, FixedOffset, NaiveDate, Offset, Utc};
use pujiang_security::{DistrictCode, Permission, Principal, ScopeLevel};
use pujiang_warehouse::{Door, ScopedSession};

pub(crate) use self::figures::Sight;
use self::figures::{Cell, Figures};
use self::members::{Member, Members};
use self::overlap::OverlapReading;
use self::read::Reading;
pub(crate) use self::source::Rollups;
use crate::calendar::{Clock, Frame, SystemClock, frames};
use crate::comparison::{ComparisonAnswer, ComparisonDefinitions};
use crate::definition::{DISTRICT, IndicatorDef, IndicatorDefinitions, Measure};
use crate::error::{MetricsError, Problem};
use crate::kept::{CacheFigures, Kept, KeptKey};
use crate::plan::{Part, PartKind, Role, RollupPlan, Window};
use crate::query::{Compare, Gap, MetricsAnswer, MetricsQuery, ScopeView, ValidQuery, validate};

/// Bytes of answers kept.
const CACHE_BYTES: usize = 64 << 20;
/// Bytes of comparisons kept.
const COMPARED_BYTES: usize = 8 << 20;
/// Cells of one answer; more is an export, not a question.
const MOST_CELLS: usize = 400_000;

/// What an answer is for, and so which permission it takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// A question of its own.
    Query,
    /// A tile of a board.
    Board,
    /// A part of a report.
    Report,
}

impl Purpose {
    fn permission(self) -> Permission {
        match self {
            Self::Query => Permission::MetricsQuery,
            Self::Board => Permission::BoardView,
            Self::Report => Permission::ReportView,
        }
    }
}

/// Answers questions about indicators. One per process, shared.
pub struct MetricsEngine {
    door: Door,
    definitions: IndicatorDefinitions,
    comparisons: ComparisonDefinitions,
    plan: RollupPlan,
    clock: Arc<dyn Clock>,
    answers: Kept<MetricsAnswer>,
    compared: Kept<ComparisonAnswer>,
}

/// Figures of one question before they are laid out: `cells[indicator][frame * members + member]`.
pub(crate) struct Grid {
    pub(crate) frames: Vec<Frame>,
    pub(crate) members: Vec<Member>,
    pub(crate) cells: Vec<Vec<Cell>>,
    /// Why an indicator has no figure of a frame: `gaps[indicator][frame]`.
    pub(crate) gaps: Vec<Vec<Option<Gap>>>,
}

impl MetricsEngine {
    /// An engine on the machine's clock.
    #[must_use]
    pub fn new(door: Door, definitions: IndicatorDefinitions) -> Self {
        let plan = RollupPlan::of(&definitions);
        Self {
            door,
            definitions,
            comparisons: ComparisonDefinitions::default(),
            plan,
            clock: Arc::new(SystemClock),
            answers: Kept::new(CACHE_BYTES),
            compared: Kept::new(COMPARED_BYTES),
        }
    }

    /// The same engine on another clock.
    #[must_use]
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// The same engine with these comparisons, which must have been checked against its indicators.
    #[must_use]
    pub fn with_comparisons(mut self, comparisons: ComparisonDefinitions) -> Self {
        self.comparisons = comparisons;
        self
    }

    /// Every indicator, in the order of their codes.
    #[must_use]
    pub fn indicators(&self) -> &[IndicatorDef] {
        self.definitions.all()
    }

    /// The indicator of that code.
    #[must_use]
    pub fn indicator(&self, id: &str) -> Option<&IndicatorDef> {
        self.definitions.get(id)
    }

    /// Every comparison, in the order of their ids.
    #[must_use]
    pub fn comparisons(&self) -> &ComparisonDefinitions {
        &self.comparisons
    }

    /// The day it is for the business.
    #[must_use]
    pub fn business_date(&self) -> NaiveDate {
        self.clock.business_date()
    }

    /// How the kept answers are doing.
    #[must_use]
    pub fn cache_figures(&self) -> CacheFigures {
        self.answers.figures()
    }

    /// How the kept comparisons are doing.
    #[must_use]
    pub fn comparison_figures(&self) -> CacheFigures {
        self.compared.figures()
    }

    /// Lets kept answers go that were read from older data.
    pub fn forget_older(&self) {
        let newest = self.door.versions();
        self.answers.forget_older(&newest);
        self.compared.forget_older(&newest);
    }

    pub(crate) fn compared(&self) -> &Kept<ComparisonAnswer> {
        &self.compared
    }

    pub(crate) fn door(&self) -> &Door {
        &self.door
    }

    /// The name of what a principal may see, rows and columns: equal for those who get the same answers.
    #[must_use]
    pub fn access(&self, principal: &Principal) -> String {
        self.door.fingerprint(principal).to_string()
    }

    /// The tables these indicators are computed from; codes nobody defines have none.
    pub fn tables_of<'i>(&self, indicators: impl IntoIterator<Item = &'i str>) -> BTreeSet<String> {
        let parts = indicators
            .into_iter()
            .filter_map(|id| self.definitions.get(id))
            .flat_map(|indicator| self.definitions.parts(indicator));
        parts.flat_map(|part| self.definitions.tables(part)).map(str::to_owned).collect()
    }

    /// The key of something made of answers about these tables for this principal, today.
    #[must_use]
    pub fn key(&self, principal: &Principal, tables: &BTreeSet<String>, question: String) -> KeptKey {
        let tables: Vec<&str> = tables.iter().map(String::as_str).collect();
        let access = self.door.fingerprint(principal);
        KeptKey::new(&access, &self.door.data_version(&tables), question, self.business_date())
    }

    /// Answers a question of its own.
    pub async fn query(
        &self,
        principal: &Principal,
        query: &MetricsQuery,
    ) -> Result<MetricsAnswer, MetricsError> {
        self.query_for(Purpose::Query, principal, query).await
    }

    /// Answers a question asked for a purpose.
    pub async fn query_for(
        &self,
        purpose: Purpose,
        principal: &Principal,
        query: &MetricsQuery,
    ) -> Result<MetricsAnswer, MetricsError> {
        if !principal.can(purpose.permission()) {
            return Err(MetricsError::Forbidden);
        }
        let today = self.clock.business_date();
        let valid = validate(query, &self.definitions, today)
            .map_err(|problems| MetricsError::Invalid { problems })?;
        let parts = valid.indicators.iter().flat_map(|indicator| self.definitions.parts(indicator));
        refusal::out_of_reach(principal.scope(), self.door.catalog(), &self.definitions, parts)?;
        let tables = self.tables_of(valid.indicators.iter().map(|indicator| indicator.id.as_str()));
        let key = self.key(principal, &tables, valid.fingerprint());
        let compute = Box::pin(self.compute(principal, query, &valid, today, &tables));
        let answer = self.answers.answer(key, compute).await?;
        // Equal questions may write their filters in another order; each gets them back as asked.
        Ok(MetricsAnswer { filters: query.filters.clone(), ..answer.as_ref().clone() })
    }

    /// Loads every rollup for the rows of this principal, so that the first question does not wait for it.
    pub async fn warm(&self, principal: &Principal) -> Result<(), MetricsError> {
        let session = self.session(principal).await?;
        for spec in &self.plan.rollups {
            let failed =
                |source| MetricsError::Rollup { table: spec.table.clone(), source: Box::new(source) };
            Box::pin(session.rollup(spec)).await.map_err(failed)?;
        }
        Ok(())
    }

    async fn session(&self, principal: &Principal) -> Result<ScopedSession, MetricsError> {
        Box::pin(self.door.session(principal)).await.map_err(|source| MetricsError::Session(Box::new(source)))
    }

    async fn compute(
        &self,
        principal: &Principal,
        query: &MetricsQuery,
        valid: &ValidQuery<'_>,
        today: NaiveDate,
        tables: &BTreeSet<String>,
    ) -> Result<MetricsAnswer, MetricsError> {
        let begun = Instant::now();
        let session = self.session(principal).await?;
        let tables: Vec<&str> = tables.iter().map(String::as_str).collect();
        let columns = assemble::columns(valid, |dimension| self.title(valid, dimension));
        let districts = valid.filters.get(DISTRICT);
        let (mut rows, mut open, mut missing) = (Vec::new(), None, Vec::new());
        if members::sees_anything(session.scope(), districts) {
            let listed = members::listed_districts(session.scope(), districts);
            let sight = match session.scope().level() {
                ScopeLevel::City => Sight::City,
                _ => Sight::Part,
            };
            let grid = Box::pin(self.grid(&session, query, today, &listed, sight)).await?;
            open = grid.frames.iter().find(|frame| frame.open).copied();
            missing = missing::stretches(valid, &grid, today);
            rows = assemble::rows(valid, &columns, &grid.frames, &grid.members, &grid.cells);
        }
        let changes = valid.compare.contains(&Compare::Yoy) || valid.compare.contains(&Compare::Mom);
        tracing::debug!(
            rows = rows.len(),
            duration_ms = begun.elapsed().as_millis() as u64,
            "metrics query computed"
        );
        Ok(MetricsAnswer {
            columns,
            rows,
            data_version: session.data_version(&tables),
            data_time: session.data_time(&tables).map(shanghai),
            scope: ScopeView::from(session.scope()),
            filters: Default::default(),
            as_of: today,
            incomplete_from: open.map(|frame| frame.period.from),
            compared_until: open.filter(|_| changes).and_then(|frame| frame.compared).map(|days| days.to),
            missing,
        })
    }

    /// The figures of a question from whatever rows `rollups` gives; `listed` districts appear even without rows.
    pub(crate) async fn grid(
        &self,
        rollups: &dyn Rollups,
        query: &MetricsQuery,
        today: NaiveDate,
        listed: &[DistrictCode],
        sight: Sight,
    ) -> Result<Grid, MetricsError> {
        let valid = validate(query, &self.definitions, today)
            .map_err(|problems| MetricsError::Invalid { problems })?;
        let frames = frames(valid.grain, valid.range, today);
        if frames.is_empty() {
            let (cells, gaps) =
                (vec![Vec::new(); valid.indicators.len()], vec![Vec::new(); valid.indicators.len()]);
            return Ok(Grid { frames, members: Vec::new(), cells, gaps });
        }
        let figures = self.read(rollups, &valid, &frames).await?;
        let members = figures.members.shown(&valid.dimensions, listed);
        refuse_too_many(frames.len() * members.len() * (valid.indicators.len() + valid.dimensions.len()))?;
        let cells = |indicator: &&IndicatorDef| figures.cells(indicator, &valid, &frames, &members, sight);
        let cells = valid.indicators.iter().map(cells).collect::<Result<Vec<_>, _>>()?;
        let gaps = |indicator: &&IndicatorDef| {
            (0..frames.len()).map(|frame| figures.gap(indicator, Role::Value, frame)).collect::<Vec<_>>()
        };
        let gaps = valid.indicators.iter().map(gaps).collect();
        Ok(Grid { frames, members, cells, gaps })
    }

    /// Reads every rollup the question needs once per kind of figure.
    async fn read(
        &self,
        rollups: &dyn Rollups,
        valid: &ValidQuery<'_>,
        frames: &[Frame],
    ) -> Result<Figures<'_>, MetricsError> {
        let mut reads: BTreeMap<(usize, PartKind), Vec<(&IndicatorDef, &Part)>> = BTreeMap::new();
        let mut all: Vec<(&IndicatorDef, &Part)> = Vec::new();
        for indicator in valid.indicators.iter().flat_map(|indicator| self.definitions.parts(indicator)) {
            let Some(part) = self.plan.part(&indicator.id) else { continue };
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
        }
        Ok(Figures { definitions: &self.definitions, plan: &self.plan, series, members, gaps })
    }

    /// The Chinese name of a dimension: the title of its column in the table of the first indicator that has one.
    fn title(&self, valid: &ValidQuery<'_>, dimension: &str) -> String {
        let parts = valid.indicators.iter().flat_map(|indicator| self.definitions.parts(indicator));
        let names = parts.flat_map(|part| self.definitions.tables(part));
        let mut tables = names.filter_map(|name| self.door.catalog().table(name));
        let title = tables.find_map(|table| {
            table.column(IndicatorDef::column_of(dimension)).map(|column| column.title.clone())
        });
        title.unwrap_or_else(|| dimension.to_owned())
    }
}

/// Which times may have no figure. A change against nought is none; only a rate of a part of what is registered is 0 %
/// though nothing has arrived, and so what it is compared with is looked at, too.
fn looked_at(kind: PartKind, compare: &BTreeSet<Compare>) -> Vec<Role> {
    let earlier = [(Compare::Mom, Role::Previous), (Compare::Yoy, Role::LastYear)].into_iter();
    let asked = earlier.filter(|(one, _)| kind == PartKind::Overlap && compare.contains(one));
    [Role::Value].into_iter().chain(asked.map(|(_, role)| role)).collect()
}

fn shanghai(at: DateTime<Utc>) -> DateTime<FixedOffset> {
    at.with_timezone(&FixedOffset::east_opt(8 * 3600).unwrap_or(Utc.fix()))
}

fn refuse_too_many(cells: usize) -> Result<(), MetricsError> {
    if cells <= MOST_CELLS {
        return Ok(());
    }
    let problem = Problem::new("time", "too_many_rows", "结果过大，请缩短时间范围、减少维度或增加筛选");
    Err(MetricsError::Invalid { problems: vec![problem] })
}
