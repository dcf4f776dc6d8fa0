//! Files and feeds in the ledger: prepared before the lake's commit, finished after it.

use std::collections::BTreeMap;

use pujiang_warehouse::Outcome;
use sqlx::Row;
use sqlx::any::AnyRow;

use super::quarantine::{NewQuarantine, insert_quarantine};
use super::{Ledger, Statement, big, small};
use crate::error::IngestError;

/// Where a file stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FileState {
    /// Its quarantine is written; its rows may or may not be in the lake.
    Prepared,
    /// Its rows are in the lake and counted.
    Committed,
    /// Refused as a whole.
    Refused,
}

impl FileState {
    fn as_str(self) -> &'static str {
        match self {
            Self::Prepared => "prepared",
            Self::Committed => "committed",
            Self::Refused => "refused",
        }
    }

    fn parse(text: &str) -> Self {
        match text {
            "committed" => Self::Committed,
            "refused" => Self::Refused,
            _ => Self::Prepared,
        }
    }
}

/// What became of rows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub rows_in: usize,
    pub quarantined: usize,
    pub inserted: usize,
    pub updated: usize,
    /// Repeated or older, in the file or against the lake.
    pub merged: usize,
    pub deleted: usize,
    /// Stored rows the deletes took out.
    pub removed: usize,
}

impl Counts {
    /// Adds the lake's answer to one commit.
    pub(crate) fn add(&mut self, outcome: &Outcome) {
        self.inserted += outcome.inserted;
        self.updated += outcome.updated;
        self.merged += outcome.older + outcome.identical;
        self.deleted += outcome.deleted;
        self.removed += outcome.removed;
    }
}

/// A file in the ledger.
#[derive(Debug, Clone)]
pub(crate) struct FileEntry {
    pub state: FileState,
    pub name: String,
    pub counts: Counts,
    pub reason: String,
    pub detail: String,
}

/// What is written before the lake's commit.
pub(crate) struct Prepared<'a> {
    pub feed: &'a str,
    pub sha: &'a str,
    pub name: &'a str,
    pub bytes: usize,
    pub rows_in: usize,
    /// For people: what was left out, or why the file was refused.
    pub detail: String,
    pub quarantine: Vec<NewQuarantine>,
    pub now: &'a str,
}

/// Sums over the files of a feed.
#[derive(Debug, Clone, Default)]
pub(crate) struct FeedTotals {
    pub files: usize,
    pub counts: Counts,
    pub refused: BTreeMap<String, usize>,
    pub quarantined: BTreeMap<String, usize>,
    pub last_run: Option<String>,
}

fn counts(row: &AnyRow) -> Result<Counts, sqlx::Error> {
    let get = |column: &str| row.try_get::<i64, _>(column).map(small);
    Ok(Counts {
        rows_in: get("rows_in")?,
        quarantined: 0,
        inserted: get("inserted")?,
        updated: get("updated")?,
        merged: get("merged")?,
        deleted: get("deleted")?,
        removed: get("removed")?,
    })
}

impl Ledger {
    /// The file with this content, if the feed has met it.
    pub(crate) async fn file(&self, feed: &str, sha: &str) -> Result<Option<FileEntry>, IngestError> {
        let sql = "SELECT name, state, quarantined, reason, detail, rows_in, inserted, updated, merged, deleted, removed
                   FROM ingest_file WHERE feed = $1 AND sha = $2";
        let fail = || IngestError::ledger("look up a file");
        let row = Statement::new(sql).text(feed).text(sha).optional(&self.pool).await.map_err(fail())?;
        row.map(|row| {
            Ok(FileEntry {
                state: FileState::parse(&row.try_get::<String, _>("state")?),
                name: row.try_get("name")?,
                counts: Counts { quarantined: small(row.try_get("quarantined")?), ..counts(&row)? },
                reason: row.try_get("reason")?,
                detail: row.try_get("detail")?,
            })
        })
        .transpose()
        .map_err(fail())
    }

    /// Writes the file and its quarantine in one transaction. Repeating it changes nothing.
    pub(crate) async fn prepare(&self, file: Prepared<'_>) -> Result<(), IngestError> {
        let fail = || IngestError::ledger("prepare a file");
        let mut tx = self.begin("prepare a file").await?;
        let entry = Entry {
            feed: file.feed,
            sha: file.sha,
            name: file.name,
            state: FileState::Prepared,
            bytes: file.bytes,
            rows_in: file.rows_in,
            quarantined: file.quarantine.len(),
            reason: "",
            detail: &file.detail,
            now: file.now,
        };
        entry.write(&mut tx).await.map_err(fail())?;
        // An earlier attempt may have read the file with another definition.
        let stale = "DELETE FROM quarantine WHERE feed = $1 AND sha = $2 AND state = 'open'";
        Statement::new(stale).text(file.feed).text(file.sha).run(&mut tx).await.map_err(fail())?;
        for row in &file.quarantine {
            insert_quarantine(&mut tx, row, file.now).await.map_err(fail())?;
        }
        tx.commit().await.map_err(fail())
    }

    /// Writes what the lake answered and that the file is done.
    pub(crate) async fn finish(
        &self,
        feed: &str,
        sha: &str,
        counts: Counts,
        now: &str,
    ) -> Result<(), IngestError> {
        let fail = || IngestError::ledger("finish a file");
        let mut tx = self.begin("finish a file").await?;
        let sql = "UPDATE ingest_file SET state = $1, inserted = $2, updated = $3, merged = $4, deleted = $5, removed = $6,
                   finished_at = $7 WHERE feed = $8 AND sha = $9";
        Statement::new(sql)
            .text(FileState::Committed.as_str())
            .number(big(counts.inserted))
            .number(big(counts.updated))
            .number(big(counts.merged))
            .number(big(counts.deleted))
            .number(big(counts.removed))
            .text(now)
            .text(feed)
            .text(sha)
            .run(&mut tx)
            .await
            .map_err(fail())?;
        ran(&mut tx, feed, Counts::default(), now).await.map_err(fail())?;
        tx.commit().await.map_err(fail())
    }

    /// Writes that a file was refused.
    pub(crate) async fn refuse(&self, file: Prepared<'_>, reason: &str) -> Result<(), IngestError> {
        let fail = || IngestError::ledger("refuse a file");
        let mut tx = self.begin("refuse a file").await?;
        let entry = Entry {
            feed: file.feed,
            sha: file.sha,
            name: file.name,
            state: FileState::Refused,
            bytes: file.bytes,
            rows_in: 0,
            quarantined: 0,
            reason,
            detail: &file.detail,
            now: file.now,
        };
        entry.write(&mut tx).await.map_err(fail())?;
        ran(&mut tx, file.feed, Counts::default(), file.now).await.map_err(fail())?;
        tx.commit().await.map_err(fail())
    }

    /// Adds rows that came without a file (outbox, replay) and notes the run.
    pub(crate) async fn add(&self, feed: &str, counts: Counts, now: &str) -> Result<(), IngestError> {
        let fail = || IngestError::ledger("count rows");
        let mut tx = self.begin("count rows").await?;
        ran(&mut tx, feed, counts, now).await.map_err(fail())?;
        tx.commit().await.map_err(fail())
    }

    /// Sums of a feed.
    pub(crate) async fn totals(&self, feed: &str) -> Result<FeedTotals, IngestError> {
        let fail = || IngestError::ledger("sum up a feed");
        let mut totals = FeedTotals::default();
        let sums = "SELECT COUNT(*) AS files, CAST(COALESCE(SUM(rows_in), 0) AS BIGINT) AS rows_in,
                    CAST(COALESCE(SUM(inserted), 0) AS BIGINT) AS inserted, CAST(COALESCE(SUM(updated), 0) AS BIGINT) AS updated,
                    CAST(COALESCE(SUM(merged), 0) AS BIGINT) AS merged, CAST(COALESCE(SUM(deleted), 0) AS BIGINT) AS deleted,
                    CAST(COALESCE(SUM(removed), 0) AS BIGINT) AS removed
                    FROM ingest_file WHERE feed = $1 AND state = 'committed'";
        let row = Statement::new(sums).text(feed).one(&self.pool).await.map_err(fail())?;
        totals.files = small(row.try_get("files").map_err(fail())?);
        totals.counts = counts(&row).map_err(fail())?;
        let apart = "SELECT last_run, rows_in, inserted, updated, merged, deleted, removed FROM ingest_feed WHERE feed = $1";
        if let Some(row) = Statement::new(apart).text(feed).optional(&self.pool).await.map_err(fail())? {
            totals.last_run = row.try_get::<String, _>("last_run").ok().filter(|t| !t.is_empty());
            let more = counts(&row).map_err(fail())?;
            let sum = &mut totals.counts;
            sum.rows_in += more.rows_in;
            sum.inserted += more.inserted;
            sum.updated += more.updated;
            sum.merged += more.merged;
            sum.deleted += more.deleted;
            sum.removed += more.removed;
        }
        let refused = "SELECT reason, COUNT(*) AS n FROM ingest_file WHERE feed = $1 AND state = 'refused' GROUP BY reason";
        totals.refused = self.grouped(refused, feed).await.map_err(fail())?;
        // Rows of a prepared file are not counted yet: its rows_in are not either.
        let open = "SELECT q.reason AS reason, COUNT(*) AS n FROM quarantine q
                    LEFT JOIN ingest_file f ON f.feed = q.feed AND f.sha = q.sha
                    WHERE q.feed = $1 AND q.state <> 'replayed' AND (q.sha = '' OR f.state = 'committed') GROUP BY q.reason";
        totals.quarantined = self.grouped(open, feed).await.map_err(fail())?;
        totals.counts.quarantined = totals.quarantined.values().sum();
        Ok(totals)
    }

    /// Quarantined rows of one file by reason, replayed ones included: the same answer whenever it is asked.
    pub(crate) async fn reasons_of(
        &self,
        feed: &str,
        sha: &str,
    ) -> Result<BTreeMap<String, usize>, IngestError> {
        let fail = || IngestError::ledger("sum up a file");
        let sql = "SELECT reason, COUNT(*) AS n FROM quarantine WHERE feed = $1 AND sha = $2 GROUP BY reason";
        let rows = Statement::new(sql).text(feed).text(sha).all(&self.pool).await.map_err(fail())?;
        rows.iter()
            .map(|r| Ok((r.try_get("reason")?, small(r.try_get("n")?))))
            .collect::<Result<_, _>>()
            .map_err(fail())
    }

    async fn grouped(&self, sql: &'static str, feed: &str) -> Result<BTreeMap<String, usize>, sqlx::Error> {
        let rows = Statement::new(sql).text(feed).all(&self.pool).await?;
        rows.iter().map(|r| Ok((r.try_get("reason")?, small(r.try_get("n")?)))).collect()
    }

    /// Ties an idempotency key to a content; the content it was tied to before, if any.
    pub(crate) async fn claim_key(&self, feed: &str, key: &str, sha: &str) -> Result<String, IngestError> {
        let fail = || IngestError::ledger("claim an idempotency key");
        let claim = "INSERT INTO ingest_push (feed, idempotency_key, sha) VALUES ($1, $2, $3) ON CONFLICT (feed, idempotency_key) DO NOTHING";
        Statement::new(claim).text(feed).text(key).text(sha).run_alone(&self.pool).await.map_err(fail())?;
        let look = "SELECT sha FROM ingest_push WHERE feed = $1 AND idempotency_key = $2";
        let row = Statement::new(look).text(feed).text(key).one(&self.pool).await.map_err(fail())?;
        row.try_get("sha").map_err(fail())
    }
}

/// Notes a run of the feed and adds rows that belong to no file.
pub(super) async fn ran(
    tx: &mut sqlx::AnyConnection,
    feed: &str,
    counts: Counts,
    now: &str,
) -> Result<(), sqlx::Error> {
    let sql = "INSERT INTO ingest_feed (feed, last_run, rows_in, inserted, updated, merged, deleted, removed)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
               ON CONFLICT (feed) DO UPDATE SET last_run = excluded.last_run, rows_in = ingest_feed.rows_in + excluded.rows_in,
               inserted = ingest_feed.inserted + excluded.inserted, updated = ingest_feed.updated + excluded.updated,
               merged = ingest_feed.merged + excluded.merged, deleted = ingest_feed.deleted + excluded.deleted,
               removed = ingest_feed.removed + excluded.removed";
    Statement::new(sql)
        .text(feed)
        .text(now)
        .number(big(counts.rows_in))
        .number(big(counts.inserted))
        .number(big(counts.updated))
        .number(big(counts.merged))
        .number(big(counts.deleted))
        .number(big(counts.removed))
        .run(tx)
        .await
        .map(|_| ())
}

struct Entry<'a> {
    feed: &'a str,
    sha: &'a str,
    name: &'a str,
    state: FileState,
    bytes: usize,
    rows_in: usize,
    quarantined: usize,
    reason: &'a str,
    detail: &'a str,
    now: &'a str,
}

impl Entry<'_> {
    async fn write(&self, tx: &mut sqlx::AnyConnection) -> Result<(), sqlx::Error> {
        let sql = "INSERT INTO ingest_file (feed, sha, name, state, bytes, rows_in, quarantined, inserted, updated, merged,
                   deleted, removed, reason, detail, received_at, finished_at)
                   VALUES ($1, $2, $3, $4, $5, $6, $7, 0, 0, 0, 0, 0, $8, $9, $10, '')
                   ON CONFLICT (feed, sha) DO UPDATE SET name = excluded.name, state = excluded.state, rows_in = excluded.rows_in,
                   quarantined = excluded.quarantined, reason = excluded.reason, detail = excluded.detail";
        Statement::new(sql)
            .text(self.feed)
            .text(self.sha)
            .text(self.name)
            .text(self.state.as_str())
            .number(big(self.bytes))
            .number(big(self.rows_in))
            .number(big(self.quarantined))
            .text(self.reason)
            .text(self.detail)
            .text(self.now)
            .run(tx)
            .await
            .map(|_| ())
    }
}
