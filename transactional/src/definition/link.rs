//! What the record that a field leads to must be like: in which states, agreeing in which fields. A field leads there as a
//! reference, or as a number that must be the number of a record (`found_in`).

use pujiang_definition::{At, RESOURCES, Section};

use super::reading::values;

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
pub(super) fn link(section: &Section<'_>) -> Link {
    let listed = |key: &'static str| values(section.texts(key).unwrap_or_default());
    Link { must_be: listed("must_be"), same: listed("same"), found_in: found_in(section) }
}

fn found_in(section: &Section<'_>) -> Option<(String, String)> {
    let text = section.text("found_in")?;
    let Some((resource, field)) = text.value.split_once('.') else {
        section.wrong_at(&text, "应写成 资源.字段");
        return None;
    };
    let target = At { value: resource.to_owned(), span: text.span.clone(), key: text.key.clone() };
    section.refers(&target, &RESOURCES);
    Some((target.value, field.to_owned()))
}
