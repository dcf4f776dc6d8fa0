//! What is asked of values in their order: `percentile_cont`, `percentile_disc`, `mode`. An aggregate of the engine gathers
//! the values, so that their memory is accounted for; here they are put in order and the asked one is taken. See
//! `forms::ordered` for how a statement comes here.

use std::cmp::Ordering;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, make_comparator};
use arrow::compute::{SortOptions, cast, filter, is_not_null, sort};
use arrow::datatypes::{DataType, Field, FieldRef, Float64Type};
use datafusion::common::{ScalarValue, plan_err};
use datafusion::error::Result;
use datafusion::logical_expr::{ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs};

use super::plain::{Plain, answer, column, field, refused, texts};

pub(super) fn functions() -> [Plain; 3] {
    [
        Plain::new(
            "percentile_cont_of",
            fractions,
            |args| give(args, Some(DataType::Float64)),
            |args| each(args, Some(&DataType::Float64), between),
        ),
        Plain::new(
            "percentile_disc_of",
            fractions,
            |args| give(args, None),
            |args| each(args, None, nearest),
        ),
        Plain::new("mode_of", |types| Ok(vec![types[0].clone(), DataType::Utf8]), give_item, run_mode),
    ]
}

/// A list, one fraction or several, and the direction.
fn fractions(types: &[DataType]) -> Result<Vec<DataType>> {
    let [list, fraction, direction] = types else { return plan_err!("百分位需要比例和排序") };
    let fraction = match fraction {
        DataType::List(_) | DataType::FixedSizeList(..) | DataType::LargeList(_) => {
            DataType::List(Arc::new(Field::new_list_field(DataType::Float64, true)))
        }
        kind if kind.is_numeric() || kind.is_null() => DataType::Float64,
        kind => return plan_err!("百分位的比例须是 0 到 1 之间的数，得到的是 {kind}"),
    };
    Ok(vec![list.clone(), fraction, direction.clone()])
}

fn item(list: &DataType) -> Result<DataType> {
    match list {
        DataType::List(item) => Ok(item.data_type().clone()),
        DataType::Null => Ok(DataType::Null),
        other => plan_err!("这里需要一列值，得到的是 {other}"),
    }
}

fn give(args: &ReturnFieldArgs, made: Option<DataType>) -> Result<FieldRef> {
    let item = match made {
        Some(made) => made,
        None => item(args.arg_fields[0].data_type())?,
    };
    Ok(match args.arg_fields[1].data_type() {
        DataType::List(_) => field("percentile", DataType::List(Arc::new(Field::new_list_field(item, true)))),
        _ => field("percentile", item),
    })
}

fn give_item(args: &ReturnFieldArgs) -> Result<FieldRef> {
    Ok(field("mode", item(args.arg_fields[0].data_type())?))
}

/// The values of a row's list in order, without NULL.
fn ordered(lists: &ArrayRef, row: usize, descending: bool) -> Result<Option<ArrayRef>> {
    if lists.is_null(row) {
        return Ok(None);
    }
    let list = lists.as_list::<i32>().value(row);
    let known = filter(&list, &is_not_null(&list)?)?;
    Ok(Some(sort(&known, Some(SortOptions { descending, nulls_first: false }))?))
}

/// What is taken of ordered values at a fraction.
type Take = fn(&ArrayRef, f64) -> Result<ScalarValue>;

fn each(args: &ScalarFunctionArgs, made: Option<&DataType>, take: Take) -> Result<ColumnarValue> {
    let (lists, directions) = (column(args, 0)?, texts(args, 2)?);
    let fractions = column(args, 1)?;
    let kind = match made {
        Some(made) => made.clone(),
        None => item(lists.data_type())?,
    };
    let several = matches!(fractions.data_type(), DataType::List(_));
    let none = ScalarValue::try_from(&kind)?;
    let mut rows = Vec::with_capacity(lists.len());
    for row in 0..lists.len() {
        let values = ordered(&lists, row, directions.value(row) == "desc")?;
        let values = match (values, made) {
            (Some(values), Some(made)) => Some(cast(&values, made)?),
            (values, _) => values,
        };
        let at = |fraction: Option<f64>| match (&values, fraction) {
            (_, Some(fraction)) if !(0.0..=1.0).contains(&fraction) => {
                refused(format!("百分位的比例 {fraction} 不在 0 到 1 之间"))
            }
            (Some(values), Some(fraction)) if !values.is_empty() => take(values, fraction),
            _ => Ok(none.clone()),
        };
        if !several {
            let fractions = fractions.as_primitive::<Float64Type>();
            rows.push(at(fractions.is_valid(row).then(|| fractions.value(row)))?);
        } else if fractions.is_null(row) || values.as_ref().is_none_or(|values| values.is_empty()) {
            rows.push(ScalarValue::try_from(&DataType::List(Arc::new(Field::new_list_field(
                kind.clone(),
                true,
            ))))?);
        } else {
            let list = fractions.as_list::<i32>().value(row);
            let taken = list.as_primitive::<Float64Type>().iter().map(at).collect::<Result<Vec<_>>>()?;
            rows.push(ScalarValue::List(ScalarValue::new_list_nullable(&taken, &kind)));
        }
    }
    if rows.is_empty() {
        let kind = if several { DataType::List(Arc::new(Field::new_list_field(kind, true))) } else { kind };
        return Ok(ColumnarValue::Array(arrow::array::new_empty_array(&kind)));
    }
    answer(args, ScalarValue::iter_to_array(rows)?)
}

/// Between the two neighbours of a fraction.
#[expect(clippy::cast_precision_loss, reason = "numbers of rows are small")]
fn between(values: &ArrayRef, fraction: f64) -> Result<ScalarValue> {
    let numbers = values.as_primitive::<Float64Type>();
    let place = fraction * (numbers.len() - 1) as f64;
    let (below, above) = (whole(place.floor()), whole(place.ceil()));
    let (low, high) = (numbers.value(below), numbers.value(above));
    Ok(ScalarValue::from(if below == above { low } else { low + (place - place.floor()) * (high - low) }))
}

/// The first value at or above a fraction.
#[expect(clippy::cast_precision_loss, reason = "numbers of rows are small")]
fn nearest(values: &ArrayRef, fraction: f64) -> Result<ScalarValue> {
    let place = whole((fraction * values.len() as f64).ceil()).max(1) - 1;
    ScalarValue::try_from_array(values, place)
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "places are within a list")]
fn whole(place: f64) -> usize {
    place as usize
}

/// The value that stands there most often; of several the first.
fn run_mode(args: &ScalarFunctionArgs) -> Result<ColumnarValue> {
    let (lists, directions) = (column(args, 0)?, texts(args, 1)?);
    let none = ScalarValue::try_from(&item(lists.data_type())?)?;
    let mut rows = Vec::with_capacity(lists.len());
    for row in 0..lists.len() {
        let values = ordered(&lists, row, directions.value(row) == "desc")?;
        rows.push(match values.filter(|values| !values.is_empty()) {
            None => none.clone(),
            Some(values) => ScalarValue::try_from_array(&values, most_frequent(&values)?)?,
        });
    }
    if rows.is_empty() {
        return Ok(ColumnarValue::Array(arrow::array::new_empty_array(&none.data_type())));
    }
    answer(args, ScalarValue::iter_to_array(rows)?)
}

fn most_frequent(values: &ArrayRef) -> Result<usize> {
    let compare = make_comparator(values, values, SortOptions::default())?;
    let (mut best, mut longest, mut begun) = (0, 0, 0);
    for at in 1..=values.len() {
        if at == values.len() || compare(at - 1, at) != Ordering::Equal {
            if at - begun > longest {
                (best, longest) = (begun, at - begun);
            }
            begun = at;
        }
    }
    Ok(best)
}
