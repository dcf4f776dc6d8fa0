//! Which partial aggregates a view may have, and from what. Side files hold sums over all rows of a file in clear; they
//! serve scopes that are a choice of files. Everything else is added up from the rows behind the barrier.

use arrow::datatypes::DataType;
use datafusion::common::Column;
use datafusion::logical_expr::{Expr, cast};
use datafusion::prelude::DataFrame;
use pujiang_security::Treatment;

use super::view::TableView;
use crate::DISTRICT_COLUMN;
use crate::definition::{TableDef, TableKind};
use crate::error::WarehouseError;
use crate::rollup::{MeasureExpr, RollupKind, RollupSpec, plan};

/// Whether side files give the answer. An error when the spec needs clear values the view does not show: a filter or
/// a sum over a treated column, or a count of different values where masks make different ones equal.
pub(super) fn from_side_files(
    view: &TableView,
    spec: &RollupSpec,
    rows_held_back: bool,
) -> Result<bool, WarehouseError> {
    let treatment = |column: &str| match view.def.column(column) {
        // An unknown column is no secret; the shape of the partials refuses it with its name.
        None => Treatment::Clear,
        Some(_) => view.columns.iter().find(|c| c.name == column).map_or(Treatment::Hidden, |c| c.treatment),
    };
    let must_be_clear = |column: &str| match treatment(column) {
        Treatment::Clear => Ok(()),
        _ => Err(WarehouseError::HiddenColumn { table: spec.table.clone(), column: column.to_owned() }),
    };
    must_be_clear(&spec.time)?;
    let filters = match &spec.kind {
        RollupKind::Additive { measures } => {
            for measure in measures {
                if let MeasureExpr::Sum(column) = &measure.expr {
                    must_be_clear(column)?;
                }
            }
            measures.iter().flat_map(|m| &m.filter).collect::<Vec<_>>()
        }
        RollupKind::Distinct { column, filter } => {
            // Tokens are different exactly where values are; their number is that of the values.
            if treatment(column) != Treatment::Pseudonymised {
                must_be_clear(column)?;
            }
            filter.iter().collect()
        }
        RollupKind::Codes { column } => {
            if treatment(column) != Treatment::Pseudonymised {
                must_be_clear(column)?;
            }
            Vec::new()
        }
    };
    for filter in filters {
        must_be_clear(&filter.column)?;
    }
    let mut shown = !rows_held_back;
    for dimension in &spec.dimensions {
        match treatment(dimension) {
            Treatment::Clear => {}
            Treatment::Masked(_) | Treatment::Pseudonymised => shown = false,
            Treatment::Hidden => must_be_clear(dimension)?,
        }
    }
    // From rows behind the barrier come tokens, which are never among the codes other tables name.
    if let RollupKind::Codes { column } = &spec.kind
        && !shown
    {
        must_be_clear(column)?;
    }
    Ok(shown)
}

/// The plan that adds up a table's visible rows, by district where it has one.
pub(super) fn of_rows(
    frame: DataFrame,
    def: &TableDef,
    spec: &RollupSpec,
) -> Result<DataFrame, WarehouseError> {
    let column = Expr::Column(Column::from_name(DISTRICT_COLUMN));
    let district = cast(column, DataType::Utf8).alias(DISTRICT_COLUMN);
    plan(frame, def, spec, (def.kind == TableKind::District).then_some(district))
}
