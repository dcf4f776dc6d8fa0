//! Checks what definitions say about each other: ratios and overlaps name indicators that exist, do not go in circles,
//! and promise no dimension or period their parts do not have.

use super::{DISTRICT, DefinitionError, IndicatorDef, IndicatorDefinitions, Measure, Overlap, Side};

/// `broken` are the ids whose files did not load: they are not missing, only wrong, which was said already.
pub(super) fn check(definitions: &IndicatorDefinitions, broken: &[&str]) -> Vec<DefinitionError> {
    definitions.all().iter().flat_map(|indicator| check_one(indicator, definitions, broken)).collect()
}

fn check_one(
    indicator: &IndicatorDef,
    definitions: &IndicatorDefinitions,
    broken: &[&str],
) -> Vec<DefinitionError> {
    let (numerator, denominator) = match &indicator.measure {
        Measure::Ratio { numerator, denominator, .. } => (numerator, denominator),
        Measure::Overlap(overlap) => return overlapping(indicator, overlap, definitions, broken),
        _ => return Vec::new(),
    };
    let mut errors = Vec::new();
    for (key, id) in [("measure.numerator", numerator), ("measure.denominator", denominator)] {
        let Some(part) = definitions.get(id) else {
            if broken.contains(&id.as_str()) {
                continue;
            }
            errors.push(
                indicator
                    .error(key, format!("there is no indicator `{id}`; add its file or correct the code")),
            );
            continue;
        };
        if reaches(part, &indicator.id, definitions, &mut Vec::new()) {
            errors.push(
                indicator
                    .error(key, format!("`{id}` is computed from {} itself; break the circle", indicator.id)),
            );
            continue;
        }
        for dimension in indicator.dimensions.iter().filter(|dimension| !part.dimensions.contains(dimension))
        {
            errors.push(indicator.error(
                "dimensions",
                format!("`{id}` has no dimension `{dimension}`; remove it here or add it there"),
            ));
        }
        for grain in indicator.grains.iter().filter(|grain| !part.grains.contains(grain)) {
            errors.push(indicator.error(
                "grains",
                format!("`{id}` has no figures by {}; remove it here or add it there", grain.as_str()),
            ));
        }
    }
    errors
}

/// An overlap is of a stock of records and a count of different codes. Registered records have the dimensions of the
/// stock; of a stranger only the district is known where it was seen.
fn overlapping(
    indicator: &IndicatorDef,
    overlap: &Overlap,
    definitions: &IndicatorDefinitions,
    broken: &[&str],
) -> Vec<DefinitionError> {
    let mut errors = Vec::new();
    let parts = [("measure.stock", &overlap.stock, "stock"), ("measure.seen", &overlap.seen, "distinct")];
    for (key, id, kind) in parts {
        let fits = |measure: &Measure| match measure {
            Measure::Stock(_) => kind == "stock",
            Measure::Distinct { .. } => kind == "distinct",
            _ => false,
        };
        let wrong = match definitions.get(id) {
            None if broken.contains(&id.as_str()) => continue,
            None => format!("there is no indicator `{id}`; add its file or correct the code"),
            Some(part) if !fits(&part.measure) => format!("`{id}` is no indicator of the kind {kind}"),
            Some(part) => {
                for grain in indicator.grains.iter().filter(|grain| !part.grains.contains(grain)) {
                    let message = format!("`{id}` has no figures by {}; remove it here", grain.as_str());
                    errors.push(indicator.error("grains", message));
                }
                continue;
            }
        };
        errors.push(indicator.error(key, wrong));
    }
    let known: &[String] = match (overlap.side, definitions.get(&overlap.stock)) {
        (Side::Registered, Some(stock)) => &stock.dimensions,
        _ => &[],
    };
    let unfit = |dimension: &&String| *dimension != DISTRICT && !known.contains(dimension);
    for dimension in indicator.dimensions.iter().filter(unfit) {
        let message = format!("whoever is counted here has no dimension `{dimension}`; remove it");
        errors.push(indicator.error("dimensions", message));
    }
    errors
}

/// Whether computing `from` would need `target`. `seen` ends walks through circles elsewhere.
fn reaches<'d>(
    from: &'d IndicatorDef,
    target: &str,
    definitions: &'d IndicatorDefinitions,
    seen: &mut Vec<&'d str>,
) -> bool {
    if from.id == target {
        return true;
    }
    if seen.contains(&from.id.as_str()) {
        return false;
    }
    seen.push(&from.id);
    let Measure::Ratio { numerator, denominator, .. } = &from.measure else { return false };
    [numerator, denominator]
        .into_iter()
        .filter_map(|id| definitions.get(id))
        .any(|part| reaches(part, target, definitions, seen))
}
