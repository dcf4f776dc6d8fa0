//! Lists as PostgreSQL writes them: `{a,"b c",NULL}`, each element as it is written alone. The library writes times with six
//! zeros and spans without quotes. In the binary format only decimals are written here: the library's hold 28 digits, and lose
//! the zeros of nothing.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::DataType;
use pgwire::api::Type;
use pujiang_warehouse::texts_of;

use super::failure::Failure;
use super::numeric;

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

/// The list of decimals of a row in PostgreSQL's binary format: dimensions, whether there are NULLs, the type of elements, how
/// many there are and from which number on, then each with its length. None of a list of something else, or with too many elements.
pub fn decimals(array: &ArrayRef, row: usize) -> Option<Vec<u8>> {
    let values = array.as_list_opt::<i32>()?.value(row);
    if !values.data_type().is_decimal() {
        return None;
    }
    let count = i32::try_from(values.len()).ok()?;
    let dimensions = i32::from(count > 0);
    let mut bytes = Vec::new();
    let mut write = |number: i32| bytes.extend(number.to_be_bytes());
    write(dimensions);
    write(i32::from(values.null_count() > 0));
    write(i32::try_from(Type::NUMERIC.oid()).ok()?);
    if dimensions > 0 {
        write(count);
        write(1);
    }
    for at in 0..values.len() {
        match numeric::text(&values, at).filter(|_| values.is_valid(at)) {
            None => bytes.extend((-1_i32).to_be_bytes()),
            Some(text) => {
                let element = numeric::to_binary(&text);
                bytes.extend(i32::try_from(element.len()).ok()?.to_be_bytes());
                bytes.extend(element);
            }
        }
    }
    Some(bytes)
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

    #[test]
    fn decimals_keep_their_zeros_in_binary() {
        let values =
            Decimal128Array::from(vec![Some(0), None]).with_precision_and_scale(12, 2).expect("decimals");
        let element = Arc::new(Field::new_list_field(values.data_type().clone(), true));
        let offsets = OffsetBuffer::from_lengths([2, 0]);
        let list = ListArray::try_new(element, offsets, Arc::new(values), None).expect("list");
        let list: ArrayRef = Arc::new(list);
        // 0.00: no digits, weight 0, positive, two digits behind the point.
        let expected: [i32; 6] = [1, 1, 1700, 2, 1, 8];
        let mut expected: Vec<u8> = expected.iter().flat_map(|number| number.to_be_bytes()).collect();
        expected.extend([0, 0, 0, 0, 0, 0, 0, 2]);
        expected.extend((-1_i32).to_be_bytes());
        assert_eq!(decimals(&list, 0), Some(expected));
        assert_eq!(decimals(&list, 1).map(|bytes| bytes.len()), Some(12));
        assert_eq!(decimals(&(Arc::new(Float64Array::from(vec![1.0])) as ArrayRef), 0), None);
    }
}
