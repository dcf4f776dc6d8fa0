//! What a sub-query in the place of a value gives: its one row, NULL without one, an error with several. See
//! `forms::scalar`.

use arrow::array::AsArray;
use arrow::datatypes::{DataType, Int64Type};
use datafusion::common::plan_err;
use datafusion::error::Result;
use datafusion::logical_expr::{ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs};

use super::plain::{Plain, answer, column, refused};

pub(super) fn function() -> Plain {
    Plain::new("at_most_one", takes, |args: &ReturnFieldArgs| Ok(args.arg_fields[0].clone()), run)
}

fn takes(types: &[DataType]) -> Result<Vec<DataType>> {
    match types {
        [value, _] => Ok(vec![value.clone(), DataType::Int64]),
        _ => plan_err!("at_most_one 需要一个值和行数"),
    }
}

fn run(args: &ScalarFunctionArgs) -> Result<ColumnarValue> {
    let counts = column(args, 1)?;
    let counts = counts.as_primitive::<Int64Type>();
    if counts.iter().flatten().any(|count| count > 1) {
        return refused("用作一个值的子查询给出了多行；请加条件、LIMIT 1 或先汇总");
    }
    answer(args, column(args, 0)?)
}
