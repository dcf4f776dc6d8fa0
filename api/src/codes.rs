//! Which values a dimension of indicators can have. A code nobody declared has no rows, and nought would say that nothing
//! happened: it is refused like a district that does not exist. Codes stand in the definitions of resources; the indicators
//! know only tables.

use std::collections::BTreeSet;

use pujiang_metrics::definition::Measure;
use pujiang_metrics::{IndicatorDef, MetricsQuery};
use pujiang_transactional::Definitions;
use pujiang_transactional::definition::FieldKind;

use crate::boards::{BoardDef, FilterKind};
use crate::problem::{FieldProblem, Problem};

/// The codes a dimension of these indicators can have, in the order of their definitions; none when it is not coded.
fn codes<'d>(
    definitions: &'d Definitions,
    indicators: &[IndicatorDef],
    asked: &[String],
    dimension: &str,
) -> Option<Vec<&'d str>> {
    let with = |id: &&String| {
        let found = indicators.iter().find(|indicator| indicator.id == **id);
        found.is_some_and(|indicator| indicator.dimensions.iter().any(|own| own == dimension))
    };
    let mut names = BTreeSet::new();
    asked.iter().filter(with).for_each(|id| sources(indicators, id, &mut names));
    let mut codes: Vec<&str> = Vec::new();
    for field in names.iter().filter_map(|name| definitions.get(name)?.field(dimension)) {
        let FieldKind::Enum(own) = &field.kind else { return None };
        for code in own.iter().map(|code| code.code.as_str()) {
            if !codes.contains(&code) {
                codes.push(code);
            }
        }
    }
    (!codes.is_empty()).then_some(codes)
}

/// Tables an indicator is computed from, and what it keeps of them: the table of state changes names resources there.
fn sources<'i>(indicators: &'i [IndicatorDef], id: &str, names: &mut BTreeSet<&'i str>) {
    let Some(indicator) = indicators.iter().find(|indicator| indicator.id == id) else { return };
    match &indicator.measure {
        Measure::Ratio { numerator, denominator, .. } => {
            [numerator, denominator].into_iter().for_each(|part| sources(indicators, part, names));
        }
        Measure::Overlap(overlap) => {
            names.insert(&overlap.records);
            [&overlap.stock, &overlap.seen].into_iter().for_each(|part| sources(indicators, part, names));
        }
        measure => {
            let Some(source) = measure.source() else { return };
            names.insert(&source.table);
            names.extend(source.filter.iter().flat_map(|keep| &keep.any_of).map(String::as_str));
        }
    }
}

/// Refuses filters by codes that no definition knows.
pub fn refuse_unknown(
    definitions: &Definitions,
    indicators: &[IndicatorDef],
    query: &MetricsQuery,
) -> Result<(), Problem> {
    let mut errors = Vec::new();
    for (dimension, values) in &query.filters {
        let Some(codes) = codes(definitions, indicators, &query.indicators, dimension) else { continue };
        for unknown in values.iter().filter(|value| !codes.contains(&value.as_str())) {
            errors.push(FieldProblem {
                field: format!("filters.{dimension}"),
                code: "unknown_value".to_owned(),
                message: sentence(unknown, &codes),
            });
        }
    }
    let Some(first) = errors.first() else { return Ok(()) };
    Err(Problem::invalid("invalid_query", first.message.clone()).with_errors(errors))
}

/// Refuses a category none of a board's indicators can have. What is no choice at all the board itself refuses.
pub fn refuse_unknown_category(
    definitions: &Definitions,
    indicators: &[IndicatorDef],
    board: &BoardDef,
    category: &str,
) -> Result<(), Problem> {
    if !board.has_filter(FilterKind::Category) || category.trim().is_empty() {
        return Ok(());
    }
    let except = board.excepted(FilterKind::Category);
    let asked: Vec<String> = board
        .tiles
        .iter()
        .flat_map(|tile| tile.indicators.clone())
        .filter(|id| !except.contains(id))
        .collect();
    match codes(definitions, indicators, &asked, "category") {
        Some(codes) if !codes.contains(&category) => {
            Err(Problem::invalid("invalid_filter", sentence(category, &codes)).with_field("category"))
        }
        _ => Ok(()),
    }
}

/// What is wrong with a value, and what there is.
fn sentence(unknown: &str, codes: &[&str]) -> String {
    let shown: String = unknown.chars().take(50).collect();
    format!("没有“{shown}”这一取值，可用的有：{}", codes.join("、"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use pujiang_metrics::IndicatorDefinitions;

    #[test]
    fn codes_come_from_the_records_an_indicator_counts() {
        let (definitions, indicators) = (
            Definitions::builtin().expect("resources"),
            IndicatorDefinitions::builtin().expect("indicators"),
        );
        let check = |ids: &[&str], dimension: &str, has: Option<&str>| {
            let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
            let codes = codes(&definitions, indicators.all(), &ids, dimension);
            assert_eq!(codes.is_some(), has.is_some(), "{ids:?} {dimension}: {codes:?}");
            assert!(has.is_none_or(|has| codes.is_some_and(|codes| codes.contains(&has))), "{ids:?} {has:?}");
        };
        check(&["S1-U03"], "category", Some("文旅"));
        check(&["S1-U03"], "mode", Some("电子证"));
        check(&["S1-U01"], "category", Some("退役军人"));
        check(&["S1-U03"], "district", None);
        check(&["nothing"], "category", None);
    }
}
