//! Lists as PostgreSQL writes them: `{a,"b c",NULL}`, each element as it is written alone. The library writes times with six
//! zeros and spans without quotes. Only the text format; in binary there is nothing to choose.

use std::sync::Arc;

use arrow::array::ArrayRef;
use arrow::datatypes::DataType;
use pujiang_warehouse::texts_of;

use super::failure::Failure;

/// Whether values of a type are lists that are written here; those of bytes and the like are the library's.
pub fn is_plain(data_type: &DataType) -> bool {
    let DataType::List(field) = data_type else { return false };
    let element = field.data_type();
    element.is_numeric() || element.is_string() || element.is_temporal() || *element == DataType::Boolean
}

/// The texts of a column of lists.
pub fn texts(array: &ArrayRef) -> Result<ArrayRef, Failure> {
    let texts = texts_of(array).map_err(|error| Failure::internal("write a list as text", &error))?;
    Ok(Arc::new(texts))
}

#[cfg(test)]
mod tests {
    use arrow::array::{
        AsArray, Decimal128Array, Float64Array, IntervalMonthDayNanoArray, ListArray, StringArray,
        TimestampMicrosecondArray,
    };
    use arrow::buffer::OffsetBuffer;
    use arrow::datatypes::{Field, IntervalMonthDayNano};

    use super::*;

    /// Each as PostgreSQL 15 answers.
    #[test]
    fn elements_have_their_texts() {
        let zero = Decimal128Array::from(vec![0]).with_precision_and_scale(12, 2).expect("decimal");
        let lists: [(ArrayRef, &str); 5] = [
            (
                Arc::new(TimestampMicrosecondArray::from(vec![1_759_278_600_000_000])),
                "{\"2025-10-01 00:30:00\"}",
            ),
            (Arc::new(zero), "{0.00}"),
            (Arc::new(Float64Array::from(vec![1.0, 1e20])), "{1,1e+20}"),
            (
                Arc::new(IntervalMonthDayNanoArray::from(vec![IntervalMonthDayNano::new(0, 1, 0)])),
                "{\"1 day\"}",
            ),
            (Arc::new(StringArray::from(vec![Some("a b"), None, Some("徐汇")])), "{\"a b\",NULL,徐汇}"),
        ];
        for (values, want) in lists {
            let element = Arc::new(Field::new_list_field(values.data_type().clone(), true));
            let offsets = OffsetBuffer::from_lengths([values.len()]);
            let list: ArrayRef = Arc::new(ListArray::try_new(element, offsets, values, None).expect("list"));
            assert!(is_plain(list.data_type()));
            assert_eq!(texts(&list).expect("texts").as_string::<i32>().value(0), want);
        }
    }
}
