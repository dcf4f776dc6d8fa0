//! Checks indicators against the tables of the lake: a table belongs to districts, and every column an indicator names
//! exists with a type it can use. A personal column can be counted by distinct values, never shown. A table that is not
//! there at all is found where all references are followed.

use std::collections::BTreeSet;

use pujiang_warehouse::{Catalog, ColumnType, TableDef, TableKind, Visibility};

use super::{DISTRICT, DefinitionError, IndicatorDef, IndicatorDefinitions, Measure, Overlap};

impl IndicatorDefinitions {
    /// Every table and column that does not fit; empty when all do.
    #[must_use]
    pub fn check_against(&self, catalog: &Catalog) -> Vec<DefinitionError> {
        self.all().iter().flat_map(|indicator| self.check_one(indicator, catalog)).collect()
    }

    fn check_one(&self, indicator: &IndicatorDef, catalog: &Catalog) -> Vec<DefinitionError> {
        if let Measure::Overlap(overlap) = &indicator.measure {
            return records(indicator, overlap, catalog);
        }
        let Some(source) = indicator.measure.source() else { return Vec::new() };
        let Some(table) = catalog.table(&source.table) else { return Vec::new() };
        if table.kind != TableKind::District {
            let key = if matches!(indicator.measure, Measure::Stock(_)) { "measure" } else { "table" };
            return vec![without_district(indicator, key, table)];
        }
        let mut errors = Vec::new();
        let mut column = |key: &str, name: &str, fits: &dyn Fn(ColumnType) -> bool, types: &str| match table
            .column(name)
        {
            None => errors.push(without_column(indicator, key, name, table)),
            Some(column) if !fits(column.kind) => {
                errors.push(indicator.error(key, format!("列“{name}”应为{types}类型")));
            }
            Some(_) => {}
        };
        column("time", &source.time, &is_time, "日期或时间");
        for keep in &source.filter {
            column(&filter_key(indicator, &keep.column), &keep.column, &is_text, "文字");
        }
        for dimension in indicator.dimensions.iter().filter(|dimension| *dimension != DISTRICT) {
            column("dimensions", self.column_of(dimension), &is_text, "文字");
        }
        match &indicator.measure {
            Measure::Sum { column: name, .. } => column("measure.column", name, &is_number, "整数或小数"),
            Measure::Distinct { column: name, .. } => column("measure.column", name, &is_text, "文字"),
            Measure::Stock(_) => column("measure", "delta", &|kind| kind == ColumnType::Integer, "整数"),
            Measure::Count(_) | Measure::Overlap(_) | Measure::Ratio { .. } => {}
        }
        errors.extend(self.doubled(indicator));
        errors.extend(self.personal(indicator, table));
        errors
    }

    /// Dimensions of one column: rows could not tell which of them they speak of.
    fn doubled(&self, indicator: &IndicatorDef) -> Vec<DefinitionError> {
        let mut columns = BTreeSet::new();
        let again = indicator.dimensions.iter().filter(|one| !columns.insert(self.column_of(one)));
        let message =
            |one: &String| format!("维度“{one}”和前面的维度都是列“{}”，请只写一个", self.column_of(one));
        again.map(|one| indicator.error("dimensions", message(one))).collect()
    }

    /// Dimensions whose column is personal: it can be counted by distinct values, never shown.
    fn personal(&self, indicator: &IndicatorDef, table: &TableDef) -> Vec<DefinitionError> {
        let column = |dimension: &String| table.column(self.column_of(dimension));
        let is_personal =
            |dimension: &&String| column(dimension).is_some_and(|one| one.visibility == Visibility::Personal);
        let error = |dimension: &String| {
            let name = self.column_of(dimension);
            indicator.error("dimensions", format!("列“{name}”是个人信息，不能作为维度显示，请删去"))
        };
        indicator.dimensions.iter().filter(is_personal).map(error).collect()
    }
}

/// The records of an overlap: a district table with their key and code.
fn records(indicator: &IndicatorDef, overlap: &Overlap, catalog: &Catalog) -> Vec<DefinitionError> {
    let Some(table) = catalog.table(&overlap.records) else { return Vec::new() };
    if table.kind != TableKind::District {
        return vec![without_district(indicator, "measure.records", table)];
    }
    let mut errors = Vec::new();
    for (key, name) in [("measure.key", &overlap.key), ("measure.code", &overlap.code)] {
        match table.column(name) {
            None => errors.push(without_column(indicator, key, name, table)),
            Some(column) if !is_text(column.kind) => {
                errors.push(indicator.error(key, format!("列“{name}”应为文字类型")));
            }
            Some(_) => {}
        }
    }
    errors
}

fn without_district(indicator: &IndicatorDef, key: &str, table: &TableDef) -> DefinitionError {
    let message =
        format!("数据表“{}”没有所属区，指标只能读 kind = \"district\" 的数据表，请换一张", table.id);
    indicator.error(key, message)
}

fn without_column(indicator: &IndicatorDef, key: &str, name: &str, table: &TableDef) -> DefinitionError {
    indicator.error(key, format!("数据表“{}”没有列“{name}”，请改成表中的列", table.id))
}

/// The key that names a filter column: of a stock, two come from keys of the measure.
fn filter_key(indicator: &IndicatorDef, column: &str) -> String {
    let stock = matches!(indicator.measure, Measure::Stock(_));
    match column {
        "resource" if stock => "measure.resource".to_owned(),
        "state" if stock => "measure.states".to_owned(),
        _ => format!("filter[{column}].column"),
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
