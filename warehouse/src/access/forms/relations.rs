//! Additions to a table the engine reads and does nothing about.

use datafusion::sql::sqlparser::ast::TableFactor;

/// Refuses them.
pub(super) fn check(relation: &TableFactor) -> Result<(), String> {
    match relation {
        TableFactor::Table { sample: Some(_), .. } | TableFactor::Derived { sample: Some(_), .. } => {
            Err("不支持 TABLESAMPLE 抽样；要看几行请用 ORDER BY random() LIMIT n".to_owned())
        }
        TableFactor::Table { with_ordinality: true, .. }
        | TableFactor::UNNEST { with_ordinality: true, .. } => {
            Err("不支持 WITH ORDINALITY；行号请用 row_number() OVER ()".to_owned())
        }
        TableFactor::Table { with_hints, version, partitions, json_path, index_hints, .. }
            if !with_hints.is_empty()
                || version.is_some()
                || !partitions.is_empty()
                || json_path.is_some()
                || !index_hints.is_empty() =>
        {
            Err("表名后面有不支持的写法（提示、版本、分区或 JSON 路径）".to_owned())
        }
        _ => Ok(()),
    }
}
