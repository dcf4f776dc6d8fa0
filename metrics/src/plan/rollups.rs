//! Compiles the definitions into as few rollups as possible: one per (table, time) that holds every additive measure
//! over it, one per distinct count, and two beside that for whoever is registered. Equal measures are kept once, so
//! that indicators share partial aggregates.

use std::collections::{BTreeMap, BTreeSet};

use pujiang_warehouse::{AdditiveMeasure, MeasureExpr, RollupKind, RollupSpec, RowFilter};

use crate::definition::{DISTRICT, IndicatorDef, IndicatorDefinitions, Keep, Measure, Overlap, Source};

/// How values of a rollup column become figures of a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum PartKind {
    /// Added up over the days of the period.
    Flow,
    /// Added up over all days to the end of the period.
    Stock,
    /// Counted from the united months of the period.
    Distinct,
    /// Counted from the united months of the period and who is registered at its end.
    Overlap,
}

/// Where the figures of an indicator with rows of its own come from.
#[derive(Debug, Clone)]
pub(crate) struct Part {
    /// Which rollup of the plan.
    pub(crate) rollup: usize,
    /// Its column in the rollup.
    pub(crate) column: String,
    pub(crate) kind: PartKind,
}

/// Where an overlap finds who is registered; what was seen is in its part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct OverlapPart {
    /// The rollup of state changes by record.
    pub(crate) stock: usize,
    /// The rollup of codes by record.
    pub(crate) codes: usize,
}

/// Every rollup the definitions need, and where each indicator is found in them.
#[derive(Debug)]
pub(crate) struct RollupPlan {
    pub(crate) rollups: Vec<RollupSpec>,
    parts: BTreeMap<String, Part>,
    overlaps: BTreeMap<String, OverlapPart>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Expr {
    Count,
    Sum(String),
}

#[derive(Default)]
struct Shared<'d> {
    dimensions: BTreeSet<&'d str>,
    measures: Vec<(Expr, &'d [Keep])>,
}

/// The column of a distinct rollup, agreed with the warehouse.
pub(crate) const IDS: &str = "ids";
/// What a state change adds or takes, and the record it is about.
pub(crate) const DELTA: &str = "delta";
pub(crate) const RECORD: &str = "record_id";

impl IndicatorDefinitions {
    /// The partial aggregates these indicators are answered from.
    #[must_use]
    pub fn rollups(&self) -> Vec<RollupSpec> {
        RollupPlan::of(self).rollups
    }
}

impl RollupPlan {
    pub(crate) fn of(definitions: &IndicatorDefinitions) -> Self {
        let mut shared: BTreeMap<(&str, &str), Shared<'_>> = BTreeMap::new();
        for (indicator, source, expr) in additive(definitions) {
            let entry = shared.entry((&source.table, &source.time)).or_default();
            entry.dimensions.extend(columns_of(definitions, indicator));
            let measure = (expr, &source.filter[..]);
            if !entry.measures.contains(&measure) {
                entry.measures.push(measure);
            }
        }
        let keys: Vec<(&str, &str)> = shared.keys().copied().collect();
        let mut plan = Self {
            rollups: shared.iter().map(|((table, time), entry)| spec(table, time, entry)).collect(),
            parts: BTreeMap::new(),
            overlaps: BTreeMap::new(),
        };
        for (indicator, source, expr) in additive(definitions) {
            let key = (source.table.as_str(), source.time.as_str());
            let rollup = keys.iter().position(|other| *other == key);
            let place = shared.get(&key).and_then(|entry| {
                entry.measures.iter().position(|own| *own == (expr.clone(), &source.filter[..]))
            });
            let kind =
                if matches!(indicator.measure, Measure::Stock(_)) { PartKind::Stock } else { PartKind::Flow };
            if let (Some(rollup), Some(place)) = (rollup, place) {
                plan.parts.insert(indicator.id.clone(), Part { rollup, column: measure_name(place), kind });
            }
        }
        for indicator in definitions.all() {
            if let Measure::Distinct { source, column } = &indicator.measure {
                plan.distinct(definitions, indicator, source, column);
            }
        }
        for indicator in definitions.all() {
            if let Measure::Overlap(overlap) = &indicator.measure {
                plan.overlap(indicator, overlap, definitions);
            }
        }
        plan
    }

    /// The rollup that knows on which days there are rows: of different values only those are kept that have one, so
    /// the sums over the same rows are asked where there are any.
    pub(crate) fn rows_behind(&self, part: &Part) -> Option<&RollupSpec> {
        let own = self.rollups.get(part.rollup)?;
        let same = |spec: &&RollupSpec| {
            spec.table == own.table
                && spec.time == own.time
                && matches!(spec.kind, RollupKind::Additive { .. })
        };
        Some(self.rollups.iter().find(same).unwrap_or(own))
    }

    /// Where an overlap finds who is registered.
    pub(crate) fn overlap_part(&self, id: &str) -> Option<OverlapPart> {
        self.overlaps.get(id).copied()
    }

    /// Where the figures of this indicator are; a ratio has none of its own.
    pub(crate) fn part(&self, id: &str) -> Option<&Part> {
        self.parts.get(id)
    }

    fn distinct(
        &mut self,
        definitions: &IndicatorDefinitions,
        indicator: &IndicatorDef,
        source: &Source,
        column: &str,
    ) {
        let part = Part { rollup: self.rollups.len(), column: IDS.to_owned(), kind: PartKind::Distinct };
        self.parts.insert(indicator.id.clone(), part);
        self.rollups.push(RollupSpec {
            table: source.table.clone(),
            time: source.time.clone(),
            dimensions: columns_of(definitions, indicator).map(str::to_owned).collect(),
            kind: RollupKind::Distinct { column: column.to_owned(), filter: row_filters(&source.filter) },
        });
    }
}

impl RollupPlan {
    fn overlap(&mut self, indicator: &IndicatorDef, overlap: &Overlap, definitions: &IndicatorDefinitions) {
        let Some(stock) = definitions.get(&overlap.stock) else { return };
        let (Some(seen), Some(source)) = (self.part(&overlap.seen).cloned(), stock.measure.source()) else {
            return;
        };
        let stock = self.shared(RollupSpec {
            table: source.table.clone(),
            time: source.time.clone(),
            dimensions: columns_of(definitions, stock).chain([RECORD]).map(str::to_owned).collect(),
            kind: RollupKind::Additive {
                measures: vec![AdditiveMeasure {
                    name: DELTA.to_owned(),
                    expr: MeasureExpr::Sum(DELTA.to_owned()),
                    filter: row_filters(&source.filter),
                }],
            },
        });
        let codes = self.shared(RollupSpec {
            table: overlap.records.clone(),
            time: String::new(),
            dimensions: vec![overlap.key.clone()],
            kind: RollupKind::Codes { column: overlap.code.clone() },
        });
        self.parts.insert(indicator.id.clone(), Part { kind: PartKind::Overlap, ..seen });
        self.overlaps.insert(indicator.id.clone(), OverlapPart { stock, codes });
    }

    /// The number of a rollup, which is kept once.
    fn shared(&mut self, spec: RollupSpec) -> usize {
        self.rollups.iter().position(|known| *known == spec).unwrap_or_else(|| {
            self.rollups.push(spec);
            self.rollups.len() - 1
        })
    }
}

/// The columns behind the dimensions; the district is in every rollup.
fn columns_of<'d>(
    definitions: &'d IndicatorDefinitions,
    indicator: &'d IndicatorDef,
) -> impl Iterator<Item = &'d str> {
    indicator.dimensions.iter().filter(|name| *name != DISTRICT).map(|name| definitions.column_of(name))
}

fn additive(definitions: &IndicatorDefinitions) -> impl Iterator<Item = (&IndicatorDef, &Source, Expr)> {
    definitions.all().iter().filter_map(|indicator| match &indicator.measure {
        Measure::Count(source) => Some((indicator, source, Expr::Count)),
        Measure::Sum { source, column } => Some((indicator, source, Expr::Sum(column.clone()))),
        Measure::Stock(source) => Some((indicator, source, Expr::Sum(DELTA.to_owned()))),
        Measure::Distinct { .. } | Measure::Overlap(_) | Measure::Ratio { .. } => None,
    })
}

fn spec(table: &str, time: &str, shared: &Shared<'_>) -> RollupSpec {
    let measure = |(place, (expr, keeps)): (usize, &(Expr, &[Keep]))| AdditiveMeasure {
        name: measure_name(place),
        expr: match expr {
            Expr::Count => MeasureExpr::Count,
            Expr::Sum(column) => MeasureExpr::Sum(column.clone()),
        },
        filter: row_filters(keeps),
    };
    RollupSpec {
        table: table.to_owned(),
        time: time.to_owned(),
        dimensions: shared.dimensions.iter().map(|name| (*name).to_owned()).collect(),
        kind: RollupKind::Additive { measures: shared.measures.iter().enumerate().map(measure).collect() },
    }
}

fn measure_name(place: usize) -> String {
    format!("measure_{place}")
}

fn row_filters(keeps: &[Keep]) -> Vec<RowFilter> {
    keeps.iter().map(|keep| RowFilter { column: keep.column.clone(), any_of: keep.any_of.clone() }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indicators_share_rollups_and_measures() {
        let definitions = IndicatorDefinitions::builtin().unwrap();
        let plan = RollupPlan::of(&definitions);
        let part = |id: &str| plan.part(id).unwrap();
        assert_eq!(part("S1-U03").rollup, part("S1-B05").rollup);
        assert_eq!(part("S1-U03").column, part("S1-B07").column);
        assert_ne!(part("S1-B05").column, part("S1-B06").column);
        assert_eq!(part("S1-P01").kind, PartKind::Stock);
        assert_eq!(part("S1-P09").kind, PartKind::Distinct);
        assert!(plan.part("S1-P10").is_none());
        let rollup = &plan.rollups[part("S1-U03").rollup];
        assert_eq!((rollup.table.as_str(), rollup.time.as_str()), ("benefit_transaction", "pay_time"));
        assert_eq!(rollup.dimensions, ["category", "mode", "place_code"]);
        let RollupKind::Additive { measures } = &rollup.kind else { panic!("additive") };
        assert_eq!(measures.len(), 3);
    }
}
