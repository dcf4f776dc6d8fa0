//! Values as texts: `array[1,2]::text` is `{1,2}`, `moment::text` has a blank before the hour, `concat(true)` writes `t`. The
//! engine's own casts write them as Arrow shows them.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, ListArray, StringArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field};
use datafusion::common::DFSchema;
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::Transformed;
use datafusion::error::Result;
use datafusion::logical_expr::expr::Cast;
use datafusion::logical_expr::{Expr, ExprSchemable, LogicalPlan};
use datafusion::optimizer::AnalyzerRule;

use super::written::{Joint, Written};
use crate::access::own_cast::own_cast;
use crate::access::rewriting::each_expression;

/// Functions that put the texts of their arguments together.
const JOINING: [&str; 2] = ["concat", "concat_ws"];

/// The one that does so with the elements of a list.
const JOINING_ELEMENTS: &str = "array_to_string";

/// See the module. To be run once before types are made equal, for what joins values of any type, and once after.
#[derive(Debug)]
pub(in crate::access) struct TextsOfValues;

impl AnalyzerRule for TextsOfValues {
    fn name(&self) -> &'static str {
        "texts_of_values"
    }

    fn analyze(&self, plan: LogicalPlan, _: &ConfigOptions) -> Result<LogicalPlan> {
        let is_candidate = |expr: &Expr| match expr {
            Expr::Cast(cast) => is_text(cast.field.data_type()),
            Expr::ScalarFunction(call) => {
                JOINING.contains(&call.func.name()) || call.func.name() == JOINING_ELEMENTS
            }
            _ => false,
        };
        each_expression(plan, is_candidate, written)
    }
}

fn written(expr: Expr, schema: &DFSchema) -> Result<Transformed<Expr>> {
    match expr {
        Expr::Cast(Cast { expr, field }) if is_text(field.data_type()) => match expr.get_type(schema) {
            Ok(kind) if is_written_otherwise(&kind) => {
                Ok(Transformed::yes(text_of(*expr, field.data_type().clone())))
            }
            _ => Ok(Transformed::no(Expr::Cast(Cast { expr, field }))),
        },
        Expr::ScalarFunction(mut call) if JOINING.contains(&call.func.name()) => {
            let mut changed = false;
            for arg in &mut call.args {
                // Columns of queries outside are not in the schema.
                let Ok(kind) = arg.get_type(schema) else { continue };
                if kind == DataType::Boolean || is_written_otherwise(&kind) {
                    *arg = text_of(std::mem::take(arg), DataType::Utf8);
                    changed = true;
                }
            }
            let call = Expr::ScalarFunction(call);
            Ok(if changed { Transformed::yes(call) } else { Transformed::no(call) })
        }
        Expr::ScalarFunction(mut call) if call.func.name() == JOINING_ELEMENTS => {
            let is_joined_otherwise = call.args.first().is_some_and(|list| match list.get_type(schema) {
                Ok(DataType::List(element)) => match element.data_type() {
                    // Lists of lists are joined element by element all the same.
                    DataType::List(_) => false,
                    DataType::Boolean | DataType::Decimal256(..) => true,
                    kind => is_written_otherwise(kind),
                },
                _ => false,
            });
            if is_joined_otherwise && let Some(list) = call.args.first_mut() {
                let texts = DataType::List(Arc::new(Field::new_list_field(DataType::Utf8, true)));
                *list = own_cast("texts_of_elements", texts_of_elements, std::mem::take(list), texts);
                return Ok(Transformed::yes(Expr::ScalarFunction(call)));
            }
            Ok(Transformed::no(Expr::ScalarFunction(call)))
        }
        other => Ok(Transformed::no(other)),
    }
}

fn is_text(kind: &DataType) -> bool {
    matches!(kind, DataType::Utf8 | DataType::Utf8View | DataType::LargeUtf8)
}

/// Whether Arrow's text of a value is another than PostgreSQL's.
fn is_written_otherwise(kind: &DataType) -> bool {
    matches!(
        kind,
        DataType::List(_)
            | DataType::Timestamp(..)
            | DataType::Time64(_)
            | DataType::Interval(_)
            | DataType::Float64
            | DataType::Float32
    )
}

fn text_of(value: Expr, to: DataType) -> Expr {
    own_cast("text_of", texts, value, to)
}

fn texts_of_elements(array: &ArrayRef, _: &DataType) -> Result<ArrayRef> {
    let lists = array.as_list::<i32>();
    let texts = texts(lists.values(), &DataType::Utf8)?;
    let element = Arc::new(Field::new_list_field(DataType::Utf8, true));
    Ok(Arc::new(ListArray::try_new(element, lists.offsets().clone(), texts, lists.nulls().cloned())?))
}

fn texts(array: &ArrayRef, to: &DataType) -> Result<ArrayRef> {
    Ok(cast(&texts_of(array)?, to)?)
}

/// Values as PostgreSQL writes them, for what clients are sent as text.
///
/// # Errors
/// When Arrow cannot read the column.
pub fn texts_of(array: &ArrayRef) -> Result<StringArray> {
    let values = Written::of(array, Joint::Blank)?;
    let texts = (0..array.len()).map(|row| {
        let mut text = String::new();
        values.write(row, &mut text).then_some(text)
    });
    Ok(texts.collect())
}
