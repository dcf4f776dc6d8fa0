//! The watched folder of a feed: which files are ready, and where they go afterwards.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::{FileOutcome, FileReport, IngestEngine, Task};
use crate::definition::FeedDef;
use crate::error::IngestError;

/// A file in an inbox with what shows whether somebody is still writing it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Waiting {
    pub path: PathBuf,
    pub size: u64,
    pub modified: SystemTime,
}

impl IngestEngine {
    /// Loads every file of a feed's inbox in the order of their names.
    pub(super) async fn run_inbox(&self, feed: &FeedDef) -> Result<Vec<FileReport>, IngestError> {
        let mut reports = Vec::new();
        for file in self.waiting(feed)? {
            reports.extend(self.take(feed, &file.path).await?);
        }
        Ok(reports)
    }

    /// Loads one file and moves it away; nothing when another process took it first.
    pub(super) fn take<'a>(&'a self, feed: &'a FeedDef, path: &'a Path) -> Task<'a, Option<FileReport>> {
        Box::pin(async move {
            let _turn = self.lock(&feed.id).await?;
            let bytes = match tokio::fs::read(path).await {
                Ok(bytes) => bytes,
                Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
                Err(e) => return Err(IngestError::file("read", path)(e)),
            };
            let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
            let (sha, report) = self.load(feed, &name, bytes).await?;
            let folder = match report.outcome {
                FileOutcome::Loaded | FileOutcome::Repeated => ".done",
                FileOutcome::Refused => ".refused",
            };
            let folder = self.inner.inbox.join(&feed.id).join(folder);
            put_away(path, &folder, &name, &sha)?;
            Ok(Some(report))
        })
    }

    /// Files that wait in a feed's inbox. Hidden files and half-transferred ones are left alone.
    pub(super) fn waiting(&self, feed: &FeedDef) -> Result<Vec<Waiting>, IngestError> {
        let folder = self.inner.inbox.join(&feed.id);
        let fail = || IngestError::file("list", &folder);
        let entries = match std::fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(e) => return Err(fail()(e)),
        };
        let mut waiting = Vec::new();
        for entry in entries {
            let entry = entry.map_err(fail())?;
            let name = entry.file_name().to_string_lossy().to_lowercase();
            let partial =
                [".part", ".tmp", ".filepart", ".crdownload", ".swp"].iter().any(|s| name.ends_with(s));
            if name.starts_with('.') || name.starts_with("~$") || partial {
                continue;
            }
            // The file may be gone by now: then somebody else has taken it.
            let Ok(meta) = std::fs::symlink_metadata(entry.path()) else { continue };
            if meta.is_file() {
                let modified = meta.modified().unwrap_or(SystemTime::UNIX_EPOCH);
                waiting.push(Waiting { path: entry.path(), size: meta.len(), modified });
            }
        }
        waiting.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(waiting)
    }
}

/// Moves a file away; another one of that name keeps its own.
fn put_away(path: &Path, folder: &Path, name: &str, sha: &str) -> Result<(), IngestError> {
    std::fs::create_dir_all(folder).map_err(IngestError::file("create", folder))?;
    let mut target = folder.join(name);
    if target.exists() {
        target = folder.join(format!("{}_{name}", sha.get(..8).unwrap_or(sha)));
    }
    std::fs::rename(path, &target).map_err(IngestError::file("move away", path))
}
