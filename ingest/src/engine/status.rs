//! What each feed has loaded, in the contract's words.

use std::collections::BTreeMap;
use std::time::SystemTime;

use indexmap::IndexMap;
use serde::Serialize;

use super::IngestEngine;
use super::accounting::Accounting;
use crate::definition::{FeedDef, Source};
use crate::error::IngestError;
use crate::outbox;

/// Status of all feeds by id.
pub type Status = IndexMap<String, FeedStatus>;

/// What a feed has loaded. `rows_in = rows_stored + superseded + duplicates_merged + deleted + quarantined`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct FeedStatus {
    /// Loaded files; the same content counts once.
    pub files: usize,
    /// Data rows in them.
    pub rows_in: usize,
    /// Rows of this feed that are in the lake now.
    pub rows_stored: usize,
    /// Rows merged as repeated or older.
    pub duplicates_merged: usize,
    /// Rows that were stored and later replaced or deleted.
    pub superseded: usize,
    /// Deletes.
    pub deleted: usize,
    /// Rows in quarantine by reason.
    pub quarantined: BTreeMap<String, usize>,
    /// Refused files by reason.
    pub files_refused: BTreeMap<String, usize>,
    /// When the feed last took something.
    pub last_run: Option<String>,
    /// Age of what waits longest; 0 when nothing waits, none if the feed never took anything and nothing waits.
    pub lag_seconds: Option<u64>,
    /// Where every row went, in a sentence.
    pub accounting: String,
    /// Rows the sum does not tell of; anything but 0 is a defect.
    pub unaccounted: usize,
    /// Files on which a process has died. The server does not try them again.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub set_aside: Vec<String>,
    /// What to do about them, in a sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub set_aside_advice: Option<String>,
}

impl IngestEngine {
    /// Status of all feeds.
    pub async fn status(&self) -> Result<Status, IngestError> {
        let mut status = Status::new();
        for feed in self.inner.definitions.feeds() {
            status.insert(feed.id.clone(), self.feed_status(&feed.id).await?);
        }
        Ok(status)
    }

    /// Status of one feed.
    pub async fn feed_status(&self, feed: &str) -> Result<FeedStatus, IngestError> {
        let feed = self.feed(feed)?;
        let totals = self.inner.ledger.totals(&feed.id).await?;
        let counts = totals.counts;
        let accounting = Accounting {
            rows_in: counts.rows_in,
            stored: counts.inserted.saturating_sub(counts.removed),
            merged: counts.merged,
            deleted: counts.deleted,
            quarantined: counts.quarantined,
            superseded: counts.updated + counts.removed,
        };
        if accounting.difference() != 0 {
            tracing::error!(feed.id = %feed.id, rows.difference = accounting.difference(), "rows of the feed do not add up");
        }
        let set_aside = match feed.source {
            Source::Files(_) => self.set_aside(feed)?,
            Source::Outbox(_) => Vec::new(),
        };
        let advice = || {
            let (count, id) = (set_aside.len(), &feed.id);
            format!(
                "读取时进程中断，已搁置 {count} 个文件；核对文件后执行 pujiang ingest run {id} 再试，或移出 .set-aside 文件夹"
            )
        };
        Ok(FeedStatus {
            accounting: accounting.sentence(),
            unaccounted: accounting.difference(),
            set_aside_advice: (!set_aside.is_empty()).then(advice),
            set_aside,
            files: totals.files,
            rows_in: counts.rows_in,
            rows_stored: accounting.stored,
            duplicates_merged: counts.merged,
            superseded: accounting.superseded,
            deleted: counts.deleted,
            quarantined: totals.quarantined,
            files_refused: totals.refused,
            // A feed that never ran is not up to date: there is nothing it could be behind of.
            lag_seconds: Some(self.lag(feed).await?).filter(|lag| *lag > 0 || totals.last_run.is_some()),
            last_run: totals.last_run,
        })
    }

    /// Whether the lake has committed events that the outbox has not: its cursor there, and the last event here.
    pub async fn lake_ahead(&self) -> Result<Option<(i64, i64)>, IngestError> {
        let inner = &self.inner;
        for feed in inner.definitions.feeds().filter(|feed| matches!(feed.source, Source::Outbox(_))) {
            if let Some(ahead) = outbox::ahead(feed, &inner.lake, &inner.ledger).await? {
                return Ok(Some(ahead));
            }
        }
        Ok(None)
    }

    async fn lag(&self, feed: &FeedDef) -> Result<u64, IngestError> {
        match &feed.source {
            Source::Files(_) => {
                let oldest = self.waiting(feed)?.into_iter().map(|w| w.stamp.modified).min();
                Ok(oldest.and_then(|t| SystemTime::now().duration_since(t).ok()).map_or(0, |d| d.as_secs()))
            }
            Source::Outbox(_) => {
                let inner = &self.inner;
                let oldest = outbox::oldest_unread(feed, &inner.lake, &inner.ledger).await?;
                let now = inner.clock.now();
                Ok(oldest.map_or(0, |t| (now - t).num_seconds().max(0).unsigned_abs()))
            }
        }
    }
}
