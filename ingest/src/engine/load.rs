//! One file, exactly once. The order makes it so:
//! 1. one database transaction writes the file as prepared, with its quarantine;
//! 2. the lake's commits carry the rows and the mark `feed/<feed>/<content>` together;
//! 3. the ledger gets the counts and the file is moved.
//!
//! Killed anywhere, a rerun finds either no mark (and writes), or the mark (and only counts).

use std::sync::Arc;

use pujiang_warehouse::{Change, Mark, Outcome, TableDef, TableWriter};
use sm3::{Digest, Sm3};

use super::accounting::Accounting;
use super::{FileOutcome, FileReport, IngestEngine};
use crate::definition::{FeedDef, FileFeed, Source};
use crate::error::IngestError;
use crate::ledger::{Counts, FileEntry, FileState, NewQuarantine, Prepared, place};
use crate::mapping::{MappedFile, Record, fold, map_file};
use crate::reason::Refusal;
use crate::rows::{Lakewards, change};

/// Context under which original rows are encrypted.
pub(super) const RAW: &str = "quarantine.raw";

/// Changes to commit one after the other, with the number of rows in each.
pub(super) struct Rounds {
    pub changes: Vec<(Change, usize)>,
    /// Rows merged before the lake was asked.
    pub merged: usize,
}

/// Told once a file has been read: from here on its bytes can do no harm.
pub(super) type ReadThrough<'a> = &'a mut (dyn FnMut() -> Result<(), IngestError> + Send);

/// A file ready to be written.
struct Ready {
    rows_in: usize,
    /// What was left out, for people.
    detail: String,
    quarantine: Vec<NewQuarantine>,
    rounds: Rounds,
}

impl IngestEngine {
    /// Loads a file's bytes. The caller holds the feed's turn and hears when they are read through and what is left is
    /// to store rows. Returns the content's hash with the report.
    pub(super) async fn load(
        &self,
        feed: &FeedDef,
        name: &str,
        bytes: Vec<u8>,
        read_through: ReadThrough<'_>,
    ) -> Result<(String, FileReport), IngestError> {
        let files = self.file_feed(feed)?;
        let ledger = &self.inner.ledger;
        let sha = hex::encode(Sm3::digest(&bytes));
        let known = ledger.file(&feed.id, &sha).await?;
        if let Some(entry) = known.as_ref().filter(|e| e.state == FileState::Committed) {
            return Ok((sha, report(feed, name, FileOutcome::Repeated, entry)));
        }
        let size = bytes.len();
        let now = self.inner.clock.stamp();
        let prepared = |rows_in, detail, quarantine| Prepared {
            feed: &feed.id,
            sha: &sha,
            name,
            bytes: size,
            rows_in,
            detail,
            quarantine,
            now: &now,
        };
        let ready = match self.read(feed, files, name, &sha, bytes).await? {
            Ok(ready) => ready,
            Err(refusal) => {
                let report =
                    self.refuse(feed, prepared(0, refusal.detail.clone(), Vec::new()), &refusal).await?;
                return Ok((sha, report));
            }
        };
        read_through()?;
        let writer = self.writer(feed, files)?;
        let mark = format!("feed/{}/{}", feed.id, sha.get(..16).unwrap_or(&sha));
        let committed = writer.committed(&mark).await.map_err(self.lake_error(feed))?;
        let done = known.is_some() && committed.is_some_and(|v| v >= version(ready.rounds.changes.len()));
        let mut by_reason = std::collections::BTreeMap::new();
        for row in &ready.quarantine {
            *by_reason.entry(row.reason.as_str().to_owned()).or_insert(0) += 1;
        }
        if !done {
            ledger.prepare(prepared(ready.rows_in, ready.detail, ready.quarantine)).await?;
        }
        let counts = self.commit(feed, &writer, &mark, ready.rounds).await?;
        ledger.finish(&feed.id, &sha, counts, &self.inner.clock.stamp()).await?;
        let entry = self.entry(feed, &sha).await?;
        let mut report = report(feed, name, FileOutcome::Loaded, &entry);
        report.quarantined = by_reason;
        tracing::info!(
            feed.id = %feed.id, file.name = %name, rows.r#in = report.rows_in, rows.accepted = report.accepted,
            rows.merged = report.merged, rows.quarantined = entry.counts.quarantined, "file loaded"
        );
        Ok((sha, report))
    }

    /// Refuses a file nobody has read: it is too large for that.
    pub(super) async fn refuse_unread(
        &self,
        feed: &FeedDef,
        name: &str,
        content: &str,
        bytes: u64,
        refusal: Refusal,
    ) -> Result<FileReport, IngestError> {
        let (sha, now) = (hex::encode(Sm3::digest(content)), self.inner.clock.stamp());
        let file = Prepared {
            feed: &feed.id,
            sha: &sha,
            name,
            bytes: usize::try_from(bytes).unwrap_or(usize::MAX),
            rows_in: 0,
            detail: refusal.detail.clone(),
            quarantine: Vec::new(),
            now: &now,
        };
        self.refuse(feed, file, &refusal).await
    }

    async fn refuse(
        &self,
        feed: &FeedDef,
        file: Prepared<'_>,
        refusal: &Refusal,
    ) -> Result<FileReport, IngestError> {
        let (name, sha) = (file.name, file.sha);
        self.inner.ledger.refuse(file, refusal.reason.as_str()).await?;
        tracing::warn!(feed.id = %feed.id, file.name = %name, reason = refusal.reason.as_str(), "file refused");
        let entry = self.entry(feed, sha).await?;
        Ok(report(feed, name, FileOutcome::Refused, &entry))
    }

    /// Commits rounds under a mark and adds up what became of their rows.
    pub(super) async fn commit(
        &self,
        feed: &FeedDef,
        writer: &TableWriter,
        mark: &str,
        rounds: Rounds,
    ) -> Result<Counts, IngestError> {
        let mut counts = Counts { merged: rounds.merged, ..Counts::default() };
        for (at, (change, rows)) in rounds.changes.into_iter().enumerate() {
            let upserts: usize = change.upserts.iter().map(arrow::array::RecordBatch::num_rows).sum();
            let mark = Mark { app_id: mark.to_owned(), version: version(at + 1) };
            let outcome = Box::pin(writer.upsert(change, Some(mark))).await.map_err(self.lake_error(feed))?;
            let told =
                outcome.inserted + outcome.updated + outcome.older + outcome.identical + outcome.deleted;
            if outcome.already && told != rows {
                // The lake's log has been tidied up since the crash. The rows are there; how they came in is not known.
                tracing::warn!(feed.id = %feed.id, "counts of a commit before a crash are no longer in the log");
                counts.add(&Outcome { inserted: upserts, deleted: rows - upserts, ..Outcome::default() });
            } else {
                counts.add(&outcome);
            }
        }
        Ok(counts)
    }

    /// Parses, maps and folds away from the async threads.
    async fn read(
        &self,
        feed: &FeedDef,
        files: &FileFeed,
        name: &str,
        sha: &str,
        bytes: Vec<u8>,
    ) -> Result<Result<Ready, Refusal>, IngestError> {
        let table = self.table(feed, files)?;
        let (files, cipher, now) = (files.clone(), self.inner.cipher.clone(), self.inner.clock.local());
        let (id, name, sha) = (feed.id.clone(), name.to_owned(), sha.to_owned());
        let work = tokio::task::spawn_blocking(move || {
            let mapped = match files
                .format
                .read(&bytes, &files.options)
                .and_then(|readings| map_file(&files, readings, now))
            {
                Ok(mapped) => mapped,
                Err(refusal) => return Ok(Err(refusal)),
            };
            let MappedFile { rows_in, notes, records, rejected } = mapped;
            let to = Lakewards { feed: &files, table: &table, cipher: &cipher, now };
            let rounds = rounds(&to, records)?;
            let quarantine = rejected
                .into_iter()
                .map(|row| NewQuarantine {
                    id: place(&id, &sha, row.part, row.number),
                    feed: id.clone(),
                    sha: sha.clone(),
                    name: name.clone(),
                    part: row.part,
                    row_no: row.number,
                    reason: row.reason,
                    detail: row.detail,
                    raw: cipher.encrypt_bytes(RAW, &row.raw),
                    context: serde_json::to_string(&row.context).unwrap_or_default(),
                })
                .collect();
            Ok(Ok(Ready { rows_in, detail: notes.join("；"), quarantine, rounds }))
        });
        work.await.map_err(|_| IngestError::Task("reading a file"))?
    }

    pub(super) fn table(&self, feed: &FeedDef, files: &FileFeed) -> Result<Arc<TableDef>, IngestError> {
        let missing =
            || IngestError::Definition { feed: feed.id.clone(), detail: format!("no table {}", files.table) };
        self.inner.lake.catalog().table(&files.table).cloned().ok_or_else(missing)
    }

    pub(super) fn writer(&self, feed: &FeedDef, files: &FileFeed) -> Result<TableWriter, IngestError> {
        self.inner.lake.writer(&files.table).map_err(self.lake_error(feed))
    }

    pub(super) fn lake_error(
        &self,
        feed: &FeedDef,
    ) -> impl FnOnce(pujiang_warehouse::WarehouseError) -> IngestError {
        let feed = feed.id.clone();
        move |source| IngestError::Lake { feed, source }
    }

    async fn entry(&self, feed: &FeedDef, sha: &str) -> Result<FileEntry, IngestError> {
        let entry = self.inner.ledger.file(&feed.id, sha).await?;
        entry.ok_or(IngestError::Task("reading the ledger back"))
    }
}

/// Folds records and builds the changes of each round.
pub(super) fn rounds(to: &Lakewards<'_>, records: Vec<Record>) -> Result<Rounds, IngestError> {
    let folded = fold(records);
    let changes = folded
        .rounds
        .iter()
        .map(|round| change(to, round).map(|c| (c, round.len())))
        .collect::<Result<_, _>>()
        .map_err(|source| IngestError::Rows { table: to.table.id.clone(), source })?;
    Ok(Rounds { changes, merged: folded.merged })
}

fn version(round: usize) -> i64 {
    i64::try_from(round).unwrap_or(i64::MAX)
}

fn report(feed: &FeedDef, name: &str, outcome: FileOutcome, entry: &FileEntry) -> FileReport {
    let counts = entry.counts;
    debug_assert!(matches!(feed.source, Source::Files(_)));
    FileReport {
        feed: feed.id.clone(),
        file: name.to_owned(),
        outcome,
        rows_in: counts.rows_in,
        accepted: counts.inserted + counts.updated,
        merged: counts.merged,
        deleted: counts.deleted,
        quarantined: std::collections::BTreeMap::new(),
        refused: Some(entry.reason.clone()).filter(|r| !r.is_empty()),
        detail: if outcome == FileOutcome::Repeated {
            format!("与已入库的 {} 内容相同", entry.name)
        } else {
            entry.detail.clone()
        },
        accounting: if outcome == FileOutcome::Refused {
            String::new()
        } else {
            accounting(counts).sentence()
        },
    }
}

/// A row that replaced another counts with the file that brought it.
fn accounting(counts: Counts) -> Accounting {
    Accounting {
        rows_in: counts.rows_in,
        stored: counts.inserted + counts.updated,
        merged: counts.merged,
        deleted: counts.deleted,
        quarantined: counts.quarantined,
        superseded: 0,
    }
}
