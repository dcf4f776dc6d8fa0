//! The form in which records of a resource leave the operational store for the lake. The room of resources says it; those
//! of tables and feeds, which do not know that room, make a table and a stream of it. What a value that must not leave
//! would be called has no word here.

use std::collections::{BTreeMap, BTreeSet};

use super::error::{DefinitionError, Places};

/// What a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LakeValueKind {
    /// Text, codes, ids, JSON.
    Text,
    /// Whole number.
    Integer,
    /// Number with a fixed point.
    Decimal {
        /// Digits in all.
        precision: u8,
        /// Digits behind the point.
        scale: u8,
    },
    /// True or false.
    Boolean,
    /// Day.
    Date,
    /// Moment.
    Timestamp,
}

/// Who may see a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LakeVisibility {
    /// Anyone.
    Public,
    /// Staff.
    Internal,
    /// A mask or pseudonym of something personal.
    Personal,
}

/// What a column is to the record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LakePart {
    /// Identifies it; always there.
    Key,
    /// District that owns it; always there.
    District,
    /// Counts its changes; always there.
    Version,
    /// When it was made.
    Made,
    /// When it last changed: bookkeeping.
    Changed,
    /// Anything else.
    Value,
}

/// One column of the form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LakeColumn {
    /// Name in the event and in the lake.
    pub name: String,
    /// Chinese title.
    pub title: String,
    /// What its values are.
    pub kind: LakeValueKind,
    /// Who may see them.
    pub visibility: LakeVisibility,
    /// What it is to the record.
    pub part: LakePart,
}

/// Columns by which grants finer than a district find a record.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LakeOwners {
    /// Code of the street.
    pub street: Option<String>,
    /// Id of the organisation.
    pub organization: Option<String>,
    /// Id of the person.
    pub person: Option<String>,
}

/// The form of one resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LakeForm {
    /// Id of the resource.
    pub resource: String,
    /// Chinese name.
    pub title: String,
    /// What a record is.
    pub description: String,
    /// Columns in order; one of them is [`LakePart::District`] unless everybody may see every record.
    pub columns: Vec<LakeColumn>,
    /// Finer grants.
    pub owners: LakeOwners,
    /// Column with the id of the record above, on the hierarchy of organisations.
    pub parent: Option<String>,
    /// Columns by which the stock of a day is counted, beside state and district; none when it is not.
    pub stock: Option<Vec<String>>,
    /// Where the keys of the resource's file stand.
    pub places: Places,
}

impl LakeForm {
    /// The column of that name.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&LakeColumn> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// A mistake at a key of the resource's file.
    #[must_use]
    pub fn error(&self, key: &str, message: impl Into<String>) -> DefinitionError {
        self.places.error(key, message)
    }
}

/// The forms of all resources.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LakeForms {
    forms: BTreeMap<String, LakeForm>,
    withheld: BTreeSet<String>,
}

impl LakeForms {
    /// These forms; `withheld` are the resources that stay in the operational store.
    #[must_use]
    pub fn new(forms: impl IntoIterator<Item = LakeForm>, withheld: BTreeSet<String>) -> Self {
        let forms = forms.into_iter().map(|form| (form.resource.clone(), form)).collect();
        Self { forms, withheld }
    }

    /// Those whose files have no mistake: what is wrong in itself would be found wrong again by whoever builds on it.
    #[must_use]
    pub fn sound(mut self, errors: &[DefinitionError]) -> Self {
        self.forms.retain(|_, form| errors.iter().all(|error| error.file != form.places.file()));
        self
    }

    /// The form of a resource.
    #[must_use]
    pub fn of(&self, resource: &str) -> Option<&LakeForm> {
        self.forms.get(resource)
    }

    /// Whether a resource stays in the operational store.
    #[must_use]
    pub fn withholds(&self, resource: &str) -> bool {
        self.withheld.contains(resource)
    }

    /// All forms in the order of their resources.
    pub fn all(&self) -> impl Iterator<Item = &LakeForm> {
        self.forms.values()
    }
}
