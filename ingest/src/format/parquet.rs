//! Parquet: typed columns to cells. Decimals stay decimals, zones are kept apart from wall clocks, nested
//! structures become columns with several levels.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Float64Type, Int64Type, TimeUnit, TimestampMicrosecondType, UInt64Type};
use arrow::error::ArrowError;
use arrow::util::display::{ArrayFormatter, FormatOptions as Display};
use bytes::Bytes;
use chrono::DateTime;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use super::{
    Dialect, FileFormat, FormatOptions, RawRow, Reading, Table, TitlePath, Titles, read_cells, render_cells,
    sniff,
};
use crate::reason::{Refusal, RefusalReason};
use crate::value::Cell;

/// Parquet files.
pub(super) struct Parquet;

impl FileFormat for Parquet {
    fn id(&self) -> &'static str {
        "parquet"
    }

    fn read(&self, bytes: &[u8], _: &FormatOptions) -> Result<Vec<Reading>, Refusal> {
        sniff::demand(bytes, sniff::Kind::Parquet, "Parquet")?;
        // The page decoders trust lengths in the file; a damaged file must not take the process down.
        let table = catch_unwind(AssertUnwindSafe(|| table(bytes)))
            .unwrap_or_else(|_| Err(ArrowError::ParquetError("damaged pages".into())))
            .map_err(|e| {
                Refusal::new(
                    RefusalReason::Unreadable,
                    format!("Parquet 文件读不出来（{e}），请重新导出后再送"),
                )
            })?;
        Ok(vec![Reading { dialect: Dialect::default(), tables: vec![table] }])
    }

    fn read_row(&self, raw: &[u8], _: &Dialect) -> RawRow {
        read_cells(raw)
    }
}

fn table(bytes: &[u8]) -> Result<Table, ArrowError> {
    let builder = ParquetRecordBatchReaderBuilder::try_new(Bytes::copy_from_slice(bytes))?;
    let mut titles: Vec<TitlePath> = Vec::new();
    let mut rows: Vec<RawRow> = Vec::new();
    let schema = builder.schema().clone();
    columns(&RecordBatch::new_empty(schema), |path, _| {
        titles.push(path);
        Ok(())
    })?;
    for batch in builder.build()? {
        let batch = batch?;
        let first = rows.len();
        rows.extend(
            (0..batch.num_rows()).map(|row| RawRow { number: (first + row) as u64 + 1, ..RawRow::default() }),
        );
        columns(&batch, |_, array| {
            for (row, cell) in rows[first..].iter_mut().zip(cells(&array)?) {
                row.cells.push(cell);
            }
            Ok(())
        })?;
    }
    for row in &mut rows {
        row.raw = render_cells(&row.cells);
    }
    Ok(Table { name: String::new(), titles: Titles::Named(vec![titles]), rows })
}

/// Calls back for every leaf column, structures taken apart.
fn columns(
    batch: &RecordBatch,
    mut each: impl FnMut(TitlePath, ArrayRef) -> Result<(), ArrowError>,
) -> Result<(), ArrowError> {
    let schema = batch.schema();
    let mut open: Vec<(TitlePath, ArrayRef)> = schema
        .fields()
        .iter()
        .zip(batch.columns())
        .rev()
        .map(|(f, a)| (vec![f.name().clone()], a.clone()))
        .collect();
    while let Some((path, array)) = open.pop() {
        let Some(inner) = array.as_struct_opt() else {
            each(path, array)?;
            continue;
        };
        let fields = inner.fields().clone();
        for (at, field) in fields.iter().enumerate().rev() {
            // A null structure has null members, whatever lies under them.
            let member = arrow::compute::nullif(inner.column(at), &arrow::compute::is_null(inner)?)?;
            open.push((path.iter().chain([field.name()]).cloned().collect(), member));
        }
    }
    Ok(())
}

fn cells(array: &ArrayRef) -> Result<Vec<Cell>, ArrowError> {
    let array = match array.data_type() {
        DataType::Dictionary(_, value) => cast(array, value)?,
        _ => Arc::clone(array),
    };
    let each = |cell: &dyn Fn(usize) -> Cell| -> Vec<Cell> {
        (0..array.len()).map(|row| if array.is_null(row) { Cell::Empty } else { cell(row) }).collect()
    };
    Ok(match array.data_type() {
        DataType::Null => vec![Cell::Empty; array.len()],
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => {
            let texts = cast(&array, &DataType::Utf8)?;
            let texts = texts.as_string::<i32>();
            each(&|row| Cell::text(texts.value(row)))
        }
        DataType::Binary | DataType::LargeBinary | DataType::FixedSizeBinary(_) | DataType::BinaryView => {
            let bytes = cast(&array, &DataType::Binary)?;
            let bytes = bytes.as_binary::<i32>();
            each(&|row| Cell::text(String::from_utf8_lossy(bytes.value(row)).into_owned()))
        }
        DataType::Boolean => each(&|row| Cell::Truth(array.as_boolean().value(row))),
        DataType::UInt64 => {
            each(&|row| Cell::Exact(array.as_primitive::<UInt64Type>().value(row).to_string()))
        }
        t if t.is_integer() => {
            let numbers = cast(&array, &DataType::Int64)?;
            let numbers = numbers.as_primitive::<Int64Type>();
            each(&|row| Cell::Exact(numbers.value(row).to_string()))
        }
        DataType::Float64 => {
            let numbers = array.as_primitive::<Float64Type>();
            each(&|row| Some(numbers.value(row)).filter(|n| !n.is_nan()).map_or(Cell::Empty, Cell::Float))
        }
        // Seven digits at most: shown shortest for amounts, in powers of ten once an identifier has suffered.
        DataType::Float16 | DataType::Float32 => {
            let numbers = cast(&array, &DataType::Float32)?;
            let numbers = numbers.as_primitive::<arrow::datatypes::Float32Type>();
            each(&|row| match numbers.value(row) {
                n if n.is_nan() => Cell::Empty,
                n if n.abs() >= 16_777_216.0 => Cell::text(format!("{n:.7E}")),
                n => Cell::Exact(n.to_string()),
            })
        }
        DataType::Timestamp(_, zone) => {
            let zoned = zone.is_some();
            let micros = cast(&array, &DataType::Timestamp(TimeUnit::Microsecond, zone.clone()))?;
            let micros = micros.as_primitive::<TimestampMicrosecondType>();
            each(&|row| instant(micros.value(row), micros.is_null(row), zoned))
        }
        DataType::Date32 | DataType::Date64 => {
            let micros = cast(&array, &DataType::Timestamp(TimeUnit::Microsecond, None))?;
            let micros = micros.as_primitive::<TimestampMicrosecondType>();
            each(&|row| instant(micros.value(row), micros.is_null(row), false))
        }
        t if t.is_decimal() => shown(&array, &|text| Cell::Exact(text))?,
        _ => shown(&array, &|text| Cell::text(text))?,
    })
}

fn instant(micros: i64, lost: bool, zoned: bool) -> Cell {
    match DateTime::from_timestamp_micros(micros) {
        _ if lost => Cell::text("时间超出范围"),
        None => Cell::text(micros.to_string()),
        Some(_) if zoned => Cell::Instant(micros),
        Some(time) => Cell::Wall(time.naive_utc()),
    }
}

fn shown(array: &ArrayRef, cell: &dyn Fn(String) -> Cell) -> Result<Vec<Cell>, ArrowError> {
    let options = Display::default();
    let formatter = ArrayFormatter::try_new(array, &options)?;
    (0..array.len())
        .map(|row| {
            if array.is_null(row) { Ok(Cell::Empty) } else { Ok(cell(formatter.value(row).try_to_string()?)) }
        })
        .collect()
}
