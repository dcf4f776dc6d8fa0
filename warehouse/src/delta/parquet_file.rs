//! Writing and reading one Parquet data file: sorted, with a Bloom filter on the key so that a writer
//! can tell without reading whether a file may hold a key.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use arrow::array::AsArray;
use arrow::array::{Array, RecordBatch, TimestampMicrosecondArray, new_null_array};
use arrow::compute::{SortColumn, SortOptions, concat_batches, lexsort_to_indices, take_record_batch};
use arrow::datatypes::{DataType, Date32Type, TimestampMicrosecondType};
use bytes::Bytes;
use chrono::{DateTime, Utc};
use deltalake::kernel::Add;
use futures::future::BoxFuture;
use futures::{FutureExt, TryStreamExt};
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};
use parquet::arrow::arrow_reader::ArrowReaderOptions;
use parquet::arrow::async_reader::{AsyncFileReader, ParquetRecordBatchStreamBuilder};
use parquet::arrow::{ArrowWriter, ProjectionMask};
use parquet::basic::Compression;
use parquet::bloom_filter::Sbbf;
use parquet::file::metadata::{ParquetMetaData, ParquetMetaDataReader};
use parquet::file::properties::WriterProperties;
use parquet::schema::types::ColumnPath;
use serde_json::{Map, Value, json};

use super::DataFile;
use crate::DISTRICT_COLUMN;
use crate::definition::TableDef;
use crate::error::WarehouseError;

/// Rows of one partition (file schema), sorted by business time, in one batch.
pub(crate) fn sorted(def: &TableDef, batches: &[RecordBatch]) -> Result<RecordBatch, WarehouseError> {
    let batch =
        concat_batches(&def.file_schema(), batches).map_err(WarehouseError::arrow("joining batches"))?;
    let mut columns = Vec::new();
    for name in def.time.iter().chain([&def.key]) {
        if let Some(values) = batch.column_by_name(name) {
            columns.push(SortColumn { values: values.clone(), options: Some(SortOptions::default()) });
        }
    }
    let order = lexsort_to_indices(&columns, None).map_err(WarehouseError::arrow("sorting rows"))?;
    take_record_batch(&batch, &order).map_err(WarehouseError::arrow("sorting rows"))
}

/// Writes the batch as a new file of the partition and returns its Delta action.
pub(crate) async fn write(
    def: &Arc<TableDef>,
    store: &Arc<dyn ObjectStore>,
    district: Option<&str>,
    batch: RecordBatch,
) -> Result<Add, WarehouseError> {
    let folder = district.map(|d| format!("{DISTRICT_COLUMN}={d}/")).unwrap_or_default();
    let name = format!("{folder}part-{}", uuid::Uuid::now_v7().simple());
    let stats = statistics(def, &batch);
    let encode_def = def.clone();
    let shown = name.clone();
    let bytes = tokio::task::spawn_blocking(move || encode(&encode_def, &batch, &shown))
        .await
        .map_err(|_| WarehouseError::Task("encoding a data file"))??;
    let path = format!("{name}-{:08x}.parquet", checksum(&bytes));
    let size = i64::try_from(bytes.len()).unwrap_or(i64::MAX);
    store
        .put(&Path::from(path.as_str()), bytes.into())
        .await
        .map_err(|e| WarehouseError::WriteFile { path: path.clone(), source: Box::new(e) })?;
    Ok(Add {
        path,
        partition_values: district
            .map(|d| HashMap::from([(DISTRICT_COLUMN.to_owned(), Some(d.to_owned()))]))
            .unwrap_or_default(),
        size,
        modification_time: Utc::now().timestamp_millis(),
        data_change: true,
        stats: Some(stats.to_string()),
        tags: None,
        deletion_vector: None,
        base_row_id: None,
        default_row_commit_version: None,
        clustering_provider: None,
    })
}

/// The checksum a file's name ends with.
pub(crate) fn checksum(bytes: &[u8]) -> u32 {
    let mut sum = flate2::Crc::new();
    sum.update(bytes);
    sum.sum()
}

/// The checksum in a name; files of earlier versions have none.
pub(crate) fn checksum_of_name(path: &str) -> Option<u32> {
    let (_, sum) = path.strip_suffix(".parquet")?.rsplit_once('-')?;
    (sum.len() == 8).then(|| u32::from_str_radix(sum, 16).ok()).flatten()
}

fn encode(def: &TableDef, batch: &RecordBatch, path: &str) -> Result<Bytes, WarehouseError> {
    let fail = |e: parquet::errors::ParquetError| WarehouseError::WriteFile {
        path: path.to_owned(),
        source: Box::new(e),
    };
    let key = ColumnPath::from(def.key.as_str());
    let properties = WriterProperties::builder()
        .set_compression(Compression::SNAPPY)
        .set_max_row_group_row_count(Some(1 << 20))
        // Keys are unique: a dictionary would be built, overflow and be thrown away.
        .set_column_dictionary_enabled(key.clone(), false)
        .set_column_bloom_filter_enabled(key.clone(), true)
        .set_column_bloom_filter_fpp(key.clone(), 0.01)
        .set_column_bloom_filter_max_ndv(key, u64::try_from(batch.num_rows().max(64)).unwrap_or(64))
        .build();
    let mut writer = ArrowWriter::try_new(Vec::new(), batch.schema(), Some(properties)).map_err(fail)?;
    writer.write(batch).map_err(fail)?;
    Ok(writer.into_inner().map_err(fail)?.into())
}

/// Delta statistics: rows, null counts, and min/max of dates and times (what periods prune by).
fn statistics(def: &TableDef, batch: &RecordBatch) -> Value {
    let (mut min, mut max, mut nulls) = (Map::new(), Map::new(), Map::new());
    for (field, column) in batch.schema().fields().iter().zip(batch.columns()) {
        nulls.insert(field.name().clone(), json!(column.null_count()));
        let range = match field.data_type() {
            DataType::Timestamp(..) => {
                let values: &TimestampMicrosecondArray = column.as_primitive::<TimestampMicrosecondType>();
                arrow::compute::min(values).zip(arrow::compute::max(values)).map(|(a, b)| {
                    // Millisecond precision is what Delta readers expect: round outwards.
                    (wall_clock(a.div_euclid(1000)), wall_clock(b.div_euclid(1000) + 1))
                })
            }
            DataType::Date32 => {
                let values = column.as_primitive::<Date32Type>();
                let day = |d: i32| {
                    (chrono::NaiveDate::default() + chrono::Days::new(u64::try_from(d).unwrap_or(0)))
                        .to_string()
                };
                arrow::compute::min(values).zip(arrow::compute::max(values)).map(|(a, b)| (day(a), day(b)))
            }
            _ => None,
        };
        if let Some((low, high)) = range {
            min.insert(field.name().clone(), Value::String(low));
            max.insert(field.name().clone(), Value::String(high));
        }
    }
    debug_assert!(batch.column_by_name(&def.key).is_none_or(|k| k.null_count() == 0));
    json!({ "numRecords": batch.num_rows(), "minValues": min, "maxValues": max, "nullCount": nulls })
}

fn wall_clock(millis: i64) -> String {
    DateTime::from_timestamp_millis(millis)
        .map(|t| t.naive_utc().format("%Y-%m-%dT%H:%M:%S%.3f").to_string())
        .unwrap_or_default()
}

fn unreadable(file: &DataFile) -> impl Fn(parquet::errors::ParquetError) -> WarehouseError + '_ {
    |e| WarehouseError::ReadFile { path: file.path.clone(), source: Box::new(e) }
}

/// Ranged reads of one object for the Parquet reader.
struct RangedFile {
    store: Arc<dyn ObjectStore>,
    path: Path,
    size: u64,
}

impl AsyncFileReader for RangedFile {
    fn get_bytes(&mut self, range: Range<u64>) -> BoxFuture<'_, parquet::errors::Result<Bytes>> {
        async move {
            self.store
                .get_range(&self.path, range)
                .await
                .map_err(|e| parquet::errors::ParquetError::External(Box::new(e)))
        }
        .boxed()
    }

    fn get_metadata<'a>(
        &'a mut self,
        _options: Option<&'a ArrowReaderOptions>,
    ) -> BoxFuture<'a, parquet::errors::Result<Arc<ParquetMetaData>>> {
        async move {
            let size = self.size;
            Ok(Arc::new(ParquetMetaDataReader::new().load_and_finish(self, size).await?))
        }
        .boxed()
    }
}

async fn open(
    store: &Arc<dyn ObjectStore>,
    file: &DataFile,
) -> Result<ParquetRecordBatchStreamBuilder<RangedFile>, WarehouseError> {
    let reader = RangedFile { store: store.clone(), path: Path::from(file.path.as_str()), size: file.size };
    ParquetRecordBatchStreamBuilder::new(reader).await.map_err(unreadable(file))
}

/// Reads a whole file in the shape of its table: columns that are younger than the file are empty.
pub(crate) async fn read_rows(
    def: &TableDef,
    store: &Arc<dyn ObjectStore>,
    file: &DataFile,
) -> Result<RecordBatch, WarehouseError> {
    let stored = read(store, file, &[]).await?;
    let schema = def.file_schema();
    let columns = schema
        .fields()
        .iter()
        .map(|field| match stored.column_by_name(field.name()) {
            Some(values) => values.clone(),
            None => new_null_array(field.data_type(), stored.num_rows()),
        })
        .collect();
    RecordBatch::try_new(schema, columns).map_err(WarehouseError::arrow("reading a data file"))
}

/// Reads the named columns (all when empty) of a file into one batch, in file order.
pub(crate) async fn read(
    store: &Arc<dyn ObjectStore>,
    file: &DataFile,
    columns: &[&str],
) -> Result<RecordBatch, WarehouseError> {
    let mut builder = open(store, file).await?.with_batch_size(65_536);
    if !columns.is_empty() {
        let mask = ProjectionMask::columns(builder.parquet_schema(), columns.iter().copied());
        builder = builder.with_projection(mask);
    }
    let stream = builder.build().map_err(unreadable(file))?;
    let schema = stream.schema().clone();
    let batches: Vec<RecordBatch> = stream.try_collect().await.map_err(unreadable(file))?;
    concat_batches(&schema, &batches).map_err(WarehouseError::arrow("joining batches of a data file"))
}

/// The Bloom filters of the key column, one per row group; `None` if the file has none.
pub(crate) async fn key_filter(
    store: &Arc<dyn ObjectStore>,
    file: &DataFile,
    key: &str,
) -> Result<Option<Vec<Sbbf>>, WarehouseError> {
    let mut builder = open(store, file).await?;
    let column = (0..builder.parquet_schema().num_columns())
        .find(|i| builder.parquet_schema().column(*i).name() == key);
    let Some(column) = column else { return Ok(None) };
    let mut filters = Vec::new();
    for group in 0..builder.metadata().num_row_groups() {
        match builder.get_row_group_column_bloom_filter(group, column).await.map_err(unreadable(file))? {
            Some(filter) => filters.push(filter),
            None => return Ok(None),
        }
    }
    Ok(Some(filters))
}
