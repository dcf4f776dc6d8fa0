//! A scan over an explicit list of data files, with the statistics of these files and of no other.

use std::sync::Arc;

use datafusion::catalog::Session;
use datafusion::common::config::TableParquetOptions;
use datafusion::common::{ScalarValue, Statistics};
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::physical_plan::parquet::CachedParquetFileReaderFactory;
use datafusion::datasource::physical_plan::{FileGroup, FileScanConfigBuilder, ParquetSource};
use datafusion::datasource::source::DataSourceExec;
use datafusion::error::Result;
use datafusion::execution::object_store::ObjectStoreUrl;
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_plan::ExecutionPlan;

use super::footers;
use super::view::TableView;
use crate::definition::TableKind;
use crate::delta::DataFile;

/// What to scan.
pub(super) struct FileScan<'a> {
    pub view: &'a TableView,
    pub store: &'a ObjectStoreUrl,
    /// At least one.
    pub files: &'a [&'a Arc<DataFile>],
    /// Columns in the order they come out: places in the physical schema.
    pub positions: &'a [usize],
    /// A predicate of our own, for pruning and for rows.
    pub predicate: Option<Arc<dyn PhysicalExpr>>,
    pub limit: Option<usize>,
    pub state: &'a dyn Session,
}

/// Plans the scan.
pub(super) async fn scan_files(scan: FileScan<'_>) -> Result<Arc<dyn ExecutionPlan>> {
    let FileScan { view, store, files, positions, predicate, limit, state } = scan;
    let runtime = state.runtime_env();
    let objects = runtime.object_store(store)?;
    let files: Vec<PartitionedFile> = files.iter().map(|f| partitioned(f)).collect();
    let files = footers::with_statistics(state, &objects, view.physical.file_schema(), files).await?;
    let statistics = Statistics::try_merge_iter(
        files.iter().filter_map(|f| f.statistics.as_deref()),
        view.physical.table_schema(),
    )?;
    let options = TableParquetOptions {
        global: state.config().options().execution.parquet.clone(),
        ..Default::default()
    };
    // Files never change, so their footers are read once per process and not once per query.
    let known = runtime.cache_manager.get_file_metadata_cache();
    let mut source = ParquetSource::new(view.physical.clone())
        .with_table_parquet_options(options)
        // Reference tables are small and mostly read whole: filtering them while decoding costs more than it spares.
        .with_pushdown_filters(view.def.kind == TableKind::District)
        .with_metadata_size_hint(footers::FOOTER_BYTES)
        .with_parquet_file_reader_factory(Arc::new(CachedParquetFileReaderFactory::new(objects, known)));
    if let Some(predicate) = predicate {
        source = source.with_predicate(predicate);
    }
    let groups = FileGroup::new(files).split_files(state.config().target_partitions());
    let config = FileScanConfigBuilder::new(store.clone(), Arc::new(source))
        .with_file_groups(groups)
        .with_statistics(statistics)
        .with_projection_indices(Some(positions.to_vec()))?
        .with_limit(limit)
        .build();
    Ok(DataSourceExec::from_data_source(config))
}

/// Keeps a file on disk as long as a plan reads it: retired files are removed when nobody holds them.
struct Held(#[expect(dead_code, reason = "held, not looked at")] Arc<DataFile>);

fn partitioned(file: &Arc<DataFile>) -> PartitionedFile {
    let mut part = PartitionedFile::new(file.path.clone(), file.size).with_extension(Held(file.clone()));
    part.object_meta.last_modified =
        chrono::DateTime::from_timestamp_millis(file.modified).unwrap_or_default();
    if let Some(district) = &file.district {
        part.partition_values = vec![ScalarValue::Utf8(Some(district.clone()))];
    }
    part
}
