//! A street belongs to one district: a field that says `inside` must not name a street of another.

use pujiang_security::StreetCode;
use pujiang_security::district::{DistrictCode, name_of};

use super::input::Draft;
use super::value::Value;
use crate::definition::{CopyWhen, FieldDef, ResourceDef};
use crate::error::FieldError;

/// Adds an error for each street that lies in another district than the record says. `asked` leaves out what a change
/// does not touch: old records may hold what was never checked.
pub(crate) fn streets_inside<'v>(
    def: &ResourceDef,
    asked: impl Fn(&str) -> bool,
    value: impl Fn(&str) -> Option<&'v Value>,
    errors: &mut Vec<FieldError>,
) {
    for (field, inside) in bound(def).filter(|(field, inside)| asked(&field.name) || asked(inside)) {
        let Some((street, district)) = conflict(field, inside, &value) else { continue };
        if errors.iter().any(|e| e.field == field.name) {
            continue;
        }
        let title = def.field(inside).map_or(inside, |f| f.title.as_str());
        let message = format!(
            "“{}”所填的{}属于{}，与“{title}”（{}）不符，请改选该区的街镇",
            field.title,
            street.name(),
            name_of(street.district()),
            name_of(district)
        );
        errors.push(FieldError::new(&field.name, "street_of_other_district", message));
    }
}

/// Empties streets that were only proposed by a reference, where the caller chose another district.
pub(crate) fn forget_other_streets(def: &ResourceDef, draft: &mut Draft, proposed: &[String]) {
    let value = |name: &str| draft.get(name).and_then(Option::as_ref);
    let strange: Vec<_> = bound(def)
        .filter(|(field, _)| field.copy.as_ref().is_some_and(|c| c.when == CopyWhen::Empty))
        .filter(|(field, _)| proposed.contains(&field.name))
        .filter(|(field, inside)| conflict(field, inside, &value).is_some())
        .map(|(field, _)| field.name.clone())
        .collect();
    for name in strange {
        draft.insert(name, None);
    }
}

fn bound(def: &ResourceDef) -> impl Iterator<Item = (&FieldDef, &str)> {
    def.fields.values().filter_map(|field| Some((field, field.inside.as_deref()?)))
}

fn conflict<'v>(
    field: &FieldDef,
    inside: &str,
    value: &impl Fn(&str) -> Option<&'v Value>,
) -> Option<(StreetCode, DistrictCode)> {
    let street = StreetCode::parse(value(&field.name)?.as_text()?).ok()?;
    let district = DistrictCode::parse(value(inside)?.as_text()?).ok()?;
    (street.district() != district).then_some((street, district))
}
