//! `pg_typeof`: PostgreSQL's name of a value's type.

use arrow::datatypes::DataType;
use datafusion::common::{ScalarValue, plan_err};
use datafusion::error::Result;
use datafusion::logical_expr::{ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs};

use super::json::is_json;
use super::plain::{Plain, field};

pub(super) fn function() -> Plain {
    Plain::new("pg_typeof", takes, |_: &ReturnFieldArgs| Ok(field("pg_typeof", DataType::Utf8)), run)
}

fn takes(types: &[DataType]) -> Result<Vec<DataType>> {
    match types {
        [_] => Ok(types.to_vec()),
        _ => plan_err!("pg_typeof 需要一个参数"),
    }
}

fn run(args: &ScalarFunctionArgs) -> Result<ColumnarValue> {
    let name = match args.arg_fields.first() {
        Some(field) if is_json(field) => "json".to_owned(),
        Some(field) => name(field.data_type()),
        None => return plan_err!("pg_typeof 需要一个参数"),
    };
    Ok(ColumnarValue::Scalar(ScalarValue::from(name)))
}

fn name(kind: &DataType) -> String {
    match kind {
        DataType::List(item) | DataType::LargeList(item) | DataType::FixedSizeList(item, _) => {
            return format!("{}[]", name(item.data_type()));
        }
        DataType::Dictionary(_, value) => return name(value),
        _ => {}
    }
    let plain = match kind {
        DataType::Null => "unknown",
        DataType::Boolean => "boolean",
        DataType::Int8 | DataType::Int16 | DataType::UInt8 => "smallint",
        DataType::Int32 | DataType::UInt16 => "integer",
        DataType::Int64 | DataType::UInt32 | DataType::UInt64 => "bigint",
        DataType::Float16 | DataType::Float32 => "real",
        DataType::Float64 => "double precision",
        kind if kind.is_decimal() => "numeric",
        DataType::Date32 | DataType::Date64 => "date",
        DataType::Timestamp(_, None) => "timestamp without time zone",
        DataType::Timestamp(_, Some(_)) => "timestamp with time zone",
        DataType::Time32(_) | DataType::Time64(_) => "time without time zone",
        DataType::Interval(_) | DataType::Duration(_) => "interval",
        kind if kind.is_binary() => "bytea",
        kind if kind.is_nested() => "record",
        _ => "text",
    };
    plain.to_owned()
}
