//! One table of the lake: what is stored, as a definition sees it. Opens and creates it, and adds columns the definition
//! has gained. Several definitions of one stored table may be in use at a time while a new set of them is taken up.

use std::ops::Deref;
use std::path::Path;
use std::sync::{Arc, PoisonError};

use arrow::datatypes::{Field, Schema};
use deltalake::{DeltaTable, DeltaTableBuilder, ensure_table_uri};
use tokio::sync::watch;

use super::stored::StoredTable;
use crate::definition::TableDef;
use crate::error::WarehouseError;

/// A table of the lake as one definition sees it. Cheap to clone.
#[derive(Clone)]
pub struct LakeTable {
    def: Arc<TableDef>,
    stored: Arc<StoredTable>,
}

impl Deref for LakeTable {
    type Target = StoredTable;

    fn deref(&self) -> &StoredTable {
        &self.stored
    }
}

impl LakeTable {
    /// Opens the table in `folder`, creating it from the definition when it is not there yet.
    pub(crate) async fn open(
        def: Arc<TableDef>,
        folder: &Path,
        changes: watch::Sender<u64>,
    ) -> Result<Self, WarehouseError> {
        std::fs::create_dir_all(folder)
            .map_err(|source| WarehouseError::Folder { path: folder.display().to_string(), source })?;
        let delta = match loaded(&def.id, folder).await? {
            Found::Table(delta) => with_new_columns(&def, *delta).await?,
            Found::Nothing(delta) => create(&def, *delta).await?,
        };
        let stored = Arc::new(StoredTable::new(def.clone(), delta, changes)?);
        Ok(Self { def, stored })
    }

    /// The definition.
    pub fn def(&self) -> &Arc<TableDef> {
        &self.def
    }

    /// The same stored table under another definition, whose new columns are added. Whoever holds this one goes on.
    pub(crate) async fn redefined(&self, def: Arc<TableDef>) -> Result<Self, WarehouseError> {
        // Writers of this process stand still: none plans on a schema that is changing.
        let _turn = self.write_turn.lock().await;
        let mut delta = self.stored.delta.lock().await;
        delta
            .update_incremental(None)
            .await
            .map_err(|source| WarehouseError::Snapshot { table: def.id.clone(), source: Box::new(source) })?;
        let before = delta.version();
        let changed = with_new_columns(&def, delta.clone()).await?;
        if changed.version() != before {
            *delta = changed;
        }
        self.stored.publish(&delta)?;
        *self.stored.newest.write().unwrap_or_else(PoisonError::into_inner) = def.clone();
        Ok(Self { def, stored: self.stored.clone() })
    }

    /// The stored table under the newest definition of this process. What is rewritten under an older one would lose the
    /// columns it does not know.
    pub(crate) fn newest(&self) -> Self {
        let def = self.stored.newest.read().unwrap_or_else(PoisonError::into_inner).clone();
        Self { def, stored: self.stored.clone() }
    }
}

/// What lies in a table's folder.
pub(super) enum Found {
    /// A table, at its newest version.
    Table(Box<DeltaTable>),
    /// Nothing yet; where it would be made.
    Nothing(Box<DeltaTable>),
}

/// Looks into a table's folder.
pub(super) async fn loaded(id: &str, folder: &Path) -> Result<Found, WarehouseError> {
    let fail = |source: deltalake::DeltaTableError| WarehouseError::Open {
        table: id.to_owned(),
        source: Box::new(source),
    };
    let location = folder.to_string_lossy().into_owned();
    let url = ensure_table_uri(&location).map_err(fail)?;
    let mut delta = DeltaTableBuilder::from_url(url).and_then(DeltaTableBuilder::build).map_err(fail)?;
    if delta.verify_deltatable_existence().await.map_err(fail)? {
        delta.load().await.map_err(fail)?;
        return Ok(Found::Table(Box::new(delta)));
    }
    Ok(Found::Nothing(Box::new(delta)))
}

async fn create(def: &TableDef, delta: DeltaTable) -> Result<DeltaTable, WarehouseError> {
    use deltalake::kernel::engine::arrow_conversion::TryIntoKernel;
    let fields = stored_fields(def);
    let columns = fields
        .iter()
        .map(TryIntoKernel::<deltalake::kernel::StructField>::try_into_kernel)
        .collect::<Result<Vec<_>, _>>()
        .map_err(WarehouseError::arrow("describing the table to Delta"))?;
    deltalake::operations::create::CreateBuilder::new()
        .with_log_store(delta.log_store())
        .with_table_name(&def.id)
        .with_comment(&def.title)
        .with_columns(columns)
        .with_partition_columns(def.partition_columns().iter().copied())
        // Snapshots stay readable for a day; the log behind them is of no use longer than that.
        .with_configuration_property(deltalake::TableProperty::LogRetentionDuration, Some("interval 1 days"))
        .await
        .map_err(|source| WarehouseError::Open { table: def.id.clone(), source: Box::new(source) })
}

fn stored_fields(def: &TableDef) -> Vec<Field> {
    def.columns.iter().map(|c| Field::new(&c.name, c.kind.arrow(), c.name != def.key)).collect()
}

/// Reconciles the stored schema with the definition. A column the definition has gained is added to the table when rows
/// may leave it empty: older files then read as empty there. Anything else needs a migration.
async fn with_new_columns(def: &TableDef, delta: DeltaTable) -> Result<DeltaTable, WarehouseError> {
    use deltalake::kernel::engine::arrow_conversion::TryIntoKernel;
    let new = fitting(def, &delta)?;
    if new.is_empty() {
        return Ok(delta);
    }
    let fields = new
        .iter()
        .map(TryIntoKernel::<deltalake::kernel::StructField>::try_into_kernel)
        .collect::<Result<Vec<_>, _>>()
        .map_err(WarehouseError::arrow("describing new columns to Delta"))?;
    let named: Vec<&str> = new.iter().map(|f| f.name().as_str()).collect();
    tracing::info!(table.id = %def.id, columns = named.join(","), "columns added to a table");
    delta
        .add_columns()
        .with_fields(fields)
        .await
        .map_err(|source| WarehouseError::Open { table: def.id.clone(), source: Box::new(source) })
}

/// Columns of the definition that the stored table lacks.
fn fitting(def: &TableDef, delta: &DeltaTable) -> Result<Vec<Field>, WarehouseError> {
    let Fit { missing, problems } = fit(def, schema_of(&def.id, delta)?.as_ref());
    match problems.is_empty() {
        true => Ok(missing),
        false => Err(WarehouseError::SchemaDrift { table: def.id.clone(), detail: problems.join("；") }),
    }
}

/// The schema of a loaded table.
pub(super) fn schema_of(id: &str, delta: &DeltaTable) -> Result<Arc<Schema>, WarehouseError> {
    let state = delta
        .snapshot()
        .map_err(|source| WarehouseError::Snapshot { table: id.to_owned(), source: Box::new(source) })?;
    Ok(state.snapshot().arrow_schema())
}

/// How a definition fits a stored schema.
#[derive(Debug)]
pub(super) struct Fit {
    /// Columns to add.
    pub missing: Vec<Field>,
    /// What cannot be done, in Chinese.
    pub problems: Vec<String>,
}

/// Compares a definition with a stored schema. Columns it does not know stay as they are.
pub(super) fn fit(def: &TableDef, stored: &Schema) -> Fit {
    let mut fit = Fit { missing: Vec::new(), problems: Vec::new() };
    for field in stored_fields(def) {
        let name = field.name();
        match stored.field_with_name(name) {
            Ok(found) if found.data_type() == field.data_type() => {}
            Ok(found) => fit.problems.push(format!(
                "列 {name} 现为 {}，定义要求 {}；类型不能更改，请改回定义，或另立新列",
                found.data_type(),
                field.data_type()
            )),
            Err(_) if def.column(name).is_some_and(|column| column.nullable) => fit.missing.push(field),
            Err(_) => {
                fit.problems.push(format!("新列 {name} 必须可以为空（nullable = true）：已有的行没有它"))
            }
        }
    }
    fit
}
