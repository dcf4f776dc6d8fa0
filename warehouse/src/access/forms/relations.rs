//! Additions to a table the engine reads and does nothing about, and LATERAL queries it works out over the rows of all outer
//! rows at once.

use datafusion::sql::sqlparser::ast::{Query, SetExpr, TableFactor};

use super::super::walk::look;
use super::inner_order::Windows;

/// Refuses them.
pub(super) fn check(relation: &TableFactor) -> Result<(), String> {
    match relation {
        TableFactor::Table { sample: Some(_), .. } | TableFactor::Derived { sample: Some(_), .. } => {
            Err("不支持 TABLESAMPLE 抽样；要看几行请用 ORDER BY random() LIMIT n".to_owned())
        }
        TableFactor::Derived { lateral: true, subquery, .. } if sees_all_rows(subquery) => Err(
            "LATERAL 子查询里不支持窗口函数（OVER）和 HAVING；请改写成连接（JOIN）加窗口函数 PARTITION BY"
                .to_owned(),
        ),
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

/// Whether a query looks at its rows as a whole, apart from gathering them.
fn sees_all_rows(query: &Query) -> bool {
    let has_having = matches!(query.body.as_ref(), SetExpr::Select(select) if select.having.is_some());
    has_having || look(query, &mut Windows).is_break()
}
