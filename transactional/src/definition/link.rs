//! What the record that a field leads to must be like: in which states, agreeing in which fields. A field leads there as a
//! reference, or as a number that must be the number of a record (`found_in`).

use indexmap::IndexMap;

use super::document::{Report, Section};

/// Conditions of a link; empty ones do not bind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Link {
    /// States the record must be in.
    pub must_be: Vec<String>,
    /// Fields in which it must agree with the record that leads to it.
    pub same: Vec<String>,
    /// Resource and field whose value this one must be.
    pub found_in: Option<(String, String)>,
}

/// Reads the link keys of a `[[field]]`.
pub(super) fn link(
    section: &mut Section<'_, '_>,
    field: &str,
    places: &mut IndexMap<String, usize>,
    report: &mut Report<'_>,
) -> Link {
    let mut listed = |key: &'static str, report: &mut Report<'_>| -> Vec<String> {
        let texts = section.texts(key, report);
        if let Some(first) = texts.first() {
            places.insert(format!("field[{field}].{key}"), first.offset);
        }
        texts.into_iter().map(|t| t.value).collect()
    };
    let (must_be, same) = (listed("must_be", report), listed("same", report));
    let found_in = section.text("found_in", report).and_then(|text| {
        places.insert(format!("field[{field}].found_in"), text.offset);
        let parts =
            text.value.split_once('.').map(|(resource, field)| (resource.to_owned(), field.to_owned()));
        if parts.is_none() {
            let message = "应写成 资源.字段，如 preferential_card.card_no";
            report.add(text.offset, &section.key("found_in"), message);
        }
        parts
    });
    Link { must_be, same, found_in }
}
