//! What the footers of data files say about their rows: counts, sizes, ranges of every column. The engine orders joins by
//! it. Files never change, so a footer is read once per process.

use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use datafusion::catalog::Session;
use datafusion::common::Statistics;
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::physical_plan::parquet::metadata::DFParquetMetadata;
use datafusion::error::Result;
use datafusion::execution::cache::cache_manager::CachedFileMetadata;
use datafusion::execution::cache::{SchemaFingerprint, TableScopedPath};
use futures::{StreamExt, TryStreamExt};
use object_store::ObjectStore;

/// Footers read at the same time when many are not known yet.
const AT_ONCE: usize = 8;
/// Bytes read from the end of a file at first: most footers are smaller.
pub(super) const FOOTER_BYTES: usize = 64 << 10;

/// The files, each with its statistics.
pub(super) async fn with_statistics(
    state: &dyn Session,
    store: &Arc<dyn ObjectStore>,
    schema: &SchemaRef,
    files: Vec<PartitionedFile>,
) -> Result<Vec<PartitionedFile>> {
    let shape = Arc::new(SchemaFingerprint::from_schema(schema));
    futures::stream::iter(files)
        .map(|file| {
            let shape = &shape;
            async move {
                let statistics = statistics(state, store, schema, shape, &file).await?;
                Ok(file.with_statistics(statistics))
            }
        })
        .buffered(AT_ONCE)
        .try_collect()
        .await
}

async fn statistics(
    state: &dyn Session,
    store: &Arc<dyn ObjectStore>,
    schema: &SchemaRef,
    shape: &Arc<SchemaFingerprint>,
    file: &PartitionedFile,
) -> Result<Arc<Statistics>> {
    let caches = &state.runtime_env().cache_manager;
    let known = caches.get_file_statistic_cache();
    let place = TableScopedPath { table: None, path: file.object_meta.location.clone() };
    if let Some(found) = known.as_ref().and_then(|known| known.get(&place))
        && found.is_valid_for(&file.object_meta, shape)
    {
        return Ok(found.statistics);
    }
    let footer = DFParquetMetadata::new(store, &file.object_meta)
        .with_metadata_size_hint(Some(FOOTER_BYTES))
        .with_file_metadata_cache(Some(caches.get_file_metadata_cache()))
        .fetch_metadata()
        .await?;
    let statistics = Arc::new(DFParquetMetadata::statistics_from_parquet_metadata(&footer, schema)?);
    if let Some(known) = known {
        let entry =
            CachedFileMetadata::new(file.object_meta.clone(), shape.clone(), statistics.clone(), None);
        known.put(&place, entry);
    }
    Ok(statistics)
}
