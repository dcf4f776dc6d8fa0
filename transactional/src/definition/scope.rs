//! `scope`: the fields that say whose a record is. Those of district and street belong to the resource alone and are checked
//! here; where organisation and person lead is seen by `verify`.

use indexmap::IndexMap;
use pujiang_definition::{At, Section};

use super::reading::written;
use super::{FieldDef, FieldKind, ScopeFields, TextFormat};

/// `scope = "none"`, `scope = "<district field>"`, or a table that names the fields of finer grants as well.
pub(super) fn scope(top: &Section<'_>, fields: &IndexMap<String, FieldDef>) -> Option<ScopeFields> {
    if top.is_table("scope") {
        return finer(&top.table("scope")?, fields);
    }
    let district = top.required_text("scope")?;
    if district.value == "none" {
        return None;
    }
    check_district(top, &district, fields);
    Some(ScopeFields { district: district.value, street: None, organization: None, person: None })
}

fn finer(section: &Section<'_>, fields: &IndexMap<String, FieldDef>) -> Option<ScopeFields> {
    let district = section.required_text("district");
    if let Some(district) = &district {
        check_district(section, district, fields);
    }
    let street = section.text("street");
    if let Some(street) = &street
        && clear(fields, &street.value).is_none_or(|field| field.kind != FieldKind::Text)
    {
        let message = format!("“{}”须是本资源未加密的 text 字段（9 位街镇代码）", street.value);
        section.wrong_at(street, message);
    }
    let organization = section.text("organization").map(|field| field.value);
    let person = section.text("person").map(|field| field.value);
    section.finish();
    Some(ScopeFields {
        district: written(district),
        street: street.map(|field| field.value),
        organization,
        person,
    })
}

fn check_district(section: &Section<'_>, district: &At<String>, fields: &IndexMap<String, FieldDef>) {
    let fits = |field: &FieldDef| {
        field.required && field.format == Some(TextFormat::District) && field.kind == FieldKind::Text
    };
    if !clear(fields, &district.value).is_some_and(fits) {
        let name = &district.value;
        section
            .wrong_at(district, format!("“{name}”须是本资源的必填 text 字段，并写明 format = \"district\""));
    }
}

fn clear<'f>(fields: &'f IndexMap<String, FieldDef>, name: &str) -> Option<&'f FieldDef> {
    fields.get(name).filter(|field| !field.is_encrypted())
}
