//! What may be done with a record in a state: which fields are changed directly, by whom, which only by a reviewed change
//! request, whether it may be deleted, and the sentence that says the right way.

use indexmap::IndexMap;
use pujiang_security::Role;

use super::document::{Choice, Report, Section};
use super::reading::roles;
use super::{FieldDef, ResourceDef};

/// Guard of a state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guard {
    /// Fields that are changed directly, but for those in `review`.
    pub edit: Fields,
    /// Roles that may change them and delete; empty means everyone who may write the record.
    pub editors: Vec<Role>,
    /// Fields that only a reviewed change request changes.
    pub review: Fields,
    /// Whether a record may be deleted.
    pub delete: Deletion,
    /// What to do instead of what is refused.
    pub remedy: String,
}

/// Fields of a resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fields {
    /// Every field people fill in.
    All,
    /// These; perhaps none.
    Only(Vec<String>),
}

/// Whether a record may be deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deletion {
    /// By whoever may write it.
    Free,
    /// With a reason that stays on record.
    Reason,
    /// Not at all.
    Never,
}

impl Fields {
    /// Whether a field is meant.
    pub fn includes(&self, name: &str) -> bool {
        match self {
            Fields::All => true,
            Fields::Only(names) => names.iter().any(|n| n == name),
        }
    }

    /// The names written out; none for all.
    pub(super) fn names(&self) -> &[String] {
        match self {
            Fields::All => &[],
            Fields::Only(names) => names,
        }
    }
}

impl Guard {
    /// Whether a field changes only by a change request.
    pub fn is_reviewed(&self, field: &FieldDef) -> bool {
        let listed = self.edit != Fields::All && self.edit.includes(&field.name);
        !field.readonly && self.review.includes(&field.name) && !listed
    }

    /// Whether a field is changed directly.
    pub fn is_editable(&self, field: &FieldDef) -> bool {
        !field.readonly && self.edit.includes(&field.name) && !self.is_reviewed(field)
    }
}

impl Deletion {
    /// Stable name in definitions and HTTP.
    pub fn as_str(self) -> &'static str {
        match self {
            Deletion::Free => "free",
            Deletion::Reason => "reason",
            Deletion::Never => "never",
        }
    }
}

/// Reads the guard keys of a `[[state]]`.
pub(super) fn guard(
    section: &mut Section<'_, '_>,
    state: &str,
    places: &mut IndexMap<String, usize>,
    report: &mut Report<'_>,
) -> Guard {
    let mut fields = |key: &'static str, absent: Fields, report: &mut Report<'_>| {
        let Some(choice) = section.choice(key, report) else { return absent };
        match choice {
            Choice::All => Fields::All,
            Choice::Of(names) => {
                for name in &names {
                    places.insert(format!("state[{state}].{key}[{}]", name.value), name.offset);
                }
                Fields::Only(names.into_iter().map(|n| n.value).collect())
            }
        }
    };
    let edit = fields("edit", Fields::All, report);
    let review = fields("review", Fields::Only(Vec::new()), report);
    if edit == Fields::All && review == Fields::All {
        report.add(section.offset(), &section.key("review"), "edit 和 review 不能都是 \"all\"");
    }
    let editors = roles(section, "editors", report);
    let delete = match section.text("delete", report) {
        None => Deletion::Free,
        Some(text) => match text.value.as_str() {
            "free" => Deletion::Free,
            "reason" => Deletion::Reason,
            "never" => Deletion::Never,
            _ => {
                report.add(text.offset, &section.key("delete"), "应为 free、reason 或 never");
                Deletion::Never
            }
        },
    };
    let remedy = section.text("remedy", report).map_or_else(String::new, |t| t.value);
    let refuses = edit != Fields::All || delete == Deletion::Never || !editors.is_empty();
    if refuses && remedy.is_empty() {
        let message = "有不能修改或不能删除的内容，须用 remedy 说明该怎么办";
        report.add(section.offset(), &section.key("remedy"), message);
    }
    Guard { edit, editors, review, delete, remedy }
}

/// Names in guards that are no fields people fill in, with the keys they stand under.
pub(super) fn strange_names(def: &ResourceDef) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for state in &def.states {
        for (key, fields) in [("edit", &state.guard.edit), ("review", &state.guard.review)] {
            for name in fields.names() {
                let key = format!("state[{}].{key}[{name}]", state.code);
                if def.field(name).is_none_or(|f| f.readonly) {
                    found.push((key, format!("“{name}”不是本资源可填的字段")));
                }
            }
        }
        for name in state.guard.edit.names().iter().filter(|n| state.guard.review.names().contains(n)) {
            let key = format!("state[{}].review[{name}]", state.code);
            found.push((key, format!("“{name}”同时在 edit 和 review 中，请删去一处")));
        }
    }
    found
}
