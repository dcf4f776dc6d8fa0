//! The watch of the running server: inboxes every second, the outbox several times a second.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::aside::move_into;
use super::inbox::{Waiting, name_of};
use super::stamp::Stamp;
use super::{IngestEngine, Task};
use crate::definition::{FeedDef, Source};
use crate::error::IngestError;

const INBOX_EVERY: Duration = Duration::from_secs(1);
const OUTBOX_EVERY: Duration = Duration::from_millis(200);
/// After a failure (a locked database, a full disk) nothing is gained by trying every second.
const PAUSE: Duration = Duration::from_secs(10);
/// A file is taken when nobody has written to it for so long: people and slow lines pause.
const SETTLE: Duration = Duration::from_secs(5);
/// How long a file that a program keeps open is waited for.
const OPEN_FOR: Duration = Duration::from_secs(600);
/// How long a file that is done is looked at for growth.
const REMEMBERED: Duration = Duration::from_secs(3_600);

/// What the watch of an inbox remembers from look to look.
#[derive(Default)]
struct InboxWatch {
    /// Files as they are, and since when.
    seen: HashMap<PathBuf, (Stamp, Instant)>,
    failed: HashMap<PathBuf, Instant>,
    /// Files that were done, as they were.
    done: Vec<(Waiting, Instant)>,
}

impl InboxWatch {
    /// Files nobody is writing and that did not fail a moment ago.
    fn ready(&mut self, waiting: Vec<Waiting>) -> Vec<Waiting> {
        self.failed.retain(|path, since| since.elapsed() < PAUSE && waiting.iter().any(|w| &w.path == path));
        let before = std::mem::take(&mut self.seen);
        let mut ready = Vec::new();
        for file in waiting {
            let since = match before.get(&file.path) {
                Some((stamp, since)) if *stamp == file.stamp => *since,
                _ => Instant::now(),
            };
            self.seen.insert(file.path.clone(), (file.stamp, since));
            // An open file that nobody writes to for so long is taken: should it grow after all, it comes back.
            let written = || since.elapsed() < OPEN_FOR && file.stamp.is_being_written();
            if file.stamp.is_quiet(since, SETTLE) && !self.failed.contains_key(&file.path) && !written() {
                ready.push(file);
            }
        }
        ready
    }

    /// Files that were written to after they were done. Remembered for a while; a later change is another file's.
    fn changed_since(&mut self) -> Vec<Waiting> {
        self.done.retain(|(_, since)| since.elapsed() < REMEMBERED);
        let (same, changed): (Vec<_>, Vec<_>) = std::mem::take(&mut self.done)
            .into_iter()
            .filter_map(|(file, since)| Stamp::at(&file.path).map(|now| (file, since, now)))
            .partition(|(file, _, now)| file.stamp == *now);
        self.done = same.into_iter().map(|(file, since, _)| (file, since)).collect();
        changed.into_iter().map(|(file, _, _)| file).collect()
    }
}

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
        let mut watch = InboxWatch::default();
        while !slept(cancel, INBOX_EVERY).await {
            if let Err(error) = self.look(feed, &mut watch, cancel).await {
                tracing::error!(feed.id = %feed.id, error = %chain(&error), "inbox cannot be watched");
            }
        }
    }

    /// One look at an inbox: what others left, what changed after it was done, what is ready now.
    async fn look(
        &self,
        feed: &Arc<FeedDef>,
        watch: &mut InboxWatch,
        cancel: &CancellationToken,
    ) -> Result<(), IngestError> {
        let left = match self.try_lock(&feed.id)? {
            Some(_turn) => self.recover(feed)?,
            None => Vec::new(),
        };
        for file in watch.changed_since() {
            // Its writer had paused, or held it open all the time.
            tracing::warn!(feed.id = %feed.id, file.name = %name_of(&file.path), "file was written to after it was loaded; it will be read again");
            move_into(&file.path, &self.folder(feed), file.path.file_name().unwrap_or_default())?;
        }
        let waiting = self.waiting(feed)?;
        for file in left.into_iter().chain(watch.ready(waiting)) {
            if cancel.is_cancelled() {
                return Ok(());
            }
            match self.take(feed, &file).await {
                Ok(taken) => watch.done.extend(taken.and_then(|t| t.kept).map(|kept| (kept, Instant::now()))),
                Err(error) => {
                    tracing::error!(feed.id = %feed.id, file.name = %file.path.display(), error = %chain(&error), "file could not be loaded");
                    watch.failed.insert(file.path.clone(), Instant::now());
                }
            }
        }
        Ok(())
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
