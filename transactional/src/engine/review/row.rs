//! Tasks as the store keeps them.

use serde_json::Value as Json;
use sqlx::AnyConnection;
use sqlx::any::AnyRow;

use super::super::ResourceEngine;
use super::super::words::FieldChange;
use super::{TaskKind, TaskState, from_json, to_json};
use crate::clock::{self, Moment};
use crate::definition::ResourceDef;
use crate::error::Error;
use crate::store::{Bind, WriteTransaction, execute, fetch_all, text_at};

/// A stored task.
#[derive(Clone, Debug)]
pub(in super::super) struct TaskRow {
    pub(in super::super) id: String,
    pub(in super::super) kind: TaskKind,
    pub(in super::super) resource: String,
    pub(in super::super) record_id: String,
    /// District of the record when it was asked for.
    pub(in super::super) district: String,
    pub(in super::super) changes: Vec<FieldChange>,
    /// The values asked for, sealed.
    pub(in super::super) sealed: Option<String>,
    pub(in super::super) reason: Option<String>,
    pub(in super::super) applicant_id: String,
    pub(in super::super) applicant: String,
    pub(in super::super) applied_at: String,
    pub(in super::super) state: TaskState,
    pub(in super::super) decided_by: Option<String>,
    pub(in super::super) decided_at: Option<String>,
    pub(in super::super) decision_reason: Option<String>,
}

const COLUMNS: &str = "id, kind, resource, record_id, district_code, changes, sealed, reason, applicant_id, applicant, \
                       applied_at, state, decided_by, decided_at, decision_reason";

/// A decision as it is written.
pub(super) struct Decided<'a> {
    pub(super) state: TaskState,
    pub(super) account_id: &'a str,
    pub(super) account: &'a str,
    pub(super) at: Moment,
    pub(super) reason: Option<&'a str>,
}

impl TaskRow {
    fn read(row: &AnyRow) -> Result<Self, Error> {
        let damaged = |column: &str| Error::Damaged {
            place: format!("review_task.{column}"),
            reason: "the stored value is not one this program writes".into(),
        };
        let text = |position: usize| text_at(row, position).map(Option::unwrap_or_default);
        let time =
            |text: Option<String>| text.and_then(|t| clock::parse_stored(&t)).map(|at| clock::shown(&at));
        let changes: Json = serde_json::from_str(&text(5)?).map_err(|_| damaged("changes"))?;
        Ok(Self {
            id: text(0)?,
            kind: TaskKind::parse(&text(1)?).ok_or_else(|| damaged("kind"))?,
            resource: text(2)?,
            record_id: text(3)?,
            district: text(4)?,
            changes: from_json(&changes),
            sealed: text_at(row, 6)?,
            reason: text_at(row, 7)?,
            applicant_id: text(8)?,
            applicant: text(9)?,
            applied_at: time(text_at(row, 10)?).unwrap_or_default(),
            state: TaskState::parse(&text(11)?).ok_or_else(|| damaged("state"))?,
            decided_by: text_at(row, 12)?,
            decided_at: time(text_at(row, 13)?),
            decision_reason: text_at(row, 14)?,
        })
    }

    /// Tasks of a condition, which ends with its order.
    pub(super) async fn find(
        connection: &mut AnyConnection,
        condition: &str,
        binds: Vec<Bind>,
    ) -> Result<Vec<Self>, Error> {
        let sql = format!("SELECT {COLUMNS} FROM review_task {condition}");
        let rows = fetch_all(connection, &sql, binds).await.map_err(Error::store("read tasks of review"))?;
        rows.iter().map(Self::read).collect()
    }

    /// Adds an open task.
    pub(super) async fn insert(&self, tx: &mut WriteTransaction, at: Moment) -> Result<(), Error> {
        let sql = "INSERT INTO review_task (id, kind, resource, record_id, district_code, changes, sealed, reason, \
                   applicant_id, applicant, applied_at, state) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
        let binds = vec![
            Bind::text(&self.id),
            Bind::text(self.kind.as_str()),
            Bind::text(&self.resource),
            Bind::text(&self.record_id),
            Bind::text(&self.district),
            Bind::text(to_json(&self.changes).to_string()),
            Bind::Text(self.sealed.clone()),
            Bind::Text(self.reason.clone()),
            Bind::text(&self.applicant_id),
            Bind::text(&self.applicant),
            Bind::text(clock::stored(&at)),
            Bind::text(self.state.as_str()),
        ];
        execute(tx.connection(), sql, binds).await.map_err(Error::store("ask for a review"))?;
        Ok(())
    }

    /// Ends an open task; false when somebody else did.
    pub(super) async fn end(&self, tx: &mut WriteTransaction, decided: Decided<'_>) -> Result<bool, Error> {
        // The values asked for are not kept longer than the question.
        let sql = "UPDATE review_task SET state = $1, decided_by_id = $2, decided_by = $3, decided_at = $4, \
                   decision_reason = $5, sealed = NULL WHERE id = $6 AND state = 'open'";
        let binds = vec![
            Bind::text(decided.state.as_str()),
            Bind::text(decided.account_id),
            Bind::text(decided.account),
            Bind::text(clock::stored(&decided.at)),
            Bind::Text(decided.reason.map(str::to_owned)),
            Bind::text(&self.id),
        ];
        let ended = execute(tx.connection(), sql, binds).await.map_err(Error::store("decide a review"))?;
        Ok(ended == 1)
    }
}

impl ResourceEngine {
    /// Ends what is open of one kind about a record whose question has gone.
    pub(in super::super) async fn close_tasks(
        &self,
        tx: &mut WriteTransaction,
        def: &ResourceDef,
        record: &str,
        kind: TaskKind,
        now: Moment,
    ) -> Result<(), Error> {
        let sql = "UPDATE review_task SET state = 'withdrawn', decided_at = $1, sealed = NULL \
                   WHERE resource = $2 AND record_id = $3 AND kind = $4 AND state = 'open'";
        let binds = [&clock::stored(&now), &def.id, record, kind.as_str()].map(Bind::text).to_vec();
        execute(tx.connection(), sql, binds).await.map_err(Error::store("close a review"))?;
        Ok(())
    }
}
