//! `information_schema` with the columns PostgreSQL's has: tables, columns, primary keys. The engine's own lacks most of
//! them, and clients name them.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{DataType, Field, Int16Type, Int32Type, Schema};
use datafusion::common::ScalarValue;
use datafusion::error::{DataFusionError, Result};

use super::constraints::Described;
use super::rows::Rows;
use crate::access::lake_catalog::{CATALOG, PUBLIC};
use crate::access::view::View;
use crate::definition::ColumnType;

fn shape(texts: &[&str], numbers: &[&str]) -> Rows {
    let text = |name: &&str| Field::new(*name, DataType::Utf8, true);
    let number = |name: &&str| Field::new(*name, DataType::Int32, true);
    Rows::new(Arc::new(Schema::new(
        texts.iter().map(text).chain(numbers.iter().map(number)).collect::<Vec<_>>(),
    )))
}

fn text(value: impl Into<String>) -> ScalarValue {
    ScalarValue::Utf8(Some(value.into()))
}

/// The tables of the schema, by name. System tables stand in `tables` and `columns`, too, from the rows made for
/// `pg_class` and `pg_attribute`.
pub(super) fn make(
    view: &View,
    made: &BTreeMap<String, RecordBatch>,
    described: &Described<'_>,
) -> Result<BTreeMap<String, RecordBatch>> {
    let mut tables = shape(
        &[
            "table_catalog",
            "table_schema",
            "table_name",
            "table_type",
            "is_insertable_into",
            "is_typed",
            "commit_action",
            "self_referencing_column_name",
            "reference_generation",
        ],
        &[],
    );
    let mut columns = shape(
        &[
            "table_catalog",
            "table_schema",
            "table_name",
            "column_name",
            "column_default",
            "is_nullable",
            "data_type",
            "udt_catalog",
            "udt_schema",
            "udt_name",
            "domain_name",
            "character_set_name",
            "collation_name",
            "interval_type",
            "is_identity",
            "identity_generation",
            "is_generated",
            "generation_expression",
            "is_updatable",
            "is_self_referencing",
        ],
        &[
            "ordinal_position",
            "character_maximum_length",
            "character_octet_length",
            "numeric_precision",
            "numeric_precision_radix",
            "numeric_scale",
            "datetime_precision",
        ],
    );
    for (id, table) in &view.tables {
        let place =
            [("table_catalog", text(CATALOG)), ("table_schema", text(PUBLIC)), ("table_name", text(id))];
        let kind = [
            ("table_type", text("BASE TABLE")),
            ("is_insertable_into", text("NO")),
            ("is_typed", text("NO")),
        ];
        tables.push(&[place.to_vec(), kind.to_vec()].concat());
        for (number, column) in (1..).zip(&table.columns) {
            let Some(def) = table.def.column(&column.name) else { continue };
            let (name, internal, precision, scale) = types(def.kind);
            let number_of = |value: Option<i32>| ScalarValue::Int32(value);
            let about = [
                ("column_name", text(&column.name)),
                ("ordinal_position", ScalarValue::from(number)),
                ("is_nullable", text(if def.name == table.def.key { "NO" } else { "YES" })),
                ("data_type", text(name)),
                ("udt_catalog", text(CATALOG)),
                ("udt_schema", text("pg_catalog")),
                ("udt_name", text(internal)),
                ("numeric_precision", number_of(precision)),
                (
                    "numeric_precision_radix",
                    number_of(precision.map(|_| if scale.is_some() { 10 } else { 2 })),
                ),
                ("numeric_scale", number_of(scale)),
                ("is_identity", text("NO")),
                ("is_generated", text("NEVER")),
                ("is_updatable", text("NO")),
                ("is_self_referencing", text("NO")),
            ];
            columns.push(&[place.to_vec(), about.to_vec()].concat());
        }
    }
    system(made, &mut tables, &mut columns)?;
    let mut constraints = shape(
        &[
            "constraint_catalog",
            "constraint_schema",
            "constraint_name",
            "table_catalog",
            "table_schema",
            "table_name",
            "constraint_type",
            "is_deferrable",
            "initially_deferred",
            "enforced",
        ],
        &[],
    );
    let mut usage = shape(
        &[
            "constraint_catalog",
            "constraint_schema",
            "constraint_name",
            "table_catalog",
            "table_schema",
            "table_name",
            "column_name",
        ],
        &["ordinal_position", "position_in_unique_constraint"],
    );
    for table in described.keyed() {
        let key = [
            ("constraint_catalog", text(CATALOG)),
            ("constraint_schema", text(PUBLIC)),
            ("constraint_name", text(format!("{}_pkey", table.id))),
            ("table_catalog", text(CATALOG)),
            ("table_schema", text(PUBLIC)),
            ("table_name", text(&table.id)),
        ];
        let kind = [
            ("constraint_type", text("PRIMARY KEY")),
            ("is_deferrable", text("NO")),
            ("initially_deferred", text("NO")),
            ("enforced", text("YES")),
        ];
        constraints.push(&[key.to_vec(), kind.to_vec()].concat());
        let column = [("column_name", text(&table.key)), ("ordinal_position", ScalarValue::from(1))];
        usage.push(&[key.to_vec(), column.to_vec()].concat());
    }
    let references = shape(
        &[
            "constraint_catalog",
            "constraint_schema",
            "constraint_name",
            "unique_constraint_catalog",
            "unique_constraint_schema",
            "unique_constraint_name",
            "match_option",
            "update_rule",
            "delete_rule",
        ],
        &[],
    );
    Ok(BTreeMap::from([
        ("tables".to_owned(), tables.finish()?),
        ("columns".to_owned(), columns.finish()?),
        ("table_constraints".to_owned(), constraints.finish()?),
        ("key_column_usage".to_owned(), usage.finish()?),
        ("referential_constraints".to_owned(), references.finish()?),
    ]))
}

/// Name in SQL, name in the catalog, precision and scale of numbers.
fn types(kind: ColumnType) -> (&'static str, &'static str, Option<i32>, Option<i32>) {
    match kind {
        ColumnType::Text => ("text", "text", None, None),
        ColumnType::Integer => ("bigint", "int8", Some(64), Some(0)),
        ColumnType::Decimal(precision, scale) => {
            ("numeric", "numeric", Some(precision.into()), Some(scale.into()))
        }
        ColumnType::Date => ("date", "date", None, None),
        ColumnType::Timestamp => ("timestamp without time zone", "timestamp", None, None),
        ColumnType::Boolean => ("boolean", "bool", None, None),
    }
}

/// Tables of `pg_catalog` and their columns.
fn system(made: &BTreeMap<String, RecordBatch>, tables: &mut Rows, columns: &mut Rows) -> Result<()> {
    let missing = || DataFusionError::Internal("pg_class or pg_attribute".into());
    let column = |table: &str, name: &str| {
        made.get(table).and_then(|t| t.column_by_name(name)).cloned().ok_or_else(missing)
    };
    let (names, spaces, oids) =
        (column("pg_class", "relname")?, column("pg_class", "relnamespace")?, column("pg_class", "oid")?);
    let (names, spaces) = (names.as_string::<i32>(), spaces.as_primitive::<Int32Type>());
    let oids = oids.as_primitive::<Int32Type>();
    let mut known = BTreeMap::new();
    for row in (0..names.len()).filter(|row| spaces.value(*row) == 11) {
        known.insert(oids.value(row), names.value(row));
        tables.push(&[
            ("table_catalog", text(CATALOG)),
            ("table_schema", text("pg_catalog")),
            ("table_name", text(names.value(row))),
            ("table_type", text("BASE TABLE")),
            ("is_insertable_into", text("NO")),
        ]);
    }
    let (of, named, numbers) = (
        column("pg_attribute", "attrelid")?,
        column("pg_attribute", "attname")?,
        column("pg_attribute", "attnum")?,
    );
    let (of, named) = (of.as_primitive::<Int32Type>(), named.as_string::<i32>());
    let numbers = numbers.as_primitive::<Int16Type>();
    for row in 0..named.len() {
        let Some(table) = known.get(&of.value(row)) else { continue };
        columns.push(&[
            ("table_catalog", text(CATALOG)),
            ("table_schema", text("pg_catalog")),
            ("table_name", text(*table)),
            ("column_name", text(named.value(row))),
            ("ordinal_position", ScalarValue::from(i32::from(numbers.value(row)))),
            ("is_nullable", text("YES")),
            ("data_type", text("text")),
            ("udt_name", text("text")),
        ]);
    }
    Ok(())
}
