//! What a resource is: fields, states, transitions, rules. The TOML files in `resources/` are read by `reading`,
//! checked against each other by `verify`; everything else in this crate works from these types.

mod check;
mod fields;
mod filling;
mod guard;
mod kind;
mod lake;
mod link;
mod loading;
mod reading;
mod rule;
mod scope;
mod verify;
mod workflow;

use std::sync::Arc;

use indexmap::IndexMap;
use pujiang_definition::Places;
use pujiang_security::{MaskKind, RoleId};

pub use filling::{CopyFrom, CopyWhen, DefaultValue};
pub use guard::{Deletion, Fields, Guard};
pub(crate) use lake::DISTRICT;
pub use lake::Lake;
pub use link::Link;
pub use loading::Definitions;
pub use rule::{Comparison, Rule, Term};

/// A resource.
#[derive(Clone, Debug)]
pub struct ResourceDef {
    /// Id, file name, table name and part of the address.
    pub id: String,
    /// Chinese name.
    pub title: String,
    /// What it is, for people.
    pub description: String,
    /// Heading in the portal's menu.
    pub group: String,
    /// Field whose value stands for a record in lists of choices.
    pub display: String,
    /// Fields that say whose a record is; none for reference data everybody reads.
    pub scope: Option<ScopeFields>,
    /// Field with the parent, on the one resource that is the hierarchy of organisations.
    pub parent: Option<String>,
    /// Roles that may write; empty means everyone with the write permission.
    pub write_roles: Vec<RoleId>,
    /// State of a new record.
    pub initial_state: String,
    /// Fields in the order of the form.
    pub fields: IndexMap<String, FieldDef>,
    /// States with what may be done in them.
    pub states: Vec<StateDef>,
    /// Changes of state.
    pub transitions: Vec<Transition>,
    /// Rules over several fields.
    pub checks: Vec<Check>,
    /// Whether its records go to the lake.
    pub lake: Lake,
    /// Fields by which the stock of a day is counted there, beside state and district; none when it is not.
    pub stock: Option<Vec<String>>,
    /// Where the keys of its file stand.
    places: Places,
}

/// Fields that say whose a record is. A grant for which a resource names no field shows none of its records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScopeFields {
    /// The district that owns a record.
    pub district: String,
    /// The street.
    pub street: Option<String>,
    /// The organisation, or `id` where the record is one.
    pub organization: Option<String>,
    /// The person, or `id` where the record is one.
    pub person: Option<String>,
}

/// The name that stands for the record itself in [`ScopeFields`].
pub const OWN_ID: &str = "id";

/// A code with its Chinese name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Code {
    /// Stored value.
    pub code: String,
    /// Shown text.
    pub label: String,
}

/// A state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StateDef {
    /// Stored value.
    pub code: String,
    /// Shown text.
    pub label: String,
    /// What may be done with a record in it.
    pub guard: Guard,
}

/// Who may see a field, and in which form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Visibility {
    /// Anyone.
    Public,
    /// Staff.
    Internal,
    /// Encrypted at rest, masked everywhere else.
    Personal,
    /// Never leaves the store.
    Secret,
}

impl Visibility {
    /// Stable name.
    pub fn as_str(self) -> &'static str {
        match self {
            Visibility::Public => "public",
            Visibility::Internal => "internal",
            Visibility::Personal => "personal",
            Visibility::Secret => "secret",
        }
    }
}

/// What a field holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FieldKind {
    /// Text.
    Text,
    /// 32-bit whole number.
    Int,
    /// 64-bit whole number.
    BigInt,
    /// Decimal number.
    Decimal {
        /// Digits in all.
        precision: u32,
        /// Digits behind the point.
        scale: u32,
    },
    /// Yuan, 12 digits with 2 behind the point.
    Money,
    /// Yes or no.
    Bool,
    /// Day.
    Date,
    /// Moment.
    Timestamp,
    /// One of fixed codes.
    Enum(Vec<Code>),
    /// Id of a record of another resource.
    Ref(String),
    /// Any JSON.
    Json,
}

impl FieldKind {
    /// Stable name in definitions and HTTP.
    pub fn name(&self) -> &'static str {
        match self {
            FieldKind::Text => "text",
            FieldKind::Int => "int",
            FieldKind::BigInt => "bigint",
            FieldKind::Decimal { .. } => "decimal",
            FieldKind::Money => "money",
            FieldKind::Bool => "bool",
            FieldKind::Date => "date",
            FieldKind::Timestamp => "timestamp",
            FieldKind::Enum(_) => "enum",
            FieldKind::Ref(_) => "ref",
            FieldKind::Json => "json",
        }
    }

    /// Whether values have an order with numbers between them.
    pub fn is_number(&self) -> bool {
        matches!(self, FieldKind::Int | FieldKind::BigInt | FieldKind::Decimal { .. } | FieldKind::Money)
    }
}

/// Over which records a value must be unique.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unique {
    /// Over those not deleted.
    Live,
    /// Over all there ever were, for keys that other systems keep.
    Always,
}

/// What happens when a unique value is held by a record that the caller may not see. Neither answer names that record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// The record is stored like any other, and whoever may see both decides between them.
    Review,
    /// It is refused, and few such refusals a day end the choice of own values.
    Limit,
}

/// A known form of text with its own check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextFormat {
    /// 18-digit identity number with check digit.
    IdNumber,
    /// Mobile number of the mainland.
    Mobile,
    /// 18-character unified social credit code.
    CreditCode,
    /// Six-digit code of a present district or of the city.
    District,
    /// Nine-digit code of a present street or town.
    Street,
    /// Any other number or code: equal whatever its case, width and invisible characters.
    Identifier,
    /// Address of a web page.
    Url,
}

/// A pattern with the sentence that explains it.
#[derive(Clone, Debug)]
pub struct Pattern {
    /// The compiled pattern, anchored at both ends.
    pub regex: regex::Regex,
    /// What the value should look like.
    pub hint: String,
}

/// A field.
#[derive(Clone, Debug)]
pub struct FieldDef {
    /// Name in storage, HTTP and the lake.
    pub name: String,
    /// Chinese name.
    pub title: String,
    /// What it holds.
    pub kind: FieldKind,
    /// Who may see it.
    pub visibility: Visibility,
    /// Masked form of a personal field.
    pub mask: MaskKind,
    /// Domain of a personal field's pseudonym; equal domains match across resources and feeds.
    pub token_domain: String,
    /// Must have a value.
    pub required: bool,
    /// Uniqueness.
    pub unique: Option<Unique>,
    /// Set by the system only.
    pub readonly: bool,
    /// Looked through by `q`.
    pub searchable: bool,
    /// Shown in lists.
    pub in_list: bool,
    /// Has an index of its own for sorting and ranges.
    pub indexed: bool,
    /// Must not lie in the future.
    pub not_future: bool,
    /// Earliest day.
    pub not_before: Option<chrono::NaiveDate>,
    /// Roles that may fill it in; empty means everyone who may write the record.
    pub writers: Vec<RoleId>,
    /// Sum it is set to when left empty.
    pub computed: Option<Vec<Term>>,
    /// District field in whose district the street must lie.
    pub inside: Option<String>,
    /// What the record it leads to must be like.
    pub link: Link,
    /// What a value held by a record outside the caller's scope leads to.
    pub taken: Taken,
    /// Heading in the form.
    pub group: String,
    /// What to enter, for people.
    pub help: String,
    /// Value when left empty.
    pub default: Option<DefaultValue>,
    /// Value taken from a referenced record.
    pub copy: Option<CopyFrom>,
    /// Least value.
    pub min: Option<rust_decimal::Decimal>,
    /// Greatest value.
    pub max: Option<rust_decimal::Decimal>,
    /// Longest text in characters.
    pub max_length: usize,
    /// Form of the text.
    pub pattern: Option<Pattern>,
    /// Known form of the text.
    pub format: Option<TextFormat>,
}

impl FieldDef {
    /// Whether it is stored encrypted.
    pub fn is_encrypted(&self) -> bool {
        matches!(self.visibility, Visibility::Personal | Visibility::Secret)
    }

    /// Resource of the record it leads to: as a reference, or as a number found there.
    pub fn target(&self) -> Option<&str> {
        match (&self.kind, &self.link.found_in) {
            (FieldKind::Ref(target), _) | (_, Some((target, _))) => Some(target.as_str()),
            _ => None,
        }
    }
}

/// Whether a transition needs a reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Must be given.
    Required,
    /// May be given.
    Optional,
}

/// A change of state.
#[derive(Clone, Debug)]
pub struct Transition {
    /// Id of the action.
    pub id: String,
    /// Chinese name of the action.
    pub title: String,
    /// States it starts from.
    pub from: Vec<String>,
    /// State it leads to.
    pub to: String,
    /// Roles that may make it.
    pub roles: Vec<RoleId>,
    /// Time fields it sets to now when they are still empty.
    pub sets: Vec<String>,
    /// Fields whose linked records must then be in their states.
    pub requires: Vec<String>,
    /// Whether a reason is needed.
    pub reason: Reason,
}

/// A rule over several fields of a record.
#[derive(Clone, Debug)]
pub struct Check {
    /// Stable code of its error.
    pub id: String,
    /// Field the error is shown at.
    pub field: String,
    /// The rule.
    pub rule: Rule,
    /// What to do when it fails.
    pub message: String,
}

impl ResourceDef {
    /// A field by its name.
    pub fn field(&self, name: &str) -> Option<&FieldDef> {
        self.fields.get(name)
    }

    /// A transition by its id.
    pub fn transition(&self, id: &str) -> Option<&Transition> {
        self.transitions.iter().find(|t| t.id == id)
    }

    /// A state by its code.
    pub fn state(&self, code: &str) -> Option<&StateDef> {
        self.states.iter().find(|s| s.code == code)
    }

    /// Chinese name of a state; the code itself when a stored state left the definition.
    pub fn state_label<'a>(&'a self, code: &'a str) -> &'a str {
        self.state(code).map_or(code, |s| s.label.as_str())
    }

    /// Fields that lead to records of another resource, with its id: references, and numbers found there.
    pub fn links(&self) -> impl Iterator<Item = (&FieldDef, &str)> {
        self.fields.values().filter_map(|f| Some((f, f.target()?)))
    }

    /// Fields that point to another resource, with its id.
    pub fn references(&self) -> impl Iterator<Item = (&FieldDef, &str)> {
        self.fields.values().filter_map(|f| match &f.kind {
            FieldKind::Ref(target) => Some((f, target.as_str())),
            _ => None,
        })
    }
}

/// A definition shared by the parts of the engine.
pub(crate) type SharedResource = Arc<ResourceDef>;
