//! Keyed upserts as copy-on-write: only files that hold a changed key are read and rewritten, new rows
//! go into one file per district, small files of that district are folded in on the way. Readers thus
//! scan plain Parquet with unique keys (docs/decisions/0002).

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use futures::FutureExt;
use futures::future::BoxFuture;

use arrow::array::{Array, RecordBatch};
use serde_json::{Value, json};

use super::batches::{self, Partitions};
use super::merge::{Incoming, Stored, Verdict, Wish, decide, resolve};
use super::{Change, Mark, Outcome};
use crate::delta::{Commit, CommitOutcome, DataFile, LakeTable, Snapshot, parquet_file};
use crate::error::WarehouseError;

/// A file below this many rows is folded into the next write of its partition …
const SMALL_FILE_ROWS: usize = 20_000;
/// … once so many of them lie there. Bounds files per partition and thus the cost of reading.
const SMALL_FILES_KEPT: usize = 6;
/// How often a commit that was overtaken by another process is planned anew.
const ATTEMPTS: usize = 20;

/// Writes one table. Cheap to clone.
#[derive(Clone)]
pub struct TableWriter {
    table: Arc<LakeTable>,
}

/// A stored row with an incoming key.
struct Hit {
    file: usize,
    row: usize,
    version: i64,
    tombstone: bool,
}

/// The files a plan rewrites and the rows that leave them.
type Rewrites = BTreeMap<usize, Vec<usize>>;

impl TableWriter {
    pub(crate) fn new(table: Arc<LakeTable>) -> Self {
        Self { table }
    }

    /// Highest mark version committed under this application id.
    pub fn committed<'a>(&'a self, app_id: &'a str) -> BoxFuture<'a, Result<Option<i64>, WarehouseError>> {
        async move {
            self.table.refresh().await?;
            self.table.committed(app_id).await
        }
        .boxed()
    }

    /// Merges the change into the table in one commit that also carries the mark.
    ///
    /// Fails with `BadBatch` when rows do not fit the definition: then nothing was written.
    pub fn upsert(
        &self,
        change: Change,
        mark: Option<Mark>,
    ) -> BoxFuture<'_, Result<Outcome, WarehouseError>> {
        async move {
            let def = self.table.def().clone();
            let upserts = batches::checked(&def, &change.upserts)?;
            let deletes = batches::checked(&def, &change.deletes)?;
            let _turn = self.table.write_turn.lock().await;
            // The table may have gained columns since this writer was made.
            let newest = Self::new(Arc::new(self.table.newest()));
            let upserts = batches::fitted(newest.table.def(), &def, upserts)?;
            let deletes = batches::fitted(newest.table.def(), &def, deletes)?;
            for _ in 0..ATTEMPTS {
                let snapshot = self.table.refresh().await?;
                if let Some(done) = self.done_before(mark.as_ref(), &snapshot).await? {
                    return Ok(done);
                }
                let (commit, mut outcome) =
                    Box::pin(newest.plan(&snapshot, &upserts, &deletes, mark.as_ref())).await?;
                if commit.add.is_empty() && commit.remove.is_empty() && commit.marks.is_empty() {
                    outcome.version = snapshot.version;
                    return Ok(outcome);
                }
                if let CommitOutcome::Landed(landed) = self.table.commit(&snapshot, commit).await? {
                    outcome.version = landed.version;
                    return Ok(outcome);
                }
            }
            Err(WarehouseError::Overtaken { table: def.id.clone(), attempts: ATTEMPTS })
        }
        .boxed()
    }

    async fn done_before(
        &self,
        mark: Option<&Mark>,
        snapshot: &Snapshot,
    ) -> Result<Option<Outcome>, WarehouseError> {
        let Some(mark) = mark else { return Ok(None) };
        if self.table.committed(&mark.app_id).await?.is_none_or(|v| v < mark.version) {
            return Ok(None);
        }
        let noted = self.table.noted(&mark_text(mark), "pujiang.outcome").await?;
        let counts: Outcome = noted.and_then(|v| serde_json::from_value(v).ok()).unwrap_or_default();
        Ok(Some(Outcome { version: snapshot.version, already: true, ..counts }))
    }

    async fn plan(
        &self,
        snapshot: &Snapshot,
        upserts: &RecordBatch,
        deletes: &RecordBatch,
        mark: Option<&Mark>,
    ) -> Result<(Commit, Outcome), WarehouseError> {
        let def = self.table.def();
        let upsert_keys = batches::text(upserts, &def.key)?;
        let delete_keys = batches::text(deletes, &def.key)?;
        let (upsert_versions, delete_versions) =
            (batches::versions(def, upserts), batches::versions(def, deletes));
        let rows = |wish, keys: &'_ arrow::array::StringArray, versions: &[i64]| -> Vec<(usize, Incoming)> {
            (0..keys.len()).map(|row| (row, Incoming { wish, version: versions[row], row })).collect()
        };
        let incoming = rows(Wish::Upsert, upsert_keys, &upsert_versions)
            .into_iter()
            .map(|(i, r)| (upsert_keys.value(i), r))
            .chain(
                rows(Wish::Delete, delete_keys, &delete_versions)
                    .into_iter()
                    .map(|(i, r)| (delete_keys.value(i), r)),
            );
        let resolved = resolve(incoming);
        let mut outcome =
            Outcome { older: resolved.older, identical: resolved.identical, ..Outcome::default() };

        let keys: Vec<&str> = resolved.winners.keys().copied().collect();
        let candidates = self.table.keys.candidates(self.table.store(), snapshot, &def.key, &keys).await?;
        let hits = self.find(&candidates, &resolved.winners).await?;
        let same = self.same_content(&candidates, &hits, &resolved.winners, upserts).await?;

        let mut rewrites = Rewrites::new();
        let (mut take_in, mut bury) = (Vec::new(), Vec::new());
        for (key, row) in &resolved.winners {
            let hit = hits.get(key);
            let stored = match hit {
                None => Stored::Nothing,
                Some(h) if h.tombstone => Stored::Tombstone { version: h.version },
                Some(h) => Stored::Live { version: h.version, same_content: same.contains(key) },
            };
            let verdict = decide(*row, stored);
            match verdict {
                Verdict::Insert => outcome.inserted += 1,
                Verdict::Replace => outcome.updated += 1,
                Verdict::Remove => {
                    (outcome.deleted, outcome.removed) = (outcome.deleted + 1, outcome.removed + 1)
                }
                Verdict::Bury => outcome.deleted += 1,
                Verdict::Older => outcome.older += 1,
                Verdict::Identical => outcome.identical += 1,
            }
            match verdict {
                Verdict::Insert | Verdict::Replace => take_in.push(row.row),
                Verdict::Remove | Verdict::Bury => bury.push(row.row),
                Verdict::Older | Verdict::Identical => continue,
            }
            if let Some(hit) = hit {
                rewrites.entry(hit.file).or_default().push(hit.row);
            }
        }
        take_in.sort_unstable();
        bury.sort_unstable();
        let mut fresh = batches::by_partition(def, &batches::take(upserts, &take_in)?)?;
        if !bury.is_empty() {
            let graves = batches::tombstones(def, &batches::take(deletes, &bury)?)?;
            fresh.entry(batches::tombstone_partition(def)).or_default().push(graves);
        }
        let mut commit = Box::pin(self.files(snapshot, &candidates, rewrites, fresh)).await?;
        if let Some(mark) = mark {
            commit.marks.push((mark.app_id.clone(), mark.version));
            commit.info.insert("pujiang.marks".into(), json!([mark_text(mark)]));
            commit
                .info
                .insert("pujiang.outcome".into(), serde_json::to_value(&outcome).unwrap_or(Value::Null));
        }
        Ok((commit, outcome))
    }

    /// Stored rows under the winners' keys.
    async fn find<'a>(
        &self,
        candidates: &[Arc<DataFile>],
        winners: &HashMap<&'a str, Incoming>,
    ) -> Result<HashMap<&'a str, Hit>, WarehouseError> {
        let def = self.table.def();
        let mut columns = vec![def.key.as_str()];
        columns.extend(def.version.as_deref());
        let mut hits = HashMap::new();
        for (index, file) in candidates.iter().enumerate() {
            let batch = parquet_file::read(self.table.store(), file, &columns).await?;
            let versions = batches::versions(def, &batch);
            for (row, key) in batches::text(&batch, &def.key)?.iter().enumerate() {
                if let Some((winner, _)) = key.and_then(|k| winners.get_key_value(k)) {
                    let hit =
                        Hit { file: index, row, version: versions[row], tombstone: file.is_tombstones() };
                    hits.insert(*winner, hit);
                }
            }
        }
        Ok(hits)
    }

    /// Keys whose stored row has the winner's version and the same content.
    async fn same_content<'a>(
        &self,
        candidates: &[Arc<DataFile>],
        hits: &HashMap<&'a str, Hit>,
        winners: &HashMap<&'a str, Incoming>,
        upserts: &RecordBatch,
    ) -> Result<std::collections::HashSet<&'a str>, WarehouseError> {
        let def = self.table.def();
        let mut ties: BTreeMap<usize, Vec<(&'a str, usize, usize)>> = BTreeMap::new();
        for (key, hit) in hits {
            let winner = winners[key];
            if !hit.tombstone && winner.wish == Wish::Upsert && winner.version == hit.version {
                ties.entry(hit.file).or_default().push((key, hit.row, winner.row));
            }
        }
        let mut same = std::collections::HashSet::new();
        for (file, ties) in ties {
            let file = &candidates[file];
            let stored = parquet_file::read_rows(def, self.table.store(), file).await?;
            let stored_rows: Vec<usize> = ties.iter().map(|t| t.1).collect();
            let incoming_rows: Vec<usize> = ties.iter().map(|t| t.2).collect();
            let stored =
                batches::contents(def, &batches::take(&stored, &stored_rows)?, file.district.as_deref())?;
            let incoming = batches::contents(def, &batches::take(upserts, &incoming_rows)?, None)?;
            same.extend(
                ties.iter().zip(stored.iter().zip(&incoming)).filter(|(_, (a, b))| a == b).map(|(t, _)| t.0),
            );
        }
        Ok(same)
    }

    /// Writes the new files of the plan.
    async fn files(
        &self,
        snapshot: &Snapshot,
        candidates: &[Arc<DataFile>],
        rewrites: Rewrites,
        mut fresh: Partitions,
    ) -> Result<Commit, WarehouseError> {
        let def = self.table.def();
        let mut commit = Commit::default();
        for (index, rows) in rewrites {
            let file = &candidates[index];
            let kept =
                batches::without(&parquet_file::read_rows(def, self.table.store(), file).await?, &rows)?;
            commit.remove.push(file.clone());
            if kept.num_rows() > 0 {
                fresh.entry(file.district.clone()).or_default().push(kept);
            }
        }
        for (partition, mut rows) in fresh {
            let small: Vec<&Arc<DataFile>> = snapshot
                .files
                .iter()
                .filter(|f| f.district == partition && f.rows < SMALL_FILE_ROWS)
                .filter(|f| !commit.remove.iter().any(|r| r.path == f.path))
                .collect();
            if small.len() >= SMALL_FILES_KEPT {
                for file in small {
                    rows.push(parquet_file::read_rows(def, self.table.store(), file).await?);
                    commit.remove.push(file.clone());
                }
            }
            let batch = parquet_file::sorted(def, &rows)?;
            if batch.num_rows() > 0 {
                commit
                    .add
                    .push(parquet_file::write(def, self.table.store(), partition.as_deref(), batch).await?);
            }
        }
        Ok(commit)
    }
}

fn mark_text(mark: &Mark) -> String {
    format!("{}@{}", mark.app_id, mark.version)
}
