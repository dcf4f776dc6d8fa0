//! Answers questions: may the caller ask, is the question sound, is the answer kept already; if not, read the rollups
//! it needs, derive and lay out. Whose rows are read is decided by the scoped session alone.

mod assemble;
mod compared;
mod distinct;
mod figures;
mod grid;
mod members;
mod missing;
mod names;
mod overlap;
mod presence;
mod read;
mod refusal;
mod series;
mod shared;
mod source;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Instant;

use chrono::{DateTime, FixedOffset, NaiveDate, Offset, Utc};
use pujiang_security::{Permission, Principal, ScopeLevel};
use pujiang_warehouse::{Door, ScopedSession};

pub(crate) use self::compared::FirstDays;
use self::compared::{KnownFirstDays, by_days};
pub(crate) use self::figures::Sight;
pub(crate) use self::grid::Grid;
use self::names::Names;
use self::shared::{Shared, UnderWay};
pub(crate) use self::source::Rollups;
use crate::calendar::{Clock, SystemClock};
use crate::comparison::{ComparisonAnswer, ComparisonDefinitions};
use crate::definition::{DISTRICT, IndicatorDef, IndicatorDefinitions};
use crate::dimension::DimensionDefinitions;
use crate::error::MetricsError;
use crate::kept::{CacheFigures, Kept, KeptKey};
use crate::plan::RollupPlan;
use crate::query::{Compare, MetricsAnswer, MetricsQuery, ScopeView, ValidQuery, validate};

/// Bytes of answers kept.
const CACHE_BYTES: usize = 64 << 20;
/// Bytes of comparisons kept.
const COMPARED_BYTES: usize = 8 << 20;

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
    first_days: KnownFirstDays,
    under_way: UnderWay,
    edition: String,
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
            first_days: KnownFirstDays::default(),
            under_way: UnderWay::default(),
            edition: String::new(),
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

    /// The same engine under the name of its definitions: answers by other definitions get other tags.
    #[must_use]
    pub fn with_edition(mut self, edition: String) -> Self {
        self.edition = edition;
        self
    }

    /// Every indicator, in the order of their codes.
    #[must_use]
    pub fn indicators(&self) -> &[IndicatorDef] {
        self.definitions.all()
    }

    /// The table most of them look at the rows of.
    #[must_use]
    pub fn most_counted(&self) -> Option<&str> {
        self.definitions.most_counted()
    }

    /// The dimensions they are broken down by.
    #[must_use]
    pub fn dimensions(&self) -> &DimensionDefinitions {
        self.definitions.dimensions()
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

    /// How many readings were taken over from an equal one under way.
    #[must_use]
    pub fn shared_readings(&self) -> u64 {
        self.under_way.taken_over()
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
        let question = self.of_edition(question);
        KeptKey::new(&access, &self.door.data_version(&tables), question, self.business_date())
    }

    /// A question with the name of the definitions it is answered by.
    pub(crate) fn of_edition(&self, question: String) -> String {
        if self.edition.is_empty() { question } else { format!("{question} {}", self.edition) }
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
        refusal::out_of_reach(principal.scope(), self.door.catalog(), &self.definitions, &valid.indicators)?;
        let mut tables = self.tables_of(valid.indicators.iter().map(|indicator| indicator.id.as_str()));
        tables.extend(self.tables_of_members(valid.dimensions.iter().map(String::as_str)));
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
        let columns = assemble::columns(valid, &self.definitions);
        let districts = valid.filters.get(DISTRICT);
        let changes = valid.compare.contains(&Compare::Yoy) || valid.compare.contains(&Compare::Mom);
        let (mut rows, mut open, mut missing) = (Vec::new(), None, Vec::new());
        if members::sees_anything(session.scope(), districts) {
            let listed = members::listed_districts(session.scope(), districts);
            let sight = match session.scope().level() {
                ScopeLevel::City => Sight::City,
                _ => Sight::Part,
            };
            let shared = Shared::new(&session, &self.under_way);
            let firsts = match changes {
                true => self.first_days(principal, &shared, valid).await?,
                false => FirstDays::new(),
            };
            let grid = Box::pin(self.grid(&shared, query, today, &listed, sight, &firsts)).await?;
            open = grid.frames.iter().find(|frame| frame.open).copied();
            missing = missing::stretches(valid, &grid, today);
            let names = Names::read(&session, &self.definitions, &valid.dimensions).await?;
            rows = assemble::rows(valid, (&self.definitions, &names), &columns, &grid);
        }
        let kinds = |indicator| self.parts_of(indicator).map(|(_, part)| part.kind);
        let by_days = valid.indicators.iter().any(|indicator| by_days(kinds(indicator)));
        let until = open.filter(|_| changes && by_days).and_then(|frame| frame.compared);
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
            compared_until: until.map(|days| days.to),
            missing,
        })
    }
}

fn shanghai(at: DateTime<Utc>) -> DateTime<FixedOffset> {
    at.with_timezone(&FixedOffset::east_opt(8 * 3600).unwrap_or(Utc.fix()))
}
