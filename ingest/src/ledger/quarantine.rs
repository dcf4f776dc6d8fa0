//! Quarantined rows: why, where from, and the encrypted original.

use serde::Serialize;
use sqlx::Row;
use sqlx::any::AnyRow;

use super::files::{Counts, ran};
use super::{Ledger, Statement, big};
use crate::error::IngestError;
use crate::reason::Reason;

/// A row to put into quarantine.
#[derive(Debug, Clone)]
pub(crate) struct NewQuarantine {
    /// Made of content and place, so that a repeated attempt overwrites.
    pub id: String,
    pub feed: String,
    /// Content of the file; empty for rows that came without one.
    pub sha: String,
    pub name: String,
    pub part: usize,
    pub row_no: u64,
    pub reason: Reason,
    pub detail: String,
    /// Encrypted.
    pub raw: String,
    /// JSON without personal data.
    pub context: String,
}

/// Whether a row still waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum QuarantineState {
    /// Waits for a correction.
    Open,
    /// Was stored by a replay.
    Replayed,
}

/// A quarantined row as people see it.
#[derive(Debug, Clone, Serialize)]
pub struct QuarantineItem {
    /// Id.
    pub id: String,
    /// File it came in.
    pub file: String,
    /// Line or row number there.
    pub row_no: i64,
    /// Reason of the contract.
    pub reason: String,
    /// The same in Chinese.
    pub reason_label: &'static str,
    /// Which field it is about.
    pub detail: String,
    /// When it came.
    pub created_at: String,
    /// Whether it still waits.
    pub state: QuarantineState,
    /// The row with personal values masked, for those who may see it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub raw: Option<String>,
}

/// Some quarantined rows and where the next ones begin.
#[derive(Debug, Clone, Serialize)]
pub struct QuarantinePage {
    /// Rows, newest first.
    pub items: Vec<QuarantineItem>,
    /// Cursor of the next page.
    pub next: Option<String>,
}

/// A row as the ledger has it.
pub(crate) struct StoredQuarantine {
    pub item: QuarantineItem,
    pub raw: String,
    pub context: String,
}

/// The ledger's id of a row of a file.
pub(crate) fn place(feed: &str, sha: &str, part: usize, row_no: u64) -> String {
    format!("{feed}-{}-{part:03}-{row_no:09}", sha.get(..16).unwrap_or(sha))
}

pub(super) async fn insert_quarantine(
    tx: &mut sqlx::AnyConnection,
    row: &NewQuarantine,
    now: &str,
) -> Result<(), sqlx::Error> {
    // A replayed row stays replayed, whatever is attempted again.
    let sql = "INSERT INTO quarantine (id, feed, sha, name, part, row_no, reason, detail, raw, context, state, created_at, replayed_at)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'open', $11, '') ON CONFLICT (id) DO NOTHING";
    Statement::new(sql)
        .text(&row.id)
        .text(&row.feed)
        .text(&row.sha)
        .text(&row.name)
        .number(big(row.part))
        .number(i64::try_from(row.row_no).unwrap_or(i64::MAX))
        .text(row.reason.as_str())
        .text(&row.detail)
        .text(&row.raw)
        .text(&row.context)
        .text(now)
        .run(tx)
        .await
        .map(|_| ())
}

fn stored(row: &AnyRow) -> Result<StoredQuarantine, sqlx::Error> {
    let reason: String = row.try_get("reason")?;
    let item = QuarantineItem {
        id: row.try_get("id")?,
        file: row.try_get("name")?,
        row_no: row.try_get("row_no")?,
        reason_label: Reason::parse(&reason).map_or("", Reason::label),
        reason,
        detail: row.try_get("detail")?,
        created_at: row.try_get("created_at")?,
        state: if row.try_get::<String, _>("state")? == "replayed" {
            QuarantineState::Replayed
        } else {
            QuarantineState::Open
        },
        raw: None,
    };
    Ok(StoredQuarantine { item, raw: row.try_get("raw")?, context: row.try_get("context")? })
}

impl Ledger {
    /// Adds rows that came without a file.
    pub(crate) async fn quarantine(&self, rows: &[NewQuarantine], now: &str) -> Result<(), IngestError> {
        let fail = || IngestError::ledger("quarantine rows");
        let mut tx = self.begin("quarantine rows").await?;
        for row in rows {
            insert_quarantine(&mut tx, row, now).await.map_err(fail())?;
        }
        tx.commit().await.map_err(fail())
    }

    /// Rows of a feed, newest first, after a cursor (`created_at|id`).
    pub(crate) async fn quarantined(
        &self,
        feed: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<StoredQuarantine>, IngestError> {
        let fail = || IngestError::ledger("list quarantined rows");
        let (time, id) = after.and_then(|a| a.split_once('|')).unwrap_or(("9999", ""));
        let sql = "SELECT id, name, row_no, reason, detail, created_at, state, raw, context FROM quarantine
                   WHERE feed = $1 AND (created_at < $2 OR (created_at = $3 AND id > $4)) ORDER BY created_at DESC, id LIMIT $5";
        let rows = Statement::new(sql)
            .text(feed)
            .text(time)
            .text(time)
            .text(id)
            .number(big(limit))
            .all(&self.pool)
            .await
            .map_err(fail())?;
        rows.iter().map(stored).collect::<Result<_, _>>().map_err(fail())
    }

    /// Open rows of a feed in the order of their ids, after an id.
    pub(crate) async fn open_rows(
        &self,
        feed: &str,
        after: &str,
        limit: usize,
    ) -> Result<Vec<StoredQuarantine>, IngestError> {
        let fail = || IngestError::ledger("read quarantined rows");
        let sql = "SELECT id, name, row_no, reason, detail, created_at, state, raw, context FROM quarantine
                   WHERE feed = $1 AND state = 'open' AND id > $2 ORDER BY id LIMIT $3";
        let rows = Statement::new(sql)
            .text(feed)
            .text(after)
            .number(big(limit))
            .all(&self.pool)
            .await
            .map_err(fail())?;
        rows.iter().map(stored).collect::<Result<_, _>>().map_err(fail())
    }

    /// One open row.
    pub(crate) async fn open_row(
        &self,
        feed: &str,
        id: &str,
    ) -> Result<Option<StoredQuarantine>, IngestError> {
        let fail = || IngestError::ledger("read a quarantined row");
        let sql = "SELECT id, name, row_no, reason, detail, created_at, state, raw, context FROM quarantine
                   WHERE feed = $1 AND id = $2 AND state = 'open'";
        let row = Statement::new(sql).text(feed).text(id).optional(&self.pool).await.map_err(fail())?;
        row.as_ref().map(stored).transpose().map_err(fail())
    }

    /// Rows of a replay that was begun and not finished, with the replay's id.
    pub(crate) async fn unfinished_replay(
        &self,
        feed: &str,
    ) -> Result<Option<(String, Vec<StoredQuarantine>)>, IngestError> {
        let fail = || IngestError::ledger("look for an unfinished replay");
        let sql = "SELECT replayed_at AS replay FROM quarantine WHERE feed = $1 AND state = 'replaying' ORDER BY replayed_at LIMIT 1";
        let Some(row) = Statement::new(sql).text(feed).optional(&self.pool).await.map_err(fail())? else {
            return Ok(None);
        };
        let replay: String = row.try_get("replay").map_err(fail())?;
        let sql = "SELECT id, name, row_no, reason, detail, created_at, state, raw, context FROM quarantine
                   WHERE feed = $1 AND state = 'replaying' AND replayed_at = $2 ORDER BY id";
        let rows = Statement::new(sql).text(feed).text(&replay).all(&self.pool).await.map_err(fail())?;
        let rows = rows.iter().map(stored).collect::<Result<_, _>>().map_err(fail())?;
        Ok(Some((replay, rows)))
    }

    /// Notes which rows a replay is about to store, so that it can be finished after a crash.
    pub(crate) async fn begin_replay(&self, replay: &str, ids: &[String]) -> Result<(), IngestError> {
        let sql =
            "UPDATE quarantine SET state = 'replaying', replayed_at = $1 WHERE id = $2 AND state = 'open'";
        self.move_rows(sql, replay, ids, None).await
    }

    /// Gives rows of a replay back that no longer fit.
    pub(crate) async fn abandon_replay(&self, ids: &[String]) -> Result<(), IngestError> {
        let sql =
            "UPDATE quarantine SET state = 'open', replayed_at = $1 WHERE id = $2 AND state = 'replaying'";
        self.move_rows(sql, "", ids, None).await
    }

    /// Marks rows as replayed and counts what became of them.
    pub(crate) async fn finish_replay(
        &self,
        feed: &str,
        ids: &[String],
        counts: Counts,
        now: &str,
    ) -> Result<(), IngestError> {
        let sql = "UPDATE quarantine SET state = 'replayed', replayed_at = $1 WHERE id = $2 AND state = 'replaying'";
        self.move_rows(sql, now, ids, Some((feed, counts))).await
    }

    async fn move_rows(
        &self,
        sql: &'static str,
        mark: &str,
        ids: &[String],
        count: Option<(&str, Counts)>,
    ) -> Result<(), IngestError> {
        let fail = || IngestError::ledger("move quarantined rows");
        let mut tx = self.begin("move quarantined rows").await?;
        for id in ids {
            Statement::new(sql).text(mark).text(id).run(&mut tx).await.map_err(fail())?;
        }
        if let Some((feed, counts)) = count {
            ran(&mut tx, feed, counts, mark).await.map_err(fail())?;
        }
        tx.commit().await.map_err(fail())
    }

    /// Gives an open row the reason its last replay failed with.
    pub(crate) async fn still_wrong(
        &self,
        id: &str,
        reason: Reason,
        detail: &str,
    ) -> Result<(), IngestError> {
        let sql = "UPDATE quarantine SET reason = $1, detail = $2 WHERE id = $3 AND state = 'open'";
        let done =
            Statement::new(sql).text(reason.as_str()).text(detail).text(id).run_alone(&self.pool).await;
        done.map(|_| ()).map_err(IngestError::ledger("update a quarantined row"))
    }
}
