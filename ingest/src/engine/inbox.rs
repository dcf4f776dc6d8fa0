//! The watched folder of a feed: which files wait, and how one is taken.
//!
//! A file is moved aside before a byte of it is read, so that one of the same name can arrive meanwhile; it is the file
//! that was seen, or it goes back. Changed while it was loaded, it goes back too and is read again: rows that were
//! stored already are then merged.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::aside::{READING, SET_ASIDE, STORING, files_in, move_into};
use super::stamp::Stamp;
use super::{FileOutcome, FileReport, IngestEngine, Task};
use crate::definition::FeedDef;
use crate::error::IngestError;
use crate::format::bounds::{LARGEST_FILE, too_large};

/// How long nobody must have written a file that is asked for at once, and how long that is waited for.
const SETTLE_NOW: Duration = Duration::from_secs(1);
const PATIENCE: Duration = Duration::from_secs(10);
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// A file in an inbox with what shows whether somebody is still writing it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Waiting {
    pub path: PathBuf,
    pub stamp: Stamp,
}

/// A file that was taken: what became of it, and where it lies as what.
pub(super) struct Taken {
    pub report: FileReport,
    /// Nothing when it went back because it had changed.
    pub kept: Option<Waiting>,
}

impl IngestEngine {
    /// Loads every file of a feed's inbox in the order of their names; those on which a process has died too, for this
    /// is a process of its own. Adds the names of files somebody is still writing to `left`.
    pub(super) async fn run_inbox(
        &self,
        feed: &FeedDef,
        left: &mut Vec<String>,
    ) -> Result<Vec<FileReport>, IngestError> {
        let mut reports = Vec::new();
        {
            let _turn = self.lock(&feed.id).await?;
            for folder in [STORING, READING, SET_ASIDE] {
                for path in files_in(&self.folder(feed).join(folder))? {
                    let Some(stamp) = Stamp::at(&path) else { continue };
                    reports.extend(self.try_file(feed, &Waiting { path, stamp }).await?.map(|t| t.report));
                }
            }
        }
        let started = Instant::now();
        for mut file in self.waiting(feed)? {
            let mut since = Instant::now();
            while !file.stamp.is_quiet(since, SETTLE_NOW) || file.stamp.is_being_written() {
                if started.elapsed() > PATIENCE {
                    break;
                }
                tokio::time::sleep(LOOK_AGAIN).await;
                let Some(stamp) = Stamp::at(&file.path) else { break };
                if stamp != file.stamp {
                    (file.stamp, since) = (stamp, Instant::now());
                }
            }
            if started.elapsed() > PATIENCE
                && (!file.stamp.is_quiet(since, SETTLE_NOW) || file.stamp.is_being_written())
            {
                left.push(format!("{}/{}", feed.id, name_of(&file.path)));
                continue;
            }
            reports.extend(self.take(feed, &file).await?.map(|taken| taken.report));
        }
        Ok(reports)
    }

    /// Loads one file and moves it away; nothing when another process took it first or somebody is still writing it.
    pub(super) fn take<'a>(&'a self, feed: &'a FeedDef, file: &'a Waiting) -> Task<'a, Option<Taken>> {
        Box::pin(async move {
            let _turn = self.lock(&feed.id).await?;
            self.try_file(feed, file).await
        })
    }

    /// The same for who has the feed's turn.
    pub(super) fn try_file<'a>(&'a self, feed: &'a FeedDef, file: &'a Waiting) -> Task<'a, Option<Taken>> {
        Box::pin(async move {
            let folder = self.folder(feed);
            let name = file.path.file_name().unwrap_or_default();
            let Some(mut path) = self.mark(&file.path, &folder, name)? else { return Ok(None) };
            let loaded = self.load_marked(feed, name, &mut path, file.stamp).await;
            let back = |path: &Path| move_into(path, &folder, name).map(|_| ());
            match loaded {
                Ok(Some(report)) if Stamp::at(&path) == Some(file.stamp) => {
                    let outcome = match report.outcome {
                        FileOutcome::Loaded | FileOutcome::Repeated => ".done",
                        FileOutcome::Refused => ".refused",
                    };
                    let kept = move_into(&path, &folder.join(outcome), name)?;
                    let kept = kept.map(|path| Waiting { path, stamp: file.stamp });
                    Ok(Some(Taken { report, kept }))
                }
                Ok(report) => {
                    tracing::warn!(feed.id = %feed.id, file.name = %name_of(&path), "file changed while it was taken; it will be read again");
                    back(&path)?;
                    Ok(report.map(|report| Taken { report, kept: None }))
                }
                Err(error) => {
                    // Nothing is known against the file: the lake or the store failed.
                    back(&path)?;
                    Err(error)
                }
            }
        })
    }

    /// Moves a file to where it is marked as being read.
    fn mark(&self, path: &Path, folder: &Path, name: &OsStr) -> Result<Option<PathBuf>, IngestError> {
        let reading = folder.join(READING);
        if path.parent() == Some(&reading) {
            return Ok(Some(path.to_owned()));
        }
        move_into(path, &reading, name)
    }

    /// Reads and loads a marked file; nothing when it is not the one that was seen, or changes under the reader.
    async fn load_marked(
        &self,
        feed: &FeedDef,
        name: &OsStr,
        path: &mut PathBuf,
        seen: Stamp,
    ) -> Result<Option<FileReport>, IngestError> {
        if Stamp::at(path) != Some(seen) {
            return Ok(None);
        }
        let shown = name.to_string_lossy().into_owned();
        if seen.size > LARGEST_FILE {
            let refusal = too_large(format!("文件有 {} MB，多于 {} MB", seen.size >> 20, LARGEST_FILE >> 20));
            let content = format!("{shown} {} {:?}", seen.size, seen.modified);
            return self.refuse_unread(feed, &shown, &content, seen.size, refusal).await.map(Some);
        }
        let bytes = tokio::fs::read(&*path).await.map_err(IngestError::file("read", path))?;
        if Stamp::at(path) != Some(seen) || bytes.len() as u64 != seen.size {
            return Ok(None);
        }
        let storing = self.folder(feed).join(STORING);
        let mut read_through = || {
            if let Some(moved) = move_into(path, &storing, name)? {
                *path = moved;
            }
            Ok(())
        };
        let (_, report) = self.load(feed, &shown, bytes, &mut read_through).await?;
        Ok(Some(report))
    }

    /// What processes that died have left: files whose rows were being stored are to be taken again, those that were
    /// being read are set aside. The caller has the feed's turn. Returns the former.
    pub(super) fn recover(&self, feed: &FeedDef) -> Result<Vec<Waiting>, IngestError> {
        let folder = self.folder(feed);
        for path in files_in(&folder.join(READING))? {
            let name = path.file_name().unwrap_or_default();
            // Killed between the two halves of a move: it is in the other place, too.
            let twice = [folder.join(name), folder.join(STORING).join(name)];
            if twice.iter().any(|other| Stamp::at(other) == Stamp::at(&path)) {
                std::fs::remove_file(&path).map_err(IngestError::file("remove the second name of", &path))?;
                continue;
            }
            move_into(&path, &folder.join(SET_ASIDE), name)?;
            tracing::error!(
                feed.id = %feed.id, file.name = %name_of(&path),
                "the process ended while this file was being read; it is set aside and not tried again by the server"
            );
        }
        let storing = files_in(&folder.join(STORING))?;
        Ok(storing
            .into_iter()
            .filter_map(|path| Stamp::at(&path).map(|stamp| Waiting { path, stamp }))
            .collect())
    }

    /// Names of the files on which a process has died.
    pub(super) fn set_aside(&self, feed: &FeedDef) -> Result<Vec<String>, IngestError> {
        Ok(files_in(&self.folder(feed).join(SET_ASIDE))?.iter().map(|path| name_of(path)).collect())
    }

    /// The feed's inbox.
    pub(super) fn folder(&self, feed: &FeedDef) -> PathBuf {
        self.inner.inbox.join(&feed.id)
    }

    /// Files that wait in a feed's inbox. Hidden files and half-transferred ones are left alone.
    pub(super) fn waiting(&self, feed: &FeedDef) -> Result<Vec<Waiting>, IngestError> {
        let paths = files_in(&self.folder(feed))?;
        let waits = |path: &PathBuf| {
            let name = name_of(path).to_lowercase();
            let partial =
                [".part", ".tmp", ".filepart", ".crdownload", ".swp"].iter().any(|s| name.ends_with(s));
            !(name.starts_with('.') || name.starts_with("~$") || partial)
        };
        // A file may be gone by now: then somebody else has taken it.
        let stamped = |path: PathBuf| Stamp::at(&path).map(|stamp| Waiting { path, stamp });
        Ok(paths.into_iter().filter(waits).filter_map(stamped).collect())
    }
}

pub(super) fn name_of(path: &Path) -> String {
    path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default()
}
