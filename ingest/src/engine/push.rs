//! Batches over HTTP: the same way as a file, with an idempotency key. The answer is given when the rows are
//! in the lake, never before.

use serde::Serialize;
use sm3::{Digest, Sm3};
use std::collections::BTreeMap;

use super::{FileOutcome, IngestEngine};
use crate::error::IngestError;
use crate::format::bounds::{LARGEST_FILE, too_large};
use crate::reason::Refusal;

/// What became of a pushed batch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PushAnswer {
    /// Rows that changed the lake.
    pub accepted: usize,
    /// Rows merged as repeated or older.
    pub merged: usize,
    /// Deletes.
    pub deleted: usize,
    /// Rows in quarantine.
    pub quarantined: usize,
    /// The same by reason.
    pub reasons: BTreeMap<String, usize>,
    /// Data rows of the batch.
    pub rows_in: usize,
    /// Whether this content had been taken before.
    pub repeated: bool,
    /// Where its rows went, in a sentence.
    pub accounting: String,
    /// What was left out, for people.
    pub detail: String,
}

impl IngestEngine {
    /// Takes a batch in the feed's file format. The same key with the same bytes gives the same answer again;
    /// with other bytes it is refused.
    pub async fn push(
        &self,
        feed: &str,
        bytes: Vec<u8>,
        name: &str,
        idempotency_key: &str,
    ) -> Result<PushAnswer, IngestError> {
        let feed = self.feed(feed)?.clone();
        self.file_feed(&feed)?;
        if bytes.len() as u64 > LARGEST_FILE {
            return Err(IngestError::Refused(too_large(format!("这一批多于 {} MB", LARGEST_FILE >> 20))));
        }
        let sha = hex::encode(Sm3::digest(&bytes));
        let _turn = self.lock(&feed.id).await?;
        if self.inner.ledger.claim_key(&feed.id, idempotency_key, &sha).await? != sha {
            return Err(IngestError::KeyReused(idempotency_key.to_owned()));
        }
        let (sha, report) = Box::pin(self.load(&feed, name, bytes, &mut || Ok(()))).await?;
        if report.outcome == FileOutcome::Refused {
            let reason = report.refused.as_deref().and_then(crate::reason::RefusalReason::parse);
            let reason = reason.unwrap_or(crate::reason::RefusalReason::Unreadable);
            return Err(IngestError::Refused(Refusal::new(reason, report.detail)));
        }
        let reasons = self.inner.ledger.reasons_of(&feed.id, &sha).await?;
        Ok(PushAnswer {
            accepted: report.accepted,
            merged: report.merged,
            deleted: report.deleted,
            quarantined: reasons.values().sum(),
            reasons,
            rows_in: report.rows_in,
            repeated: report.outcome == FileOutcome::Repeated,
            accounting: report.accounting,
            detail: report.detail,
        })
    }
}
