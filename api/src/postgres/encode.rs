//! Arrow rows as rows of the protocol, text or binary. `arrow-pg` writes the values; here columns it does not know are
//! given a type it does, NULLs are told before it looks, and times are written as PostgreSQL writes them.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, StringArray};
use arrow::compute::{CastOptions, cast_with_options};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use arrow::util::display::{ArrayFormatter, FormatOptions as ArrowFormat};
use arrow_pg::datatypes::{field_into_pg_type, into_pg_type};
use arrow_pg::encoder::encode_value;
use pgwire::api::Type;
use pgwire::api::portal::Format;
use pgwire::api::results::{DataRowEncoder, FieldFormat, FieldInfo};
use pgwire::error::PgWireResult;
use pgwire::messages::data::DataRow;
use pgwire::types::format::FormatOptions;
use pujiang_warehouse::is_json;

use super::failure::Failure;
use super::{lists, numeric, plain};

/// How the columns of an answer are written for one client.
#[derive(Debug)]
pub struct Shape {
    schema: SchemaRef,
    columns: Vec<Column>,
    fields: Arc<Vec<FieldInfo>>,
}

#[derive(Debug, Clone)]
enum Treatment {
    /// As it is.
    Keep,
    /// As another type first.
    Cast(DataType),
    /// As text: the protocol has no type for it.
    Text,
    /// As its text, under the protocol's own type: `{a,"b c"}`.
    List,
}

#[derive(Debug)]
struct Column {
    treatment: Treatment,
    writing: Writing,
}

/// Who writes a column's values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Writing {
    /// The library.
    Library,
    /// Times as `2026-10-01 08:30:00`, without six zeros, with `+08` behind points in time.
    Iso,
    /// JSON, which is its text in both formats, and lists that were made texts.
    Ready,
    /// Floats and times of day, as text.
    Plain,
}

impl Shape {
    /// For these columns, in the formats a client asked for.
    pub fn of(schema: &Schema, format: &Format, options: &Arc<FormatOptions>) -> Result<Self, Failure> {
        if let Format::Individual(codes) = format
            && codes.len() != schema.fields().len()
        {
            let text = format!("给出了 {} 个结果格式，但结果有 {} 列。", codes.len(), schema.fields().len());
            return Err(Failure::error("08P01", text));
        }
        let iso_style = options.date_style.starts_with("ISO");
        let (mut shown, mut columns, mut fields) = (Vec::new(), Vec::new(), Vec::new());
        for (at, field) in schema.fields().iter().enumerate() {
            let code = format.format_for(at);
            let is_list = iso_style && code == FieldFormat::Text && lists::is_plain(field.data_type());
            let treatment = match treatment(field.data_type()) {
                Treatment::Keep if is_list => Treatment::List,
                other => other,
            };
            let data_type = match &treatment {
                Treatment::Keep | Treatment::List => field.data_type().clone(),
                Treatment::Cast(data_type) => data_type.clone(),
                Treatment::Text => DataType::Utf8,
            };
            let field = Arc::new(field.as_ref().clone().with_data_type(data_type));
            let json = is_json(&field) && *field.data_type() == DataType::Utf8;
            let wire = match json {
                true => Type::JSON,
                false => wire_type(&field).map_err(|error| Failure::internal("name a wire type", &error))?,
            };
            let info = FieldInfo::new(field.name().clone(), None, None, wire.clone(), code)
                .with_format_options(options.clone())
                .with_type_size(size(&wire))
                .with_type_modifier(modifier(field.data_type()));
            let iso = iso_style
                && code == FieldFormat::Text
                && matches!(field.data_type(), DataType::Timestamp(..));
            let writing = match (json || matches!(treatment, Treatment::List), iso) {
                (true, _) => Writing::Ready,
                (_, true) => Writing::Iso,
                _ if code == FieldFormat::Text && plain::is_plain(field.data_type()) => Writing::Plain,
                _ => Writing::Library,
            };
            columns.push(Column { treatment, writing });
            shown.push(field);
            fields.push(info);
        }
        Ok(Self { schema: Arc::new(Schema::new(shown)), columns, fields: Arc::new(fields) })
    }

    /// The columns as the protocol describes them.
    pub fn fields(&self) -> Arc<Vec<FieldInfo>> {
        self.fields.clone()
    }

    /// The rows of a batch, one at a time.
    pub fn rows(self: &Arc<Self>, batch: &RecordBatch) -> Result<Rows, Failure> {
        let columns = batch.columns().iter().zip(&self.columns);
        let columns =
            columns.map(|(array, column)| treated(array, &column.treatment)).collect::<Result<_, _>>()?;
        let encoder = DataRowEncoder::new(self.fields.clone());
        Ok(Rows { shape: self.clone(), columns, rows: 0..batch.num_rows(), encoder })
    }
}

/// Rows of a batch, encoded as they are asked for.
pub struct Rows {
    shape: Arc<Shape>,
    columns: Vec<ArrayRef>,
    rows: std::ops::Range<usize>,
    encoder: DataRowEncoder,
}

impl Iterator for Rows {
    type Item = PgWireResult<DataRow>;

    fn next(&mut self) -> Option<Self::Item> {
        let row = self.rows.next()?;
        for (at, array) in self.columns.iter().enumerate() {
            if let Err(error) = self.shape.value(&mut self.encoder, at, array, row) {
                self.rows = 0..0;
                return Some(Err(error));
            }
        }
        Some(Ok(self.encoder.take_row()))
    }
}

impl Shape {
    fn value(
        &self,
        encoder: &mut DataRowEncoder,
        at: usize,
        array: &ArrayRef,
        row: usize,
    ) -> PgWireResult<()> {
        let field = &self.fields[at];
        if array.is_null(row) {
            let (wire, format) = (field.datatype(), field.format());
            return encoder.encode_field_with_type_and_format(
                &None::<i8>,
                wire,
                format,
                field.format_options(),
            );
        }
        let text = match self.columns[at].writing {
            Writing::Library => None,
            Writing::Ready => array.as_string_opt::<i32>().map(|texts| texts.value(row).to_owned()),
            Writing::Iso => plain::moment(array, row),
            Writing::Plain => plain::text(array, row),
        };
        if let Some(text) = text {
            let (format, options) = (field.format(), field.format_options());
            return encoder.encode_field_with_type_and_format(&text.as_str(), &Type::TEXT, format, options);
        }
        if array.data_type().is_decimal()
            && let Some(text) = numeric::text(array, row)
        {
            // The library's decimals hold 28 digits; PostgreSQL's, and the engine's, more.
            let options = field.format_options();
            return match field.format() {
                FieldFormat::Text => encoder.encode_field_with_type_and_format(
                    &text.as_str(),
                    &Type::TEXT,
                    FieldFormat::Text,
                    options,
                ),
                FieldFormat::Binary => encoder.encode_field_with_type_and_format(
                    &numeric::to_binary(&text),
                    &Type::BYTEA,
                    FieldFormat::Binary,
                    options,
                ),
            };
        }
        if field.format() == FieldFormat::Binary
            && let Some(bytes) = lists::decimals(array, row)
        {
            let options = field.format_options();
            return encoder.encode_field_with_type_and_format(
                &bytes,
                &Type::BYTEA,
                FieldFormat::Binary,
                options,
            );
        }
        encode_value(encoder, array, row, self.schema.field(at), field)
    }
}

/// What the protocol calls a column.
fn wire_type(field: &Arc<Field>) -> PgWireResult<Type> {
    if field.data_type().is_decimal() { Ok(Type::NUMERIC) } else { field_into_pg_type(field) }
}

fn treatment(data_type: &DataType) -> Treatment {
    match data_type {
        DataType::Int8 => Treatment::Cast(DataType::Int16),
        // Numbers and lengths of rows: PostgreSQL's `bigint`.
        DataType::UInt64 => Treatment::Cast(DataType::Int64),
        DataType::Float16 => Treatment::Cast(DataType::Float32),
        DataType::Decimal128(_, 0..) | DataType::Decimal256(_, 0..) => Treatment::Keep,
        DataType::Decimal32(precision, scale) | DataType::Decimal64(precision, scale) => {
            Treatment::Cast(DataType::Decimal128(*precision, (*scale).max(0)))
        }
        // Decimals written in tens, hundreds, thousands.
        DataType::Decimal128(..) => Treatment::Cast(DataType::Decimal128(38, 0)),
        DataType::Decimal256(..) => Treatment::Cast(DataType::Decimal256(76, 0)),
        DataType::FixedSizeBinary(_) => Treatment::Cast(DataType::Binary),
        // The library keeps times to the microsecond, as PostgreSQL does.
        DataType::Timestamp(unit, zone) if *unit != TimeUnit::Microsecond => {
            Treatment::Cast(DataType::Timestamp(TimeUnit::Microsecond, zone.clone()))
        }
        DataType::Dictionary(_, value) => match treatment(value) {
            Treatment::Keep => Treatment::Cast(value.as_ref().clone()),
            other => other,
        },
        DataType::ListView(field) => Treatment::Cast(DataType::List(field.clone())),
        DataType::Map(..)
        | DataType::Union(..)
        | DataType::RunEndEncoded(..)
        | DataType::LargeListView(_) => Treatment::Text,
        // Lists of lists have no type in the protocol, and lists of quotients none the library knows.
        DataType::List(field) | DataType::LargeList(field) | DataType::FixedSizeList(field, _)
            if field.data_type().is_nested() || matches!(field.data_type(), DataType::Decimal256(..)) =>
        {
            Treatment::Text
        }
        _ => Treatment::Keep,
    }
}

fn treated(array: &ArrayRef, treatment: &Treatment) -> Result<ArrayRef, Failure> {
    match treatment {
        Treatment::Keep => Ok(array.clone()),
        Treatment::Cast(data_type) => {
            let options = CastOptions { safe: false, ..CastOptions::default() };
            cast_with_options(array, data_type, &options).map_err(|_| {
                Failure::error("22003", "结果中的数值超出可以传输的范围，请先四舍五入或换算单位。")
            })
        }
        Treatment::List => lists::texts(array),
        Treatment::Text if matches!(array.data_type(), DataType::List(_)) => lists::texts(array),
        Treatment::Text => {
            let failed = |error: arrow::error::ArrowError| Failure::internal("write a value as text", &error);
            let formatter = ArrayFormatter::try_new(array, &ArrowFormat::default()).map_err(failed)?;
            let texts =
                (0..array.len()).map(|row| array.is_valid(row).then(|| formatter.value(row).to_string()));
            Ok(Arc::new(texts.collect::<StringArray>()))
        }
    }
}

/// `pg_type.typlen`; drivers of wide tables reserve memory by it.
fn size(wire: &Type) -> i16 {
    match *wire {
        Type::BOOL | Type::CHAR => 1,
        Type::INT2 => 2,
        Type::INT4 | Type::FLOAT4 | Type::DATE | Type::OID => 4,
        Type::INT8 | Type::FLOAT8 | Type::TIMESTAMP | Type::TIMESTAMPTZ | Type::TIME => 8,
        Type::INTERVAL => 16,
        _ => -1,
    }
}

/// `pg_attribute.atttypmod` of a decimal; clients show as many digits as it says.
fn modifier(data_type: &DataType) -> i32 {
    match data_type {
        DataType::Decimal128(precision, scale) => ((i32::from(*precision) << 16) | i32::from(*scale)) + 4,
        _ => -1,
    }
}

/// The columns of an answer without values: what `Describe` tells.
pub fn described(
    schema: &Schema,
    format: &Format,
    options: &Arc<FormatOptions>,
) -> Result<Arc<Vec<FieldInfo>>, Failure> {
    Shape::of(schema, format, options).map(|shape| shape.fields())
}

/// Whether rows of one schema may be given where another was described: the same names and types as a client sees them.
pub fn is_same(described: &Schema, given: &Schema) -> bool {
    let mut names = described.fields().iter().zip(given.fields()).map(|(a, b)| a.name() == b.name());
    names.all(|same| same) && has_same_types(described, given)
}

/// The same without the names: they and the engine's own types change with the values of parameters. A column of NULLs fits
/// any type.
pub fn has_same_types(described: &Schema, given: &Schema) -> bool {
    let wire = |field: &Arc<Field>| match treatment(field.data_type()) {
        _ if is_json(field) => Some(Type::JSON),
        Treatment::Text => Some(Type::TEXT),
        Treatment::Cast(data_type) if data_type.is_decimal() => Some(Type::NUMERIC),
        Treatment::Cast(data_type) => into_pg_type(&data_type).ok(),
        Treatment::Keep | Treatment::List => wire_type(field).ok(),
    };
    let empty = |field: &Arc<Field>| field.data_type().is_null();
    let same = |(a, b): (&Arc<Field>, &Arc<Field>)| empty(a) || empty(b) || wire(a) == wire(b);
    described.fields().len() == given.fields().len()
        && described.fields().iter().zip(given.fields()).all(same)
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::{
        Decimal128Array, Decimal256Array, Int8Array, IntervalMonthDayNanoArray, TimestampMicrosecondArray,
        TimestampNanosecondArray,
    };
    use arrow::datatypes::i256;

    fn texts(columns: Vec<(&str, ArrayRef)>) -> Vec<Vec<Option<String>>> {
        let batch = RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(n, a)| (n, a, true)))
            .expect("batch");
        let shape = Shape::of(&batch.schema(), &Format::UnifiedText, &Arc::default()).expect("shape");
        let rows = Arc::new(shape).rows(&batch).expect("rows");
        rows.map(|row| values(&row.expect("row").data)).collect()
    }

    fn values(mut data: &[u8]) -> Vec<Option<String>> {
        let mut values = Vec::new();
        while let Some((length, rest)) = data.split_first_chunk::<4>() {
            let length = i32::from_be_bytes(*length);
            let taken = usize::try_from(length).ok();
            values.push(taken.map(|taken| String::from_utf8_lossy(&rest[..taken]).into_owned()));
            data = &rest[taken.unwrap_or(0)..];
        }
        values
    }

    #[test]
    fn every_column_has_its_text() {
        let decimal =
            Decimal128Array::from(vec![Some(1_025), None]).with_precision_and_scale(12, 2).expect("decimal");
        let wide = Decimal256Array::from(vec![Some(i256::from(7)), None])
            .with_precision_and_scale(50, 1)
            .expect("wide");
        let at = 1_759_278_600_000_000;
        let rows = texts(vec![
            ("a", Arc::new(decimal)),
            ("b", Arc::new(wide)),
            ("c", Arc::new(Int8Array::from(vec![Some(-1), None]))),
            ("d", Arc::new(TimestampMicrosecondArray::from(vec![Some(at), None]))),
            ("e", Arc::new(TimestampNanosecondArray::from(vec![Some(at * 1_000 + 500_000_000), None]))),
            ("f", Arc::new(IntervalMonthDayNanoArray::from(vec![None, None]))),
            ("g", Arc::new(StringArray::from(vec![Some("徐汇"), None]))),
        ]);
        let first: Vec<Option<&str>> = rows[0].iter().map(Option::as_deref).collect();
        let want = ["10.25", "0.7", "-1", "2025-10-01 00:30:00", "2025-10-01 00:30:00.5"];
        assert_eq!(first[..5], want.map(Some));
        assert_eq!(first[5..], [None, Some("徐汇")]);
        assert!(rows[1].iter().all(Option::is_none), "{:?}", rows[1]);
    }

    #[test]
    fn formats_must_fit_the_columns() {
        let schema = Schema::new(vec![Field::new("a", DataType::Int64, true)]);
        assert!(Shape::of(&schema, &Format::Individual(vec![0, 1]), &Arc::default()).is_err());
    }

    #[test]
    fn what_clients_see_alike_is_the_same() {
        let schema = |name: &str, data_type| Schema::new(vec![Field::new(name, data_type, true)]);
        let text = schema("a", DataType::Utf8);
        assert!(is_same(&text, &schema("a", DataType::Utf8View)));
        assert!(is_same(&text, &schema("a", DataType::Null)));
        assert!(is_same(&schema("a", DataType::Int8), &schema("a", DataType::Int16)));
        assert!(!is_same(&text, &schema("b", DataType::Utf8)));
        assert!(!is_same(&text, &schema("a", DataType::Int64)));
        assert!(!is_same(&text, &Schema::empty()));
    }
}
