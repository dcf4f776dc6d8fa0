//! Arrow batches as rows of JSON: decimals stay texts, times are Shanghai times with their offset, lists are written as
//! PostgreSQL writes them.

use arrow::array::{
    Array, AsArray, Date32Array, Decimal128Array, Decimal256Array, RecordBatch, TimestampMicrosecondArray,
    make_array,
};
use arrow::datatypes::{DataType, Field, SchemaRef, TimeUnit};
use arrow::error::ArrowError;
use arrow::util::display::{ArrayFormatter, FormatOptions};
use pujiang_warehouse::{texts_of, written};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// One column of an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SqlColumn {
    /// Name in the answer.
    pub name: String,
    /// An integer a float cannot hold comes as text.
    /// `integer`, `decimal`, `float`, `text`, `date`, `timestamp`, `boolean` or `other`.
    #[serde(rename = "type")]
    pub kind: &'static str,
}

/// Columns of a schema.
pub fn columns(schema: &SchemaRef) -> Vec<SqlColumn> {
    schema
        .fields()
        .iter()
        .map(|field: &std::sync::Arc<Field>| SqlColumn {
            name: field.name().clone(),
            kind: kind(field.data_type()),
        })
        .collect()
}

/// All rows of the batches, in order.
pub fn rows(batches: &[RecordBatch]) -> Result<Vec<Vec<Value>>, ArrowError> {
    let mut rows = Vec::with_capacity(batches.iter().map(RecordBatch::num_rows).sum());
    for batch in batches {
        let start = rows.len();
        rows.extend((0..batch.num_rows()).map(|_| Vec::with_capacity(batch.num_columns())));
        for column in batch.columns() {
            let values = values(column.as_ref())?;
            for (row, value) in rows.iter_mut().skip(start).zip(values) {
                row.push(value);
            }
        }
    }
    Ok(rows)
}

fn kind(data_type: &DataType) -> &'static str {
    match data_type {
        DataType::Dictionary(_, value) => kind(value),
        data_type if data_type.is_integer() => "integer",
        data_type if data_type.is_floating() => "float",
        DataType::Decimal32(..)
        | DataType::Decimal64(..)
        | DataType::Decimal128(..)
        | DataType::Decimal256(..) => "decimal",
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => "text",
        DataType::Date32 | DataType::Date64 => "date",
        DataType::Timestamp(..) => "timestamp",
        DataType::Boolean => "boolean",
        _ => "other",
    }
}

fn values(column: &dyn Array) -> Result<Vec<Value>, ArrowError> {
    Ok(match column.data_type() {
        // Its values are nothing without a mark that says so.
        DataType::Null => vec![Value::Null; column.len()],
        DataType::Boolean => {
            column.as_boolean().iter().map(|value| value.map_or(Value::Null, Value::Bool)).collect()
        }
        DataType::Int64 => column
            .as_primitive::<arrow::datatypes::Int64Type>()
            .iter()
            .map(|value| value.map_or(Value::Null, whole))
            .collect(),
        DataType::Utf8 => column.as_string::<i32>().iter().map(text).collect(),
        DataType::Utf8View => column.as_string_view().iter().map(text).collect(),
        // Only these keep the point where it belongs; the formatter below would do too, but slower.
        DataType::Decimal128(..) => decimals(column.as_primitive()),
        DataType::Decimal256(..) => wide_decimals(column.as_primitive()),
        DataType::Date32 => dates(column.as_primitive()),
        DataType::Timestamp(TimeUnit::Microsecond, None) => timestamps(column.as_primitive()),
        DataType::List(_) => {
            let texts = texts_of(&make_array(column.to_data()))
                .map_err(|error| ArrowError::ExternalError(Box::new(error)))?;
            texts.iter().map(text).collect()
        }
        other => formatted(column, other.is_numeric() && kind(other) != "decimal")?,
    })
}

/// Programs that read every JSON number as a float, browsers among them, round beyond this.
const LARGEST_EXACT: u64 = (1 << 53) - 1;

fn whole(value: i64) -> Value {
    if value.unsigned_abs() <= LARGEST_EXACT { Value::from(value) } else { Value::String(value.to_string()) }
}

fn text(value: Option<&str>) -> Value {
    value.map_or(Value::Null, |text| Value::String(text.to_owned()))
}

fn decimals(array: &Decimal128Array) -> Vec<Value> {
    (0..array.len())
        .map(|at| if array.is_null(at) { Value::Null } else { Value::String(array.value_as_string(at)) })
        .collect()
}

/// Quotients and means, without the zeros that only fill up their type.
fn wide_decimals(array: &Decimal256Array) -> Vec<Value> {
    (0..array.len())
        .map(|at| if array.is_null(at) { Value::Null } else { Value::String(written(array, at)) })
        .collect()
}

fn dates(array: &Date32Array) -> Vec<Value> {
    (0..array.len())
        .map(|at| {
            let date = array.is_valid(at).then(|| array.value_as_date(at)).flatten();
            date.map_or(Value::Null, |date| Value::String(date.to_string()))
        })
        .collect()
}

/// The lake keeps Shanghai wall-clock time without a zone; outside it always carries its offset.
fn timestamps(array: &TimestampMicrosecondArray) -> Vec<Value> {
    (0..array.len())
        .map(|at| {
            let time = array.is_valid(at).then(|| array.value_as_datetime(at)).flatten();
            time.map_or(Value::Null, |time| {
                Value::String(time.format("%Y-%m-%dT%H:%M:%S%.f+08:00").to_string())
            })
        })
        .collect()
}

fn formatted(column: &dyn Array, numeric: bool) -> Result<Vec<Value>, ArrowError> {
    let formatter = ArrayFormatter::try_new(column, &FormatOptions::default())?;
    Ok((0..column.len())
        .map(|at| {
            if column.is_null(at) {
                return Value::Null;
            }
            let text = formatter.value(at).to_string();
            // NaN and infinity are no JSON numbers and stay texts.
            match numeric.then(|| serde_json::from_str::<serde_json::Number>(&text)) {
                Some(Ok(number)) => Value::Number(number),
                _ => Value::String(text),
            }
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use arrow::array::{ArrayRef, Float64Array, Int64Array, StringArray};
    use serde_json::json;

    #[test]
    fn each_type_has_its_json() {
        let columns: Vec<(&str, ArrayRef)> = vec![
            ("i", Arc::new(Int64Array::from(vec![Some(1), None]))),
            ("b", Arc::new(Int64Array::from(vec![9_007_199_254_740_991, -9_007_199_254_740_992]))),
            ("f", Arc::new(Float64Array::from(vec![0.5, f64::NAN]))),
            ("t", Arc::new(StringArray::from(vec![Some("徐汇"), None]))),
            (
                "d",
                Arc::new(
                    Decimal128Array::from(vec![Some(41_766_191), None])
                        .with_precision_and_scale(12, 2)
                        .expect("decimal"),
                ),
            ),
            ("s", Arc::new(TimestampMicrosecondArray::from(vec![Some(1_793_465_400_000_000), None]))),
        ];
        let batch = RecordBatch::try_from_iter(columns).expect("batch");
        assert_eq!(
            json!(rows(&[batch]).expect("rows")),
            json!([
                [1, 9_007_199_254_740_991_i64, 0.5, "徐汇", "417661.91", "2026-10-31T16:50:00+08:00"],
                [null, "-9007199254740992", "NaN", null, null, null]
            ])
        );
    }
}
