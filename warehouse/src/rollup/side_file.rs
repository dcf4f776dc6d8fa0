//! Reads and writes the Parquet files beside the lake. They are only caches: one that cannot be read is made again.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use arrow::array::RecordBatch;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::{ArrowReaderOptions, ParquetRecordBatchReaderBuilder};
use parquet::basic::Compression;
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;

use crate::error::WarehouseError;

/// A file's rows as one batch; the words written beside them stand in its schema. None: there is no such file, or it is
/// broken.
pub(super) fn read(path: &Path) -> Option<RecordBatch> {
    let file = std::fs::File::open(path).ok()?;
    let read = || -> Result<RecordBatch, ParquetError> {
        let builder = ParquetRecordBatchReaderBuilder::try_new_with_options(file, ArrowReaderOptions::new())?;
        let schema = builder.schema().clone();
        let batches = builder.with_batch_size(1 << 20).build()?.collect::<Result<Vec<_>, _>>()?;
        Ok(arrow::compute::concat_batches(&schema, &batches)?)
    };
    let broken = |e: &ParquetError| {
        tracing::warn!(path = %path.display(), error = %e, "rollup side file is broken and will be made again");
    };
    read().inspect_err(broken).ok()
}

/// Writes rows and words about them in one step: a reader sees the whole file or none.
pub(super) fn write(
    path: &Path,
    rows: &RecordBatch,
    words: HashMap<String, String>,
) -> Result<(), WarehouseError> {
    let fail = |source: Box<dyn std::error::Error + Send + Sync>| WarehouseError::WriteFile {
        path: path.display().to_string(),
        source,
    };
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(|e| fail(Box::new(e)))?;
    }
    let draft = path.with_extension(format!("{}.tmp", uuid::Uuid::now_v7().simple()));
    let file = std::fs::File::create(&draft).map_err(|e| fail(Box::new(e)))?;
    let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
    let schema = Arc::new(rows.schema().as_ref().clone().with_metadata(words));
    let rows =
        RecordBatch::try_new(schema.clone(), rows.columns().to_vec()).map_err(|e| fail(Box::new(e)))?;
    let mut writer = ArrowWriter::try_new(file, schema, Some(properties)).map_err(|e| fail(Box::new(e)))?;
    writer.write(&rows).map_err(|e| fail(Box::new(e)))?;
    writer.close().map_err(|e| fail(Box::new(e)))?;
    std::fs::rename(&draft, path).map_err(|e| fail(Box::new(e)))
}
