//! What a table definition says about finer access: the columns a scope finds its rows by, the hierarchy of
//! organisations, and how columns are shown to which role. Only reads and checks; `access` acts on it.

use std::collections::BTreeMap;

use pujiang_security::{ColumnPolicy, MaskForm, Role, Treatment};

use super::section::{At, Section};
use super::{ColumnType, TableKind};

/// Columns that a scope finer than a district finds its rows by. A grant without a column shows no row of the table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ScopeColumns {
    /// Code of the street a row belongs to.
    pub street: Option<String>,
    /// Id of the organisation a row belongs to.
    pub organization: Option<String>,
    /// Id of the person a row belongs to.
    pub person: Option<String>,
}

/// How columns are shown, by column; a column without a policy is shown as it is.
pub type Policies = BTreeMap<String, ColumnPolicy>;

/// What is known of the rest of the file when these sections are checked.
pub(super) struct Known<'a> {
    pub kind: Option<TableKind>,
    /// Names and types of the columns, as far as they could be read.
    pub columns: Vec<(&'a str, Option<ColumnType>)>,
    /// Columns that everybody must see as they are: key, version, time, district.
    pub plain: Vec<&'a str>,
}

impl Known<'_> {
    fn text(&self, name: &str) -> bool {
        self.columns.iter().any(|(n, kind)| *n == name && kind.is_none_or(|k| k == ColumnType::Text))
    }

    fn has(&self, name: &str) -> bool {
        self.columns.iter().any(|(n, _)| *n == name)
    }

    fn demand_text(&self, section: &Section<'_, '_>, key: &str, found: Option<At<String>>) -> Option<String> {
        let found = found?;
        if !self.text(&found.value) {
            let message = format!("{} must be one of the text columns", found.value);
            section.report().add(found.span.clone(), key, message);
        }
        Some(found.value)
    }
}

/// Reads `[scope]`.
pub(super) fn scope(root: &Section<'_, '_>, known: &Known<'_>) -> ScopeColumns {
    let Some(section) = root.optional_section("scope") else { return ScopeColumns::default() };
    if known.kind == Some(TableKind::Reference) {
        section.report().add(section.span(), "scope", "a reference table is for everybody; remove [scope]");
    }
    let columns = ScopeColumns {
        street: known.demand_text(&section, "street", section.text("street")),
        organization: known.demand_text(&section, "organization", section.text("organization")),
        person: known.demand_text(&section, "person", section.text("person")),
    };
    section.finish();
    columns
}

/// Reads `[tree]`: the column that names the parent of a row of this table.
pub(super) fn parent(root: &Section<'_, '_>, known: &Known<'_>) -> Option<String> {
    let section = root.optional_section("tree")?;
    let parent = known.demand_text(&section, "parent", section.required_text("parent"));
    section.finish();
    parent
}

/// Reads all `[[mask]]`.
pub(super) fn policies(root: &Section<'_, '_>, known: &Known<'_>) -> Policies {
    let mut policies = Policies::new();
    for section in root.sections("mask") {
        let column = section.required_text("column");
        let policy = policy(&section);
        section.finish();
        let (Some(column), Some(policy)) = (column, policy) else { continue };
        let name = column.value.as_str();
        let wrong = |message: String| section_error(root, &column, message);
        let shapes =
            policy.treatments().any(|t| matches!(t, Treatment::Masked(_) | Treatment::Pseudonymised));
        if !known.has(name) {
            wrong(format!("{name} is no column of this table"));
        } else if known.plain.contains(&name) {
            wrong(format!("{name} is the key, version, time or district: everybody sees it as it is"));
        } else if shapes && !known.text(name) {
            wrong(format!("{name} is no text: it can only be clear or hidden"));
        }
        if policies.insert(name.to_owned(), policy).is_some() {
            wrong(format!("{name} has two [[mask]] sections"));
        }
    }
    policies
}

fn section_error(root: &Section<'_, '_>, column: &At<String>, message: String) {
    root.report().add(column.span.clone(), "column", message);
}

fn policy(section: &Section<'_, '_>) -> Option<ColumnPolicy> {
    let report = section.report();
    let form = section.text("form").and_then(|form| {
        let known = form.value.parse::<MaskForm>().ok();
        if known.is_none() {
            let forms = MaskForm::ALL.map(MaskForm::as_str).join(", ");
            report.add(form.span, "form", format!("`{}` is no form; use {forms}", form.value));
        }
        known
    });
    let treatment = |key: &'static str, text: At<String>| {
        let read = match text.value.as_str() {
            "clear" => Ok(Treatment::Clear),
            "masked" => form.map(Treatment::Masked).ok_or("masked needs a form; add `form = …`"),
            "pseudonymised" => Ok(Treatment::Pseudonymised),
            "hidden" => Ok(Treatment::Hidden),
            _ => Err("use clear, masked, pseudonymised or hidden"),
        };
        read.map_err(|message| report.add(text.span, key, message)).ok()
    };
    let otherwise = section.required_text("otherwise").and_then(|text| treatment("otherwise", text));
    let mut per_role = BTreeMap::new();
    for role in Role::ALL {
        if let Some(shown) = section.text(role.as_str()).and_then(|text| treatment(role.as_str(), text)) {
            per_role.insert(role, shown);
        }
    }
    Some(ColumnPolicy { per_role, otherwise: otherwise? })
}
