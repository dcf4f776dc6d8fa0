//! Reads the figures of all districts for one comparison and keeps the answers. The only place that sees figures of
//! districts the caller does not have; what leaves it went through `table::rows`.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::NaiveDate;
use pujiang_security::district::DISTRICTS;
use pujiang_security::{DistrictCode, Permission, Principal, ScopeLevel};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::answer::{ComparedTime, ComparisonAnswer};
use super::hiding::Slot;
use super::table::{Adding, Form, Input, rows};
use super::{ComparisonDef, ComparisonQuery};
use crate::calendar::{Grain, Span};
use crate::definition::{DISTRICT, Measure};
use crate::engine::{FirstDays, Grid, MetricsEngine, Rollups, Sight};
use crate::error::MetricsError;
use crate::kept::KeptKey;
use crate::query::{MetricsQuery, ScopeView, TimeRange};

/// One comparison for one caller.
struct Comparing<'a> {
    engine: &'a MetricsEngine,
    def: &'a ComparisonDef,
    reader: &'a dyn Rollups,
    own: Vec<DistrictCode>,
    span: Span,
    dimension: Option<&'a str>,
    today: NaiveDate,
}

/// An answer and the `ETag` it goes out with.
pub type Tagged = (String, Arc<ComparisonAnswer>);

impl MetricsEngine {
    /// The caller's districts against all districts.
    pub async fn compare(
        &self,
        principal: &Principal,
        id: &str,
        query: &ComparisonQuery,
    ) -> Result<Tagged, MetricsError> {
        if !principal.can(Permission::MetricsQuery) && !principal.can(Permission::BoardView) {
            return Err(MetricsError::Forbidden);
        }
        let def = self.comparisons().get(id).ok_or(MetricsError::UnknownComparison)?;
        let today = self.business_date();
        let span = query.validate(def, today).map_err(|problems| MetricsError::Invalid { problems })?;
        let own = own_districts(principal);
        if own.is_empty() {
            return Err(MetricsError::NoWholeDistrict);
        }
        let tables = self.tables_of([def.indicator.as_str(), def.persons.as_str()]);
        let tables: Vec<&str> = tables.iter().map(String::as_str).collect();
        let dimension = query.dimension.as_deref();
        let question =
            self.of_edition(format!("{id}@{} {}..{} {dimension:?}", def.version, span.from, span.to));
        let access = self.door().fingerprint(principal);
        let key = KeptKey::new(&access, &self.door().data_version(&tables), question, today);
        let tag = key.tag();
        let compute = async {
            let reader = self.door().comparison(principal);
            let comparing = Comparing { engine: self, def, reader: &reader, own, span, dimension, today };
            let input = comparing.read().await?;
            let form = comparing.form();
            Ok(ComparisonAnswer {
                comparison: def.id.clone(),
                title: def.title.clone(),
                indicator: def.indicator.clone(),
                unit: self.indicator(&def.indicator).map(|one| one.unit.clone()).unwrap_or_default(),
                dimension: query.dimension.clone(),
                time: ComparedTime { from: span.from, to: span.to },
                minimum: def.minimum,
                rows: rows(def, form, &input),
                data_version: reader.data_version(&tables),
                scope: ScopeView::from(principal.scope()),
                as_of: today,
            })
        };
        let answer = self.compared().answer(key, Box::pin(compute)).await?;
        Ok((tag, answer))
    }
}

/// The whole districts of a caller: the only places that can stand beside districts.
fn own_districts(principal: &Principal) -> Vec<DistrictCode> {
    let scope = principal.scope();
    let whole = |code: &DistrictCode| scope.level() == ScopeLevel::City || scope.allows(*code);
    DISTRICTS.iter().map(|district| district.code).filter(whole).collect()
}

impl Comparing<'_> {
    fn form(&self) -> Form {
        let indicator = self.engine.indicator(&self.def.indicator);
        let ratio = indicator.is_some_and(|one| matches!(one.measure, Measure::Ratio { .. }));
        Form {
            digits: indicator.map_or(0, |one| one.decimals),
            adding: if ratio { Adding::Not } else { Adding::Up },
        }
    }

    async fn read(&self) -> Result<Input, MetricsError> {
        let months = self.span.cut(Grain::Month).len();
        let mut input = Input {
            districts: DISTRICTS.iter().map(|district| district.code).collect(),
            own: self.own.clone(),
            months: vec![BTreeMap::new(); months],
            figures: BTreeMap::new(),
        };
        self.add(&mut input, None).await?;
        if let Some(dimension) = self.dimension {
            self.add(&mut input, Some(dimension)).await?;
        }
        Ok(input)
    }

    /// Adds the totals, or the rows of a dimension.
    async fn add(&self, input: &mut Input, dimension: Option<&str>) -> Result<(), MetricsError> {
        let all: Vec<DistrictCode> = input.districts.clone();
        let others: Vec<DistrictCode> =
            all.iter().copied().filter(|district| !self.own.contains(district)).collect();
        let by_district: Vec<&str> = [DISTRICT].into_iter().chain(dimension).collect();
        let (figure, persons) = (self.def.indicator.as_str(), self.def.persons.as_str());

        let cells = self.ask(&[figure, persons], &by_district, Grain::Month, &all).await?;
        for (month, place, member) in cells.places() {
            let Some((district, slot)) = split(member, dimension) else { continue };
            let count = cells.value(1, place).and_then(|value| value.to_u64()).unwrap_or(0);
            let value = cells.value(0, place);
            // A cell nobody has anything in is no cell: its figure is nought for whoever counts, and missing otherwise.
            if count == 0 && value.is_none_or(|value| value.is_zero()) && dimension.is_some() {
                continue;
            }
            let Some(month) = input.months.get_mut(month) else { continue };
            month.entry(slot).or_default().by_district.insert(district, (count, value));
        }
        // Persons of several districts count once: a sum over districts would make a small cell look large.
        if !others.is_empty() {
            let by_dimension: Vec<&str> = dimension.into_iter().collect();
            let union = self.ask(&[persons], &by_dimension, Grain::Month, &others).await?;
            for (month, place, member) in union.places() {
                let slot = slot(member.first().cloned(), dimension);
                let count = union.value(0, place).and_then(|value| value.to_u64()).unwrap_or(0);
                if let Some(cell) = input.months.get_mut(month).and_then(|month| month.get_mut(&slot)) {
                    cell.persons_of_others = count;
                }
            }
        }
        let whole = self.ask(&[figure], &by_district, Grain::Total, &all).await?;
        for (_, place, member) in whole.places() {
            if let (Some((district, slot)), Some(value)) = (split(member, dimension), whole.value(0, place)) {
                input.figures.insert((slot, district), value);
            }
        }
        Ok(())
    }

    async fn ask(
        &self,
        indicators: &[&str],
        dimensions: &[&str],
        grain: Grain,
        districts: &[DistrictCode],
    ) -> Result<Cells, MetricsError> {
        let texts = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        let codes = districts.iter().map(|district| district.as_str().to_owned()).collect();
        let query = MetricsQuery {
            indicators: texts(indicators),
            dimensions: texts(dimensions),
            time: TimeRange { grain, from: self.span.from, to: self.span.to },
            filters: [(DISTRICT.to_owned(), codes)].into_iter().collect(),
            compare: Vec::new(),
            order: Vec::new(),
            limit: None,
        };
        let listed = if dimensions.contains(&DISTRICT) { districts } else { &[] };
        let grid = Box::pin(self.engine.grid(
            self.reader,
            &query,
            self.today,
            listed,
            Sight::City,
            &FirstDays::new(),
        ))
        .await?;
        Ok(Cells(grid))
    }
}

/// The figures of one question, place by place.
struct Cells(Grid);

impl Cells {
    /// Period, place and member of every cell.
    fn places(&self) -> impl Iterator<Item = (usize, usize, &[Option<String>])> {
        let width = self.0.members.len();
        (0..self.0.frames.len() * width).filter_map(move |place| {
            Some((place / width, place, self.0.members.get(place % width)?.as_slice()))
        })
    }

    fn value(&self, indicator: usize, place: usize) -> Option<Decimal> {
        self.0.cells.get(indicator)?.get(place)?.value
    }
}

fn split(member: &[Option<String>], dimension: Option<&str>) -> Option<(DistrictCode, Slot)> {
    let district = DistrictCode::parse(member.first()?.as_deref()?).ok()?;
    Some((district, slot(member.get(1).cloned(), dimension)))
}

fn slot(member: Option<Option<String>>, dimension: Option<&str>) -> Slot {
    match (dimension, member) {
        (Some(_), Some(member)) => Slot::Member(member),
        _ => Slot::Total,
    }
}
