//! Checks comparisons against the indicators they name: both are there, the persons are those behind the figures, and
//! every dimension is known to both.

use pujiang_warehouse::{Catalog, Visibility};

use super::{ComparisonDef, ComparisonDefinitions};
use crate::calendar::Grain;
use crate::definition::{DISTRICT, DefinitionError, IndicatorDef, IndicatorDefinitions, Measure, Source};

impl ComparisonDefinitions {
    /// Every reference that leads nowhere, or to something that does not fit.
    pub fn check_against(
        &self,
        indicators: &IndicatorDefinitions,
        catalog: &Catalog,
    ) -> Result<(), Vec<DefinitionError>> {
        let mut errors: Vec<_> =
            self.all().iter().flat_map(|one| check_one(one, indicators, catalog)).collect();
        errors.sort();
        if errors.is_empty() { Ok(()) } else { Err(errors) }
    }
}

fn check_one(
    comparison: &ComparisonDef,
    indicators: &IndicatorDefinitions,
    catalog: &Catalog,
) -> Vec<DefinitionError> {
    let mut errors = Vec::new();
    let mut find = |key: &str, id: &str| {
        let found = indicators.get(id);
        match found {
            Some(indicator) => errors.extend(fits(comparison, key, indicator)),
            None => errors.push(
                comparison
                    .error(key, format!("there is no indicator `{id}`; add its file or correct the code")),
            ),
        }
        found
    };
    let indicator = find("indicator", &comparison.indicator);
    let persons = find("persons", &comparison.persons);
    let (Some(indicator), Some(persons)) = (indicator, persons) else { return errors };
    let Measure::Distinct { source: counted, column } = &persons.measure else {
        errors.push(comparison.error(
            "persons",
            format!("`{}` must count distinct persons; name an indicator of kind distinct", persons.id),
        ));
        return errors;
    };
    let counted_column = catalog.table(&counted.table).and_then(|table| table.column(column));
    if counted_column.is_some_and(|column| column.visibility != Visibility::Personal) {
        let message = format!("`{}` counts no persons: column `{column}` is not personal", persons.id);
        errors.push(comparison.error("persons", message));
    }
    for part in indicators.parts(indicator) {
        if matches!(part.measure, Measure::Stock(_) | Measure::Overlap(_)) {
            let message =
                format!("`{}` is of the end of a period, and no persons of a month are behind it", part.id);
            errors.push(comparison.error("indicator", message));
        } else if part.measure.source().is_some_and(|source| !same_rows(source, counted)) {
            let message = format!(
                "`{}` must count the persons of exactly the rows of `{}`: same table, time and filter",
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
        errors.push(comparison.error(key, format!("`{}` has no figures by district", indicator.id)));
    }
    if !indicator.grains.contains(&Grain::Month) {
        errors.push(comparison.error(key, format!("`{}` has no figures by month", indicator.id)));
    }
    for dimension in comparison.dimensions.iter().filter(|dimension| lacks(dimension)) {
        let message =
            format!("`{}` has no dimension `{dimension}`; remove it here or add it there", indicator.id);
        errors.push(comparison.error("dimensions", message));
    }
    errors
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_followed() {
        let indicators = IndicatorDefinitions::builtin().unwrap();
        let catalog = Catalog::builtin().unwrap();
        let check = |indicator: &str, persons: &str, dimension: &str, expected: &[&str]| {
            let text = format!(
                "format = 1\nversion = 1\ntitle = \"t\"\ndescription = \"d\"\nscope = \"all_districts\"\n\
                 indicator = \"{indicator}\"\npersons = \"{persons}\"\nstatistics = [\"rank\"]\n\
                 dimensions = [\"{dimension}\"]\nminimum = 5\n"
            );
            let definitions = ComparisonDefinitions::from_files(vec![("a.toml".into(), text)]).unwrap();
            let errors = definitions.check_against(&indicators, &catalog).err().unwrap_or_default();
            let shown: Vec<String> =
                errors.iter().map(|error| format!("{}:{} {}", error.file, error.line, error.key)).collect();
            assert_eq!(shown, expected, "{indicator} {persons} {dimension}: {errors:#?}");
        };
        check("S1-U03", "S1-U08A", "category", &[]);
        check("S1-U08", "S1-U08A", "mode", &[]);
        check("S1-X99", "S1-X98", "category", &["a.toml:6 indicator", "a.toml:7 persons"]);
        check("S1-U03", "S1-B05", "category", &["a.toml:7 persons"]);
        check("S1-U03", "S1-P09", "category", &["a.toml:7 persons"]);
        check("S1-U03", "S1-U08A", "cluster", &["a.toml:9 dimensions", "a.toml:9 dimensions"]);
        // Registered holders are other rows than transactions; stocks have no persons of a month.
        check("S1-U01", "S1-U08A", "category", &["a.toml:7 persons"]);
        check("S1-P01", "S1-U08A", "category", &["a.toml:6 indicator"]);
    }

    #[test]
    fn the_built_in_comparisons_fit_the_built_in_indicators() {
        let indicators = IndicatorDefinitions::builtin().unwrap();
        let catalog = Catalog::builtin().unwrap();
        let checked = ComparisonDefinitions::builtin().unwrap().check_against(&indicators, &catalog);
        assert_eq!(checked, Ok(()));
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
