//! Background care of the lake: follow commits of other processes, fold middling files together, remove what nobody reads
//! any more as fast as writing leaves it behind. What other processes may read stays: see `lake_lock`.

use std::collections::{BTreeMap, HashSet};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use futures::FutureExt;
use futures::future::BoxFuture;

use serde_json::json;
use tokio::sync::watch;

use crate::delta::{Commit, CommitOutcome, DataFile, LakeTable, log_files, parquet_file};
use crate::error::WarehouseError;
use crate::lake::Lake;

/// How soon a commit of another process is seen.
const FOLLOW_EVERY: Duration = Duration::from_millis(500);
/// How often what nobody reads any more is removed.
const TIDY_EVERY: Duration = Duration::from_secs(5);
/// How often tables are looked after.
const CARE_EVERY: Duration = Duration::from_secs(60);
/// A file with fewer rows may be folded with its neighbours.
const FULL_FILE_ROWS: usize = 60_000;
/// How many such files a partition may hold.
const PARTIAL_FILES_KEPT: usize = 8;
/// Rows folded into one file at the most: bounds the memory of a fold.
const FOLD_ROWS: usize = 200_000;
/// How long files that no snapshot names stay beside other processes, which may read or be about to commit them.
const KEEP_DEAD_FILES: Duration = Duration::from_secs(6 * 3600);

/// What one round of care did.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct MaintenanceReport {
    /// Files folded into others.
    pub folded: usize,
    /// Dead data files removed.
    pub removed: usize,
    /// Rollup side files removed.
    pub rollups_removed: usize,
    /// Entries of Delta logs removed.
    pub log_removed: usize,
}

/// A table with the files it no longer has.
struct Unread {
    table: Arc<LakeTable>,
    files: Vec<Arc<DataFile>>,
}

impl Lake {
    /// Runs until `stop` turns true or its sender is dropped.
    pub fn spawn_maintenance(
        self: &Arc<Self>,
        mut stop: watch::Receiver<bool>,
    ) -> tokio::task::JoinHandle<()> {
        let lake = self.clone();
        tokio::spawn(async move {
            let mut follow = tokio::time::interval(FOLLOW_EVERY);
            let mut care = tokio::time::interval(CARE_EVERY);
            let mut tidy = tokio::time::interval(TIDY_EVERY);
            tidy.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
            follow.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
            care.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
            care.tick().await;
            loop {
                tokio::select! {
                    changed = stop.changed() => if changed.is_err() || *stop.borrow() { break },
                    _ = follow.tick() => {
                        if let Err(e) = lake.refresh().await {
                            tracing::error!(error = ?e, "cannot look for new commits in the lake; is the folder still there?");
                        }
                    }
                    _ = tidy.tick() => {
                        if let Err(e) = lake.tidy().await {
                            tracing::error!(error = ?e, "what nobody reads any more could not be removed; it is tried again");
                        }
                    }
                    _ = care.tick() => match lake.maintain().await {
                        Ok(report) if report != MaintenanceReport::default() => {
                            tracing::info!(folded = report.folded, removed = report.removed, rollups.removed = report.rollups_removed, "lake maintained");
                        }
                        Ok(_) => {}
                        Err(e) => tracing::error!(error = ?e, "lake maintenance failed; data is safe, files pile up until it succeeds"),
                    },
                }
            }
        })
    }

    /// One round of care over all tables.
    pub fn maintain(&self) -> BoxFuture<'_, Result<MaintenanceReport, WarehouseError>> {
        async move {
            let mut report = MaintenanceReport::default();
            for table in self.tables() {
                report.folded += Box::pin(fold(table)).await?;
                let snapshot = table.refresh().await?;
                let folder = self.root().join(&table.def().id);
                let live = snapshot.files.iter().map(|f| f.path.clone());
                let live: HashSet<String> = live.chain(table.retired.paths()).collect();
                let (lock, opened) = (self.lock().clone(), self.opened());
                report.removed += tokio::task::spawn_blocking(move || {
                    let old =
                        SystemTime::now().checked_sub(KEEP_DEAD_FILES).unwrap_or(SystemTime::UNIX_EPOCH);
                    // Alone, what an earlier life of this process left behind is nobody's.
                    lock.alone(|| remove_dead(&folder, &folder, &live, opened.max(old)))
                        .unwrap_or_else(|| remove_dead(&folder, &folder, &live, old))
                })
                .await
                .map_err(|_| WarehouseError::Task("removing dead files"))?;
                report.rollups_removed += self.rollups().retain(&table.def().id, &snapshot);
            }
            tracing::debug!(rollup.bytes = self.rollups().bytes(), "rollups in memory");
            Ok(report)
        }
        .boxed()
    }
}

impl Lake {
    /// Removes at once what left the tables and is read by nobody: data files, their side files, what is kept of them in
    /// memory, and log entries behind checkpoints. Beside other processes only memory is tidied.
    pub fn tidy(&self) -> BoxFuture<'_, Result<MaintenanceReport, WarehouseError>> {
        async move {
            self.door().forget_older();
            let tables: Vec<Arc<LakeTable>> = self.tables().cloned().collect();
            let (lock, root) = (self.lock().clone(), self.root().to_owned());
            let removed =
                tokio::task::spawn_blocking(move || lock.alone(|| remove_unread(tables, &root))).await;
            let removed = removed.map_err(|_| WarehouseError::Task("removing what nobody reads"))?;
            let Some((unread, log_removed)) = removed else { return Ok(MaintenanceReport::default()) };
            let mut report = MaintenanceReport { log_removed, ..MaintenanceReport::default() };
            for Unread { table, files } in unread {
                self.door().forget_files(&files);
                report.removed += files.len();
                report.rollups_removed += self.rollups().forget(&table.def().id, &files);
            }
            Ok(report)
        }
        .boxed()
    }
}

fn remove_unread(tables: Vec<Arc<LakeTable>>, root: &Path) -> (Vec<Unread>, usize) {
    let mut log_entries = 0;
    let unread = tables.into_iter().map(|table| {
        let folder = root.join(&table.def().id);
        log_entries += log_files::tidy(&folder.join("_delta_log"), table.snapshot().version);
        let files = table.retired.take_unread();
        for file in &files {
            // One that cannot be removed now is found again when the folder is looked through.
            let _ = std::fs::remove_file(folder.join(&file.path));
        }
        Unread { table, files }
    });
    (unread.collect(), log_entries)
}

async fn fold(table: &Arc<LakeTable>) -> Result<usize, WarehouseError> {
    let _turn = table.write_turn.lock().await;
    let snapshot = table.refresh().await?;
    let mut partitions: BTreeMap<Option<&str>, Vec<Arc<DataFile>>> = BTreeMap::new();
    for file in snapshot.files.iter().filter(|f| f.rows < FULL_FILE_ROWS) {
        partitions.entry(file.district.as_deref()).or_default().push(file.clone());
    }
    let mut commit = Commit::default();
    for (partition, files) in partitions.iter().filter(|(_, files)| files.len() > PARTIAL_FILES_KEPT) {
        let (mut rows, mut batches) = (0, Vec::new());
        for file in files {
            if rows + file.rows > FOLD_ROWS {
                break;
            }
            rows += file.rows;
            batches.push(parquet_file::read_rows(table.def(), table.store(), file).await?);
            commit.remove.push(file.clone());
        }
        let batch = parquet_file::sorted(table.def(), &batches)?;
        if batch.num_rows() > 0 {
            commit.add.push(parquet_file::write(table.def(), table.store(), *partition, batch).await?);
        }
    }
    let folded = commit.remove.len();
    if folded == 0 {
        return Ok(0);
    }
    commit.info.insert("pujiang.fold".into(), json!({ "files": folded }));
    match table.commit(&snapshot, commit).await? {
        CommitOutcome::Landed(_) => Ok(folded),
        // Someone wrote meanwhile; the next round will fold.
        CommitOutcome::Overtaken => Ok(0),
    }
}

/// Removes data files below a folder that are not live and older than a moment.
fn remove_dead(root: &Path, folder: &Path, live: &HashSet<String>, before: SystemTime) -> usize {
    let mut removed = 0;
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with('_') || name.starts_with('.') {
            continue;
        }
        if path.is_dir() {
            removed += remove_dead(root, &path, live, before);
            continue;
        }
        let below = path.strip_prefix(root).map(|p| p.to_string_lossy().into_owned()).unwrap_or_default();
        let is_old = entry.metadata().and_then(|m| m.modified()).is_ok_and(|written| written < before);
        if name.ends_with(".parquet")
            && !live.contains(&below)
            && is_old
            && std::fs::remove_file(&path).is_ok()
        {
            removed += 1;
        }
    }
    removed
}
