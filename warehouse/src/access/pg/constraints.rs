//! Primary keys and comments of the visible tables, as PostgreSQL stores them: `pg_constraint`, `pg_index` with its
//! `pg_class` row, `pg_description`.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, Int32Array, RecordBatch, new_null_array};
use arrow::compute::concat_batches;
use arrow::datatypes::{DataType, Field, Int32Type, Schema};
use datafusion::common::ScalarValue;
use datafusion::error::{DataFusionError, Result};

use super::rows::Rows;
use crate::DISTRICT_COLUMN;
use crate::access::view::{TableView, View};
use crate::definition::ColumnType;

/// Object ids of indexes stand this far behind their tables.
const INDEXES: i32 = 1_000_000;
/// Object ids of constraints stand this far behind their tables.
const CONSTRAINTS: i32 = 2_000_000;
/// Object id of the access method btree.
const BTREE: i32 = 403;

/// A list of one number.
fn numbers(one: i32) -> ScalarValue {
    ScalarValue::List(ScalarValue::new_list_nullable(&[ScalarValue::from(one)], &DataType::Int32))
}

/// The visible tables of the lake with their object ids.
pub(super) struct Described<'a> {
    tables: Vec<(i32, &'a TableView)>,
    namespace: i32,
    /// Object id of `pg_class` itself, the class comments belong to: clients look it up by its name.
    class: i32,
}

impl<'a> Described<'a> {
    /// Finds the tables in `pg_class`: those of the namespace of the view's first table that are no system tables.
    pub fn new(view: &'a View, class: &RecordBatch, namespace: i32) -> Result<Self> {
        let column = |name: &str| -> Result<ArrayRef> {
            class
                .column_by_name(name)
                .cloned()
                .ok_or_else(|| DataFusionError::Internal(format!("pg_class.{name}")))
        };
        let (oids, names, spaces) = (column("oid")?, column("relname")?, column("relnamespace")?);
        let (oids, spaces) = (oids.as_primitive::<Int32Type>(), spaces.as_primitive::<Int32Type>());
        let names = names.as_string::<i32>();
        let tables = (0..class.num_rows())
            .filter(|row| spaces.value(*row) == namespace)
            .filter_map(|row| Some((oids.value(row), view.tables.get(names.value(row))?.as_ref())))
            .collect();
        let class =
            (0..class.num_rows()).find(|row| names.value(*row) == "pg_class").map(|row| oids.value(row));
        let class = class.ok_or_else(|| DataFusionError::Internal("pg_class in pg_class".into()))?;
        Ok(Self { tables, namespace, class })
    }

    fn keys(&self) -> impl Iterator<Item = (i32, &'a TableView, i16)> + '_ {
        self.tables.iter().filter_map(|(oid, table)| {
            let place = table.columns.iter().position(|c| c.name == table.def.key)?;
            Some((*oid, *table, i16::try_from(place + 1).ok()?))
        })
    }

    /// `pg_class` with a row for each primary key, and without numbers that could speak of rows.
    pub fn class(&self, class: &RecordBatch) -> Result<RecordBatch> {
        let mut rows = Rows::new(class.schema());
        for (oid, table, _) in self.keys() {
            rows.push(&[
                ("oid", ScalarValue::from(oid + INDEXES)),
                ("relname", ScalarValue::from(format!("{}_pkey", table.def.id))),
                ("relnamespace", ScalarValue::from(self.namespace)),
                ("relam", ScalarValue::from(BTREE)),
                ("relkind", ScalarValue::from("i")),
                ("relnatts", ScalarValue::from(1_i16)),
                ("relpersistence", ScalarValue::from("p")),
                ("relreplident", ScalarValue::from("n")),
                ("relispopulated", ScalarValue::from(true)),
            ]);
        }
        let ours: Vec<i32> = self.tables.iter().map(|(oid, _)| *oid).collect();
        let all = concat_batches(&class.schema(), &[class.clone(), rows.finish()?])?;
        let oids = all.column_by_name("oid").map(|c| c.as_primitive::<Int32Type>().clone());
        let columns = all
            .schema()
            .fields()
            .iter()
            .zip(all.columns())
            .map(|(field, column)| match field.name().as_str() {
                "relowner" => ScalarValue::from(super::OWNER_OID).to_array_of_size(column.len()),
                // Unknown, as of a table that was never analysed.
                "reltuples" => ScalarValue::from(-1.0_f64).to_array_of_size(column.len()),
                "relpages" => ScalarValue::from(0).to_array_of_size(column.len()),
                "relhasindex" => {
                    let has = oids.iter().flatten().flatten().map(|oid| Some(ours.contains(&oid)));
                    Ok(Arc::new(has.collect::<BooleanArray>()) as ArrayRef)
                }
                _ => Ok(column.clone()),
            })
            .collect::<Result<Vec<_>>>()?;
        // Two columns clients name and the library does not have: privileges and options, of which there are none.
        let mut fields: Vec<_> = all.schema().fields().iter().cloned().collect();
        let mut columns = columns;
        for name in ["relacl", "reloptions"] {
            let texts = DataType::List(Arc::new(Field::new("item", DataType::Utf8, true)));
            columns.push(new_null_array(&texts, all.num_rows()));
            fields.push(Arc::new(Field::new(name, texts, true)));
        }
        Ok(RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)?)
    }

    /// `pg_index`, `pg_constraint` and `pg_description` of the visible tables, each in the given shape.
    pub fn described(
        &self,
        shapes: &BTreeMap<String, RecordBatch>,
    ) -> Result<Vec<(&'static str, RecordBatch)>> {
        let shape = |name: &str| {
            shapes
                .get(name)
                .map(|batch| Rows::new(batch.schema()))
                .ok_or_else(|| DataFusionError::Internal(name.to_owned()))
        };
        let (mut index, mut constraint) = (shape("pg_index")?, shape("pg_constraint")?);
        for (oid, table, place) in self.keys() {
            let places = numbers(place.into());
            index.push(&[
                ("indexrelid", ScalarValue::from(oid + INDEXES)),
                ("indrelid", ScalarValue::from(oid)),
                ("indnatts", ScalarValue::from(1_i16)),
                ("indnkeyatts", ScalarValue::from(1_i16)),
                ("indisunique", ScalarValue::from(true)),
                ("indisprimary", ScalarValue::from(true)),
                ("indisvalid", ScalarValue::from(true)),
                ("indisready", ScalarValue::from(true)),
                ("indislive", ScalarValue::from(true)),
                ("indimmediate", ScalarValue::from(true)),
                ("indkey", places.clone()),
                ("indclass", numbers(0)),
                ("indoption", numbers(0)),
                ("indcollation", numbers(0)),
            ]);
            constraint.push(&[
                ("oid", ScalarValue::from(oid + CONSTRAINTS)),
                ("conname", ScalarValue::from(format!("{}_pkey", table.def.id))),
                ("connamespace", ScalarValue::from(self.namespace)),
                ("contype", ScalarValue::from("p")),
                ("convalidated", ScalarValue::from(true)),
                ("conrelid", ScalarValue::from(oid)),
                ("conindid", ScalarValue::from(oid + INDEXES)),
                ("conkey", places),
            ]);
        }
        let mut description = shape("pg_description")?;
        for ((oid, column), text) in self.comments() {
            description.push(&[
                ("objoid", ScalarValue::from(oid)),
                ("classoid", ScalarValue::from(self.class)),
                ("objsubid", ScalarValue::from(column)),
                ("description", ScalarValue::from(text)),
            ]);
        }
        Ok(vec![
            ("pg_index", index.finish()?),
            ("pg_constraint", constraint.finish()?),
            ("pg_description", description.finish()?),
        ])
    }

    /// Definitions of the tables, each with its key.
    pub fn keyed(&self) -> impl Iterator<Item = &'a crate::definition::TableDef> + '_ {
        self.keys().map(|(_, table, _)| table.def.as_ref())
    }

    /// `pg_attribute` with precision and scale of numbers, and keys as never empty.
    pub fn attributes(&self, attributes: &RecordBatch) -> Result<RecordBatch> {
        let column = |name: &str| {
            attributes
                .column_by_name(name)
                .ok_or_else(|| DataFusionError::Internal(format!("pg_attribute.{name}")))
        };
        let of = column("attrelid")?.as_primitive::<Int32Type>();
        let names = column("attname")?.as_string::<i32>();
        let plain = column("atttypmod")?.as_primitive::<Int32Type>();
        let modifier = |row: usize| -> Option<i32> {
            let (_, table) = self.tables.iter().find(|(oid, _)| *oid == of.value(row))?;
            match table.def.column(names.value(row))?.kind {
                // PostgreSQL keeps both in one number, behind four bytes of header.
                ColumnType::Decimal(precision, scale) => {
                    Some(((i32::from(precision) << 16) | i32::from(scale)) + 4)
                }
                _ => None,
            }
        };
        let modifiers: Int32Array =
            (0..attributes.num_rows()).map(|row| Some(modifier(row).unwrap_or(plain.value(row)))).collect();
        let is_key = |row: usize| {
            let table = self.tables.iter().find(|(oid, _)| *oid == of.value(row));
            table.is_some_and(|(_, table)| {
                [table.def.key.as_str(), DISTRICT_COLUMN].contains(&names.value(row))
            })
        };
        let never_empty: BooleanArray = (0..attributes.num_rows()).map(|row| Some(is_key(row))).collect();
        let schema = attributes.schema();
        let columns = schema.fields().iter().zip(attributes.columns()).map(|(field, column)| {
            match field.name().as_str() {
                "atttypmod" => Arc::new(modifiers.clone()) as ArrayRef,
                "attnotnull" => Arc::new(never_empty.clone()) as ArrayRef,
                _ => column.clone(),
            }
        });
        Ok(RecordBatch::try_new(schema.clone(), columns.collect())?)
    }

    /// Titles of tables and visible columns, by object id and number of the column.
    pub fn comments(&self) -> BTreeMap<(i32, i32), String> {
        let mut comments = BTreeMap::new();
        for (oid, table) in &self.tables {
            comments.insert((*oid, 0), format!("{}：{}", table.def.title, table.def.description));
            for (place, column) in (1..).zip(&table.columns) {
                let title = table.def.column(&column.name).map(|def| def.title.clone());
                comments.insert((*oid, place), title.unwrap_or_default());
            }
        }
        comments
    }

    /// Texts of primary keys and their indexes, by object id.
    pub fn definitions(&self) -> HashMap<i32, String> {
        let texts = self.keys().flat_map(|(oid, table, _)| {
            let (id, key) = (&table.def.id, &table.def.key);
            [
                (oid + CONSTRAINTS, format!("PRIMARY KEY ({key})")),
                (oid + INDEXES, format!("CREATE UNIQUE INDEX {id}_pkey ON public.{id} USING btree ({key})")),
            ]
        });
        texts.collect()
    }
}
