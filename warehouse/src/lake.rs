//! The lake as a whole: opens its tables, hands out writers and the door. Reading goes through
//! `access`; this module gives no reader away.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use futures::FutureExt;
use futures::future::BoxFuture;

use pujiang_security::Pseudonymizer;
use tokio::sync::watch;

use crate::access::Door;
use crate::definition::Catalog;
use crate::delta::{LakeTable, TableChange};
use crate::error::WarehouseError;
use crate::lake_lock::LakeLock;
use crate::rollup::RollupStore;
use crate::write::{BulkLoad, TableWriter};

/// Size of one table, for operators.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableStatus {
    /// Table id.
    pub id: String,
    /// Newest known Delta version.
    pub version: i64,
    /// Live rows.
    pub rows: usize,
    /// Live data files.
    pub files: usize,
    /// Bytes of live data files.
    pub bytes: u64,
}

/// All tables of one lake folder.
pub struct Lake {
    root: PathBuf,
    catalog: Arc<Catalog>,
    tables: Arc<BTreeMap<String, Arc<LakeTable>>>,
    rollups: Arc<RollupStore>,
    door: Door,
    changes: watch::Sender<u64>,
    lock: Arc<LakeLock>,
    opened: SystemTime,
}

impl Lake {
    /// Opens the lake below `root`, creating the folder and missing tables. Without a key there are no pseudonyms:
    /// columns to be shown as such are hidden. A server opens it with [`Lake::open_with_pseudonyms`].
    pub fn open(root: &Path, catalog: Arc<Catalog>) -> BoxFuture<'_, Result<Arc<Self>, WarehouseError>> {
        Self::open_keyed(root, catalog, None)
    }

    /// Opens the lake with the key of pseudonyms, so that columns can be shown as tokens.
    pub fn open_with_pseudonyms(
        root: &Path,
        catalog: Arc<Catalog>,
        pseudonyms: Pseudonymizer,
    ) -> BoxFuture<'_, Result<Arc<Self>, WarehouseError>> {
        Self::open_keyed(root, catalog, Some(pseudonyms))
    }

    fn open_keyed(
        root: &Path,
        catalog: Arc<Catalog>,
        pseudonyms: Option<Pseudonymizer>,
    ) -> BoxFuture<'_, Result<Arc<Self>, WarehouseError>> {
        async move {
            std::fs::create_dir_all(root)
                .map_err(|source| WarehouseError::Folder { path: root.display().to_string(), source })?;
            let lock = Arc::new(LakeLock::share(root)?);
            let opened = SystemTime::now();
            let (changes, _) = watch::channel(0);
            let opening = catalog.tables().map(|def| {
                let (def, folder, changes) = (def.clone(), root.join(&def.id), changes.clone());
                async move {
                    LakeTable::open(def.clone(), &folder, changes)
                        .await
                        .map(|t| (def.id.clone(), Arc::new(t)))
                }
            });
            let tables: Arc<BTreeMap<_, _>> =
                Arc::new(futures::future::try_join_all(opening).await?.into_iter().collect());
            let rollups = Arc::new(RollupStore::new(root.join("_rollup")));
            let door = Door::new(catalog.clone(), tables.clone(), rollups.clone(), pseudonyms)?;
            let root = root.to_owned();
            let lake = Arc::new(Self { root, catalog, tables, rollups, door, changes, lock, opened });
            crate::reference::write(&lake).await?;
            Ok(lake)
        }
        .boxed()
    }

    /// The same lake under other definitions. Tables whose definition stays are the same objects, others share what is
    /// stored; new ones are opened, those without a definition are left as they are. Whoever holds this lake goes on.
    ///
    /// # Errors
    /// A table does not open or cannot be brought to its definition; columns that were added before stay.
    pub fn redefined<'a>(
        self: &'a Arc<Self>,
        catalog: Arc<Catalog>,
    ) -> BoxFuture<'a, Result<Arc<Self>, WarehouseError>> {
        async move {
            let mut tables = BTreeMap::new();
            for def in catalog.tables() {
                let table = match self.tables.get(&def.id) {
                    Some(table) if table.def() == def => table.clone(),
                    Some(table) => Arc::new(Box::pin(table.redefined(def.clone())).await?),
                    None => {
                        let folder = self.root.join(&def.id);
                        let opening = LakeTable::open(def.clone(), &folder, self.changes.clone());
                        Arc::new(Box::pin(opening).await?)
                    }
                };
                tables.insert(def.id.clone(), table);
            }
            let tables = Arc::new(tables);
            let lake = Arc::new(Self {
                root: self.root.clone(),
                door: self.door.redefined(catalog.clone(), tables.clone())?,
                catalog,
                tables,
                rollups: self.rollups.clone(),
                changes: self.changes.clone(),
                lock: self.lock.clone(),
                opened: self.opened,
            });
            crate::reference::write(&lake).await?;
            Ok(lake)
        }
        .boxed()
    }

    /// What opening the lake below `root` with `newer` definitions would make of its tables. Changes nothing.
    ///
    /// # Errors
    /// A stored table cannot be read.
    pub fn plan<'a>(
        root: &'a Path,
        older: &'a Catalog,
        newer: &'a Catalog,
    ) -> BoxFuture<'a, Result<Vec<TableChange>, WarehouseError>> {
        crate::delta::plan(root, older, newer).boxed()
    }

    /// Tells everybody who listens for changes to ask again.
    pub fn announce(&self) {
        self.changes.send_modify(|tick| *tick += 1);
    }

    /// Folder of the lake.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The table definitions.
    pub fn catalog(&self) -> &Arc<Catalog> {
        &self.catalog
    }

    /// A writer of one table.
    pub fn writer(&self, table: &str) -> Result<TableWriter, WarehouseError> {
        Ok(TableWriter::new(self.table(table)?.clone()))
    }

    /// Starts a bulk load of new keys into one table.
    pub fn bulk(&self, table: &str) -> Result<BulkLoad, WarehouseError> {
        Ok(BulkLoad::new(self.table(table)?.clone()))
    }

    /// The only door for reading.
    pub fn door(&self) -> Door {
        self.door.clone()
    }

    /// Ticks whenever a commit becomes visible to this process.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    /// Newest known version of every table.
    pub fn versions(&self) -> BTreeMap<String, i64> {
        self.door.versions()
    }

    /// Sizes of all tables.
    pub fn status(&self) -> Vec<TableStatus> {
        let status = |(id, table): (&String, &Arc<LakeTable>)| {
            let snapshot = table.snapshot();
            let bytes = snapshot.files.iter().map(|f| f.size).sum();
            TableStatus {
                id: id.clone(),
                version: snapshot.version,
                rows: snapshot.rows(),
                files: snapshot.files.len(),
                bytes,
            }
        };
        self.tables.iter().map(status).collect()
    }

    /// Looks for commits of other processes in all tables.
    pub fn refresh(&self) -> BoxFuture<'_, Result<(), WarehouseError>> {
        async move {
            for table in self.tables.values() {
                table.refresh().await?;
            }
            Ok(())
        }
        .boxed()
    }

    pub(crate) fn table(&self, id: &str) -> Result<&Arc<LakeTable>, WarehouseError> {
        self.tables.get(id).ok_or_else(|| WarehouseError::UnknownTable(id.to_owned()))
    }

    pub(crate) fn tables(&self) -> impl Iterator<Item = &Arc<LakeTable>> {
        self.tables.values()
    }

    /// Who else has it open.
    pub(crate) fn lock(&self) -> &Arc<LakeLock> {
        &self.lock
    }

    /// When this process opened it.
    pub(crate) fn opened(&self) -> SystemTime {
        self.opened
    }

    pub(crate) fn rollups(&self) -> &Arc<RollupStore> {
        &self.rollups
    }
}
