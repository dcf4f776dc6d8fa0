//! `generate_series` as clients need it for their catalog queries, with a bound: without one a few letters make rows
//! for ever.

use std::sync::Arc;

use datafusion::catalog::{TableFunctionArgs, TableFunctionImpl};
use datafusion::common::ScalarValue;
use datafusion::datasource::TableProvider;
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::Expr;

use crate::access::admitted::{Admitted, Origin};

/// Rows a series may have.
const MOST_ROWS: i128 = 100_000;

/// The engine's function behind the bound.
#[derive(Debug)]
pub(in crate::access) struct BoundedSeries(pub Arc<dyn TableFunctionImpl>);

impl TableFunctionImpl for BoundedSeries {
    fn call_with_args(&self, args: TableFunctionArgs) -> Result<Arc<dyn TableProvider>> {
        let numbers: Vec<i128> = args.exprs().iter().map(number).collect::<Result<_>>()?;
        let rows = match numbers.as_slice() {
            [stop] => *stop,
            [start, stop] => stop - start,
            [start, stop, step] if *step != 0 => (stop - start) / step,
            _ => 0,
        };
        if rows >= MOST_ROWS {
            return Err(DataFusionError::Plan(format!("generate_series 最多 {MOST_ROWS} 行")));
        }
        Ok(Admitted::of(self.0.call_with_args(args)?, Origin::Constant))
    }
}

/// A function whose rows are the same for everybody.
#[derive(Debug)]
pub(in crate::access) struct ConstantRows(pub Arc<dyn TableFunctionImpl>);

impl TableFunctionImpl for ConstantRows {
    fn call_with_args(&self, args: TableFunctionArgs) -> Result<Arc<dyn TableProvider>> {
        Ok(Admitted::of(self.0.call_with_args(args)?, Origin::Constant))
    }
}

/// A whole number; what has no countable steps is refused.
fn number(expr: &Expr) -> Result<i128> {
    let whole = match expr {
        Expr::Literal(value, _) if value.is_null() => return Ok(0),
        Expr::Literal(value, _) => value.cast_to(&arrow::datatypes::DataType::Int64).ok(),
        _ => None,
    };
    match (whole, expr) {
        (Some(ScalarValue::Int64(Some(number))), Expr::Literal(value, _))
            if value.data_type().is_integer() =>
        {
            Ok(number.into())
        }
        _ => Err(DataFusionError::Plan("generate_series 只接受整数常量".into())),
    }
}
