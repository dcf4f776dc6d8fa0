//! Checks indicators against the tables of the lake: the table is there and belongs to districts, and every column an
//! indicator names exists with a type it can use. A personal column can be counted by distinct values, never shown.

use pujiang_warehouse::{Catalog, ColumnType, TableDef, TableKind, Visibility};

use super::{DISTRICT, DefinitionError, IndicatorDef, IndicatorDefinitions, Measure, Overlap, Source};

impl IndicatorDefinitions {
    /// Every table and column that is named but is not there, or does not fit.
    pub fn check_against(&self, catalog: &Catalog) -> Result<(), Vec<DefinitionError>> {
        let errors: Vec<_> = self.all().iter().flat_map(|indicator| check_one(indicator, catalog)).collect();
        if errors.is_empty() { Ok(()) } else { Err(errors) }
    }
}

fn check_one(indicator: &IndicatorDef, catalog: &Catalog) -> Vec<DefinitionError> {
    if let Measure::Overlap(overlap) = &indicator.measure {
        return records(indicator, overlap, catalog);
    }
    let Some(source) = indicator.measure.source() else { return Vec::new() };
    let table_key = if matches!(indicator.measure, Measure::Stock(_)) { "measure" } else { "table" };
    let Some(table) = catalog.table(&source.table) else {
        return vec![indicator.error(
            table_key,
            format!("there is no table `{}`; add warehouse/tables/<layer>/{0}.toml", source.table),
        )];
    };
    if table.kind != TableKind::District {
        return vec![indicator.error(
            table_key,
            format!("table `{}` has no district; indicators need a district table", table.id),
        )];
    }
    let mut errors = Vec::new();
    let mut column =
        |key: &str, name: &str, fits: &dyn Fn(ColumnType) -> bool, types: &str| match table.column(name) {
            None => errors.push(indicator.error(key, format!("table `{}` has no column `{name}`", table.id))),
            Some(column) if !fits(column.kind) => {
                errors.push(indicator.error(key, format!("column `{name}` must be {types}")))
            }
            Some(_) => {}
        };
    column("time", &source.time, &is_time, "a date or timestamp");
    for keep in &source.filter {
        column(filter_key(source, &keep.column), &keep.column, &is_text, "a text");
    }
    for dimension in indicator.dimensions.iter().filter(|dimension| *dimension != DISTRICT) {
        column("dimensions", IndicatorDef::column_of(dimension), &is_text, "a text");
    }
    match &indicator.measure {
        Measure::Sum { column: name, .. } => {
            column("measure.column", name, &is_number, "an integer or decimal")
        }
        Measure::Distinct { column: name, .. } => column("measure.column", name, &is_text, "a text"),
        Measure::Stock(_) => column("measure", "delta", &|kind| kind == ColumnType::Integer, "an integer"),
        Measure::Count(_) | Measure::Overlap(_) | Measure::Ratio { .. } => {}
    }
    errors.extend(personal(indicator, table));
    errors
}

/// The records of an overlap: a district table with their key and code.
fn records(indicator: &IndicatorDef, overlap: &Overlap, catalog: &Catalog) -> Vec<DefinitionError> {
    let Some(table) = catalog.table(&overlap.records).filter(|table| table.kind == TableKind::District)
    else {
        let message =
            format!("there is no district table `{}`; add its file or correct the name", overlap.records);
        return vec![indicator.error("measure.records", message)];
    };
    let named = [("measure.key", &overlap.key), ("measure.code", &overlap.code)];
    let unfit = |(_, name): &(&str, &String)| table.column(name).is_none_or(|column| !is_text(column.kind));
    let error =
        |(key, name)| indicator.error(key, format!("table `{}` has no text column `{name}`", table.id));
    named.into_iter().filter(unfit).map(error).collect()
}

fn personal<'a>(
    indicator: &'a IndicatorDef,
    table: &'a TableDef,
) -> impl Iterator<Item = DefinitionError> + 'a {
    let is_personal =
        |name: &&String| table.column(name).is_some_and(|column| column.visibility == Visibility::Personal);
    indicator.dimensions.iter().filter(is_personal).map(|name| {
        indicator.error(
            "dimensions",
            format!("column `{name}` is personal and cannot be shown as a dimension; remove it"),
        )
    })
}

fn filter_key(source: &Source, column: &str) -> &'static str {
    let stock = source.table == super::STATE_EVENT;
    match column {
        "resource" if stock => "measure.resource",
        "state" if stock => "measure.states",
        _ => "filter",
    }
}

fn is_time(kind: ColumnType) -> bool {
    matches!(kind, ColumnType::Date | ColumnType::Timestamp)
}

fn is_text(kind: ColumnType) -> bool {
    kind == ColumnType::Text
}

fn is_number(kind: ColumnType) -> bool {
    matches!(kind, ColumnType::Integer | ColumnType::Decimal(..))
}
