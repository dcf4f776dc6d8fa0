//! Rows of lake tables: values by column name to Arrow batches in the table's declared order.

mod records;

use arrow::array::{
    ArrayRef, BooleanArray, Date32Array, Decimal128Array, Int64Array, RecordBatch, StringArray,
    TimestampMicrosecondArray,
};
use arrow::error::ArrowError;
use chrono::{NaiveDate, NaiveDateTime};
use pujiang_warehouse::{ColumnType, TableDef};
use rust_decimal::Decimal;
use std::sync::Arc;

pub(crate) use records::{Lakewards, change};

/// Column that holds when a row came; filled here.
pub(crate) const LOADED_AT: &str = "loaded_at";

/// A value of a lake column.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum LakeValue {
    Text(String),
    Integer(i64),
    Decimal(Decimal),
    Date(NaiveDate),
    Time(NaiveDateTime),
    Truth(bool),
}

/// Builds a batch; `value` gives the value of a row's column.
pub(crate) fn batch<R>(
    def: &TableDef,
    rows: &[R],
    value: impl Fn(&R, &str) -> Option<LakeValue>,
) -> Result<RecordBatch, ArrowError> {
    let columns = def
        .columns
        .iter()
        .map(|column| {
            let values = rows.iter().map(|row| value(row, &column.name));
            array(column.kind, values)
        })
        .collect::<Result<Vec<_>, _>>()?;
    RecordBatch::try_new(def.arrow_schema(), columns)
}

fn array(kind: ColumnType, values: impl Iterator<Item = Option<LakeValue>>) -> Result<ArrayRef, ArrowError> {
    Ok(match kind {
        ColumnType::Text => Arc::new(StringArray::from_iter(values.map(|v| match v {
            Some(LakeValue::Text(t)) => Some(t),
            _ => None,
        }))),
        ColumnType::Integer => Arc::new(Int64Array::from_iter(values.map(|v| match v {
            Some(LakeValue::Integer(i)) => Some(i),
            _ => None,
        }))),
        ColumnType::Decimal(precision, scale) => {
            let scaled = values.map(|v| match v {
                Some(LakeValue::Decimal(mut d)) => {
                    d.rescale(u32::from(scale.unsigned_abs()));
                    Some(d.mantissa())
                }
                _ => None,
            });
            Arc::new(Decimal128Array::from_iter(scaled).with_precision_and_scale(precision, scale)?)
        }
        ColumnType::Date => Arc::new(Date32Array::from_iter(values.map(|v| match v {
            Some(LakeValue::Date(d)) => Some(days(d)),
            Some(LakeValue::Time(t)) => Some(days(t.date())),
            _ => None,
        }))),
        ColumnType::Timestamp => Arc::new(TimestampMicrosecondArray::from_iter(values.map(|v| match v {
            // Shanghai wall clock, stored without zone.
            Some(LakeValue::Time(t)) => Some(t.and_utc().timestamp_micros()),
            Some(LakeValue::Date(d)) => Some(d.and_time(chrono::NaiveTime::MIN).and_utc().timestamp_micros()),
            _ => None,
        }))),
        ColumnType::Boolean => Arc::new(BooleanArray::from_iter(values.map(|v| match v {
            Some(LakeValue::Truth(b)) => Some(b),
            _ => None,
        }))),
    })
}

fn days(date: NaiveDate) -> i32 {
    date.signed_duration_since(NaiveDate::default()).num_days().try_into().unwrap_or(0)
}

/// What fills a column of a delete that may not be null; nobody reads it.
pub(crate) fn blank(kind: ColumnType) -> LakeValue {
    match kind {
        ColumnType::Text => LakeValue::Text(String::new()),
        ColumnType::Integer => LakeValue::Integer(0),
        ColumnType::Decimal(..) => LakeValue::Decimal(Decimal::ZERO),
        ColumnType::Date => LakeValue::Date(NaiveDate::default()),
        ColumnType::Timestamp => LakeValue::Time(NaiveDateTime::default()),
        ColumnType::Boolean => LakeValue::Truth(false),
    }
}
