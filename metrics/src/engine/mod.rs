//! Answers questions: may the caller ask, is the question sound, is the answer kept already; if not, read the rollups
//! it needs, derive and lay out. Whose rows are read is decided by the scoped session alone.

mod assemble;
mod cache;
mod distinct;
mod figures;
mod members;
mod read;
mod series;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Instant;

use chrono::NaiveDate;
use pujiang_security::{Permission, Principal};
use pujiang_warehouse::{Door, ScopedSession};

pub use self::cache::CacheFigures;
use self::cache::{AnswerCache, CacheKey};
use self::figures::Figures;
use self::members::Members;
use self::read::Reading;
use crate::calendar::{Clock, Frame, SystemClock, frames};
use crate::definition::{DISTRICT, IndicatorDef, IndicatorDefinitions};
use crate::error::{MetricsError, Problem};
use crate::plan::{Part, PartKind, RollupPlan};
use crate::query::{MetricsAnswer, MetricsQuery, ScopeView, ValidQuery, validate};

/// Bytes of answers kept.
const CACHE_BYTES: usize = 64 << 20;
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
    plan: RollupPlan,
    clock: Arc<dyn Clock>,
    answers: AnswerCache,
}

impl MetricsEngine {
    /// An engine on the machine's clock.
    #[must_use]
    pub fn new(door: Door, definitions: IndicatorDefinitions) -> Self {
        let plan = RollupPlan::of(&definitions);
        Self { door, definitions, plan, clock: Arc::new(SystemClock), answers: AnswerCache::new(CACHE_BYTES) }
    }

    /// The same engine on another clock.
    #[must_use]
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Every indicator, in the order of their codes.
    #[must_use]
    pub fn indicators(&self) -> &[IndicatorDef] {
        self.definitions.all()
    }

    /// The day it is for the business.
    #[must_use]
    pub fn business_date(&self) -> NaiveDate {
        self.clock.business_date()
    }

    /// How the answer cache is doing.
    #[must_use]
    pub fn cache_figures(&self) -> CacheFigures {
        self.answers.figures()
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
        let session = self.session(principal).await?;
        let data_version = self.data_version(&session, &valid);
        let key = CacheKey::new(session.scope(), &data_version, valid.fingerprint(), today);
        let compute = Box::pin(self.compute(&session, &valid, today, data_version));
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

    /// The versions of the tables a question reads.
    fn data_version(&self, session: &ScopedSession, valid: &ValidQuery<'_>) -> String {
        let parts = valid.indicators.iter().flat_map(|indicator| self.definitions.parts(indicator));
        let tables: Vec<&str> =
            parts.filter_map(|part| part.measure.source()).map(|source| source.table.as_str()).collect();
        session.data_version(&tables)
    }

    async fn compute(
        &self,
        session: &ScopedSession,
        valid: &ValidQuery<'_>,
        today: NaiveDate,
        data_version: String,
    ) -> Result<MetricsAnswer, MetricsError> {
        let begun = Instant::now();
        let frames = frames(valid.grain, valid.range, today);
        let columns = assemble::columns(valid, |dimension| self.title(valid, dimension));
        let districts = valid.filters.get(DISTRICT);
        let rows = if members::sees_anything(session.scope(), districts) && !frames.is_empty() {
            let figures = self.read(session, valid, &frames).await?;
            let listed = members::listed_districts(session.scope(), districts);
            let members = figures.members.shown(&valid.dimensions, &listed);
            refuse_too_many(frames.len() * members.len() * columns.len())?;
            let cells = |indicator: &&IndicatorDef| figures.cells(indicator, valid, &frames, &members);
            let cells = valid.indicators.iter().map(cells).collect::<Result<Vec<_>, _>>()?;
            assemble::rows(valid, &columns, &frames, &members, &cells)
        } else {
            Vec::new()
        };
        tracing::debug!(
            rows = rows.len(),
            duration_ms = begun.elapsed().as_millis() as u64,
            "metrics query computed"
        );
        Ok(MetricsAnswer {
            columns,
            rows,
            data_version,
            scope: ScopeView::from(session.scope()),
            filters: Default::default(),
            as_of: today,
            incomplete_from: frames.iter().find(|frame| frame.open).map(|frame| frame.period.from),
        })
    }

    /// Reads every rollup the question needs once per kind of figure.
    async fn read(
        &self,
        session: &ScopedSession,
        valid: &ValidQuery<'_>,
        frames: &[Frame],
    ) -> Result<Figures<'_>, MetricsError> {
        let mut reads: BTreeMap<(usize, PartKind), Vec<(&IndicatorDef, &Part)>> = BTreeMap::new();
        for indicator in valid.indicators.iter().flat_map(|indicator| self.definitions.parts(indicator)) {
            let Some(part) = self.plan.part(&indicator.id) else { continue };
            let parts = reads.entry((part.rollup, part.kind)).or_default();
            if !parts.iter().any(|(other, _)| other.id == indicator.id) {
                parts.push((indicator, part));
            }
        }
        let mut members = Members::default();
        let mut series = HashMap::new();
        for ((rollup, kind), parts) in reads {
            let Some(spec) = self.plan.rollups.get(rollup) else { continue };
            let reading = Reading { session, spec, kind, parts, query: valid, frames };
            series.extend(reading.run(&mut members).await?);
        }
        Ok(Figures { definitions: &self.definitions, plan: &self.plan, series, members })
    }

    /// The Chinese name of a dimension: the title of its column in the table of the first indicator that has one.
    fn title(&self, valid: &ValidQuery<'_>, dimension: &str) -> String {
        let parts = valid.indicators.iter().flat_map(|indicator| self.definitions.parts(indicator));
        let mut tables = parts.filter_map(|part| self.door.catalog().table(&part.measure.source()?.table));
        let title = tables.find_map(|table| table.column(dimension).map(|column| column.title.clone()));
        title.unwrap_or_else(|| dimension.to_owned())
    }
}

fn refuse_too_many(cells: usize) -> Result<(), MetricsError> {
    if cells <= MOST_CELLS {
        return Ok(());
    }
    let problem = Problem::new("time", "too_many_rows", "结果过大，请缩短时间范围、减少维度或增加筛选");
    Err(MetricsError::Invalid { problems: vec![problem] })
}
