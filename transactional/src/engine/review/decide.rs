//! Deciding: by somebody else than the applicant, who sees every record concerned. An approved change makes all checks again,
//! as the records are now.

use pujiang_security::Principal;
use serde_json::{Map, Value as Json, json};

use super::super::contest::{Claim, duplicate};
use super::super::journal::Change;
use super::super::update::Changed;
use super::super::{ResourceEngine, may_touch, reason};
use super::list::may_decide;
use super::request::{context, seen};
use super::row::Decided;
use super::{Decision, Task, TaskKind, TaskRow, TaskState, to_json};
use crate::audit;
use crate::clock::Moment;
use crate::definition::{FieldDef, ResourceDef};
use crate::error::{Error, FieldError};
use crate::record::StoredRecord;
use crate::store::{Bind, WriteTransaction};
use crate::validate::Draft;

/// Values of a record by the names of their fields.
type Values = Map<String, Json>;

/// Who decides what about which record.
struct Case<'a> {
    principal: &'a Principal,
    def: &'a ResourceDef,
    task: &'a TaskRow,
    before: StoredRecord,
    now: Moment,
}

impl ResourceEngine {
    /// Decides a task; the task afterwards.
    pub async fn decide(
        &self,
        principal: &Principal,
        task: &str,
        decision: Decision,
        reason: Option<&str>,
    ) -> Result<Task, Error> {
        let absent = || Error::NotFound { title: "待办".into() };
        let id = uuid::Uuid::parse_str(task).map_err(|_| absent())?.hyphenated().to_string();
        let now = self.clock.now();
        let mut tx = self.begin().await?;
        let mut found = TaskRow::find(tx.connection(), "WHERE id = $1", vec![Bind::text(&id)]).await?;
        let task = found.pop().ok_or_else(absent)?;
        // What the caller may not see does not exist.
        let shown = self.task(tx.connection(), principal, task.clone()).await?.ok_or_else(absent)?;
        if task.state != TaskState::Open {
            let message = "这项待办已经办结，请刷新";
            return Err(Error::Conflict(FieldError::new("state", "already_decided", message)));
        }
        if !may_touch(principal) || !shown.decisions.contains(&decision) {
            return Err(Error::Forbidden { detail: refusal(principal, &task, decision) });
        }
        let reason = match decision {
            Decision::Refuse => Some(reason::required(reason, "退回")?),
            _ => reason::checked(reason)?,
        };
        let def = self.resource(&task.resource)?;
        let before = self.for_change(&mut tx, principal, def, &task.record_id).await?;
        let case = Case { principal, def, task: &task, before, now };
        match (decision, task.kind) {
            (Decision::Approve, TaskKind::Change) => self.approve_change(&mut tx, &case).await?,
            (Decision::Approve, TaskKind::Duplicate) => {
                self.settle_duplicate(&mut tx, &case, reason.as_deref()).await?;
            }
            _ => told(&mut tx, &case, decision, reason.as_deref()).await?,
        }
        let decided = Decided {
            state: decision.state(),
            account_id: principal.account_id(),
            account: principal.account(),
            at: now,
            reason: reason.as_deref(),
        };
        if !task.end(&mut tx, decided).await? {
            let message = "这项待办刚被他人办结，请刷新";
            return Err(Error::Conflict(FieldError::new("state", "already_decided", message)));
        }
        let ended = TaskRow::find(tx.connection(), "WHERE id = $1", vec![Bind::text(&id)]).await?.pop();
        let shown = self.task(tx.connection(), principal, ended.ok_or_else(absent)?).await?;
        tx.commit().await.map_err(|source| Error::Store { operation: "commit a decision", source })?;
        shown.ok_or_else(absent)
    }

    async fn approve_change(&self, tx: &mut WriteTransaction, case: &Case<'_>) -> Result<(), Error> {
        let Case { principal, def, task, before, now } = case;
        let (body, noted) = self.asked(task)?;
        let fields: Vec<&FieldDef> = body.keys().filter_map(|name| def.field(name)).collect();
        let stale = |message: &str| Err(Error::Conflict(FieldError::new("id", "stale_request", message)));
        if noted != seen(&fields, &before.for_lake(def)) {
            return stale("申请之后记录已有改动，请退回，由申请人按现在的内容重新申请");
        }
        let open = def.state(&before.state).is_none_or(|state| {
            fields.iter().all(|f| state.guard.is_reviewed(f) || state.guard.is_editable(f))
        });
        if !open {
            return stale("记录现在的状态不能变更这些内容，请退回");
        }
        let Changed { draft, mut after } = self.changed(tx, principal, def, before, &body, *now).await?;
        if draft.is_empty() {
            return Ok(());
        }
        if let Claim::Taken(field) =
            self.claim_changed(tx, principal, def, before, &draft, &mut after, *now).await?
        {
            let title = def.field(&field).map_or(field.as_str(), |f| f.title.as_str());
            return Err(duplicate(&field, title));
        }
        let reason = format!("{}（申请人 {}）", task.reason.as_deref().unwrap_or_default(), task.applicant);
        let change = Change {
            def,
            principal,
            action: "approve_change",
            reason: Some(&reason),
            at: *now,
            before: Some(before),
            after: Some(&after),
        };
        self.write_changed(tx, &draft, change).await
    }

    /// The values asked for, and what the applicant saw.
    fn asked(&self, task: &TaskRow) -> Result<(Values, Values), Error> {
        let damaged = || Error::Damaged {
            place: "review_task.sealed".into(),
            reason: "the values asked for cannot be opened".into(),
        };
        let sealed = task.sealed.as_deref().ok_or_else(damaged)?;
        let text = self.cipher.decrypt(&context(&task.id), sealed).map_err(|_| damaged())?;
        let asked: Json = serde_json::from_str(&text).map_err(|_| damaged())?;
        let part = |key: &str| asked.get(key).and_then(Json::as_object).cloned().ok_or_else(damaged);
        Ok((part("body")?, part("seen")?))
    }

    /// The contested record takes the value over; the one that held it is the contested one from now on.
    async fn settle_duplicate(
        &self,
        tx: &mut WriteTransaction,
        case: &Case<'_>,
        reason: Option<&str>,
    ) -> Result<(), Error> {
        let Case { principal, def, before, now, .. } = case;
        let Some(field) = before.contested.clone() else { return Ok(()) };
        let held = match def.field(&field) {
            Some(field) => self.holder(tx.connection(), def, field, before).await?,
            None => None,
        };
        // The holder first: two records never hold the value at the same time.
        let mut steps = Vec::new();
        if let Some(holder) = held {
            steps.push((self.for_change(tx, principal, def, &holder).await?, Some(field)));
        }
        steps.push((before.clone(), None));
        for (before, contested) in steps {
            let mut after = before.clone();
            after.contested = contested;
            after.version += 1;
            after.updated_at = *now;
            principal.account().clone_into(&mut after.updated_by);
            let change = Change {
                def,
                principal,
                action: "settle_duplicate",
                reason,
                at: *now,
                before: Some(&before),
                after: Some(&after),
            };
            self.write_changed(tx, &Draft::new(), change).await?;
        }
        Ok(())
    }
}

/// A decision that leaves the record as it is goes on record all the same.
async fn told(
    tx: &mut WriteTransaction,
    case: &Case<'_>,
    decision: Decision,
    reason: Option<&str>,
) -> Result<(), Error> {
    let record = (case.def.id.as_str(), case.before.id.as_str());
    let (action, (kind, id)) = match (case.task.kind, decision) {
        (TaskKind::Change, Decision::Withdraw) => ("withdraw_change", record),
        (TaskKind::Change, _) => ("refuse_change", record),
        (TaskKind::Duplicate, _) => ("refuse_duplicate", ("review_task", case.task.id.as_str())),
    };
    let entry = audit::Entry {
        action: action.into(),
        target_type: kind.to_owned(),
        target_id: id.to_owned(),
        after: Some(json!({"task": case.task.id, "changes": to_json(&case.task.changes)})),
        reason: reason.map(str::to_owned),
        ..audit::Entry::of(case.principal)
    };
    audit::append(tx, &case.now, entry).await
}

fn refusal(principal: &Principal, task: &TaskRow, decision: Decision) -> String {
    let own = task.applicant_id == principal.account_id();
    match decision {
        Decision::Withdraw => "只有申请人可以撤回申请",
        _ if own && may_decide(principal) => "不能审核自己提交的申请，请由另一位市级人员审核",
        _ => "只有市级人员可以审核申请",
    }
    .to_owned()
}
