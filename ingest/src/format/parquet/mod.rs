//! Parquet: typed columns to cells. Decimals stay decimals, zones are kept apart from wall clocks, nested
//! structures become columns with several levels. Texts are read as views: a text of the dictionary that a million rows
//! share is there once until its cells are made, and those are counted. What the pages unpack to is looked at in `pages`.

mod pages;
mod thrift;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::{
    DataType, Field, FieldRef, Float64Type, Int64Type, Schema, TimeUnit, TimestampMicrosecondType, UInt64Type,
};
use arrow::error::ArrowError;
use arrow::util::display::{ArrayFormatter, FormatOptions as Display};
use bytes::Bytes;
use chrono::DateTime;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder,
};

use super::bounds::{Budget, LONGEST, too_large, too_long};
use super::{
    Dialect, FileFormat, FormatOptions, RawRow, Reading, Readings, Table, TitlePath, Titles, read_cells,
    sniff,
};
use crate::reason::{Refusal, RefusalReason};
use crate::value::Cell;

/// Parquet files.
pub(super) struct Parquet;

/// Bytes of values that all have the same length; they are copied for each row.
const WIDEST_FIXED: i32 = 4_096;

impl FileFormat for Parquet {
    fn id(&self) -> &'static str {
        "parquet"
    }

    fn read<'a>(&self, bytes: &'a [u8], _: &FormatOptions) -> Result<Readings<'a>, Refusal> {
        sniff::demand(bytes, sniff::Kind::Parquet, "Parquet")?;
        // The page decoders trust lengths in the file; a damaged file must not take the process down.
        let table = catch_unwind(AssertUnwindSafe(|| table(bytes)))
            .unwrap_or_else(|_| Err(unreadable("damaged pages")))?;
        Ok(Box::new(std::iter::once(Ok(Reading { tables: vec![table], ..Reading::default() }))))
    }

    fn read_row(&self, raw: &[u8], _: &Dialect) -> RawRow {
        read_cells(raw)
    }
}

fn unreadable(error: impl std::fmt::Display) -> Refusal {
    Refusal::new(RefusalReason::Unreadable, format!("Parquet 文件读不出来（{error}），请重新导出后再送"))
}

fn table(bytes: &[u8]) -> Result<Table, Refusal> {
    pages::check_footer(bytes)?;
    let bytes = Bytes::copy_from_slice(bytes);
    let plain = ArrowReaderMetadata::load(&bytes, ArrowReaderOptions::new()).map_err(unreadable)?;
    let at_once = pages::check_pages(&bytes, plain.metadata())?;
    let fields: Vec<FieldRef> = plain.schema().fields().iter().map(viewed).collect::<Result<_, _>>()?;
    let schema = Arc::new(Schema::new_with_metadata(fields, plain.schema().metadata().clone()));
    let options = ArrowReaderOptions::new().with_schema(schema.clone());
    let metadata = ArrowReaderMetadata::try_new(plain.metadata().clone(), options).map_err(unreadable)?;
    let builder =
        ParquetRecordBatchReaderBuilder::new_with_metadata(bytes, metadata).with_batch_size(at_once);
    let mut titles: Vec<TitlePath> = Vec::new();
    columns(&RecordBatch::new_empty(schema), |path, _| {
        titles.push(path);
        Ok(())
    })?;
    let mut rows: Vec<RawRow> = Vec::new();
    let mut budget = Budget::default();
    for batch in builder.build().map_err(unreadable)? {
        let batch = batch.map_err(unreadable)?;
        let first = rows.len();
        for row in 0..batch.num_rows() {
            budget.row()?;
            rows.push(RawRow { number: (first + row) as u64 + 1, ..RawRow::default() });
        }
        columns(&batch, |_, array| cells(&array, &mut rows[first..], &mut budget))?;
    }
    Ok(Table { name: String::new(), titles: Titles::Named(vec![titles]), rows })
}

/// The field with views instead of copied texts, also inside structures and lists.
fn viewed(field: &FieldRef) -> Result<FieldRef, Refusal> {
    let kind = match field.data_type() {
        DataType::Utf8 | DataType::LargeUtf8 => DataType::Utf8View,
        DataType::Binary | DataType::LargeBinary => DataType::BinaryView,
        DataType::Dictionary(_, value) => match value.as_ref() {
            DataType::Utf8 | DataType::LargeUtf8 => DataType::Utf8View,
            DataType::Binary | DataType::LargeBinary => DataType::BinaryView,
            _ => return Ok(field.clone()),
        },
        DataType::Struct(fields) => DataType::Struct(fields.iter().map(viewed).collect::<Result<_, _>>()?),
        DataType::List(item) => DataType::List(viewed(item)?),
        DataType::LargeList(item) => DataType::LargeList(viewed(item)?),
        DataType::FixedSizeList(item, size) => DataType::FixedSizeList(viewed(item)?, *size),
        DataType::Map(entries, sorted) => DataType::Map(viewed(entries)?, *sorted),
        DataType::FixedSizeBinary(size) if *size > WIDEST_FIXED => {
            return Err(too_large(format!("“{}”一列每格 {size} 字节", field.name())));
        }
        _ => return Ok(field.clone()),
    };
    Ok(Arc::new(Field::new(field.name(), kind, field.is_nullable()).with_metadata(field.metadata().clone())))
}

/// Calls back for every leaf column, structures taken apart.
fn columns(
    batch: &RecordBatch,
    mut each: impl FnMut(TitlePath, ArrayRef) -> Result<(), Refusal>,
) -> Result<(), Refusal> {
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
            let nulls = arrow::compute::is_null(inner).map_err(unreadable)?;
            let member = arrow::compute::nullif(inner.column(at), &nulls).map_err(unreadable)?;
            open.push((path.iter().chain([field.name()]).cloned().collect(), member));
        }
    }
    Ok(())
}

/// Adds a column's cells to its rows.
fn cells(array: &ArrayRef, rows: &mut [RawRow], budget: &mut Budget) -> Result<(), Refusal> {
    let array = match array.data_type() {
        DataType::Dictionary(_, value) => cast(array, value).map_err(unreadable)?,
        _ => Arc::clone(array),
    };
    let value = reader(&array).map_err(unreadable)?;
    for (at, row) in rows.iter_mut().enumerate() {
        let cell = if array.is_null(at) { Cell::Empty } else { value(at).map_err(unreadable)? };
        let text = match &cell {
            Cell::Text(t) | Cell::Garbled(t) | Cell::Exact(t) => t.len(),
            _ => 0,
        };
        if text > LONGEST {
            return Err(too_long(format_args!("第 {} 行的一个单元格", row.number)));
        }
        budget.cell(text, 0)?;
        row.cells.push(cell);
    }
    Ok(())
}

type Reader<'a> = Box<dyn Fn(usize) -> Result<Cell, ArrowError> + 'a>;

/// How the values of an array become cells.
fn reader(array: &ArrayRef) -> Result<Reader<'_>, ArrowError> {
    Ok(match array.data_type() {
        DataType::Null => Box::new(|_| Ok(Cell::Empty)),
        DataType::Utf8View => {
            let texts = array.as_string_view();
            Box::new(move |row| Ok(Cell::text(texts.value(row))))
        }
        DataType::BinaryView => {
            let bytes = array.as_binary_view();
            Box::new(move |row| Ok(Cell::text(String::from_utf8_lossy(bytes.value(row)))))
        }
        DataType::FixedSizeBinary(_) => {
            let bytes = array.as_fixed_size_binary();
            Box::new(move |row| Ok(Cell::text(String::from_utf8_lossy(bytes.value(row)))))
        }
        DataType::Boolean => Box::new(move |row| Ok(Cell::Truth(array.as_boolean().value(row)))),
        DataType::UInt64 => {
            Box::new(move |row| Ok(Cell::Exact(array.as_primitive::<UInt64Type>().value(row).to_string())))
        }
        t if t.is_integer() => {
            let numbers = cast(array, &DataType::Int64)?;
            Box::new(move |row| Ok(Cell::Exact(numbers.as_primitive::<Int64Type>().value(row).to_string())))
        }
        DataType::Float64 => {
            let numbers = array.as_primitive::<Float64Type>();
            Box::new(move |row| {
                Ok(Some(numbers.value(row)).filter(|n| !n.is_nan()).map_or(Cell::Empty, Cell::Float))
            })
        }
        // Seven digits at most: shown shortest for amounts, in powers of ten once an identifier has suffered.
        DataType::Float16 | DataType::Float32 => {
            let numbers = cast(array, &DataType::Float32)?;
            Box::new(move |row| {
                Ok(match numbers.as_primitive::<arrow::datatypes::Float32Type>().value(row) {
                    n if n.is_nan() => Cell::Empty,
                    n if n.abs() >= 16_777_216.0 => Cell::text(format!("{n:.7E}")),
                    n => Cell::Exact(n.to_string()),
                })
            })
        }
        DataType::Timestamp(_, zone) => {
            let zoned = zone.is_some();
            micros(cast(array, &DataType::Timestamp(TimeUnit::Microsecond, zone.clone()))?, zoned)
        }
        DataType::Date32 | DataType::Date64 => {
            micros(cast(array, &DataType::Timestamp(TimeUnit::Microsecond, None))?, false)
        }
        t => {
            let exact = t.is_decimal();
            let formatter = ArrayFormatter::try_new(array, &SHOWN)?;
            Box::new(move |row| {
                let mut text = Short(String::new());
                formatter.value(row).write(&mut text)?;
                Ok(if exact { Cell::Exact(text.0) } else { Cell::text(text.0) })
            })
        }
    })
}

/// Texts as they are.
const SHOWN: Display<'static> = Display::new();

fn micros<'a>(times: ArrayRef, zoned: bool) -> Reader<'a> {
    Box::new(move |row| {
        let times = times.as_primitive::<TimestampMicrosecondType>();
        Ok(instant(times.value(row), times.is_null(row), zoned))
    })
}

/// Text that stops growing where no cell may be longer: a list may hold millions of values.
struct Short(String);

impl std::fmt::Write for Short {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        if self.0.len() + text.len() > LONGEST {
            return Err(std::fmt::Error);
        }
        self.0.push_str(text);
        Ok(())
    }
}

fn instant(micros: i64, lost: bool, zoned: bool) -> Cell {
    match DateTime::from_timestamp_micros(micros) {
        _ if lost => Cell::text("时间超出范围"),
        None => Cell::text(micros.to_string()),
        Some(_) if zoned => Cell::Instant(micros),
        Some(time) => Cell::Wall(time.naive_utc()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::{BooleanArray, ListArray, StringArray};
    use arrow::buffer::{BooleanBuffer, OffsetBuffer};
    use parquet::arrow::ArrowWriter;
    use parquet::file::properties::WriterProperties;

    fn file(array: ArrayRef, properties: Option<WriterProperties>) -> Vec<u8> {
        let batch = RecordBatch::try_from_iter([("a", array)]).expect("batch");
        let mut writer = ArrowWriter::try_new(Vec::new(), batch.schema(), properties).expect("writer");
        writer.write(&batch).expect("write");
        writer.into_inner().expect("file")
    }

    fn read(bytes: &[u8]) -> Result<Table, Refusal> {
        Parquet
            .read(bytes, &FormatOptions::default())?
            .next()
            .expect("a reading")
            .map(|mut r| r.tables.remove(0))
    }

    fn refused(bytes: &[u8]) -> Option<RefusalReason> {
        read(bytes).err().map(|r| r.reason)
    }

    #[test]
    fn attack_6_small_files_that_unpack_to_much_are_refused() {
        // Millions of equal rows take a few bytes.
        let rows = file(Arc::new(StringArray::from(vec!["a"; 1_100_000])), None);
        assert!(rows.len() < 100_000);
        assert_eq!(refused(&rows), Some(RefusalReason::TooLarge));
        // One text of the dictionary, shown by many rows.
        let long = "x".repeat(900_000);
        let shared = file(Arc::new(StringArray::from(vec![long.as_str(); 320])), None);
        assert!(shared.len() < 2_000_000);
        assert_eq!(refused(&shared), Some(RefusalReason::TooLarge));
        // Texts that each repeat the one before.
        let delta = WriterProperties::builder()
            .set_dictionary_enabled(false)
            .set_encoding(parquet::basic::Encoding::DELTA_BYTE_ARRAY)
            .build();
        let repeated = file(Arc::new(StringArray::from(vec![long.as_str(); 320])), Some(delta));
        assert!(repeated.len() < 2_000_000);
        assert_eq!(refused(&repeated), Some(RefusalReason::TooLarge));
        // One row with a list of millions.
        let many = 16_000_001;
        let values = BooleanArray::new(BooleanBuffer::new_set(many), None);
        let item = Arc::new(Field::new_list_field(DataType::Boolean, true));
        let list = ListArray::new(item, OffsetBuffer::from_lengths([many]), Arc::new(values), None);
        assert_eq!(refused(&file(Arc::new(list), None)), Some(RefusalReason::TooLarge));
    }

    #[test]
    fn attack_6_claims_of_headers_are_not_believed() {
        let good = file(Arc::new(StringArray::from(vec!["a", "b"])), None);
        assert_eq!(read(&good).expect("table").rows.len(), 2);
        // A footer with a list of two thousand million groups.
        let footer = [0x49, 0xfc, 0xff, 0xff, 0xff, 0xff, 0x07, 0];
        let claimed = [b"PAR1".as_slice(), &footer, &8_u32.to_le_bytes(), b"PAR1"].concat();
        assert_eq!(refused(&claimed), Some(RefusalReason::Unreadable));
        assert_eq!(refused(b"PAR1\xff\xff\xff\xffPAR1"), Some(RefusalReason::Unreadable));
    }
}
