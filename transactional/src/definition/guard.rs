//! What may be done with a record in a state: which fields are changed directly, by whom, which only by a reviewed change
//! request, whether it may be deleted, and the sentence that says the right way.

use indexmap::IndexMap;
use pujiang_definition::{At, Section};
use pujiang_security::RoleId;

use super::FieldDef;
use super::reading::{roles, values, written};

/// Guard of a state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guard {
    /// Fields that are changed directly, but for those in `review`.
    pub edit: Fields,
    /// Roles that may change them and delete; empty means everyone who may write the record.
    pub editors: Vec<RoleId>,
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

/// Which of some names are meant.
enum Choice {
    All,
    Of(Vec<At<String>>),
}

impl Choice {
    /// The names written out; none for all.
    fn names(&self) -> &[At<String>] {
        match self {
            Choice::All => &[],
            Choice::Of(names) => names,
        }
    }

    fn fields(self) -> Fields {
        match self {
            Choice::All => Fields::All,
            Choice::Of(names) => Fields::Only(values(names)),
        }
    }
}

/// Reads the guard keys of a `[[state]]`.
pub(super) fn guard(section: &Section<'_>, own: &IndexMap<String, FieldDef>) -> Guard {
    let edit = choice(section, "edit").unwrap_or(Choice::All);
    let review = choice(section, "review").unwrap_or(Choice::Of(Vec::new()));
    check_names(section, &edit, &review, own);
    let (edit, review) = (edit.fields(), review.fields());
    if edit == Fields::All && review == Fields::All {
        section.wrong("review", "edit 和 review 不能都是 \"all\"");
    }
    let editors = roles(section, "editors");
    let deletions = [Deletion::Free, Deletion::Reason, Deletion::Never].map(|one| (one.as_str(), one));
    let delete = section.word("delete", &deletions).unwrap_or(Deletion::Free);
    let remedy = written(section.text("remedy"));
    let refuses = edit != Fields::All || delete == Deletion::Never || !editors.is_empty();
    if refuses && !section.has("remedy") {
        section.wrong("remedy", "有不能修改或不能删除的内容，须用 remedy 说明该怎么办");
    }
    Guard { edit, editors, review, delete, remedy }
}

/// `"all"`, `"none"` or a list of names; none when the key is not written or says something else.
fn choice(section: &Section<'_>, key: &'static str) -> Option<Choice> {
    if section.is_list(key) {
        return section.texts(key).map(Choice::Of);
    }
    let word = section.text(key)?;
    match word.value.as_str() {
        "all" => Some(Choice::All),
        "none" => Some(Choice::Of(Vec::new())),
        _ => {
            section.wrong_at(&word, "应为 \"all\"、\"none\" 或字段名的数组");
            None
        }
    }
}

/// Notes names that are no fields people fill in, and those that stand in both lists.
fn check_names(section: &Section<'_>, edit: &Choice, review: &Choice, own: &IndexMap<String, FieldDef>) {
    for name in edit.names().iter().chain(review.names()) {
        if own.get(&name.value).is_none_or(|field| field.readonly) {
            section.wrong_at(name, format!("“{}”不是本资源可填的字段", name.value));
        }
    }
    for name in review.names() {
        if edit.names().iter().any(|other| other.value == name.value) {
            section.wrong_at(name, format!("“{}”同时在 edit 和 review 中，请删去一处", name.value));
        }
    }
}
