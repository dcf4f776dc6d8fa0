//! Quarantined rows for people who correct them.

use super::IngestEngine;
use super::load::RAW;
use crate::error::IngestError;
use crate::ledger::QuarantinePage;

/// Whether the original bytes are shown: they hold personal data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Originals {
    /// Decrypted, for those who manage the feed.
    Shown,
    /// Left out.
    Withheld,
}

const LARGEST_PAGE: usize = 500;

impl IngestEngine {
    /// Rows of a feed's quarantine, newest first.
    pub async fn quarantine(
        &self,
        feed: &str,
        after: Option<&str>,
        limit: usize,
        originals: Originals,
    ) -> Result<QuarantinePage, IngestError> {
        self.feed(feed)?;
        let limit = limit.clamp(1, LARGEST_PAGE);
        let mut rows = self.inner.ledger.quarantined(feed, after, limit + 1).await?;
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next = rows.last().filter(|_| more).map(|r| format!("{}|{}", r.item.created_at, r.item.id));
        let mut items = Vec::with_capacity(rows.len());
        for mut row in rows {
            if originals == Originals::Shown {
                let bytes =
                    self.inner.cipher.decrypt_bytes(RAW, &row.raw).map_err(IngestError::Quarantine)?;
                row.item.raw = Some(readable(&bytes, &row.context));
            }
            items.push(row.item);
        }
        Ok(QuarantinePage { items, next })
    }
}

/// The original as text, in the encoding it came in.
fn readable(bytes: &[u8], context: &str) -> String {
    let context: Option<crate::mapping::RowContext> = serde_json::from_str(context).ok();
    let encoding = context.and_then(|c| c.dialect.encoding).unwrap_or(crate::format::Encoding::Utf8);
    encoding.decode(bytes)
}
