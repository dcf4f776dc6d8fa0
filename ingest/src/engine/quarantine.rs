//! Quarantined rows for people who correct them.

use super::IngestEngine;
use super::load::RAW;
use crate::definition::{FeedDef, Source};
use crate::error::IngestError;
use crate::ledger::QuarantinePage;
use crate::mapping::{RowContext, preview, preview_of_event};

/// Whether rows are shown. Personal values in them are masked as their columns say, for everybody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Originals {
    /// As a preview, for those who manage the feed.
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
        let def = self.feed(feed)?.clone();
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
                row.item.raw = Some(shown(&def, &bytes, &row.context));
            }
            items.push(row.item);
        }
        Ok(QuarantinePage { items, next })
    }
}

fn shown(def: &FeedDef, bytes: &[u8], context: &str) -> String {
    let context: Option<RowContext> = serde_json::from_str(context).ok();
    match (&def.source, context) {
        (Source::Files(files), Some(context)) => preview(files, bytes, &context),
        _ => preview_of_event(bytes),
    }
}
