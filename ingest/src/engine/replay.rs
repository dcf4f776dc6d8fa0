//! Replay: quarantined rows are read again with the feed's present definition. What fits now is stored once,
//! crash or not: the ledger notes which rows a replay is about to store before the lake is asked.

use pujiang_warehouse::TableDef;
use serde::Serialize;
use std::sync::Arc;

use super::IngestEngine;
use super::load::{RAW, rounds};
use crate::definition::{FeedDef, FileFeed, Source};
use crate::error::IngestError;
use crate::ledger::StoredQuarantine;
use crate::mapping::{Record, RowContext, map_again};
use crate::reason::Reason;
use crate::rows::Lakewards;

/// Rows of one commit.
const BATCH: usize = 5_000;
/// Events of one call; more wait for the next.
const LARGEST_REPLAY: usize = 50_000;

/// What a replay did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct ReplayAnswer {
    /// Rows that fit now and are stored or merged.
    pub replayed: usize,
    /// Rows that still do not fit.
    pub still_quarantined: usize,
}

impl IngestEngine {
    /// Reads the rows with these ids again, or all open rows of the feed.
    pub async fn replay(&self, feed: &str, ids: Option<&[String]>) -> Result<ReplayAnswer, IngestError> {
        let feed = self.feed(feed)?.clone();
        let files = match &feed.source {
            Source::Files(files) => files,
            Source::Outbox(_) => return self.replay_events(&feed, ids).await,
        };
        let _turn = self.lock(&feed.id).await?;
        let mut answer = ReplayAnswer::default();
        while let Some((replay, rows)) = self.inner.ledger.unfinished_replay(&feed.id).await? {
            answer.replayed += self.finish(&feed, files, &replay, rows).await?;
        }
        match ids {
            Some(ids) => {
                let mut rows = Vec::new();
                for id in ids {
                    rows.extend(self.inner.ledger.open_row(&feed.id, id).await?);
                }
                self.replay_rows(&feed, files, rows, &mut answer).await?;
            }
            None => {
                let mut after = String::new();
                loop {
                    let rows = self.inner.ledger.open_rows(&feed.id, &after, BATCH).await?;
                    let Some(last) = rows.last() else { break };
                    after.clone_from(&last.item.id);
                    self.replay_rows(&feed, files, rows, &mut answer).await?;
                }
            }
        }
        Ok(answer)
    }

    async fn replay_rows(
        &self,
        feed: &FeedDef,
        files: &FileFeed,
        rows: Vec<StoredQuarantine>,
        answer: &mut ReplayAnswer,
    ) -> Result<(), IngestError> {
        let mut fitting = Vec::new();
        for row in rows {
            match self.again(files, &row)? {
                Ok(_) => fitting.push(row),
                Err((reason, detail)) => {
                    self.inner.ledger.still_wrong(&row.item.id, reason, &detail).await?;
                    answer.still_quarantined += 1;
                }
            }
        }
        if fitting.is_empty() {
            return Ok(());
        }
        let replay = uuid::Uuid::now_v7().simple().to_string();
        let ids: Vec<String> = fitting.iter().map(|r| r.item.id.clone()).collect();
        self.inner.ledger.begin_replay(&replay, &ids).await?;
        answer.replayed += self.finish(feed, files, &replay, fitting).await?;
        Ok(())
    }

    /// Outbox events are taken from the outbox again. Their own turn: the server's tail never gives its up.
    async fn replay_events(
        &self,
        feed: &FeedDef,
        ids: Option<&[String]>,
    ) -> Result<ReplayAnswer, IngestError> {
        let _turn = self.lock(&format!("{}-replay", feed.id)).await?;
        let ledger = &self.inner.ledger;
        let mut answer = ReplayAnswer::default();
        let mut tail = self.outbox_tail(feed).await?;
        let open = ledger.open_rows(&feed.id, "", LARGEST_REPLAY).await?;
        for row in open.into_iter().filter(|r| ids.is_none_or(|ids| ids.contains(&r.item.id))) {
            match tail.again(row.item.row_no).await? {
                Some(Ok(counts)) => {
                    let id = [row.item.id];
                    ledger.begin_replay("event", &id).await?;
                    ledger.finish_replay(&feed.id, &id, counts, &self.inner.clock.stamp()).await?;
                    answer.replayed += 1;
                }
                Some(Err((reason, detail))) => {
                    ledger.still_wrong(&row.item.id, reason, &detail).await?;
                    answer.still_quarantined += 1;
                }
                None => answer.still_quarantined += 1,
            }
        }
        Ok(answer)
    }

    /// Stores the rows of a replay that the ledger knows of.
    async fn finish(
        &self,
        feed: &FeedDef,
        files: &FileFeed,
        replay: &str,
        rows: Vec<StoredQuarantine>,
    ) -> Result<usize, IngestError> {
        let (mut records, mut ids, mut unfit): (Vec<Record>, Vec<String>, Vec<String>) = Default::default();
        for row in rows {
            match self.again(files, &row)? {
                Ok(record) => {
                    records.push(record);
                    ids.push(row.item.id);
                }
                // The definition changed between a crash and now.
                Err(_) => unfit.push(row.item.id),
            }
        }
        self.inner.ledger.abandon_replay(&unfit).await?;
        if ids.is_empty() {
            return Ok(0);
        }
        let table: Arc<TableDef> = self.table(feed, files)?;
        let to = Lakewards {
            feed: files,
            table: &table,
            cipher: &self.inner.cipher,
            now: self.inner.clock.local(),
        };
        let rounds = rounds(&to, records)?;
        let writer = self.writer(feed, files)?;
        let mark = format!("feed/{}/replay/{replay}", feed.id);
        let counts = self.commit(feed, &writer, &mark, rounds).await?;
        self.inner.ledger.finish_replay(&feed.id, &ids, counts, &self.inner.clock.stamp()).await?;
        Ok(ids.len())
    }

    /// Reads one row again.
    fn again(
        &self,
        files: &FileFeed,
        row: &StoredQuarantine,
    ) -> Result<Result<Record, (Reason, String)>, IngestError> {
        let bytes = self.inner.cipher.decrypt_bytes(RAW, &row.raw).map_err(IngestError::Quarantine)?;
        let Ok(context) = serde_json::from_str::<RowContext>(&row.context) else {
            return Ok(Err((
                Reason::parse(&row.item.reason).unwrap_or(Reason::BadEncoding),
                row.item.detail.clone(),
            )));
        };
        Ok(map_again(files, &bytes, &context, self.inner.clock.local()).map(|mut record| {
            // Without versions the partner's newer row, if one came since, must win over the replayed one.
            if record.version == 0 {
                record.version = -1;
            }
            record
        }))
    }
}
