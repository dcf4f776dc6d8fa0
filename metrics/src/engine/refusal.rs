//! Columns a principal may not see. Indicators share rollups, so a column nobody asked about may stand in the way of
//! the figures that were asked for: then exactly what they need is read. If that names the column, too, the question
//! is refused: no figure rather than a wrong one.

use datafusion::dataframe::DataFrame;
use pujiang_security::{DataScope, ScopeLevel};
use pujiang_warehouse::{Catalog, RollupKind, RollupSpec, WarehouseError};

use super::source::Rollups;
use crate::definition::{DISTRICT, IndicatorDef, IndicatorDefinitions};
use crate::error::MetricsError;
use crate::plan::Part;
use crate::query::ValidQuery;

/// The rollup of these parts: as shared by all indicators, or cut down to the question.
pub(super) async fn rollup(
    rollups: &dyn Rollups,
    spec: &RollupSpec,
    parts: &[(&IndicatorDef, &Part)],
    query: &ValidQuery<'_>,
) -> Result<DataFrame, MetricsError> {
    let failed = |source| MetricsError::Rollup { table: spec.table.clone(), source: Box::new(source) };
    match rollups.rollup(spec).await {
        Err(WarehouseError::HiddenColumn { .. }) => {}
        other => return other.map_err(failed),
    }
    match rollups.rollup(&narrowed(spec, parts, query)).await {
        Err(source @ WarehouseError::HiddenColumn { .. }) => {
            let titles: Vec<&str> = parts.iter().map(|(indicator, _)| indicator.title.as_str()).collect();
            Err(MetricsError::HiddenColumn { indicator: titles.join("、"), source: Box::new(source) })
        }
        other => other.map_err(failed),
    }
}

/// A rollup that serves one indicator alone: there is nothing to cut down.
pub(super) async fn as_it_is(
    rollups: &dyn Rollups,
    spec: &RollupSpec,
    indicator: &IndicatorDef,
) -> Result<DataFrame, MetricsError> {
    rollups.rollup(spec).await.map_err(|source| match source {
        source @ WarehouseError::HiddenColumn { .. } => {
            MetricsError::HiddenColumn { indicator: indicator.title.clone(), source: Box::new(source) }
        }
        source => MetricsError::Rollup { table: spec.table.clone(), source: Box::new(source) },
    })
}

/// Refuses an indicator whose rows carry no column for any of the caller's grants: the figure would be nought for
/// everybody of this scope, and nought is not what is there. Whoever has a whole district has rows of every table. The
/// indicator that was asked for is named, whichever of its parts it is that has no such rows.
pub(super) fn out_of_reach(
    scope: &DataScope,
    catalog: &Catalog,
    definitions: &IndicatorDefinitions,
    asked: &[&IndicatorDef],
) -> Result<(), MetricsError> {
    if !scope.is_finer() || scope.level() == ScopeLevel::District {
        return Ok(());
    }
    let reached = |table: &str| {
        catalog.table(table).is_some_and(|table| {
            (table.scope.street.is_some() && !scope.streets().is_empty())
                || (table.scope.organization.is_some() && !scope.organizations().is_empty())
                || (table.scope.person.is_some() && !scope.persons().is_empty())
        })
    };
    for indicator in asked {
        let tables = definitions.parts(indicator).into_iter().flat_map(|part| definitions.tables(part));
        if !tables.into_iter().all(reached) {
            return Err(MetricsError::OutOfReach { indicator: indicator.title.clone() });
        }
    }
    Ok(())
}

/// Only the dimensions and measures of this question.
fn narrowed(spec: &RollupSpec, parts: &[(&IndicatorDef, &Part)], query: &ValidQuery<'_>) -> RollupSpec {
    let asked = |column: &&String| {
        let by = query.dimensions.iter().chain(query.filters.keys()).filter(|name| *name != DISTRICT);
        by.map(|name| query.column_of(name)).any(|name| name == column.as_str())
    };
    let kind = match &spec.kind {
        RollupKind::Additive { measures } => RollupKind::Additive {
            measures: measures
                .iter()
                .filter(|measure| parts.iter().any(|(_, part)| part.column == measure.name))
                .cloned()
                .collect(),
        },
        other @ (RollupKind::Distinct { .. } | RollupKind::Codes { .. }) => other.clone(),
    };
    RollupSpec { dimensions: spec.dimensions.iter().filter(asked).cloned().collect(), kind, ..spec.clone() }
}
