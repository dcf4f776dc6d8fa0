//! Computes the partial aggregate of one data file, and turns distinct tuples into bitmaps.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BinaryBuilder, Date32Array, RecordBatch, StringArray, StringBuilder,
};
use arrow::compute::{
    SortColumn, cast, concat_batches, filter_record_batch, lexsort_to_indices, take_record_batch,
};
use arrow::datatypes::{DataType, Date32Type, Field, Int32Type, Schema, SchemaRef};
use datafusion::common::ScalarValue;
use datafusion::functions_aggregate::expr_fn::sum;
use datafusion::logical_expr::{Expr, ExprFunctionExt, cast as cast_expr, col, ident, lit};
use datafusion::prelude::DataFrame;
use roaring::RoaringBitmap;

use super::{MeasureExpr, RollupKind, RollupSpec, RowFilter, bitmap};
use crate::DISTRICT_COLUMN;
use crate::definition::{ColumnType, TableDef};
use crate::error::WarehouseError;

fn keep(filters: &[RowFilter]) -> Option<Expr> {
    filters
        .iter()
        .map(|f| col(&f.column).in_list(f.any_of.iter().map(|v| lit(v.as_str())).collect(), false))
        .reduce(Expr::and)
}

/// Columns a partial batch has, in order.
pub(super) fn schema(def: &TableDef, spec: &RollupSpec) -> Result<SchemaRef, WarehouseError> {
    let bad = |detail: String| WarehouseError::BadRollup { table: spec.table.clone(), detail };
    let mut fields =
        vec![Field::new(DISTRICT_COLUMN, DataType::Utf8, true), Field::new("day", DataType::Date32, true)];
    for dimension in &spec.dimensions {
        match def.column(dimension).map(|c| c.kind) {
            Some(ColumnType::Text) => fields.push(Field::new(dimension, DataType::Utf8, true)),
            _ => return Err(bad(format!("dimension {dimension} is no text column"))),
        }
    }
    match &spec.kind {
        RollupKind::Additive { measures } => {
            for measure in measures {
                let kind = match &measure.expr {
                    MeasureExpr::Count => DataType::Int64,
                    MeasureExpr::Sum(column) => match def.column(column).map(|c| c.kind) {
                        Some(ColumnType::Integer) => DataType::Int64,
                        Some(ColumnType::Decimal(_, s)) => DataType::Decimal128(38, s),
                        _ => {
                            return Err(bad(format!(
                                "measure {} needs a number column, not {column}",
                                measure.name
                            )));
                        }
                    },
                };
                fields.push(Field::new(&measure.name, kind, true));
            }
        }
        RollupKind::Distinct { column, .. } | RollupKind::Codes { column } => {
            if def.column(column).map(|c| c.kind) != Some(ColumnType::Text) {
                return Err(bad(format!("{column} is no text column")));
            }
            fields.push(Field::new("ids", DataType::Binary, true));
        }
    }
    Ok(Arc::new(Schema::new(fields)))
}

/// The plan that aggregates rows: of one file, or of several districts with `district` in front of the other groups.
/// For distinct kinds: the different (month, dimensions, id) tuples.
pub(crate) fn plan(
    frame: DataFrame,
    def: &TableDef,
    spec: &RollupSpec,
    district: Option<Expr>,
) -> Result<DataFrame, WarehouseError> {
    let dimensions = spec.dimensions.iter().map(|d| cast_expr(col(d), DataType::Utf8).alias(d));
    let time = col(&spec.time);
    let present = time.clone().is_not_null();
    let day = cast_expr(time, DataType::Date32).alias("day");
    let mut group: Vec<Expr> = district.into_iter().collect();
    let day_at = group.len();
    group.push(day);
    group.extend(dimensions);
    let planned = match &spec.kind {
        RollupKind::Additive { measures } => {
            let schema = schema(def, spec)?;
            let mut sums = Vec::new();
            for measure in measures {
                let kind = schema
                    .field_with_name(&measure.name)
                    .map_err(WarehouseError::arrow("typing a measure"))?
                    .data_type()
                    .clone();
                let value = match &measure.expr {
                    MeasureExpr::Count => lit(1_i64),
                    MeasureExpr::Sum(column) => cast_expr(col(column), kind.clone()),
                };
                let mut total = sum(value);
                if let Some(condition) = keep(&measure.filter) {
                    total = total.filter(condition).build().map_err(WarehouseError::from_engine)?;
                }
                sums.push(cast_expr(total, kind).alias(&measure.name));
            }
            frame.filter(present).and_then(|f| f.aggregate(group, sums))
        }
        RollupKind::Distinct { column, filter } => {
            let month = datafusion::functions::expr_fn::date_trunc(lit("month"), col(&spec.time));
            group[day_at] = cast_expr(month, DataType::Date32).alias("day");
            group.push(cast_expr(col(column), DataType::Utf8).alias(id_name(spec)));
            let rows = frame.filter(present.and(col(column).is_not_null()));
            let rows = match keep(filter) {
                Some(condition) => rows.and_then(|f| f.filter(condition)),
                None => rows,
            };
            rows.and_then(|f| f.aggregate(group, vec![]))
        }
        RollupKind::Codes { column } => {
            // Records have no time of their own: all stand on the same day, put in after they are told apart.
            let day = lit(ScalarValue::Date32(Some(0))).alias("day");
            group.remove(day_at);
            group.push(cast_expr(col(column), DataType::Utf8).alias(id_name(spec)));
            let mut shown: Vec<Expr> = group.iter().map(|e| ident(e.schema_name().to_string())).collect();
            shown.insert(day_at, day);
            let rows = frame.filter(col(column).is_not_null()).and_then(|f| f.aggregate(group, vec![]));
            rows.and_then(|f| f.select(shown))
        }
    };
    planned.map_err(WarehouseError::from_engine)
}

/// Puts the district in front of the aggregated rows.
pub(super) fn with_district(
    schema: &SchemaRef,
    district: Option<&str>,
    batches: &[RecordBatch],
) -> Result<RecordBatch, WarehouseError> {
    let shape = Arc::new(Schema::new(schema.fields().iter().skip(1).cloned().collect::<Vec<_>>()));
    let parts: Vec<RecordBatch> = batches.iter().map(|b| conform(&shape, b)).collect::<Result<_, _>>()?;
    let rows = concat_batches(&shape, &parts).map_err(WarehouseError::arrow("joining partials"))?;
    let mut columns: Vec<ArrayRef> = vec![Arc::new(StringArray::from(vec![district; rows.num_rows()]))];
    columns.extend(rows.columns().iter().cloned());
    RecordBatch::try_new(schema.clone(), columns).map_err(WarehouseError::arrow("labelling partials"))
}

fn conform(shape: &SchemaRef, batch: &RecordBatch) -> Result<RecordBatch, WarehouseError> {
    let columns = shape
        .fields()
        .iter()
        .zip(batch.columns())
        .map(|(f, c)| cast(c, f.data_type()))
        .collect::<Result<Vec<_>, _>>()
        .map_err(WarehouseError::arrow("typing partials"))?;
    RecordBatch::try_new(shape.clone(), columns).map_err(WarehouseError::arrow("typing partials"))
}

/// The name of the values in tuples. Records are told apart by a column that may be called `id` itself.
fn id_name(spec: &RollupSpec) -> &'static str {
    match spec.kind {
        RollupKind::Codes { .. } => "code",
        RollupKind::Additive { .. } | RollupKind::Distinct { .. } => "id",
    }
}

/// Shape of distinct tuples: ids dictionary-encoded so that each is numbered once.
fn tuple_schema(spec: &RollupSpec) -> SchemaRef {
    let mut fields = vec![Field::new("day", DataType::Date32, true)];
    fields.extend(spec.dimensions.iter().map(|d| Field::new(d, DataType::Utf8, true)));
    fields.push(Field::new(
        id_name(spec),
        DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8)),
        true,
    ));
    Arc::new(Schema::new(fields))
}

/// Joins tuple batches into that shape, those of a cell together.
pub(super) fn tuples(spec: &RollupSpec, batches: &[RecordBatch]) -> Result<RecordBatch, WarehouseError> {
    let shape = tuple_schema(spec);
    let plain = Arc::new(Schema::new(
        shape
            .fields()
            .iter()
            .map(|f| {
                if f.name() == id_name(spec) {
                    Arc::new(Field::new(f.name(), DataType::Utf8, true))
                } else {
                    f.clone()
                }
            })
            .collect::<Vec<_>>(),
    ));
    let parts: Vec<RecordBatch> = batches.iter().map(|b| conform(&plain, b)).collect::<Result<_, _>>()?;
    let rows = concat_batches(&plain, &parts).map_err(WarehouseError::arrow("joining tuples"))?;
    let cells = rows.columns().split_last().map(|(_, cells)| cells).unwrap_or_default();
    let cells: Vec<SortColumn> =
        cells.iter().map(|values| SortColumn { values: values.clone(), options: None }).collect();
    let together = lexsort_to_indices(&cells, None).map_err(WarehouseError::arrow("sorting tuples"))?;
    let rows = take_record_batch(&rows, &together).map_err(WarehouseError::arrow("sorting tuples"))?;
    conform(&shape, &rows)
}

/// Splits rows that begin with their district; without a district column all belong to none.
pub(super) fn by_district(batch: &RecordBatch) -> Result<Vec<(Option<String>, RecordBatch)>, WarehouseError> {
    let split = || -> Result<_, arrow::error::ArrowError> {
        let rest: Vec<usize> = (1..batch.num_columns()).collect();
        let districts = cast(batch.column(0), &DataType::Utf8)?;
        let districts = districts.as_string::<i32>();
        let named: BTreeSet<Option<&str>> = districts.iter().collect();
        named
            .into_iter()
            .map(|name| {
                let rows: arrow::array::BooleanArray = districts.iter().map(|d| Some(d == name)).collect();
                let part = filter_record_batch(&batch.project(&rest)?, &rows)?;
                Ok((name.map(ToOwned::to_owned), part))
            })
            .collect()
    };
    split().map_err(WarehouseError::arrow("splitting rows by district"))
}

/// The different ids of tuples; [`bitmaps`] wants a number for each.
pub(super) fn ids<'a>(spec: &RollupSpec, tuples: &'a RecordBatch) -> Result<&'a StringArray, WarehouseError> {
    let ids = tuples.column_by_name(id_name(spec)).and_then(|c| c.as_dictionary_opt::<Int32Type>());
    ids.and_then(|ids| ids.values().as_string_opt::<i32>()).ok_or_else(|| misshapen(spec))
}

fn misshapen(spec: &RollupSpec) -> WarehouseError {
    WarehouseError::BadRollup { table: spec.table.clone(), detail: "its tuples have another shape".into() }
}

/// Whether rows read from disk are a partial of this shape, with bitmaps that can be merged.
pub(super) fn is_intact(schema: &SchemaRef, rows: &RecordBatch) -> bool {
    let same = |(a, b): (&Arc<Field>, &Arc<Field>)| a.name() == b.name() && a.data_type() == b.data_type();
    let shape = rows.schema();
    shape.fields().len() == schema.fields().len()
        && shape.fields().iter().zip(schema.fields()).all(same)
        && rows.column_by_name("ids").is_none_or(|ids| {
            ids.as_binary_opt::<i32>().is_some_and(|ids| ids.iter().flatten().all(bitmap::is_intact))
        })
}

/// Groups tuples into one bitmap per (month, dimensions); `numbers` are those of [`ids`], in their order.
pub(super) fn bitmaps(
    schema: &SchemaRef,
    spec: &RollupSpec,
    district: Option<&str>,
    tuples: &RecordBatch,
    numbers: &[u32],
) -> Result<RecordBatch, WarehouseError> {
    let broken = || misshapen(spec);
    let days = tuples.column(0).as_primitive_opt::<Date32Type>().ok_or_else(broken)?;
    let dimensions: Vec<&StringArray> = (1..=spec.dimensions.len())
        .map(|i| tuples.column(i).as_string_opt::<i32>().ok_or_else(broken))
        .collect::<Result<_, _>>()?;
    let ids = tuples.column(spec.dimensions.len() + 1).as_dictionary_opt::<Int32Type>().ok_or_else(broken)?;
    let mut cells: BTreeMap<(i32, Vec<Option<&str>>), Vec<u32>> = BTreeMap::new();
    let id = |row: usize| ids.key(row).and_then(|k| numbers.get(k)).copied().unwrap_or_default();
    let same = |a: usize, b: usize| {
        let equal = |d: &&StringArray| d.is_valid(a) == d.is_valid(b) && d.value(a) == d.value(b);
        days.value(a) == days.value(b) && dimensions.iter().all(equal)
    };
    // Tuples of a cell stand together, so each cell is looked up once and not once per tuple.
    let mut begin = 0;
    while begin < tuples.num_rows() {
        let end = (begin + 1..tuples.num_rows()).find(|row| !same(begin, *row)).unwrap_or(tuples.num_rows());
        let place = dimensions.iter().map(|d| d.is_valid(begin).then(|| d.value(begin))).collect();
        cells.entry((days.value(begin), place)).or_default().extend((begin..end).map(id));
        begin = end;
    }
    let mut out_dimensions: Vec<StringBuilder> = dimensions.iter().map(|_| StringBuilder::new()).collect();
    let (mut out_days, mut out_ids) = (Vec::with_capacity(cells.len()), BinaryBuilder::new());
    for ((day, place), mut members) in cells {
        members.sort_unstable();
        members.dedup();
        let bitmap = RoaringBitmap::from_sorted_iter(members).map_err(|_| broken())?;
        out_days.push(day);
        for (builder, value) in out_dimensions.iter_mut().zip(place) {
            builder.append_option(value);
        }
        out_ids.append_value(bitmap::write(&bitmap).map_err(WarehouseError::from_engine)?);
    }
    let mut columns: Vec<ArrayRef> = vec![
        Arc::new(StringArray::from(vec![district; out_days.len()])),
        Arc::new(Date32Array::from(out_days)),
    ];
    columns.extend(out_dimensions.iter_mut().map(|b| Arc::new(b.finish()) as ArrayRef));
    columns.push(Arc::new(out_ids.finish()));
    RecordBatch::try_new(schema.clone(), columns).map_err(WarehouseError::arrow("making bitmaps"))
}
