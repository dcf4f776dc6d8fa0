//! Arrow helpers of the writers: checking batches, reading keys and versions, splitting by district.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{Array, AsArray, BooleanArray, RecordBatch, StringArray, UInt32Array, new_null_array};
use arrow::compute::{concat_batches, filter_record_batch, take_record_batch};
use arrow::datatypes::Int64Type;

use pujiang_security::DistrictCode;

use crate::definition::{TableDef, TableKind};
use crate::error::WarehouseError;
use crate::{DISTRICT_COLUMN, TOMBSTONES};

/// Joins incoming batches after checking them against the definition.
pub(super) fn checked(def: &TableDef, batches: &[RecordBatch]) -> Result<RecordBatch, WarehouseError> {
    let schema = def.arrow_schema();
    let bad = |detail: String| WarehouseError::BadBatch { table: def.id.clone(), detail };
    for batch in batches {
        for (want, have) in schema.fields().iter().zip(batch.schema().fields()) {
            if want.name() != have.name() || want.data_type() != have.data_type() {
                return Err(bad(format!(
                    "应有列 {} {}，实为 {} {}",
                    want.name(),
                    want.data_type(),
                    have.name(),
                    have.data_type()
                )));
            }
        }
        if batch.num_columns() != schema.fields().len() {
            return Err(bad(format!("应有 {} 列，实为 {} 列", schema.fields().len(), batch.num_columns())));
        }
    }
    let relaxed: Vec<RecordBatch> = batches
        .iter()
        .map(|b| RecordBatch::try_new(schema.clone(), b.columns().to_vec()))
        .collect::<Result<_, _>>()
        .map_err(|e| bad(e.to_string()))?;
    let joined =
        concat_batches(&schema, &relaxed).map_err(WarehouseError::arrow("joining incoming batches"))?;
    for (field, column) in schema.fields().iter().zip(joined.columns()) {
        if !field.is_nullable() && column.null_count() > 0 {
            return Err(bad(format!("列 {} 不能为空", field.name())));
        }
    }
    if def.kind == TableKind::District {
        let districts = text(&joined, DISTRICT_COLUMN)?;
        // A code no scope knows would make the row invisible to everybody: better refuse it here.
        if let Some(unknown) = districts.iter().flatten().find(|d| DistrictCode::parse(d).is_err()) {
            return Err(bad(format!("{DISTRICT_COLUMN} 的值 {unknown} 不是现行行政区划代码")));
        }
    }
    Ok(joined)
}

/// Rows of an older definition as the newer one has them: columns they do not know are empty.
pub(super) fn fitted(
    newer: &TableDef,
    older: &TableDef,
    batch: RecordBatch,
) -> Result<RecordBatch, WarehouseError> {
    if newer.columns == older.columns {
        return Ok(batch);
    }
    let schema = newer.arrow_schema();
    let known = |name: &str| batch.column_by_name(name).cloned();
    let columns = schema
        .fields()
        .iter()
        .map(|f| known(f.name()).unwrap_or_else(|| new_null_array(f.data_type(), batch.num_rows())))
        .collect();
    RecordBatch::try_new(schema, columns)
        .map_err(|e| WarehouseError::BadBatch { table: newer.id.clone(), detail: e.to_string() })
}

/// A text column of a batch.
pub(super) fn text<'a>(batch: &'a RecordBatch, column: &str) -> Result<&'a StringArray, WarehouseError> {
    batch.column_by_name(column).and_then(|c| c.as_string_opt::<i32>()).ok_or_else(|| {
        WarehouseError::BadBatch { table: String::new(), detail: format!("缺少文本列 {column}") }
    })
}

/// The versions of the rows, 0 where the table has no version column or the value is missing.
pub(super) fn versions(def: &TableDef, batch: &RecordBatch) -> Vec<i64> {
    let column = def
        .version
        .as_ref()
        .and_then(|v| batch.column_by_name(v))
        .and_then(|c| c.as_primitive_opt::<Int64Type>());
    match column {
        Some(values) => values.iter().map(Option::unwrap_or_default).collect(),
        None => vec![0; batch.num_rows()],
    }
}

/// The rows of the chosen positions.
pub(super) fn take(batch: &RecordBatch, rows: &[usize]) -> Result<RecordBatch, WarehouseError> {
    let rows = UInt32Array::from_iter_values(rows.iter().map(|r| u32::try_from(*r).unwrap_or(u32::MAX)));
    take_record_batch(batch, &rows).map_err(WarehouseError::arrow("picking rows"))
}

/// All rows but the given ones.
pub(super) fn without(batch: &RecordBatch, rows: &[usize]) -> Result<RecordBatch, WarehouseError> {
    let mut keep = vec![true; batch.num_rows()];
    for row in rows {
        if let Some(slot) = keep.get_mut(*row) {
            *slot = false;
        }
    }
    filter_record_batch(batch, &BooleanArray::from(keep))
        .map_err(WarehouseError::arrow("dropping replaced rows"))
}

/// Rows of one partition in file schema; `None` is the one partition of a reference table.
pub(super) type Partitions = BTreeMap<Option<String>, Vec<RecordBatch>>;

/// Splits rows by district and drops the partition column.
pub(super) fn by_partition(def: &TableDef, batch: &RecordBatch) -> Result<Partitions, WarehouseError> {
    let mut parts = Partitions::new();
    if batch.num_rows() == 0 {
        return Ok(parts);
    }
    if def.kind == TableKind::Reference {
        parts.insert(None, vec![to_file(def, batch)?]);
        return Ok(parts);
    }
    let mut rows: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    let districts = text(batch, DISTRICT_COLUMN)?;
    for (row, district) in districts.iter().enumerate() {
        rows.entry(district.unwrap_or_default()).or_default().push(row);
    }
    for (district, rows) in rows {
        parts.insert(Some(district.to_owned()), vec![to_file(def, &take(batch, &rows)?)?]);
    }
    Ok(parts)
}

/// The same rows without partition column.
fn to_file(def: &TableDef, batch: &RecordBatch) -> Result<RecordBatch, WarehouseError> {
    let schema = def.file_schema();
    let columns = schema
        .fields()
        .iter()
        .map(|f| {
            batch.column_by_name(f.name()).cloned().ok_or_else(|| WarehouseError::BadBatch {
                table: def.id.clone(),
                detail: format!("缺少列 {}", f.name()),
            })
        })
        .collect::<Result<Vec<_>, _>>()?;
    RecordBatch::try_new(schema, columns).map_err(WarehouseError::arrow("dropping the partition column"))
}

/// Tombstones: key and version of the rows, nothing else.
pub(super) fn tombstones(def: &TableDef, batch: &RecordBatch) -> Result<RecordBatch, WarehouseError> {
    let schema = def.file_schema();
    let columns = schema
        .fields()
        .iter()
        .map(|f| {
            let keeps = *f.name() == def.key || Some(f.name()) == def.version.as_ref();
            let value = batch.column_by_name(f.name()).filter(|_| keeps);
            value.cloned().unwrap_or_else(|| new_null_array(f.data_type(), batch.num_rows()))
        })
        .collect();
    RecordBatch::try_new(schema, columns).map_err(WarehouseError::arrow("making tombstones"))
}

/// The partition tombstones are kept in.
pub(super) fn tombstone_partition(def: &TableDef) -> Option<String> {
    (def.kind == TableKind::District).then(|| TOMBSTONES.to_owned())
}

/// Comparable bytes of each row over the columns that carry content (no bookkeeping, no version).
pub(super) fn contents(
    def: &TableDef,
    batch: &RecordBatch,
    district: Option<&str>,
) -> Result<Vec<Vec<u8>>, WarehouseError> {
    use arrow::row::{RowConverter, SortField};
    let mut columns: Vec<Arc<dyn Array>> = Vec::new();
    for column in def.columns.iter().filter(|c| !c.bookkeeping && Some(&c.name) != def.version.as_ref()) {
        match (batch.column_by_name(&column.name), district) {
            (Some(values), _) => columns.push(values.clone()),
            (None, Some(d)) if column.name == DISTRICT_COLUMN => {
                columns.push(Arc::new(StringArray::from(vec![d; batch.num_rows()])));
            }
            _ => columns.push(new_null_array(&column.kind.arrow(), batch.num_rows())),
        }
    }
    let fields = columns.iter().map(|c| SortField::new(c.data_type().clone())).collect();
    let converter = RowConverter::new(fields).map_err(WarehouseError::arrow("comparing rows"))?;
    let rows = converter.convert_columns(&columns).map_err(WarehouseError::arrow("comparing rows"))?;
    Ok(rows.iter().map(|r| r.as_ref().to_vec()).collect())
}
