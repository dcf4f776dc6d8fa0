//! Which files may hold a key: the Bloom filters of all live files, loaded once per file and kept as
//! long as the file is part of the table.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use futures::future::BoxFuture;
use futures::{FutureExt, StreamExt, TryStreamExt};
use object_store::ObjectStore;
use parquet::bloom_filter::Sbbf;

use crate::delta::{DataFile, Snapshot, parquet_file};
use crate::error::WarehouseError;

/// How many files are opened at the same time when filters are loaded.
const OPEN_AT_ONCE: usize = 8;

type Filters = Arc<Option<Vec<Sbbf>>>;

/// Key filters of one table.
#[derive(Default)]
pub struct KeyFilters {
    loaded: Mutex<HashMap<String, Filters>>,
}

impl KeyFilters {
    /// Forgets files that are no longer part of the table.
    pub(crate) fn retain(&self, snapshot: &Snapshot) {
        let live: HashSet<&str> = snapshot.files.iter().map(|f| f.path.as_str()).collect();
        self.loaded
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .retain(|path, _| live.contains(path.as_str()));
    }

    /// The files that may hold at least one of the keys. Files without a filter always may.
    pub(crate) async fn candidates(
        &self,
        store: &Arc<dyn ObjectStore>,
        snapshot: &Snapshot,
        key_column: &str,
        keys: &[&str],
    ) -> Result<Vec<Arc<DataFile>>, WarehouseError> {
        // Boxed with owned arguments: borrowed ones make futures the compiler cannot prove `Send`.
        let loads: Vec<BoxFuture<'_, Result<Filters, WarehouseError>>> = snapshot
            .files
            .iter()
            .map(|file| self.filters(store.clone(), file.clone(), key_column.to_owned()).boxed())
            .collect();
        let loaded: Vec<Filters> = futures::stream::iter(loads).buffered(OPEN_AT_ONCE).try_collect().await?;
        let may_hold = |filters: &Filters| match filters.as_ref() {
            None => true,
            Some(groups) => keys.iter().any(|key| groups.iter().any(|g| g.check(key))),
        };
        Ok(snapshot
            .files
            .iter()
            .zip(&loaded)
            .filter(|(_, f)| may_hold(f))
            .map(|(file, _)| file.clone())
            .collect())
    }

    async fn filters(
        &self,
        store: Arc<dyn ObjectStore>,
        file: Arc<DataFile>,
        key: String,
    ) -> Result<Filters, WarehouseError> {
        if let Some(known) = self.loaded.lock().unwrap_or_else(PoisonError::into_inner).get(&file.path) {
            return Ok(known.clone());
        }
        let filters: Filters = Arc::new(parquet_file::key_filter(&store, &file, &key).await?);
        self.loaded.lock().unwrap_or_else(PoisonError::into_inner).insert(file.path.clone(), filters.clone());
        Ok(filters)
    }
}
