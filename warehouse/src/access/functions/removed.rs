//! `array_remove`: a list without the elements that are the same as a value. NULL is the same as NULL here, while the
//! engine's own function gives no list at all for it.

use std::sync::Arc;

use arrow::array::{Array, AsArray, ListArray, UInt64Array};
use arrow::buffer::OffsetBuffer;
use arrow::compute::kernels::cmp::distinct;
use arrow::compute::{filter, take};
use arrow::datatypes::{DataType, Field};
use datafusion::common::plan_err;
use datafusion::error::Result;
use datafusion::logical_expr::type_coercion::binary::comparison_coercion;
use datafusion::logical_expr::{ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs};

use super::plain::{Plain, answer, column, field};

pub(super) fn function() -> Plain {
    let same = |args: &ReturnFieldArgs| Ok(field("array_remove", args.arg_fields[0].data_type().clone()));
    Plain::new("array_remove", list_and_element, same, run)
}

fn list_and_element(types: &[DataType]) -> Result<Vec<DataType>> {
    let [list, value] = types else { return plan_err!("array_remove 需要数组和一个元素") };
    let element = match list {
        DataType::List(field) | DataType::LargeList(field) | DataType::FixedSizeList(field, _) => {
            field.data_type().clone()
        }
        DataType::Null => DataType::Null,
        other => return plan_err!("array_remove 的第一个参数要是数组，这里是 {other}"),
    };
    let common = match (&element, value) {
        (DataType::Null, value) => value.clone(),
        (element, DataType::Null) => element.clone(),
        (element, value) => match comparison_coercion(element, value) {
            Some(common) => common,
            None => return plan_err!("{value} 不是 {element} 的数组的元素"),
        },
    };
    let list = DataType::List(Arc::new(Field::new_list_field(common.clone(), true)));
    Ok(vec![list, common])
}

fn run(args: &ScalarFunctionArgs) -> Result<ColumnarValue> {
    let (lists, values) = (column(args, 0)?, column(args, 1)?);
    let lists = lists.as_list::<i32>();
    let (mut rows, mut places) = (Vec::new(), Vec::new());
    for row in 0..lists.len() {
        let range = match lists.is_valid(row) {
            true => lists.value_offsets()[row]..lists.value_offsets()[row + 1],
            false => 0..0,
        };
        for place in range {
            rows.push(u64::try_from(row).unwrap_or(0));
            places.push(u64::try_from(place).unwrap_or(0));
        }
    }
    let elements = take(lists.values(), &UInt64Array::from(places), None)?;
    let removed = take(&values, &UInt64Array::from(rows.clone()), None)?;
    let kept = match elements.data_type().is_null() {
        // A list of nothing but NULL, from which NULL is taken.
        true => std::iter::repeat_n(Some(false), elements.len()).collect(),
        false => distinct(&elements, &removed)?,
    };
    let mut lengths = vec![0_usize; lists.len()];
    for (row, kept) in rows.iter().zip(kept.iter()) {
        if kept == Some(true) {
            lengths[usize::try_from(*row).unwrap_or(0)] += 1;
        }
    }
    let item = Arc::new(Field::new_list_field(elements.data_type().clone(), true));
    let offsets = OffsetBuffer::from_lengths(lengths);
    let made = ListArray::try_new(item, offsets, filter(&elements, &kept)?, lists.nulls().cloned())?;
    answer(args, Arc::new(made))
}
