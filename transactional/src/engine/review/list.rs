//! Tasks as people see them: to decide, asked for, decided. Only about records in the reader's scope.

use std::collections::BTreeSet;

use pujiang_security::district::{DistrictCode, name_of};
use pujiang_security::{Permission, Principal};
use sqlx::AnyConnection;

use super::super::ResourceEngine;
use super::super::words::FieldChange;
use super::{Decision, TaskKind, TaskRow, TaskState};
use crate::definition::ResourceDef;
use crate::error::Error;
use crate::record::StoredRecord;
use crate::store::{Bind, fetch_optional};

/// Tasks shown at once.
const MOST: usize = 200;

/// Which tasks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TaskList {
    /// Waiting for the reader's decision, the oldest first.
    Todo,
    /// Asked for by the reader, the newest first.
    Started,
    /// Decided by the reader, the newest first.
    Done,
}

/// A task with the names people know things by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Task {
    /// Its id.
    pub id: String,
    /// What is asked for.
    pub kind: TaskKind,
    /// The same in words.
    pub title: String,
    /// Kind of record.
    pub resource: String,
    /// Chinese name of that kind.
    pub resource_title: String,
    /// The record.
    pub record_id: String,
    /// What it is called; none when it is gone or out of scope.
    pub record_title: Option<String>,
    /// What would change.
    pub changes: Vec<FieldChange>,
    /// Why it is asked for.
    pub reason: Option<String>,
    /// Login name of the applicant.
    pub applicant: String,
    /// Name of the applicant.
    pub applicant_name: Option<String>,
    /// When, RFC 3339.
    pub applied_at: String,
    /// How far it is.
    pub state: TaskState,
    /// Login name of who decided.
    pub decided_by: Option<String>,
    /// Name of who decided.
    pub decided_by_name: Option<String>,
    /// When, RFC 3339.
    pub decided_at: Option<String>,
    /// Why it was decided so.
    pub decision_reason: Option<String>,
    /// What the reader may decide.
    pub decisions: Vec<Decision>,
    /// The record that holds the contested value.
    pub other: Option<Other>,
}

/// The other record of a contest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Other {
    /// Its id.
    pub id: String,
    /// What it is called.
    pub title: Option<String>,
    /// Its district in words.
    pub district: &'static str,
}

impl ResourceEngine {
    /// Tasks of a list.
    pub async fn tasks(&self, principal: &Principal, list: TaskList) -> Result<Vec<Task>, Error> {
        let me = || vec![Bind::text(principal.account_id())];
        let condition = match list {
            TaskList::Todo if !may_decide(principal) => return Ok(Vec::new()),
            TaskList::Todo => "WHERE state = 'open' AND applicant_id <> $1 ORDER BY applied_at, id",
            // A contest is told only by a refusal: before that, the record is one like any other.
            TaskList::Started => {
                "WHERE applicant_id = $1 AND (kind = 'change' OR state = 'refused') ORDER BY applied_at DESC, id DESC"
            }
            TaskList::Done => "WHERE decided_by_id = $1 ORDER BY decided_at DESC, id DESC",
        };
        let condition = format!("{condition} LIMIT {MOST}");
        let mut connection =
            self.store.pool().acquire().await.map_err(Error::store("list tasks of review"))?;
        let rows = TaskRow::find(&mut connection, &condition, me()).await?;
        let mut tasks = Vec::with_capacity(rows.len());
        for row in rows {
            tasks.extend(self.task(&mut connection, principal, row).await?);
        }
        Ok(tasks)
    }

    /// A task as the reader sees it; none when it is about something out of the reader's scope.
    pub(super) async fn task(
        &self,
        connection: &mut AnyConnection,
        principal: &Principal,
        row: TaskRow,
    ) -> Result<Option<Task>, Error> {
        let Some(def) = self.definitions.get(&row.resource) else { return Ok(None) };
        let own = row.applicant_id == principal.account_id();
        let record = self.seen_record(connection, principal, def, &row.record_id).await?;
        let mut other = None;
        if row.state == TaskState::Open {
            let Some(record) = &record else { return Ok(None) };
            if row.kind == TaskKind::Duplicate {
                other = self.other(connection, principal, def, record).await?;
                if own || other.is_none() {
                    return Ok(None);
                }
            }
        } else if record.is_none() && !own && row.decided_by.as_deref() != Some(principal.account()) {
            return Ok(None);
        }
        let mut names =
            self.labels(connection, principal, def, BTreeSet::from([row.record_id.as_str()])).await?;
        let people: BTreeSet<&str> =
            [Some(row.applicant.as_str()), row.decided_by.as_deref()].into_iter().flatten().collect();
        let people = self.people(connection, people).await?;
        let title = match row.kind {
            TaskKind::Change => format!("{}变更", def.title),
            TaskKind::Duplicate => format!("{}重复登记", def.title),
        };
        Ok(Some(Task {
            title,
            resource_title: def.title.clone(),
            record_title: names.remove(&row.record_id),
            applicant_name: people.get(&row.applicant).cloned(),
            decided_by_name: row.decided_by.as_ref().and_then(|login| people.get(login)).cloned(),
            decisions: decisions(principal, &row),
            id: row.id,
            kind: row.kind,
            resource: row.resource,
            record_id: row.record_id,
            changes: row.changes,
            reason: row.reason,
            applicant: row.applicant,
            applied_at: row.applied_at,
            state: row.state,
            decided_by: row.decided_by,
            decided_at: row.decided_at,
            decision_reason: row.decision_reason,
            other,
        }))
    }

    async fn seen_record(
        &self,
        connection: &mut AnyConnection,
        principal: &Principal,
        def: &ResourceDef,
        id: &str,
    ) -> Result<Option<StoredRecord>, Error> {
        let (sql, binds) = self.by_id(def, Some(principal), id)?;
        let row = fetch_optional(connection, &sql, binds).await.map_err(Error::store("read a record"))?;
        row.map(|row| StoredRecord::read(def, &row)).transpose()
    }

    /// The holder of a contested value, if the reader sees it too.
    async fn other(
        &self,
        connection: &mut AnyConnection,
        principal: &Principal,
        def: &ResourceDef,
        record: &StoredRecord,
    ) -> Result<Option<Other>, Error> {
        let Some(field) = record.contested.as_deref().and_then(|name| def.field(name)) else {
            return Ok(None);
        };
        let Some(id) = self.holder(connection, def, field, record).await? else { return Ok(None) };
        let Some(holder) = self.seen_record(connection, principal, def, &id).await? else { return Ok(None) };
        let mut names = self.labels(connection, principal, def, BTreeSet::from([id.as_str()])).await?;
        let district = DistrictCode::parse(holder.district(def).as_str()).map_or("", name_of);
        Ok(Some(Other { title: names.remove(&id), id, district }))
    }
}

/// Whether a principal decides about requests of others at all.
pub(super) fn may_decide(principal: &Principal) -> bool {
    principal.can(Permission::ResourceReview)
}

fn decisions(principal: &Principal, row: &TaskRow) -> Vec<Decision> {
    let own = row.applicant_id == principal.account_id();
    match row.state {
        TaskState::Open if own && principal.viewer().is_none() => vec![Decision::Withdraw],
        TaskState::Open if !own && may_decide(principal) => vec![Decision::Approve, Decision::Refuse],
        _ => Vec::new(),
    }
}
