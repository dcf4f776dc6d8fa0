//! Casts from text to arrays. The engine makes an array with the whole text as its element; here the text is read as
//! PostgreSQL's form of an array and its elements are cast.

use std::sync::Arc;

use arrow::array::{ArrayRef, GenericListArray, ListBuilder, StringBuilder};
use arrow::compute::{CastOptions, cast, cast_with_options};
use arrow::datatypes::DataType;
use datafusion::common::DFSchema;
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::Transformed;
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::expr::Cast;
use datafusion::logical_expr::{Expr, ExprSchemable, LogicalPlan};
use datafusion::optimizer::AnalyzerRule;

use super::literal::array_elements;
use crate::access::own_cast::own_cast;
use crate::access::rewriting::each_expression;

/// See the module. To be run after types were made equal.
#[derive(Debug)]
pub(in crate::access) struct ArraysFromText;

impl AnalyzerRule for ArraysFromText {
    fn name(&self) -> &'static str {
        "arrays_from_text"
    }

    fn analyze(&self, plan: LogicalPlan, _: &ConfigOptions) -> Result<LogicalPlan> {
        let is_candidate = |expr: &Expr| matches!(expr, Expr::Cast(Cast { field, .. }) if matches!(field.data_type(), DataType::List(_)));
        each_expression(plan, is_candidate, read)
    }
}

fn read(expr: Expr, schema: &DFSchema) -> Result<Transformed<Expr>> {
    match expr {
        Expr::Cast(Cast { expr, field })
            if matches!(field.data_type(), DataType::List(_)) && expr.get_type(schema)?.is_string() =>
        {
            Ok(Transformed::yes(own_cast("array_from_text", lists, *expr, field.data_type().clone())))
        }
        other => Ok(Transformed::no(other)),
    }
}

fn lists(texts: &ArrayRef, to: &DataType) -> Result<ArrayRef> {
    let texts = cast(texts, &DataType::Utf8)?;
    let mut lists = ListBuilder::new(StringBuilder::new());
    for text in arrow::array::AsArray::as_string::<i32>(&texts) {
        match text {
            None => lists.append_null(),
            Some(text) => {
                let elements =
                    array_elements(text).map_err(|error| DataFusionError::Execution(error.to_string()))?;
                lists.append_value(elements);
            }
        }
    }
    let lists: GenericListArray<i32> = lists.finish();
    let lists: ArrayRef = Arc::new(lists);
    // An element that cannot be read is an error, not a NULL.
    Ok(cast_with_options(&lists, to, &CastOptions { safe: false, ..CastOptions::default() })?)
}
