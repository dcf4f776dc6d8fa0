//! A table cut to a scope: a list of data files, nothing more. Rows of other districts are not filtered
//! out, they are never opened, so no predicate, statistic, error or EXPLAIN can leak them (invariant 2).

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use async_trait::async_trait;
use datafusion::catalog::Session;
use datafusion::common::config::TableParquetOptions;
use datafusion::common::stats::Precision;
use datafusion::common::{ColumnStatistics, ScalarValue, Statistics};
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::physical_plan::{FileGroup, FileScanConfigBuilder, ParquetSource};
use datafusion::datasource::source::DataSourceExec;
use datafusion::datasource::table_schema::TableSchema;
use datafusion::datasource::{TableProvider, TableType};
use datafusion::error::Result;
use datafusion::execution::object_store::ObjectStoreUrl;
use datafusion::logical_expr::{Expr, TableProviderFilterPushDown};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::empty::EmptyExec;

use crate::DISTRICT_COLUMN;
use crate::definition::{TableDef, TableKind};
use crate::delta::DataFile;

/// The files of one table a session may open.
#[derive(Debug)]
pub(crate) struct ScopedTable {
    def: Arc<TableDef>,
    store: ObjectStoreUrl,
    files: Vec<Arc<DataFile>>,
    declared: SchemaRef,
    physical: TableSchema,
    /// Position in the physical schema (file columns, then district) of each declared column.
    positions: Vec<usize>,
}

impl ScopedTable {
    /// `files` must already be cut to the scope.
    pub(crate) fn new(def: Arc<TableDef>, store: ObjectStoreUrl, files: Vec<Arc<DataFile>>) -> Self {
        // Views instead of offsets: strings are compared by prefix and never copied out of pages.
        let engine_type = |t: &DataType| if *t == DataType::Utf8 { DataType::Utf8View } else { t.clone() };
        let file: Vec<Field> = def
            .file_schema()
            .fields()
            .iter()
            .map(|f| Field::new(f.name(), engine_type(f.data_type()), f.is_nullable()))
            .collect();
        let mut physical = TableSchema::builder(Arc::new(Schema::new(file)));
        if def.kind == TableKind::District {
            physical = physical.with_table_partition_cols(vec![Arc::new(Field::new(
                DISTRICT_COLUMN,
                DataType::Utf8,
                false,
            ))]);
        }
        let physical = physical.build();
        let positions: Vec<usize> =
            def.columns.iter().filter_map(|c| physical.table_schema().index_of(&c.name).ok()).collect();
        let declared = Arc::new(Schema::new(
            positions.iter().map(|i| physical.table_schema().field(*i).clone()).collect::<Vec<_>>(),
        ));
        Self { def, store, files, declared, physical, positions }
    }

    fn partitioned(&self, file: &DataFile) -> PartitionedFile {
        let mut part = PartitionedFile::new(file.path.clone(), file.size);
        part.object_meta.last_modified =
            chrono::DateTime::from_timestamp_millis(file.modified).unwrap_or_default();
        if let Some(district) = &file.district {
            part.partition_values = vec![ScalarValue::Utf8(Some(district.clone()))];
        }
        part.with_statistics(Arc::new(self.statistics_of(file)))
    }

    /// What the Delta log says about this one file: rows, null counts, ranges of times.
    fn statistics_of(&self, file: &DataFile) -> Statistics {
        let columns = self
            .physical
            .file_schema()
            .fields()
            .iter()
            .map(|field| {
                let mut column = ColumnStatistics::new_unknown();
                let name = field.name();
                if let Some(nulls) = file.stats["nullCount"][name].as_u64() {
                    column.null_count = Precision::Exact(usize::try_from(nulls).unwrap_or(usize::MAX));
                }
                // Times were rounded to milliseconds when written: good for pruning, not for min().
                let bound = |side: &str| -> Option<ScalarValue> {
                    let text = file.stats[side][name].as_str()?;
                    ScalarValue::try_from_string(text.to_owned(), field.data_type()).ok()
                };
                if let (Some(low), Some(high)) = (bound("minValues"), bound("maxValues")) {
                    (column.min_value, column.max_value) =
                        (Precision::Inexact(low), Precision::Inexact(high));
                }
                column
            })
            .collect();
        Statistics {
            num_rows: Precision::Exact(file.rows),
            total_byte_size: Precision::Absent,
            column_statistics: columns,
        }
    }

    /// Whether a filter of the form `district_code = 'x'` or `IN (…)` rules a file out.
    fn wanted(&self, file: &DataFile, filters: &[Expr]) -> bool {
        let Some(district) = file.district.as_deref() else { return true };
        filters.iter().all(|filter| match filter {
            Expr::BinaryExpr(b) if b.op == datafusion::logical_expr::Operator::Eq => {
                match (b.left.as_ref(), b.right.as_ref()) {
                    (Expr::Column(c), Expr::Literal(v, _)) | (Expr::Literal(v, _), Expr::Column(c))
                        if c.name == DISTRICT_COLUMN =>
                    {
                        v.try_as_str().flatten().is_none_or(|wanted| wanted == district)
                    }
                    _ => true,
                }
            }
            Expr::InList(list)
                if !list.negated
                    && matches!(list.expr.as_ref(), Expr::Column(c) if c.name == DISTRICT_COLUMN) =>
            {
                list.list.iter().any(|e| match e {
                    Expr::Literal(v, _) => v.try_as_str().flatten().is_none_or(|wanted| wanted == district),
                    _ => true,
                })
            }
            _ => true,
        })
    }
}

#[async_trait]
impl TableProvider for ScopedTable {
    fn schema(&self) -> SchemaRef {
        self.declared.clone()
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    fn supports_filters_pushdown(&self, filters: &[&Expr]) -> Result<Vec<TableProviderFilterPushDown>> {
        Ok(vec![TableProviderFilterPushDown::Inexact; filters.len()])
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let declared: Vec<usize> = match projection {
            Some(chosen) => chosen.clone(),
            None => (0..self.positions.len()).collect(),
        };
        let files: Vec<PartitionedFile> =
            self.files.iter().filter(|f| self.wanted(f, filters)).map(|f| self.partitioned(f)).collect();
        if files.is_empty() {
            return Ok(Arc::new(EmptyExec::new(Arc::new(self.declared.project(&declared)?))));
        }
        let mut statistics = Statistics::new_unknown(self.physical.table_schema());
        statistics.num_rows = Precision::Exact(
            files.iter().filter_map(|f| f.statistics.as_ref()).filter_map(|s| s.num_rows.get_value()).sum(),
        );
        let options = TableParquetOptions {
            global: state.config().options().execution.parquet.clone(),
            ..Default::default()
        };
        let source = ParquetSource::new(self.physical.clone()).with_table_parquet_options(options);
        let groups = FileGroup::new(files).split_files(state.config().target_partitions());
        let scan = FileScanConfigBuilder::new(self.store.clone(), Arc::new(source))
            .with_file_groups(groups)
            .with_statistics(statistics)
            .with_projection_indices(Some(declared.iter().map(|i| self.positions[*i]).collect()))?
            .with_limit(limit)
            .build();
        tracing::trace!(table.id = %self.def.id, files = self.files.len(), "scan planned");
        Ok(DataSourceExec::from_data_source(scan))
    }
}
