//! Keeps partial aggregates: in memory up to a limit, on disk beside the lake, made on demand.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use arrow::array::RecordBatch;
use datafusion::datasource::{MemTable, TableProvider};
use datafusion::execution::object_store::ObjectStoreUrl;
use datafusion::prelude::SessionContext;
use futures::{StreamExt, TryStreamExt};

use super::numbers::{IdNumbers, Mark, Numbered};
use super::{RollupKind, RollupSpec, partial, side_file};
use crate::access::{ScopedTable, TableView};
use crate::definition::{TableDef, TableKind};
use crate::delta::{DataFile, Snapshot};
use crate::error::WarehouseError;

/// Bytes of partials kept in memory; beyond, those unused longest are dropped and read again later.
const MEMORY_LIMIT: usize = 192 << 20;
/// Partials made at the same time.
const AT_ONCE: usize = 2;

/// All partial aggregates of a lake.
pub struct RollupStore {
    folder: PathBuf,
    numbers: Arc<IdNumbers>,
    kept: Mutex<Kept>,
    /// One maker at a time per spec: concurrent readers of a new commit wait instead of repeating the work.
    makers: Mutex<HashMap<String, Arc<tokio::sync::Mutex<()>>>>,
}

#[derive(Default)]
struct Kept {
    partials: HashMap<(String, String), (u64, Arc<RecordBatch>)>,
    bytes: usize,
    clock: u64,
}

impl Kept {
    fn get(&mut self, spec: &str, path: &str) -> Option<Arc<RecordBatch>> {
        self.clock += 1;
        let clock = self.clock;
        let (used, batch) = self.partials.get_mut(&(spec.to_owned(), path.to_owned()))?;
        *used = clock;
        Some(batch.clone())
    }

    fn forget(&mut self, paths: &HashSet<&str>) {
        let mut freed = 0;
        self.partials.retain(|(_, path), (_, batch)| {
            let stays = !paths.contains(path.as_str());
            freed += if stays { 0 } else { weight(batch) };
            stays
        });
        self.bytes -= freed;
    }

    fn put(&mut self, spec: &str, path: &str, batch: Arc<RecordBatch>) {
        self.clock += 1;
        self.bytes += weight(&batch);
        if let Some((_, old)) = self.partials.insert((spec.to_owned(), path.to_owned()), (self.clock, batch))
        {
            self.bytes -= weight(&old);
        }
        while self.bytes > MEMORY_LIMIT && self.partials.len() > 1 {
            let Some(oldest) =
                self.partials.iter().min_by_key(|(_, (used, _))| *used).map(|(k, _)| k.clone())
            else {
                break;
            };
            if let Some((_, gone)) = self.partials.remove(&oldest) {
                self.bytes -= weight(&gone);
            }
        }
    }
}

/// Bytes of a partial: its arrays, and what every batch costs beside them.
fn weight(batch: &RecordBatch) -> usize {
    batch.get_array_memory_size() + 1024
}

impl RollupStore {
    pub(crate) fn new(folder: PathBuf) -> Self {
        let numbers = Arc::new(IdNumbers::new(folder.join("_ids")));
        Self { folder, numbers, kept: Mutex::default(), makers: Mutex::default() }
    }

    /// The partials of the given files (already cut to a scope) as a table.
    pub(crate) async fn provider(
        &self,
        context: &(dyn Fn() -> SessionContext + Sync),
        def: &Arc<TableDef>,
        store: ObjectStoreUrl,
        files: Vec<Arc<DataFile>>,
        spec: &RollupSpec,
    ) -> Result<Arc<dyn TableProvider>, WarehouseError> {
        let schema = partial::schema(def, spec)?;
        let name = spec.fingerprint();
        let known = |file: &Arc<DataFile>| {
            self.kept.lock().unwrap_or_else(PoisonError::into_inner).get(&name, &file.path)
        };
        let mut partials: Vec<Option<Arc<RecordBatch>>> = files.iter().map(known).collect();
        if partials.iter().any(Option::is_none) {
            let turn = self
                .makers
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .entry(name.clone())
                .or_default()
                .clone();
            let _turn = turn.lock().await;
            let missing: Vec<usize> = (0..files.len()).filter(|i| partials[*i].is_none()).collect();
            let made: Vec<(usize, Arc<RecordBatch>)> = futures::stream::iter(missing)
                .map(|i| {
                    let (file, store, schema, name) =
                        (files[i].clone(), store.clone(), schema.clone(), name.clone());
                    async move {
                        if let Some(batch) =
                            self.kept.lock().unwrap_or_else(PoisonError::into_inner).get(&name, &file.path)
                        {
                            return Ok((i, batch));
                        }
                        let batch =
                            Box::pin(self.make(context, def, store, &file, spec, &schema, &name)).await?;
                        let batch = Arc::new(batch);
                        self.kept.lock().unwrap_or_else(PoisonError::into_inner).put(
                            &name,
                            &file.path,
                            batch.clone(),
                        );
                        Ok::<_, WarehouseError>((i, batch))
                    }
                })
                .buffer_unordered(AT_ONCE)
                .try_collect()
                .await?;
            for (i, batch) in made {
                partials[i] = Some(batch);
            }
        }
        let mut halves: Vec<Vec<RecordBatch>> = vec![Vec::new(), Vec::new()];
        for (i, batch) in partials.into_iter().flatten().enumerate() {
            if batch.num_rows() > 0 {
                halves[i % 2].push(batch.as_ref().clone());
            }
        }
        Ok(Arc::new(MemTable::try_new(schema, halves).map_err(WarehouseError::from_engine)?))
    }

    #[expect(clippy::too_many_arguments, reason = "one call site; a struct would only rename the arguments")]
    async fn make(
        &self,
        context: &(dyn Fn() -> SessionContext + Sync),
        def: &Arc<TableDef>,
        store: ObjectStoreUrl,
        file: &Arc<DataFile>,
        spec: &RollupSpec,
        schema: &arrow::datatypes::SchemaRef,
        name: &str,
    ) -> Result<RecordBatch, WarehouseError> {
        let district = file.district.as_deref();
        let path = self.folder.join(&spec.table).join(name).join(file.path.replace('/', "-"));
        if let Some(rows) = self.on_disk(path.clone(), spec, schema).await? {
            return Ok(rows);
        }
        let view = Arc::new(TableView::whole(def.clone()));
        let table = Arc::new(ScopedTable::of_files(view, store, vec![file.clone()]));
        let frame = context().read_table(table).map_err(WarehouseError::from_engine)?;
        let batches = Box::pin(partial::plan(frame, def, spec, None)?.collect())
            .await
            .map_err(WarehouseError::from_engine)?;
        let (rows, words) = match spec.kind {
            RollupKind::Additive { .. } => {
                (partial::with_district(schema, district, &batches)?, HashMap::new())
            }
            RollupKind::Distinct { .. } | RollupKind::Codes { .. } => {
                let (rows, mark) = self.bitmaps(schema, spec, district, &batches).await?;
                (rows, mark.words())
            }
        };
        let written = rows.clone();
        blocking("writing a rollup side file", move || side_file::write(&path, &written, words)).await?;
        Ok(rows)
    }

    /// A partial made earlier, unless it is none of this shape or its ids are numbered in another way than now.
    async fn on_disk(
        &self,
        path: PathBuf,
        spec: &RollupSpec,
        schema: &arrow::datatypes::SchemaRef,
    ) -> Result<Option<RecordBatch>, WarehouseError> {
        let numbered = !matches!(spec.kind, RollupKind::Additive { .. });
        let (numbers, schema) = (self.numbers.clone(), schema.clone());
        blocking("reading a rollup side file", move || {
            let Some(rows) = side_file::read(&path).filter(|rows| partial::is_intact(&schema, rows)) else {
                return Ok(None);
            };
            if numbered && !Mark::of(&rows).is_some_and(|mark| numbers.holds(mark)) {
                return Ok(None);
            }
            // Without the words beside it: they are of the file, not of the table.
            RecordBatch::try_new(schema, rows.columns().to_vec())
                .map(Some)
                .map_err(WarehouseError::arrow("reading a rollup side file"))
        })
        .await
    }

    /// Bitmaps of tuples that [`partial::plan`] told apart, and the mark of their numbers.
    async fn bitmaps(
        &self,
        schema: &arrow::datatypes::SchemaRef,
        spec: &RollupSpec,
        district: Option<&str>,
        batches: &[RecordBatch],
    ) -> Result<(RecordBatch, Mark), WarehouseError> {
        let tuples = partial::tuples(spec, batches)?;
        let ids = partial::ids(spec, &tuples)?.clone();
        let numbers = self.numbers.clone();
        let Numbered { numbers, mark } = blocking("numbering ids", move || numbers.number_all(&ids)).await?;
        Ok((partial::bitmaps(schema, spec, district, &tuples, &numbers)?, mark))
    }

    /// The same table from rows that [`partial::plan`] has aggregated for one question; nothing of it is kept.
    pub(crate) async fn provider_of_rows(
        &self,
        def: &Arc<TableDef>,
        spec: &RollupSpec,
        rows: &[RecordBatch],
    ) -> Result<Arc<dyn TableProvider>, WarehouseError> {
        let schema = partial::schema(def, spec)?;
        let mut partials = Vec::new();
        for batch in rows.iter().filter(|batch| batch.num_rows() > 0) {
            let parts = match def.kind {
                TableKind::District => partial::by_district(batch)?,
                TableKind::Reference => vec![(None, batch.clone())],
            };
            for (district, part) in parts {
                partials.push(match spec.kind {
                    RollupKind::Additive { .. } => {
                        partial::with_district(&schema, district.as_deref(), &[part])?
                    }
                    RollupKind::Distinct { .. } | RollupKind::Codes { .. } => {
                        self.bitmaps(&schema, spec, district.as_deref(), &[part]).await?.0
                    }
                });
            }
        }
        Ok(Arc::new(MemTable::try_new(schema, vec![partials]).map_err(WarehouseError::from_engine)?))
    }

    /// Drops the partials of files that are gone, in memory and on disk. Returns side files removed.
    pub(crate) fn forget(&self, table: &str, files: &[Arc<DataFile>]) -> usize {
        let gone: HashSet<&str> = files.iter().map(|file| file.path.as_str()).collect();
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).forget(&gone);
        let specs = std::fs::read_dir(self.folder.join(table)).into_iter().flatten().flatten();
        let side_files =
            specs.flat_map(|spec| gone.iter().map(move |path| spec.path().join(path.replace('/', "-"))));
        side_files.filter(|path| std::fs::remove_file(path).is_ok()).count()
    }

    /// Removes side files of files that left a table in an earlier life of the process. Returns how many.
    pub(crate) fn retain(&self, table: &str, snapshot: &Snapshot) -> usize {
        let live: HashSet<String> = snapshot.files.iter().map(|f| f.path.replace('/', "-")).collect();
        let mut removed = 0;
        let specs = std::fs::read_dir(self.folder.join(table)).into_iter().flatten().flatten();
        for file in specs.flat_map(|spec| std::fs::read_dir(spec.path()).into_iter().flatten().flatten()) {
            let name = file.file_name().to_string_lossy().into_owned();
            // Drafts (.tmp) belong to a write under way.
            if name.ends_with(".parquet")
                && !live.contains(&name)
                && std::fs::remove_file(file.path()).is_ok()
            {
                removed += 1;
            }
        }
        removed
    }

    /// Bytes of partials in memory.
    pub(crate) fn bytes(&self) -> usize {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).bytes
    }
}

async fn blocking<T: Send + 'static>(
    doing: &'static str,
    act: impl FnOnce() -> Result<T, WarehouseError> + Send + 'static,
) -> Result<T, WarehouseError> {
    tokio::task::spawn_blocking(act).await.map_err(|_| WarehouseError::Task(doing))?
}
