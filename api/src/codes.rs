//! Codes of dimensions: a code nobody listed has no rows, and nought would say that nothing happened, so it is refused like
//! a district that does not exist. What the fields of resources can hold is compared with the lists of the dimensions: the
//! indicators know only tables.

use std::collections::BTreeSet;

use pujiang_definition::DefinitionError;
use pujiang_metrics::definition::Measure;
use pujiang_metrics::dimension::Members;
use pujiang_metrics::{DimensionDef, DimensionDefinitions, IndicatorDef, IndicatorDefinitions, MetricsQuery};
use pujiang_transactional::Definitions;
use pujiang_transactional::definition::FieldKind;

use crate::problem::{FieldProblem, Problem};

/// Refuses filters by codes that no definition knows.
pub fn refuse_unknown(dimensions: &DimensionDefinitions, query: &MetricsQuery) -> Result<(), Problem> {
    let mut errors = Vec::new();
    for (dimension, values) in &query.filters {
        // A dimension an indicator does not have is refused with the question itself.
        let Some(known) = dimensions.get(dimension) else { continue };
        errors.extend(values.iter().filter_map(|value| known.without(value)).map(|message| FieldProblem {
            field: format!("filters.{dimension}"),
            code: "unknown_value".to_owned(),
            message,
        }));
    }
    let Some(first) = errors.first() else { return Ok(()) };
    Err(Problem::invalid("invalid_query", first.message.clone()).with_errors(errors))
}

/// Codes that records can hold and the dimension of an indicator over them does not list: nobody could filter by them.
pub fn unlisted(resources: &Definitions, indicators: &IndicatorDefinitions) -> Vec<DefinitionError> {
    let mut errors = Vec::new();
    for indicator in indicators.all() {
        let mut names = BTreeSet::new();
        sources(indicators, &indicator.id, &mut names);
        let dimensions = indicator.dimensions.iter().filter_map(|id| indicators.dimensions().get(id));
        for dimension in dimensions.filter(|one| matches!(one.members, Members::Listed(_))) {
            errors.extend(names.iter().flat_map(|name| lacking(dimension, name, resources)));
        }
    }
    errors.sort();
    errors.dedup();
    errors
}

/// What a resource can hold in the column of a dimension and the dimension does not list.
fn lacking(dimension: &DimensionDef, resource: &str, resources: &Definitions) -> Vec<DefinitionError> {
    let field = resources.get(resource).and_then(|resource| resource.field(&dimension.column));
    let Some(FieldKind::Enum(codes)) = field.map(|field| &field.kind) else { return Vec::new() };
    let lost = codes.iter().filter(|code| dimension.without(&code.code).is_some());
    let message = |code: &str| format!("资源“{resource}”可以填“{code}”，请在这里补上 [[member]]");
    lost.map(|code| dimension.mistake("member", message(&code.code))).collect()
}

/// Tables an indicator is computed from, and what it keeps of them: the table of state changes names resources there.
fn sources<'i>(indicators: &'i IndicatorDefinitions, id: &str, names: &mut BTreeSet<&'i str>) {
    let Some(IndicatorDef { measure, .. }) = indicators.get(id) else { return };
    match measure {
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

#[cfg(test)]
mod tests {
    use pujiang_definition::{DIMENSIONS, INDICATORS, Layers, Sources};
    use serde_json::json;

    use super::*;

    #[test]
    fn every_code_of_the_built_in_resources_is_listed() {
        let resources = Definitions::builtin().expect("resources");
        let indicators = IndicatorDefinitions::builtin().expect("indicators");
        assert_eq!(unlisted(&resources, &indicators), []);
    }

    #[test]
    fn a_code_records_can_hold_and_the_dimension_lacks_is_named() {
        let resources = Definitions::builtin().expect("resources");
        let short = "format = 1\ntitle = \"t\"\ndescription = \"d\"\ncolumn = \"mode\"\n[[member]]\ncode = \"电子证\"\n";
        let dimensions = DimensionDefinitions::read(&Sources::texts(&DIMENSIONS, [("mode.toml", short)]));
        let text = include_str!("../../metrics/indicators/benefit/S1-B07.toml");
        let sources = Sources::texts(&INDICATORS, [("benefit/S1-B07.toml", text)]);
        let indicators =
            IndicatorDefinitions::read(&sources, dimensions.definitions).finished().expect("one");
        let errors = unlisted(&resources, &indicators);
        assert_eq!(errors.len(), 4, "主扫, 被扫, 跳转 and 券: {errors:?}");
        assert!(errors[0].to_string().starts_with("metrics/dimensions/mode.toml:"), "{errors:?}");
    }

    #[test]
    fn a_filter_by_a_code_nobody_listed_is_refused() {
        let dimensions = DimensionDefinitions::load(&Layers::builtin()).definitions;
        let check = |dimension: &str, code: &str, refused: bool| {
            let body = json!({"indicators": ["S1-U03"], "filters": {dimension: [code]},
                "time": {"grain": "month", "from": "2026-10-01", "to": "2026-10-31"}});
            let query = MetricsQuery::from_json(&body).expect("a question");
            assert_eq!(refuse_unknown(&dimensions, &query).is_err(), refused, "{dimension} {code}");
        };
        check("category", "文旅", false);
        check("category", "x", true);
        check("category", "退役军人", true);
        check("holder_category", "退役军人", false);
        check("district", "x", false);
        check("nothing", "x", false);
    }
}
