//! A task as the portal sees it.

use pujiang_transactional::engine::{Decision, Task};
use serde::Serialize;
use utoipa::ToSchema;

use crate::handlers::resource::ChangeView;

/// Something to decide, or decided.
#[derive(Debug, Serialize, ToSchema)]
pub struct TaskView {
    id: String,
    /// `change` or `duplicate`.
    kind: &'static str,
    title: String,
    resource: String,
    resource_title: String,
    record_id: String,
    record_title: Option<String>,
    changes: Vec<ChangeView>,
    reason: Option<String>,
    applicant: String,
    applicant_name: Option<String>,
    applied_at: String,
    /// `open`, `approved`, `refused` or `withdrawn`.
    state: &'static str,
    decided_by: Option<String>,
    decided_by_name: Option<String>,
    decided_at: Option<String>,
    decision_reason: Option<String>,
    /// What the caller may decide.
    decisions: Vec<DecisionView>,
    /// The record that holds the contested number.
    other: Option<OtherView>,
}

/// A decision the caller may take.
#[derive(Debug, Serialize, ToSchema)]
pub struct DecisionView {
    id: &'static str,
    title: &'static str,
    reason_required: bool,
}

/// The other record of a contest.
#[derive(Debug, Serialize, ToSchema)]
pub struct OtherView {
    id: String,
    title: Option<String>,
    district: &'static str,
}

impl From<Task> for TaskView {
    fn from(task: Task) -> Self {
        Self {
            id: task.id,
            kind: task.kind.as_str(),
            title: task.title,
            resource: task.resource,
            resource_title: task.resource_title,
            record_id: task.record_id,
            record_title: task.record_title,
            changes: task.changes.into_iter().map(ChangeView::from).collect(),
            reason: task.reason,
            applicant: task.applicant,
            applicant_name: task.applicant_name,
            applied_at: task.applied_at,
            state: task.state.as_str(),
            decided_by: task.decided_by,
            decided_by_name: task.decided_by_name,
            decided_at: task.decided_at,
            decision_reason: task.decision_reason,
            decisions: task.decisions.into_iter().map(DecisionView::from).collect(),
            other: task.other.map(|other| OtherView {
                id: other.id,
                title: other.title,
                district: other.district,
            }),
        }
    }
}

impl From<Decision> for DecisionView {
    fn from(decision: Decision) -> Self {
        let (title, reason_required) = match decision {
            Decision::Approve => ("通过", false),
            Decision::Refuse => ("退回", true),
            Decision::Withdraw => ("撤回", false),
        };
        Self { id: decision.as_str(), title, reason_required }
    }
}
