//! What somebody else decides: changes of records whose state asks for a review, and unique values that two records hold.
//! A request says in words what would change; the values themselves are sealed until the decision.

mod decide;
mod list;
mod request;
mod row;

use serde_json::{Map, Value as Json, json};

use super::words::FieldChange;

pub use list::{Task, TaskList};
pub(super) use row::TaskRow;

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TaskKind {
    /// A change of a record.
    Change,
    /// Which of two records holds a unique value.
    Duplicate,
}

/// How far it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TaskState {
    /// Waits for a decision.
    Open,
    /// It was done.
    Approved,
    /// It was not.
    Refused,
    /// The applicant took it back, or there is nothing left to decide.
    Withdrawn,
}

/// What is decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Do it.
    Approve,
    /// Do not.
    Refuse,
    /// Take one's own request back.
    Withdraw,
}

impl TaskKind {
    /// Stable name.
    pub fn as_str(self) -> &'static str {
        match self {
            TaskKind::Change => "change",
            TaskKind::Duplicate => "duplicate",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        [TaskKind::Change, TaskKind::Duplicate].into_iter().find(|k| k.as_str() == text)
    }
}

impl TaskState {
    /// Stable name.
    pub fn as_str(self) -> &'static str {
        match self {
            TaskState::Open => "open",
            TaskState::Approved => "approved",
            TaskState::Refused => "refused",
            TaskState::Withdrawn => "withdrawn",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        use TaskState::{Approved, Open, Refused, Withdrawn};
        [Open, Approved, Refused, Withdrawn].into_iter().find(|s| s.as_str() == text)
    }
}

impl Decision {
    /// Reads the name used in addresses.
    pub fn parse(text: &str) -> Option<Self> {
        use Decision::{Approve, Refuse, Withdraw};
        [Approve, Refuse, Withdraw].into_iter().find(|d| d.as_str() == text)
    }

    /// Stable name.
    pub fn as_str(self) -> &'static str {
        match self {
            Decision::Approve => "approve",
            Decision::Refuse => "refuse",
            Decision::Withdraw => "withdraw",
        }
    }

    fn state(self) -> TaskState {
        match self {
            Decision::Approve => TaskState::Approved,
            Decision::Refuse => TaskState::Refused,
            Decision::Withdraw => TaskState::Withdrawn,
        }
    }
}

/// Entries of the audit log that tell of a request; what they change is said in words.
const TOLD: [(&str, &str); 3] =
    [("request_change", "申请变更"), ("refuse_change", "退回变更申请"), ("withdraw_change", "撤回变更申请")];
/// Entries that changed the record itself.
const DONE: [(&str, &str); 2] = [("approve_change", "变更审核通过"), ("settle_duplicate", "核定重复登记")];

/// The words of an action of review.
pub(super) fn title_of(action: &str) -> Option<&'static str> {
    TOLD.iter().chain(&DONE).find(|(known, _)| *known == action).map(|(_, title)| *title)
}

/// Whether an entry tells of a request and not of a change.
pub(super) fn is_told(action: &str) -> bool {
    TOLD.iter().any(|(known, _)| *known == action)
}

/// The changes an entry about a request names.
pub(super) fn told_changes(after: Option<&Map<String, Json>>) -> Vec<FieldChange> {
    after.and_then(|after| after.get("changes")).map(from_json).unwrap_or_default()
}

fn to_json(changes: &[FieldChange]) -> Json {
    let one = |c: &FieldChange| json!({"field": c.field, "title": c.title, "from": c.from, "to": c.to});
    Json::Array(changes.iter().map(one).collect())
}

fn from_json(changes: &Json) -> Vec<FieldChange> {
    let text = |one: &Json, key: &str| one.get(key).and_then(Json::as_str).map(str::to_owned);
    let one = |one: &Json| FieldChange {
        field: text(one, "field").unwrap_or_default(),
        title: text(one, "title").unwrap_or_default(),
        from: text(one, "from"),
        to: text(one, "to"),
    };
    changes.as_array().map(|all| all.iter().map(one).collect()).unwrap_or_default()
}
