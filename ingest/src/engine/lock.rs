//! One process at a time works on a feed: the server and the command line share the inbox.

use std::fs::{File, TryLockError};
use std::time::Duration;

use super::IngestEngine;
use crate::error::IngestError;

/// Held while a feed is worked on; the system gives it back when the process dies.
pub(super) struct FeedTurn {
    _file: File,
}

/// How often a taken turn is asked for again. Waiting inside the system call could not be given up at shutdown.
const ASK_AGAIN: Duration = Duration::from_millis(50);

impl IngestEngine {
    /// Waits for the feed's turn.
    pub(super) async fn lock(&self, feed: &str) -> Result<FeedTurn, IngestError> {
        loop {
            if let Some(turn) = self.try_lock(feed)? {
                return Ok(turn);
            }
            tokio::time::sleep(ASK_AGAIN).await;
        }
    }

    /// The feed's turn, unless another process or task has it.
    pub(super) fn try_lock(&self, feed: &str) -> Result<Option<FeedTurn>, IngestError> {
        let folder = self.inner.inbox.join(".locks");
        let path = folder.join(feed);
        std::fs::create_dir_all(&folder).map_err(IngestError::file("create", &folder))?;
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(IngestError::file("open the lock", &path))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(FeedTurn { _file: file })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(source)) => Err(IngestError::file("lock", &path)(source)),
        }
    }
}
