//! Checks comparisons against the indicators they name: the persons are those behind the figures, and every dimension is
//! known to both. An indicator that is not there at all is found where all references are followed.

use pujiang_warehouse::{Catalog, Visibility};

use super::{ComparisonDef, ComparisonDefinitions};
use crate::calendar::Grain;
use crate::definition::{DISTRICT, DefinitionError, IndicatorDef, IndicatorDefinitions, Measure, Source};

impl ComparisonDefinitions {
    /// Every indicator that is named and does not fit; empty when all do.
    #[must_use]
    pub fn check_against(
        &self,
        indicators: &IndicatorDefinitions,
        catalog: &Catalog,
    ) -> Vec<DefinitionError> {
        let mut errors: Vec<_> =
            self.all().iter().flat_map(|one| check_one(one, indicators, catalog)).collect();
        errors.sort();
        errors
    }
}

fn check_one(
    comparison: &ComparisonDef,
    indicators: &IndicatorDefinitions,
    catalog: &Catalog,
) -> Vec<DefinitionError> {
    let mut errors = Vec::new();
    let mut find = |key: &str, id: &str| {
        let found = indicators.get(id)?;
        errors.extend(fits(comparison, key, found));
        Some(found)
    };
    let indicator = find("indicator", &comparison.indicator);
    let persons = find("persons", &comparison.persons);
    let (Some(indicator), Some(persons)) = (indicator, persons) else { return errors };
    let Measure::Distinct { source: counted, column } = &persons.measure else {
        let message = format!("“{}”不是去重人数，请换成 distinct 类指标", persons.id);
        errors.push(comparison.error("persons", message));
        return errors;
    };
    let counted_column = catalog.table(&counted.table).and_then(|table| table.column(column));
    if counted_column.is_some_and(|column| column.visibility != Visibility::Personal) {
        let message = format!("“{}”数的不是人：列“{column}”不是个人信息，请换一个指标", persons.id);
        errors.push(comparison.error("persons", message));
    }
    for part in indicators.parts(indicator) {
        if matches!(part.measure, Measure::Stock(_) | Measure::Overlap(_)) {
            let message = format!("“{}”是期末数，背后没有某个月的人，不能对比，请换一个指标", part.id);
            errors.push(comparison.error("indicator", message));
        } else if part.measure.source().is_some_and(|source| !same_rows(source, counted)) {
            let message = format!(
                "“{}”数的人应正好来自“{}”的那些记录，请换成数据表、时间列和筛选都相同的指标",
                persons.id, part.id
            );
            errors.push(comparison.error("persons", message));
        }
    }
    errors
}

fn same_rows(source: &Source, counted: &Source) -> bool {
    let sorted = |source: &Source| {
        let mut keeps = source.filter.clone();
        keeps.sort();
        keeps
    };
    (&source.table, &source.time, sorted(source)) == (&counted.table, &counted.time, sorted(counted))
}

/// What both indicators must be able to do.
fn fits(comparison: &ComparisonDef, key: &str, indicator: &IndicatorDef) -> Vec<DefinitionError> {
    let lacks = |dimension: &str| !indicator.dimensions.iter().any(|own| own == dimension);
    let mut errors = Vec::new();
    if lacks(DISTRICT) {
        errors.push(comparison.error(key, format!("“{}”没有分区的数字，请换一个指标", indicator.id)));
    }
    if !indicator.grains.contains(&Grain::Month) {
        errors.push(comparison.error(key, format!("“{}”没有按月的数字，请换一个指标", indicator.id)));
    }
    for dimension in comparison.dimensions.iter().filter(|dimension| lacks(dimension)) {
        let message = format!("“{}”没有维度“{dimension}”，请在这里删去或在那里补上", indicator.id);
        errors.push(comparison.error("dimensions", message));
    }
    errors
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use pujiang_definition::{COMPARISONS, INDICATORS, Known, Layers, Sources};
    use pujiang_transactional::Definitions;

    use super::*;

    fn catalog() -> Arc<Catalog> {
        Catalog::builtin(&Definitions::builtin().unwrap().lake_forms()).unwrap()
    }

    #[test]
    fn references_are_followed() {
        let indicators = IndicatorDefinitions::load(&Layers::builtin());
        let mut known = Known::default();
        known.add(&INDICATORS, &indicators.ids);
        let indicators = indicators.finished().unwrap();
        let catalog = catalog();
        let check = |indicator: &str, persons: &str, dimension: &str, expected: &[&str]| {
            let text = format!(
                "format = 1\nversion = 1\ntitle = \"t\"\ndescription = \"d\"\nscope = \"all_districts\"\n\
                 indicator = \"{indicator}\"\npersons = \"{persons}\"\nstatistics = [\"rank\"]\n\
                 dimensions = [\"{dimension}\"]\nminimum = 5\n"
            );
            let loaded =
                ComparisonDefinitions::read(&Sources::texts(&COMPARISONS, [("a.toml", text.as_str())]));
            let mut errors: Vec<DefinitionError> = known.dangling(&loaded.references).collect();
            errors.extend(loaded.finished().unwrap().check_against(&indicators, &catalog));
            let shown: Vec<String> = errors
                .iter()
                .map(|error| {
                    let name = error.file.strip_prefix("metrics/comparisons/").unwrap();
                    format!("{name}:{} {}", error.line, error.key)
                })
                .collect();
            assert_eq!(shown, expected, "{indicator} {persons} {dimension}: {errors:#?}");
        };
        check("S1-U03", "S1-U08A", "category", &[]);
        check("S1-U08", "S1-U08A", "mode", &[]);
        check("S1-X99", "S1-X98", "category", &["a.toml:6 indicator", "a.toml:7 persons"]);
        // What is there is checked beside what is not.
        check("S1-X99", "S1-U08A", "cluster", &["a.toml:6 indicator", "a.toml:9 dimensions"]);
        check("S1-U03", "S1-B05", "category", &["a.toml:7 persons"]);
        check("S1-U03", "S1-P09", "category", &["a.toml:7 persons"]);
        check("S1-U03", "S1-U08A", "cluster", &["a.toml:9 dimensions", "a.toml:9 dimensions"]);
        // Registered holders are other rows than transactions; stocks have no persons of a month.
        check("S1-U01", "S1-U08A", "holder_category", &["a.toml:7 persons", "a.toml:9 dimensions"]);
        check("S1-P01", "S1-U08A", "category", &["a.toml:6 indicator"]);
    }

    #[test]
    fn the_built_in_comparisons_fit_the_built_in_indicators() {
        let indicators = IndicatorDefinitions::builtin().unwrap();
        let catalog = catalog();
        let checked = ComparisonDefinitions::builtin().unwrap().check_against(&indicators, &catalog);
        assert!(checked.is_empty(), "{checked:#?}");
    }

    #[test]
    fn page_8_a_comparison_has_the_name_of_its_indicator() {
        let indicators = IndicatorDefinitions::builtin().unwrap();
        for comparison in ComparisonDefinitions::builtin().unwrap().all() {
            let title = &indicators.get(&comparison.indicator).unwrap().title;
            assert!(comparison.title.starts_with(title.as_str()), "{} is not {title}", comparison.title);
        }
    }
}
