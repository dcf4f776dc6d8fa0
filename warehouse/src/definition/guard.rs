//! What a table definition says about finer access: the columns a scope finds its rows by, the hierarchy of
//! organisations, and how columns are shown to which role. Only reads and checks; `access` acts on it.

use std::collections::BTreeMap;

use pujiang_definition::{At, ROLES, Section};
use pujiang_security::{ColumnPolicy, MaskForm, RoleId, Treatment};

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
        self.is(name, &[ColumnType::Text])
    }

    /// Whether there is such a column; one whose type could not be read fits everything.
    pub(super) fn is(&self, name: &str, wanted: &[ColumnType]) -> bool {
        self.columns.iter().any(|(n, kind)| *n == name && kind.is_none_or(|k| wanted.contains(&k)))
    }

    fn has(&self, name: &str) -> bool {
        self.columns.iter().any(|(n, _)| *n == name)
    }

    fn demand_text(&self, section: &Section<'_>, found: Option<At<String>>) -> Option<String> {
        let found = found?;
        if !self.text(&found.value) {
            section
                .wrong_at(&found, format!("“{}”不是本表的文字列，请改成 type = \"text\" 的列", found.value));
        }
        Some(found.value)
    }

    /// What is wrong with treating a column like this.
    fn unfit(&self, column: &str, policy: &ColumnPolicy) -> Option<String> {
        let shapes =
            policy.treatments().any(|t| matches!(t, Treatment::Masked(_) | Treatment::Pseudonymised));
        if !self.has(column) {
            Some(format!("本表没有列“{column}”，请改成表中的列"))
        } else if self.plain.contains(&column) {
            Some(format!("“{column}”是主键、版本、时间或所属区，人人看到原值，请删去这个 [[mask]]"))
        } else if shapes && !self.text(column) {
            Some(format!("“{column}”不是文字列，只能写 clear 或 hidden"))
        } else {
            None
        }
    }
}

/// Reads `[scope]`.
pub(super) fn scope(root: &Section<'_>, known: &Known<'_>) -> ScopeColumns {
    let Some(section) = root.table("scope") else { return ScopeColumns::default() };
    if known.kind == Some(TableKind::Reference) {
        root.wrong("scope", "kind = \"reference\" 的数据表人人可看，请删去 [scope]");
    }
    let columns = ScopeColumns {
        street: known.demand_text(&section, section.text("street")),
        organization: known.demand_text(&section, section.text("organization")),
        person: known.demand_text(&section, section.text("person")),
    };
    section.finish();
    columns
}

/// Reads `[tree]`: the column that names the parent of a row of this table.
pub(super) fn parent(root: &Section<'_>, known: &Known<'_>) -> Option<String> {
    let section = root.table("tree")?;
    let parent = known.demand_text(&section, section.required_text("parent"));
    section.finish();
    parent
}

/// Reads all `[[mask]]`.
pub(super) fn policies(root: &Section<'_>, known: &Known<'_>) -> Policies {
    let mut policies = Policies::new();
    for section in root.tables("mask") {
        let column = section.required_text("column");
        let policy = policy(&section);
        section.finish();
        let (Some(column), Some(policy)) = (column, policy) else { continue };
        if let Some(message) = known.unfit(&column.value, &policy) {
            section.wrong_at(&column, message);
        }
        if policies.insert(column.value.clone(), policy).is_some() {
            section.wrong_at(&column, format!("“{}”已有 [[mask]]，请删去一处", column.value));
        }
    }
    policies
}

fn policy(section: &Section<'_>) -> Option<ColumnPolicy> {
    let form = section.word("form", &MaskForm::ALL.map(|form| (form.as_str(), form)));
    // What is masked without a form is a word that stands for no treatment.
    let words = [
        ("clear", Some(Treatment::Clear)),
        ("masked", form.map(Treatment::Masked)),
        ("pseudonymised", Some(Treatment::Pseudonymised)),
        ("hidden", Some(Treatment::Hidden)),
    ];
    let treatment = |key: &str, found: Option<Option<Treatment>>| {
        if matches!(found, Some(None)) && !section.has("form") {
            section.wrong(key, "masked 要写明脱敏形式，请补上 form，例如 form = \"name\"");
        }
        found.flatten()
    };
    let otherwise = treatment("otherwise", section.required_word("otherwise", &words));
    let mut per_role = BTreeMap::new();
    // Every other key is a role.
    for (role, shown) in section.words_by_id(&ROLES, &words) {
        if let Some(shown) = treatment(&role.value, Some(shown)) {
            per_role.insert(RoleId::from(role.value.as_str()), shown);
        }
    }
    Some(ColumnPolicy { per_role, otherwise: otherwise? })
}
