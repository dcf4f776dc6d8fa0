//! The lake's columns as one set of roles sees them: which exist, and how each is shown. There are few sets of roles,
//! so views are made once and shared by all sessions of such people.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::datasource::table_schema::TableSchema;
use pujiang_security::{Role, Treatment};

use crate::DISTRICT_COLUMN;
use crate::definition::{Catalog, TableDef, TableKind};

/// All tables as a set of roles sees them.
#[derive(Debug)]
pub(crate) struct View {
    /// Equal for views that show the same columns in the same way.
    pub fingerprint: String,
    pub tables: BTreeMap<String, Arc<TableView>>,
}

/// One table as a set of roles sees it.
#[derive(Debug)]
pub(crate) struct TableView {
    pub def: Arc<TableDef>,
    /// The visible columns, in declared order.
    pub columns: Vec<SeenColumn>,
    /// Their schema.
    pub schema: SchemaRef,
    /// Columns of the data files and, behind them, the district.
    pub physical: TableSchema,
}

/// A visible column.
#[derive(Debug, Clone)]
pub(crate) struct SeenColumn {
    pub name: String,
    /// Its place in the physical schema.
    pub position: usize,
    pub treatment: Treatment,
}

impl View {
    /// How these roles see the lake. `treatment` decides each column.
    pub(super) fn new(catalog: &Catalog, treatment: &dyn Fn(&TableDef, &str) -> Treatment) -> Self {
        let mut named = String::new();
        let tables: BTreeMap<_, _> = catalog
            .tables()
            .map(|def| {
                let view = TableView::new(def.clone(), &|column| treatment(def, column));
                for column in def.masks.keys() {
                    // Writing to a String cannot fail.
                    let _ = write!(named, "{}.{column}={:?};", def.id, treatment(def, column));
                }
                (def.id.clone(), Arc::new(view))
            })
            .collect();
        let digest = uuid::Uuid::new_v5(&uuid::Uuid::NAMESPACE_OID, named.as_bytes()).simple().to_string();
        Self { fingerprint: digest[..16].to_owned(), tables }
    }

    /// How people with these roles see the lake. Without a key there are no pseudonyms: such columns are hidden.
    pub(super) fn of_roles(catalog: &Catalog, roles: &[Arc<Role>], has_key: bool) -> Self {
        Self::new(catalog, &|def, column| match def.treatment(column, roles) {
            Treatment::Pseudonymised if !has_key => Treatment::Hidden,
            treatment => treatment,
        })
    }
}

impl TableView {
    /// All columns as they are: for partial aggregates and for looking rows up, never for a session.
    pub(crate) fn whole(def: Arc<TableDef>) -> Self {
        Self::new(def, &|_| Treatment::Clear)
    }

    fn new(def: Arc<TableDef>, treatment: &dyn Fn(&str) -> Treatment) -> Self {
        // Views instead of offsets: strings are compared by prefix and never copied out of pages.
        let engine_type = |t: &DataType| if *t == DataType::Utf8 { DataType::Utf8View } else { t.clone() };
        let file: Vec<Field> = def
            .file_schema()
            .fields()
            .iter()
            // Nullable to the engine, the key too: it trips over a sub-query without a row whose column may not be empty.
            .map(|f| Field::new(f.name(), engine_type(f.data_type()), true))
            .collect();
        let mut physical = TableSchema::builder(Arc::new(Schema::new(file)));
        if def.kind == TableKind::District {
            let district = Field::new(DISTRICT_COLUMN, DataType::Utf8, true);
            physical = physical.with_table_partition_cols(vec![Arc::new(district)]);
        }
        let physical = physical.build();
        let columns: Vec<SeenColumn> = def
            .columns
            .iter()
            .filter_map(|c| {
                let position = physical.table_schema().index_of(&c.name).ok()?;
                Some(SeenColumn { name: c.name.clone(), position, treatment: treatment(&c.name) })
            })
            .filter(|c| c.treatment != Treatment::Hidden)
            .collect();
        let fields: Vec<Field> =
            columns.iter().map(|c| physical.table_schema().field(c.position).clone()).collect();
        let schema = Arc::new(Schema::new(fields));
        Self { def, columns, schema, physical }
    }

    /// Whether an expression over these columns sees only values as they are.
    pub(super) fn all_clear<'a>(&self, mut columns: impl Iterator<Item = &'a str>) -> bool {
        columns.all(|name| self.columns.iter().any(|c| c.name == name && c.treatment == Treatment::Clear))
    }
}
