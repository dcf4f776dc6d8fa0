//! Reads the rules of a feed file: what must hold in every row.

use pujiang_definition::{At, Section};

use super::file_field::position;
use super::{FieldDef, FieldKind, Rule};

/// Minutes by which a time may lie ahead when the file says nothing.
const TOLERANCE: i64 = 10;
/// Clocks differ by minutes; what lies further ahead than a day is a wrong time.
const MOST_TOLERANCE: i64 = 24 * 60;

const KINDS: &[(&str, Kind)] = &[
    ("non_negative", Kind::NonNegative),
    ("not_in_future", Kind::NotInFuture),
    ("difference", Kind::Difference),
];

#[derive(Clone, Copy)]
enum Kind {
    NonNegative,
    NotInFuture,
    Difference,
}

/// Reads one `[[rule]]`; one of several columns is several rules.
pub(super) fn read(section: &Section<'_>, fields: &[FieldDef]) -> Vec<Rule> {
    // Which keys are right is not known without it.
    let Some(kind) = section.required_word("kind", KINDS) else { return Vec::new() };
    let one = |key: &'static str, kind: FieldKind| {
        section.required_text(key).and_then(|name| position(section, &name, kind, fields))
    };
    let rules = match kind {
        Kind::NonNegative => {
            let amount = |name: At<String>| position(section, &name, FieldKind::Amount, fields);
            let columns = section.distinct_texts("columns").into_iter();
            columns.filter_map(amount).map(Rule::NonNegative).collect()
        }
        Kind::NotInFuture => {
            let tolerance = section.whole("tolerance_minutes", 0..=MOST_TOLERANCE);
            let tolerance_minutes = tolerance.map_or(TOLERANCE, |minutes| minutes.value);
            let field = one("column", FieldKind::Time);
            field.map(|field| Rule::NotInFuture { field, tolerance_minutes }).into_iter().collect()
        }
        Kind::Difference => {
            let (whole, minus) = (one("whole", FieldKind::Amount), one("minus", FieldKind::Amount));
            let parts = whole.zip(minus).zip(one("equals", FieldKind::Amount));
            let rule = parts.map(|((whole, minus), equals)| Rule::Difference { whole, minus, equals });
            rule.into_iter().collect()
        }
    };
    section.finish();
    rules
}
