//! The watch of the running server: inboxes every second, the outbox several times a second.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::inbox::Waiting;
use super::{IngestEngine, Task};
use crate::definition::{FeedDef, Source};

const INBOX_EVERY: Duration = Duration::from_secs(1);
const OUTBOX_EVERY: Duration = Duration::from_millis(200);
/// After a failure (a locked database, a full disk) nothing is gained by trying every second.
const PAUSE: Duration = Duration::from_secs(10);

impl IngestEngine {
    /// Watches inboxes and outbox until cancelled. What is being committed is finished first.
    pub fn spawn_watch(&self, cancel: CancellationToken) -> Vec<JoinHandle<()>> {
        self.inner
            .definitions
            .feeds()
            .map(|feed| {
                let (engine, feed, cancel) = (self.clone(), feed.clone(), cancel.clone());
                match feed.source {
                    Source::Files(_) => tokio::spawn(async move { engine.watch_inbox(&feed, &cancel).await }),
                    Source::Outbox(_) => tokio::spawn(engine.watch_outbox(feed, cancel)),
                }
            })
            .collect()
    }

    async fn watch_inbox(&self, feed: &Arc<FeedDef>, cancel: &CancellationToken) {
        let mut seen: Vec<Waiting> = Vec::new();
        let mut failed: HashMap<PathBuf, Instant> = HashMap::new();
        while !slept(cancel, INBOX_EVERY).await {
            let waiting = match self.waiting(feed) {
                Ok(waiting) => waiting,
                Err(error) => {
                    tracing::error!(feed.id = %feed.id, error = %chain(&error), "inbox cannot be listed");
                    continue;
                }
            };
            failed.retain(|path, since| since.elapsed() < PAUSE && waiting.iter().any(|w| &w.path == path));
            // A file that changed since the last look is still being written.
            let ready: Vec<Waiting> = waiting
                .iter()
                .filter(|w| seen.contains(w) && !failed.contains_key(&w.path))
                .cloned()
                .collect();
            for file in ready {
                if cancel.is_cancelled() {
                    return;
                }
                if let Err(error) = self.take(feed, &file.path).await {
                    tracing::error!(feed.id = %feed.id, file.name = %file.path.display(), error = %chain(&error), "file could not be loaded");
                    failed.insert(file.path.clone(), Instant::now());
                }
            }
            seen = waiting;
        }
    }

    async fn watch_outbox(self, feed: Arc<FeedDef>, cancel: CancellationToken) {
        while !cancel.is_cancelled() {
            if let Err(error) = self.tail(&feed, &cancel).await {
                tracing::error!(feed.id = %feed.id, error = %chain(&error), "outbox could not be read");
                slept(&cancel, PAUSE / 10).await;
            }
        }
    }

    fn tail<'a>(&'a self, feed: &'a FeedDef, cancel: &'a CancellationToken) -> Task<'a, ()> {
        Box::pin(async move {
            let _turn = self.lock(&feed.id).await?;
            let mut tail = self.outbox_tail(feed).await?;
            loop {
                if tail.poll().await? == 0 && slept(cancel, OUTBOX_EVERY).await {
                    return Ok(());
                }
            }
        })
    }
}

/// Sleeps; `true` when cancelled meanwhile.
async fn slept(cancel: &CancellationToken, time: Duration) -> bool {
    tokio::select! {
        () = cancel.cancelled() => true,
        () = tokio::time::sleep(time) => false,
    }
}

/// An error with its causes, for the log.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        cause = inner.source();
    }
    text
}
