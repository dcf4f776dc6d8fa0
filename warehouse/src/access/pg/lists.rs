//! Columns of lists of numbers, which the library ships as text such as `{1,2}` or `1 2`: clients unnest and index them.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, Int32Array, Int32Builder, ListBuilder, RecordBatch, StringArray, StructArray,
};
use arrow::datatypes::{DataType, Field, Int32Type, Schema};
use datafusion::common::internal_err;
use datafusion::error::Result;
use datafusion::logical_expr::{ColumnarValue, ScalarUDF, Volatility, create_udf};

/// Tables with such columns, and the columns.
const LISTS: [(&str, &[&str]); 3] = [
    ("pg_constraint", &["conkey", "confkey"]),
    ("pg_index", &["indkey", "indclass", "indoption", "indcollation"]),
    ("pg_proc", &["proargtypes"]),
];

/// The table with its columns of numbers as lists. All columns may be empty: the engine trips over a sub-query without
/// a row whose column may not.
pub(super) fn with_lists(name: &str, batch: RecordBatch) -> Result<RecordBatch> {
    let lists = LISTS.iter().find(|(table, _)| *table == name).map_or(&[][..], |(_, columns)| columns);
    let (mut fields, mut arrays) = (Vec::new(), Vec::new());
    for (field, column) in batch.schema().fields().iter().zip(batch.columns()) {
        match column.as_string_opt::<i32>().filter(|_| lists.contains(&field.name().as_str())) {
            Some(texts) => {
                let lists = numbers(texts);
                fields.push(Field::new(field.name(), lists.data_type().clone(), true));
                arrays.push(lists);
            }
            None => {
                fields.push(field.as_ref().clone().with_nullable(true));
                arrays.push(column.clone());
            }
        }
    }
    Ok(RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays)?)
}

fn numbers(texts: &StringArray) -> ArrayRef {
    let mut lists = ListBuilder::new(Int32Builder::new());
    for text in texts {
        match text {
            None => lists.append_null(),
            Some(text) => {
                let digits = text.split(|c: char| !c.is_ascii_digit()).filter_map(|n| n.parse::<i32>().ok());
                lists.append_value(digits.map(Some));
            }
        }
    }
    Arc::new(lists.finish())
}

/// The type of these columns.
fn list_type() -> DataType {
    DataType::List(Arc::new(Field::new("item", DataType::Int32, true)))
}

/// One member of a list with its place, as `_pg_expandarray` gives it.
fn member_type() -> DataType {
    let field = |name: &str| Arc::new(Field::new(name, DataType::Int32, true));
    DataType::Struct(vec![field("x"), field("n")].into())
}

/// Functions of clients' catalog queries on such columns.
pub(super) fn functions() -> [ScalarUDF; 2] {
    [
        create_udf(
            "array_subscripts",
            vec![list_type()],
            list_type(),
            Volatility::Immutable,
            Arc::new(subscripts),
        ),
        create_udf(
            "_pg_expandarray",
            vec![list_type()],
            member_type(),
            Volatility::Immutable,
            Arc::new(first_member),
        ),
    ]
}

/// The places of a list's members, from 1.
fn subscripts(args: &[ColumnarValue]) -> Result<ColumnarValue> {
    let arrays = ColumnarValue::values_to_arrays(args)?;
    let mut places = ListBuilder::new(Int32Builder::new());
    for list in arrays[0].as_list::<i32>().iter() {
        match list {
            None => places.append_null(),
            Some(list) => places.append_value((1..).take(list.len()).map(Some)),
        }
    }
    Ok(ColumnarValue::Array(Arc::new(places.finish())))
}

/// PostgreSQL gives a row for each member. Keys here have one column, so the first member is all there is.
fn first_member(args: &[ColumnarValue]) -> Result<ColumnarValue> {
    let arrays = ColumnarValue::values_to_arrays(args)?;
    let lists = arrays[0].as_list::<i32>();
    let firsts: Int32Array = lists
        .iter()
        .map(|list| list.and_then(|l| l.as_primitive_opt::<Int32Type>()?.iter().next().flatten()))
        .collect();
    let ones: Int32Array = firsts.iter().map(|first| first.map(|_| 1)).collect();
    let DataType::Struct(fields) = member_type() else { return internal_err!("a member is a struct") };
    Ok(ColumnarValue::Array(Arc::new(StructArray::try_new(
        fields,
        vec![Arc::new(firsts), Arc::new(ones)],
        None,
    )?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_become_lists() {
        let texts: StringArray = [Some("{1,2}"), Some("23 26"), Some(""), None].into_iter().collect();
        let lists = numbers(&texts);
        assert_eq!(*lists.data_type(), list_type());
        let lengths: Vec<Option<usize>> = lists.as_list::<i32>().iter().map(|l| l.map(|l| l.len())).collect();
        assert_eq!(lengths, [Some(2), Some(2), Some(0), None]);
    }
}
