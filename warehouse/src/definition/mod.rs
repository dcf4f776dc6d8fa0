//! What a lake table is: key, version, time, columns with type and visibility. It follows from a resource, or from a TOML
//! file `warehouse/tables/<layer>/<id>.toml`, or from both; how files are read is in `load`.

mod derived;
mod difference;
mod guard;
mod load;
mod table_file;

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};

pub use guard::{Policies, ScopeColumns};
pub use pujiang_definition::DefinitionError;
use pujiang_security::{Role, Treatment};

/// Whether rows belong to a district or are reference data everybody may read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TableKind {
    /// Partitioned by `district_code`; a scope chooses partitions.
    District,
    /// Public reference data (districts, calendars).
    Reference,
}

/// Who may see a column. Personal columns hold only masks and pseudonyms here (invariant 6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Visibility {
    /// May be shown to anyone.
    Public,
    /// Staff only.
    Internal,
    /// A mask or pseudonym of personal data.
    Personal,
}

/// Type of a column, with its Arrow form fixed in one place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnType {
    /// UTF-8 text.
    Text,
    /// 64-bit integer.
    Integer,
    /// Fixed-point number (precision, scale).
    Decimal(u8, i8),
    /// Calendar day in Shanghai.
    Date,
    /// Wall clock in Shanghai, microseconds, without zone.
    Timestamp,
    /// True or false.
    Boolean,
}

impl ColumnType {
    /// The Arrow type of values of this column in batches handed to writers.
    pub fn arrow(self) -> DataType {
        match self {
            Self::Text => DataType::Utf8,
            Self::Integer => DataType::Int64,
            Self::Decimal(p, s) => DataType::Decimal128(p, s),
            Self::Date => DataType::Date32,
            Self::Timestamp => DataType::Timestamp(TimeUnit::Microsecond, None),
            Self::Boolean => DataType::Boolean,
        }
    }
}

/// One column of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnDef {
    /// SQL name.
    pub name: String,
    /// Chinese title.
    pub title: String,
    /// Type.
    pub kind: ColumnType,
    /// Who may see it.
    pub visibility: Visibility,
    /// Whether a row may leave it empty.
    pub nullable: bool,
    /// Bookkeeping of the load (arrival time …): not compared when a row is checked for equality.
    pub bookkeeping: bool,
}

/// The resource of the operational store whose records are rows of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// Its id.
    pub resource: String,
    /// Fields by column, where a value has another name in the record.
    pub fields: BTreeMap<String, String>,
}

/// One table of the lake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableDef {
    /// Id = file name = SQL name.
    pub id: String,
    /// Chinese title.
    pub title: String,
    /// What a row is.
    pub description: String,
    /// Folder of the definition: the layer it belongs to. `resources` where there is no file.
    pub layer: String,
    /// District or reference.
    pub kind: TableKind,
    /// The one text column that identifies a row.
    pub key: String,
    /// Integer column whose higher value wins.
    pub version: Option<String>,
    /// Business time: files are sorted by it.
    pub time: Option<String>,
    /// Columns in declared order.
    pub columns: Vec<ColumnDef>,
    /// Columns that finer scopes find their rows by.
    pub scope: ScopeColumns,
    /// Column with the key of the row above, in the table that holds the hierarchy of organisations.
    pub parent: Option<String>,
    /// How columns are shown to which role.
    pub masks: Policies,
    /// Where rows come from, if from a resource.
    pub origin: Option<Origin>,
}

impl TableDef {
    /// How a column is shown to a person with these roles.
    pub fn treatment(&self, column: &str, roles: &[Arc<Role>]) -> Treatment {
        self.masks.get(column).map_or(Treatment::Clear, |policy| policy.treatment(roles))
    }

    /// Schema of batches handed to writers: declared order, declared nullability.
    pub fn arrow_schema(&self) -> SchemaRef {
        Arc::new(Schema::new(
            self.columns.iter().map(|c| Field::new(&c.name, c.kind.arrow(), c.nullable)).collect::<Vec<_>>(),
        ))
    }

    /// The column of that name.
    pub fn column(&self, name: &str) -> Option<&ColumnDef> {
        self.columns.iter().find(|c| c.name == name)
    }

    /// Partition columns of the Delta table.
    pub(crate) fn partition_columns(&self) -> &'static [&'static str] {
        match self.kind {
            TableKind::District => &[crate::DISTRICT_COLUMN],
            TableKind::Reference => &[],
        }
    }

    /// Schema inside a data file: no partition column; all but the key nullable, because tombstones
    /// keep nothing but key and version.
    pub(crate) fn file_schema(&self) -> SchemaRef {
        Arc::new(Schema::new(
            self.columns
                .iter()
                .filter(|c| !self.partition_columns().contains(&c.name.as_str()))
                .map(|c| Field::new(&c.name, c.kind.arrow(), c.name != self.key))
                .collect::<Vec<_>>(),
        ))
    }
}

/// All table definitions by id.
#[derive(Debug, Clone, Default)]
pub struct Catalog {
    tables: BTreeMap<String, Arc<TableDef>>,
}

impl Catalog {
    /// The definition of a table.
    pub fn table(&self, id: &str) -> Option<&Arc<TableDef>> {
        self.tables.get(id)
    }

    /// The table that holds the hierarchy of organisations.
    pub fn hierarchy(&self) -> Option<&Arc<TableDef>> {
        self.tables.values().find(|def| def.parent.is_some())
    }

    /// All definitions in the order of their ids.
    pub fn tables(&self) -> impl Iterator<Item = &Arc<TableDef>> {
        self.tables.values()
    }
}
