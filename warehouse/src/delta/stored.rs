//! One Delta table as it is stored: the newest snapshot, and commits that land on exactly the version they were planned
//! against. A commit that was overtaken is not rebased: its planner must look again, because another process may have
//! written the same keys. What the rows mean is `table`.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use chrono::Utc;
use deltalake::DeltaTable;
use deltalake::kernel::transaction::{CommitData, TransactionError};
use deltalake::kernel::{Action, Add, Transaction};
use deltalake::logstore::CommitOrBytes;
use deltalake::protocol::{DeltaOperation, SaveMode};
use futures::StreamExt;
use object_store::ObjectStore;
use serde_json::Value;
use tokio::sync::watch;

use super::DataFile;
use super::retired::Retired;
use crate::definition::TableDef;
use crate::error::WarehouseError;

/// The files of one table version. Immutable: a query holds on to it while newer commits land.
#[derive(Debug, Default)]
pub struct Snapshot {
    /// Delta version.
    pub version: i64,
    /// All live files, tombstone files included.
    pub files: Vec<Arc<DataFile>>,
}

impl Snapshot {
    /// Live rows, tombstones not counted.
    pub fn rows(&self) -> usize {
        self.files.iter().filter(|f| !f.is_tombstones()).map(|f| f.rows).sum()
    }

    /// The newest state of a loaded table that nobody has open.
    pub(super) fn of(id: &str, delta: &DeltaTable) -> Result<Self, WarehouseError> {
        snapshot_of(id, delta, &Self::default())
    }

    /// Whether a live row has a value in this column. A file without a count of its empty rows is older than the column.
    pub(super) fn holds(&self, column: &str) -> bool {
        let empty = |file: &DataFile| file.stats["nullCount"][column].as_u64();
        let live = self.files.iter().filter(|file| !file.is_tombstones());
        live.filter_map(|file| Some((file.rows as u64, empty(file)?))).any(|(rows, empty)| empty < rows)
    }
}

/// What a commit changes.
#[derive(Default)]
pub(crate) struct Commit {
    pub add: Vec<Add>,
    pub remove: Vec<Arc<DataFile>>,
    pub marks: Vec<(String, i64)>,
    pub info: HashMap<String, Value>,
}

/// Whether a commit landed.
pub(crate) enum CommitOutcome {
    Landed(Arc<Snapshot>),
    Overtaken,
}

/// A stored table, shared by writers and readers of this process, also of those with different definitions of it.
pub struct StoredTable {
    id: String,
    pub(super) delta: tokio::sync::Mutex<DeltaTable>,
    store: Arc<dyn ObjectStore>,
    current: RwLock<Arc<Snapshot>>,
    marks: Mutex<HashMap<String, Option<i64>>>,
    /// Serialises the writers of this process; other processes are met by the version check.
    pub(crate) write_turn: tokio::sync::Mutex<()>,
    pub(crate) keys: crate::write::KeyFilters,
    pub(crate) retired: Retired,
    changes: watch::Sender<u64>,
    /// What is written from now on has these columns, whoever writes it.
    pub(super) newest: RwLock<Arc<TableDef>>,
}

impl StoredTable {
    pub(super) fn new(
        def: Arc<TableDef>,
        delta: DeltaTable,
        changes: watch::Sender<u64>,
    ) -> Result<Self, WarehouseError> {
        let store = delta.object_store();
        let current = Arc::new(snapshot_of(&def.id, &delta, &Snapshot::default())?);
        Ok(Self {
            id: def.id.clone(),
            delta: tokio::sync::Mutex::new(delta),
            store,
            current: RwLock::new(current),
            marks: Mutex::default(),
            write_turn: tokio::sync::Mutex::new(()),
            keys: crate::write::KeyFilters::default(),
            retired: Retired::default(),
            changes,
            newest: RwLock::new(def),
        })
    }

    /// Object store rooted at the table.
    pub(crate) fn store(&self) -> &Arc<dyn ObjectStore> {
        &self.store
    }

    /// The newest snapshot this process knows.
    pub fn snapshot(&self) -> Arc<Snapshot> {
        self.current.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Looks for commits of other processes.
    pub(crate) async fn refresh(&self) -> Result<Arc<Snapshot>, WarehouseError> {
        let mut delta = self.delta.lock().await;
        let known = self.snapshot().version;
        delta.update_incremental(None).await.map_err(|e| self.unreadable(e))?;
        if delta.version().map(as_i64) == Some(known) {
            return Ok(self.snapshot());
        }
        self.marks.lock().unwrap_or_else(PoisonError::into_inner).clear();
        self.publish(&delta)
    }

    /// Highest transaction mark of an application in the newest snapshot.
    pub(crate) async fn committed(&self, app_id: &str) -> Result<Option<i64>, WarehouseError> {
        if let Some(known) = self.marks.lock().unwrap_or_else(PoisonError::into_inner).get(app_id) {
            return Ok(*known);
        }
        let delta = self.delta.lock().await;
        let state = delta.snapshot().map_err(|e| self.unreadable(e))?;
        let found = state
            .transaction_version(delta.log_store().as_ref(), app_id)
            .await
            .map_err(|e| self.unreadable(e))?;
        self.marks.lock().unwrap_or_else(PoisonError::into_inner).insert(app_id.to_owned(), found);
        Ok(found)
    }

    /// Tries to commit as the successor of `base`.
    pub(crate) async fn commit(
        &self,
        base: &Snapshot,
        commit: Commit,
    ) -> Result<CommitOutcome, WarehouseError> {
        let mut delta = self.delta.lock().await;
        let now = Utc::now().timestamp_millis();
        let mut actions: Vec<Action> = commit.remove.iter().map(|f| Action::Remove(f.remove(now))).collect();
        actions.extend(commit.add.into_iter().map(Action::Add));
        let transactions: Vec<Transaction> = commit
            .marks
            .iter()
            .map(|(app, v)| Transaction::new_with_last_update(app, *v, Some(now)))
            .collect();
        let operation = DeltaOperation::Write { mode: SaveMode::Append, partition_by: None, predicate: None };
        let fail = |source: Box<dyn std::error::Error + Send + Sync>| WarehouseError::Commit {
            table: self.id.clone(),
            source,
        };
        let bytes = CommitData::new(actions, operation, commit.info, transactions)
            .get_bytes()
            .map_err(|e| fail(Box::new(e)))?;
        let next = u64::try_from(base.version + 1).unwrap_or(0);
        let log = delta.log_store();
        match log.write_commit_entry(next, CommitOrBytes::LogBytes(bytes), uuid::Uuid::now_v7()).await {
            Ok(()) => {}
            Err(TransactionError::VersionAlreadyExists(_)) => return Ok(CommitOutcome::Overtaken),
            Err(e) => return Err(fail(Box::new(e))),
        }
        delta.update_incremental(None).await.map_err(|e| self.unreadable(e))?;
        let landed = self.publish(&delta)?;
        {
            let mut marks = self.marks.lock().unwrap_or_else(PoisonError::into_inner);
            marks.extend(commit.marks.into_iter().map(|(app, v)| (app, Some(v))));
        }
        if landed.version % 50 == 0 {
            self.checkpoint(&delta).await?;
        }
        Ok(CommitOutcome::Landed(landed))
    }

    /// What the commit that carried this mark noted under `key`, if the log still has it.
    pub(crate) async fn noted(&self, wanted: &str, key: &str) -> Result<Option<Value>, WarehouseError> {
        let delta = self.delta.lock().await;
        let mut history = delta.history(None);
        while let Some(info) = history.next().await {
            let info = info.map_err(|e| self.unreadable(e))?;
            let marks = info.info.get("pujiang.marks").and_then(Value::as_array);
            if marks.is_some_and(|m| m.iter().any(|v| v.as_str() == Some(wanted))) {
                return Ok(info.info.get(key).cloned());
            }
        }
        Ok(None)
    }

    async fn checkpoint(&self, delta: &DeltaTable) -> Result<(), WarehouseError> {
        deltalake::checkpoints::create_checkpoint(delta, None).await.map_err(|e| self.unreadable(e))?;
        deltalake::checkpoints::cleanup_metadata(delta, None).await.map_err(|e| self.unreadable(e))?;
        Ok(())
    }

    pub(super) fn publish(&self, delta: &DeltaTable) -> Result<Arc<Snapshot>, WarehouseError> {
        let before = self.snapshot();
        let snapshot = Arc::new(snapshot_of(&self.id, delta, &before)?);
        self.retired.note(&before, &snapshot);
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = snapshot.clone();
        self.keys.retain(&snapshot);
        self.changes.send_modify(|n| *n += 1);
        Ok(snapshot)
    }

    fn unreadable(&self, source: deltalake::DeltaTableError) -> WarehouseError {
        WarehouseError::Snapshot { table: self.id.clone(), source: Box::new(source) }
    }
}

fn as_i64(version: u64) -> i64 {
    i64::try_from(version).unwrap_or(i64::MAX)
}

/// The newest state. A file both versions have is one object: who holds it reads it, and its statistics are parsed once.
fn snapshot_of(id: &str, delta: &DeltaTable, before: &Snapshot) -> Result<Snapshot, WarehouseError> {
    let fail = |source: deltalake::DeltaTableError| WarehouseError::Snapshot {
        table: id.to_owned(),
        source: Box::new(source),
    };
    let state = delta.snapshot().map_err(fail)?;
    let known = |path: &str| {
        let at = before.files.binary_search_by(|file| file.path.as_str().cmp(path)).ok()?;
        Some(before.files[at].clone())
    };
    let mut files: Vec<Arc<DataFile>> = state
        .log_data()
        .iter()
        .map(|view| known(&view.path()).unwrap_or_else(|| Arc::new(DataFile::from_view(&view))))
        .collect();
    // One order for everybody: plans, caches and tests see the same list for the same version.
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(Snapshot { version: as_i64(state.version()), files })
}
