//! Parameters whose type the statement tells: `$1::date` by its cast, and `category = ANY ($1)` by what it is compared with
//! which elements `$1` has.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field};
use datafusion::common::tree_node::Transformed;
use datafusion::error::Result;
use datafusion::logical_expr::expr::{Placeholder, ScalarFunction};
use datafusion::logical_expr::{Expr, ExprSchemable, LogicalPlan};

use super::quantified::is_quantified;
use crate::access::rewriting::each_expression;

/// Gives parameters without a type the type of the other side.
pub(in crate::access) fn tell_types(plan: LogicalPlan) -> Result<LogicalPlan> {
    let is_untold = |expr: &Expr| matches!(expr, Expr::Placeholder(Placeholder { field: None, .. }));
    let is_candidate = |expr: &Expr| match expr {
        Expr::ScalarFunction(function) if is_quantified(function) => function.args.iter().any(is_untold),
        Expr::Cast(cast) => is_untold(&cast.expr),
        _ => false,
    };
    each_expression(plan, is_candidate, |expr, schema| match expr {
        Expr::ScalarFunction(mut function) if is_quantified(&function) => {
            let types: Vec<DataType> =
                function.args.iter().map(|arg| arg.get_type(schema)).collect::<Result<_>>()?;
            if let [_, value, array] = types.as_slice() {
                let array_of_value = DataType::List(Arc::new(Field::new_list_field(value.clone(), true)));
                let element = match array {
                    DataType::List(field) => field.data_type().clone(),
                    _ => DataType::Utf8,
                };
                tell(&mut function, 1, element);
                if !value.is_null() {
                    tell(&mut function, 2, array_of_value);
                }
            }
            Ok(Transformed::yes(Expr::ScalarFunction(function)))
        }
        // `$1::text[]` says it itself.
        Expr::Cast(mut cast) => {
            let data_type = cast.field.data_type().clone();
            if let Expr::Placeholder(Placeholder { field: field @ None, .. }) = cast.expr.as_mut() {
                *field = Some(Arc::new(Field::new("", data_type, true)));
            }
            Ok(Transformed::yes(Expr::Cast(cast)))
        }
        other => Ok(Transformed::no(other)),
    })
}

fn tell(function: &mut ScalarFunction, place: usize, data_type: DataType) {
    if let Some(Expr::Placeholder(Placeholder { field: field @ None, .. })) = function.args.get_mut(place) {
        *field = Some(Arc::new(Field::new("", data_type, true)));
    }
}
