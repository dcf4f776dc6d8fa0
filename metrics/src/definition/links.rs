//! Checks what definitions say about each other: ratios and overlaps do not go in circles, are made of the right kinds,
//! and promise no dimension or period their parts do not have. A part that is not there at all is found where all
//! references are followed.

use std::collections::BTreeSet;

use super::{DISTRICT, DefinitionError, IndicatorDef, IndicatorDefinitions, Measure, Overlap, Side};

/// `broken` are the files with mistakes: what such a part lacks may only not have been read, and that was said already.
pub(super) fn check(definitions: &IndicatorDefinitions, broken: &BTreeSet<&str>) -> Vec<DefinitionError> {
    let links = Links { definitions, broken };
    definitions.all().iter().flat_map(|indicator| links.check(indicator)).collect()
}

struct Links<'d> {
    definitions: &'d IndicatorDefinitions,
    broken: &'d BTreeSet<&'d str>,
}

impl<'d> Links<'d> {
    /// An indicator others are computed from, if its file is right.
    fn part(&self, id: &str) -> Option<&'d IndicatorDef> {
        self.definitions.get(id).filter(|part| !self.broken.contains(part.places.file()))
    }

    fn check(&self, indicator: &IndicatorDef) -> Vec<DefinitionError> {
        match &indicator.measure {
            Measure::Ratio { numerator, denominator, .. } => self.ratio(indicator, numerator, denominator),
            Measure::Overlap(overlap) => self.overlap(indicator, overlap),
            _ => Vec::new(),
        }
    }

    fn ratio(&self, indicator: &IndicatorDef, numerator: &str, denominator: &str) -> Vec<DefinitionError> {
        let mut errors = Vec::new();
        for (key, id) in [("measure.numerator", numerator), ("measure.denominator", denominator)] {
            let Some(part) = self.part(id) else { continue };
            if reaches(part, &indicator.id, self.definitions, &mut Vec::new()) {
                let message = format!("“{id}”又要由 {} 算出，请去掉这个循环", indicator.id);
                errors.push(indicator.error(key, message));
                continue;
            }
            let lacks = |dimension: &&String| !part.dimensions.contains(dimension);
            for dimension in indicator.dimensions.iter().filter(lacks) {
                let message = format!("“{id}”没有维度“{dimension}”，请在这里删去或在那里补上");
                errors.push(indicator.error("dimensions", message));
            }
            errors.extend(grains(indicator, part));
        }
        errors
    }

    /// An overlap is of a stock of records and a count of different codes. Registered records have the dimensions of
    /// the stock; of a stranger only the district is known where it was seen.
    fn overlap(&self, indicator: &IndicatorDef, overlap: &Overlap) -> Vec<DefinitionError> {
        let (stock, seen) = (self.part(&overlap.stock), self.part(&overlap.seen));
        let mut errors = Vec::new();
        for (key, part, kind) in [("measure.stock", stock, "stock"), ("measure.seen", seen, "distinct")] {
            match part {
                Some(part) if is_of(&part.measure, kind) => errors.extend(grains(indicator, part)),
                Some(part) => {
                    let message = format!("“{}”不是 {kind} 类指标，请换一个", part.id);
                    errors.push(indicator.error(key, message));
                }
                None => {}
            }
        }
        let known: &[String] = match (overlap.side, stock) {
            (Side::Strangers, _) => &[],
            (Side::Registered, Some(stock)) => &stock.dimensions,
            // Nobody knows which dimensions it should have.
            (Side::Registered, None) => return errors,
        };
        let unfit = |dimension: &&String| *dimension != DISTRICT && !known.contains(dimension);
        for dimension in indicator.dimensions.iter().filter(unfit) {
            let message = format!("这里计数的对象没有维度“{dimension}”，请删去");
            errors.push(indicator.error("dimensions", message));
        }
        errors
    }
}

fn is_of(measure: &Measure, kind: &str) -> bool {
    match measure {
        Measure::Stock(_) => kind == "stock",
        Measure::Distinct { .. } => kind == "distinct",
        _ => false,
    }
}

/// Periods that an indicator promises and its part does not have.
fn grains(indicator: &IndicatorDef, part: &IndicatorDef) -> Vec<DefinitionError> {
    let lacking = indicator.grains.iter().filter(|grain| !part.grains.contains(grain));
    let message = |name: &str| format!("“{}”没有周期 {name} 的数字，请在这里删去或在那里补上", part.id);
    lacking.map(|grain| indicator.error("grains", message(grain.as_str()))).collect()
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
