//! DataFusion without Pujiang: listing tables over the same Parquet files. What the city scope is measured against.

use std::path::Path;

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::DataType;
use datafusion::prelude::{ParquetReadOptions, SessionConfig, SessionContext};

/// The tables everybody may read.
const REFERENCE_TABLES: [&str; 5] = ["region", "nation", "supplier", "part", "partsupp"];
/// The tables that are partitioned by district.
const DISTRICT_TABLES: [&str; 3] = ["customer", "orders", "lineitem"];

/// The engine's own defaults, or the settings Pujiang gives it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settings {
    /// As DataFusion comes.
    Defaults,
    /// As `warehouse/src/access/engine.rs` sets it up: filters while decoding, joins without shuffling.
    AsBehindTheDoor,
}

/// A context over the files of a TPC-H lake; one for all queries, as a program would hold it, so that its caches of
/// file lists, footers and statistics are warm.
#[expect(clippy::disallowed_methods, reason = "the engine without the door, to measure what the door costs")]
pub async fn context(lake: &Path, settings: Settings) -> SessionContext {
    let config = match settings {
        Settings::Defaults => SessionConfig::new(),
        Settings::AsBehindTheDoor => SessionConfig::new()
            .set_bool("datafusion.execution.parquet.pushdown_filters", true)
            .set_bool("datafusion.execution.parquet.reorder_filters", true)
            .set_usize("datafusion.optimizer.hash_join_single_partition_threshold", 64 << 20)
            .set_usize("datafusion.optimizer.hash_join_single_partition_threshold_rows", 500_000),
    };
    let context = SessionContext::new_with_config(config);
    for table in REFERENCE_TABLES.into_iter().chain(DISTRICT_TABLES) {
        let mut options = ParquetReadOptions::default();
        if DISTRICT_TABLES.contains(&table) {
            options.table_partition_cols = vec![("district_code".to_owned(), DataType::Utf8)];
        }
        context.register_parquet(table, format!("{}/{table}/", lake.display()), options).await.unwrap();
    }
    context
}

/// The rows of a query.
#[expect(clippy::disallowed_methods, reason = "the engine without the door, to measure what the door costs")]
pub async fn answer(context: &SessionContext, sql: &str) -> Vec<RecordBatch> {
    context.sql(sql).await.unwrap().collect().await.unwrap()
}
