//! Asks the metrics engine for the figures of one report, as the recipient would see them. The only place of this
//! crate that knows questions and answers; it computes nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, FixedOffset};
use pujiang_metrics::definition::with_titles;
use pujiang_metrics::{
    ColumnType, Compare, Direction as MetricsDirection, Grain, IndicatorDef, MetricsEngine, MetricsError,
    MetricsQuery, Purpose, TimeRange,
};
use pujiang_security::{Principal, ScopeLevel};

use super::answer::Answer;
use super::versions::{note_versions, version_text};
use super::{
    Breakdown, Cell, ChartFacts, Direction, Figure, IndicatorFacts, PeriodFacts, ReportData, ScopeFacts,
    Series, Trend, ValueKind,
};
use crate::definition::{ChartDefinition, ReportDefinition, Section, SectionKind};
use crate::error::ReportError;
use crate::period::{Period, shanghai};

/// Where the figures come from. Tests put a fixture here.
#[async_trait]
pub trait FigureSource: Send + Sync {
    /// All figures of a report for one period, as this principal would see them.
    async fn collect(
        &self,
        report: &ReportDefinition,
        period: Period,
        principal: &Principal,
        now: DateTime<FixedOffset>,
    ) -> Result<ReportData, ReportError>;

    /// The name of what this principal may see, rows and columns: equal for those who get the same figures.
    fn access(&self, principal: &Principal) -> String;
}

/// Months a trend chart needs: twelve, the twelve before, and one to spare.
const TREND_MONTHS: u32 = 25;
/// Most indicators the engine takes at once.
const PER_QUESTION: usize = 20;
/// How often the figures are asked for again when the lake moved on between two questions of one report.
const TRIES: u32 = 3;

/// Figures from the metrics engine.
pub struct MetricsSource {
    engine: Arc<MetricsEngine>,
}

impl MetricsSource {
    /// A source on this engine.
    #[must_use]
    pub fn new(engine: Arc<MetricsEngine>) -> Self {
        Self { engine }
    }
}

/// Why a recipient gets no figure of an indicator.
const HIDDEN: &str = "要用到接收人不可见或已脱敏的内容，没有数字";
const NO_FIGURE: &str = "在接收人的数据范围内没有数字";

#[async_trait]
impl FigureSource for MetricsSource {
    async fn collect(
        &self,
        report: &ReportDefinition,
        period: Period,
        principal: &Principal,
        now: DateTime<FixedOffset>,
    ) -> Result<ReportData, ReportError> {
        let mut tries = 1;
        loop {
            let mut ask = Questions {
                engine: &self.engine,
                report,
                period,
                principal,
                versions: BTreeMap::new(),
                incomplete_until: None,
                compared_until: None,
                data_time: None,
                missing: BTreeMap::new(),
                refused: BTreeSet::new(),
            };
            let data = ask.collect(now).await?;
            if tries == TRIES || ask.versions.values().all(|(low, high)| low == high) {
                return Ok(data);
            }
            tries += 1;
        }
    }

    fn access(&self, principal: &Principal) -> String {
        self.engine.access(principal)
    }
}

/// The questions of one report and what they have in common.
struct Questions<'a> {
    engine: &'a MetricsEngine,
    report: &'a ReportDefinition,
    period: Period,
    principal: &'a Principal,
    /// Lowest and highest version of each table read.
    versions: BTreeMap<String, (i64, i64)>,
    incomplete_until: Option<chrono::NaiveDate>,
    compared_until: Option<chrono::NaiveDate>,
    /// When the newest of what was read was written.
    data_time: Option<DateTime<FixedOffset>>,
    /// Indicators without a figure of the period, by reason.
    missing: BTreeMap<String, BTreeSet<String>>,
    /// Indicators that scopes finer than a district get no figure of, or that need a column they may not see.
    refused: BTreeSet<String>,
}

impl Questions<'_> {
    async fn collect(&mut self, now: DateTime<FixedOffset>) -> Result<ReportData, ReportError> {
        let report = self.report;
        let missing = |part: &str| ReportError::Answer { report: report.id.clone(), column: part.to_owned() };
        let overview = report.overview().ok_or_else(|| missing("figures"))?;
        let (trend, months) = report.trend().ok_or_else(|| missing("trend"))?;
        self.find_refused().await?;
        let figures = self.figures(overview).await?;
        let mut breakdowns = vec![];
        for section in &report.sections {
            if let SectionKind::Breakdown { dimension, title } = &section.kind {
                breakdowns.push(self.breakdown(section, dimension, title).await?);
            }
        }
        let trend = self.trend(trend, months).await?;
        let scope = scope_facts(self.principal);
        let department = match scope.districts.as_slice() {
            [_] if !self.principal.scope().is_finer() => {
                report.district_department.replace("{district}", &scope.short)
            }
            _ => report.department.clone(),
        };
        let known = self.engine.indicators();
        Ok(ReportData {
            report: report.id.clone(),
            title: report.title.clone(),
            department,
            period: PeriodFacts {
                value: self.period.to_string(),
                label: self.period.label(),
                from: self.period.from(),
                to: self.period.to(),
                incomplete_until: self.incomplete_until,
                compared_until: self.compared_until,
            },
            scope,
            // Of an empty lake there is no other time than that of the question.
            data_time: self.data_time.unwrap_or(now),
            data_version: version_text(&self.versions),
            indicators: report
                .indicators()
                .into_iter()
                .filter_map(|id| known.iter().find(|i| i.id == id))
                .map(indicator_facts)
                .collect(),
            overview_sheet: overview.sheet.clone(),
            figures,
            breakdowns,
            trend,
            remarks: self.remarks(),
            charts: chart_facts(report, known),
            sentences: report.sentences.clone(),
        })
    }

    /// Why figures are missing: one sentence for each reason.
    fn remarks(&self) -> Vec<String> {
        let known = self.engine.indicators();
        let title = |id: &String| known.iter().find(|one| one.id == *id).map(|one| one.title.clone());
        let remark = |(reason, ids): (&String, &BTreeSet<String>)| {
            let titles: Vec<String> = ids.iter().filter_map(title).collect();
            format!("{}：{reason}。", titles.join("、"))
        };
        self.missing.iter().map(remark).collect()
    }

    /// Asks for each indicator alone, so that one the recipient gets no figure of does not take the others with it.
    async fn find_refused(&mut self) -> Result<(), ReportError> {
        if !self.principal.scope().is_finer() {
            return Ok(());
        }
        for id in self.report.indicators() {
            let Err(error) = self.ask(&[id.to_owned()], None, self.period, vec![]).await else { continue };
            let ReportError::Figures { source, .. } = &error else { return Err(error) };
            let reason = match source.downcast_ref::<MetricsError>().map(MetricsError::code) {
                Some("indicator_column_hidden") => HIDDEN,
                Some("indicator_out_of_reach") => NO_FIGURE,
                _ => return Err(error),
            };
            self.missing.entry(reason.to_owned()).or_default().insert(id.to_owned());
            self.refused.insert(id.to_owned());
        }
        Ok(())
    }

    async fn figures(&mut self, section: &Section) -> Result<Vec<Figure>, ReportError> {
        let mut found: BTreeMap<String, Figure> = BTreeMap::new();
        let (this, before, year_before) =
            (self.period.from(), self.period.back(1).from(), self.period.back(12).from());
        for (indicators, compare) in self.alike(&section.indicators, &section.compare) {
            let answer = self.ask(&indicators, None, self.period.back(12), compare).await?;
            for id in indicators {
                let figure = Figure {
                    current: answer.month(this, &id)?,
                    previous: answer.month(before, &id)?,
                    mom: answer.month_change(this, &id, Compare::Mom),
                    last_year: answer.month(year_before, &id)?,
                    yoy: answer.month_change(this, &id, Compare::Yoy),
                    cumulative: answer.month_derived(this, &id, Compare::Cumulative),
                    indicator: id.clone(),
                };
                found.insert(id, figure);
            }
        }
        let none = |id: &String| Figure {
            indicator: id.clone(),
            current: None,
            previous: None,
            mom: None,
            last_year: None,
            yoy: None,
            cumulative: None,
        };
        Ok(section.indicators.iter().map(|id| found.remove(id).unwrap_or_else(|| none(id))).collect())
    }

    async fn breakdown(
        &mut self,
        section: &Section,
        dimension: &str,
        title: &str,
    ) -> Result<Breakdown, ReportError> {
        let mut cells: Vec<Cell> = vec![];
        for (indicators, compare) in self.alike(&section.indicators, &section.compare) {
            let answer = self.ask(&indicators, Some(dimension), self.period, compare).await?;
            cells.extend(answer.cells(dimension, &indicators)?);
        }
        Ok(Breakdown {
            id: section.id.clone(),
            title: section.title.clone(),
            sheet: section.sheet.clone(),
            dimension: dimension.to_owned(),
            dimension_title: title.to_owned(),
            indicators: section.indicators.clone(),
            cells,
        })
    }

    async fn trend(&mut self, section: &Section, months: u32) -> Result<Trend, ReportError> {
        let mut ids = section.indicators.clone();
        for chart in self.report.charts.iter().filter(|c| c.section.is_empty()) {
            if !ids.contains(&chart.indicator) {
                ids.push(chart.indicator.clone());
            }
        }
        let months_back: Vec<Period> = (0..TREND_MONTHS).rev().map(|back| self.period.back(back)).collect();
        let mut series = vec![];
        for (indicators, compare) in self.alike(&ids, &[]) {
            let answer = self.ask(&indicators, None, self.period.back(TREND_MONTHS - 1), compare).await?;
            for id in indicators {
                let values = months_back
                    .iter()
                    .map(|month| answer.month(month.from(), &id))
                    .collect::<Result<_, _>>()?;
                series.push(Series { indicator: id, values });
            }
        }
        for id in ids.iter().filter(|id| self.refused.contains(*id)) {
            series.push(Series { indicator: id.clone(), values: vec![None; months_back.len()] });
        }
        Ok(Trend {
            sheet: section.sheet.clone(),
            months: months_back.iter().map(|month| month.from()).collect(),
            listed: months as usize,
            indicators: section.indicators.clone(),
            series,
        })
    }

    /// Indicators grouped by the comparisons they allow of those wanted: the engine refuses the others.
    fn alike(&self, ids: &[String], wanted: &[Compare]) -> Vec<(Vec<String>, Vec<Compare>)> {
        let mut groups: Vec<(Vec<String>, Vec<Compare>)> = vec![];
        for id in ids.iter().filter(|id| !self.refused.contains(*id)) {
            let derived = self
                .engine
                .indicators()
                .iter()
                .find(|i| &i.id == id)
                .map(|i| i.derived.as_slice())
                .unwrap_or_default();
            let compare: Vec<Compare> = wanted.iter().copied().filter(|c| derived.contains(c)).collect();
            match groups.iter_mut().find(|(ids, known)| *known == compare && ids.len() < PER_QUESTION) {
                Some((ids, _)) => ids.push(id.clone()),
                None => groups.push((vec![id.clone()], compare)),
            }
        }
        groups
    }

    /// Asks for months from `first` to the period of the report.
    async fn ask(
        &mut self,
        indicators: &[String],
        dimension: Option<&str>,
        first: Period,
        compare: Vec<Compare>,
    ) -> Result<Answer, ReportError> {
        let query = MetricsQuery {
            indicators: indicators.to_vec(),
            dimensions: dimension.into_iter().map(str::to_owned).collect(),
            time: TimeRange { grain: Grain::Month, from: first.from(), to: self.period.to() },
            filters: Default::default(),
            compare,
            order: vec![],
            limit: None,
        };
        let answer = Box::pin(self.engine.query_for(Purpose::Report, self.principal, &query)).await;
        let answer = answer.map_err(|source| ReportError::Figures {
            report: self.report.id.clone(),
            source: Box::new(source),
        })?;
        if answer.incomplete_from.is_some_and(|from| from <= self.period.to()) {
            self.incomplete_until = Some(answer.as_of.min(self.period.to()));
            self.compared_until = self.compared_until.or(answer.compared_until);
        }
        self.data_time = self.data_time.max(answer.data_time.map(|at| at.with_timezone(&shanghai())));
        note_versions(&answer.data_version, &mut self.versions);
        let answer = Answer::new(&self.report.id, answer);
        for (indicator, reason) in answer.missing(self.period.from()) {
            self.missing.entry(reason).or_default().insert(indicator);
        }
        Ok(answer)
    }
}

/// The scope of a principal in words.
#[must_use]
pub fn scope_facts(principal: &Principal) -> ScopeFacts {
    let scope = principal.scope();
    let label = scope.label();
    let short = match scope.level() {
        ScopeLevel::Nothing | ScopeLevel::City => label.clone(),
        _ => label.trim_start_matches('仅').to_owned(),
    };
    let streets = scope.streets().iter().map(|street| street.district());
    let districts: BTreeSet<_> = scope.districts().iter().copied().chain(streets).collect();
    ScopeFacts { label, short, districts: districts.iter().map(|d| d.as_str().to_owned()).collect() }
}

/// The charts of a definition, as the renderer takes them, called by the names of their indicators.
#[must_use]
pub fn chart_facts(report: &ReportDefinition, indicators: &[IndicatorDef]) -> Vec<ChartFacts> {
    let facts = |chart: &ChartDefinition| ChartFacts {
        id: chart.id.clone(),
        title: with_titles(&chart.title, indicators).unwrap_or_else(|_| chart.title.clone()),
        kind: chart.kind,
        indicator: chart.indicator.clone(),
        breakdown: chart.section.clone(),
    };
    report.charts.iter().map(facts).collect()
}

fn indicator_facts(indicator: &IndicatorDef) -> IndicatorFacts {
    IndicatorFacts {
        id: indicator.id.clone(),
        title: indicator.title.clone(),
        unit: indicator.unit.clone(),
        description: indicator.description.clone(),
        kind: match indicator.value_type() {
            ColumnType::Percent => ValueKind::Percent,
            ColumnType::Integer => ValueKind::Integer,
            _ => ValueKind::Decimal,
        },
        direction: match indicator.direction {
            MetricsDirection::Up => Direction::UpGood,
            MetricsDirection::Down => Direction::DownGood,
            MetricsDirection::Neutral => Direction::Neutral,
        },
    }
}
