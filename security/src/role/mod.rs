//! What a person is employed as: a definition, `security/roles/<id>.toml`, that says which permissions go with it. Which
//! rows they are used on is `scope`. Reading one file is in `read`, all of them together are in `set`.

mod granting;
mod read;
mod set;

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use crate::assignment::AssignmentKind;
use crate::permission::{Duty, Permission};

pub use granting::GrantProblem;
pub use set::Roles;
pub(crate) use set::lost_title;

/// Id of a role as it is stored and named by definitions. It need not name one that there is: such a role gives nothing.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RoleId(Arc<str>);

impl RoleId {
    /// The id.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for RoleId {
    fn from(text: &str) -> Self {
        Self(text.into())
    }
}

impl From<String> for RoleId {
    fn from(text: String) -> Self {
        Self(text.into())
    }
}

impl fmt::Display for RoleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A role. Only reading a definition makes one. Ordered as lists show them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Role {
    order: u32,
    id: RoleId,
    title: String,
    description: String,
    permissions: BTreeSet<Permission>,
    assignments: BTreeSet<AssignmentKind>,
    separate_from: BTreeSet<RoleId>,
    first_account: bool,
}

impl Role {
    /// Id = file name.
    pub fn id(&self) -> &RoleId {
        &self.id
    }

    /// Chinese name for people.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// What it is for, in words.
    pub fn description(&self) -> &str {
        &self.description
    }

    /// What the role may do.
    pub fn permissions(&self) -> &BTreeSet<Permission> {
        &self.permissions
    }

    /// Which kinds of rows may be granted beside it.
    pub fn assignments(&self) -> &BTreeSet<AssignmentKind> {
        &self.assignments
    }

    /// Roles the same person must not have, as this file says; the other one's file may say it instead.
    pub fn separate_from(&self) -> &BTreeSet<RoleId> {
        &self.separate_from
    }

    /// Whether the role gives sight of data.
    pub fn reads_data(&self) -> bool {
        self.permissions.iter().any(|permission| permission.reads_data())
    }

    /// Whether one of its permissions is about business data, which is seen only by assignment.
    fn is_of_business(&self) -> bool {
        self.permissions.iter().any(|permission| permission.duty() == Duty::Business)
    }
}
