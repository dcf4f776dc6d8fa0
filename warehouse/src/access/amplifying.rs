//! Functions that make much text of little, behind a bound. They fill their result in one step that neither the memory
//! pools nor a deadline see, so what a call would make is estimated before it is made. Estimates are upper bounds: a batch
//! that might be too large is made in parts that cannot be, and refused when it is.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Int64Array};
use arrow::compute::kernels::length::length;
use arrow::compute::{cast, concat};
use arrow::datatypes::{DataType, FieldRef, Int64Type};
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::{
    ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature,
};
use datafusion::prelude::SessionContext;

use super::batch_bound::{MOST_BYTES, bytes};

/// Bytes one value may have. A join or a series repeats it for every row of a batch, in steps that no pool sees.
const LONGEST_VALUE: u64 = 256 << 10;

/// How many bytes a row's result may have, by the sizes of its arguments.
type Estimate = fn(&[u64]) -> u64;

/// Functions, how their arguments are counted, and the bound of a row.
const BOUNDED: [(&str, &[Count], Estimate); 19] = [
    ("repeat", &[Count::Bytes, Count::Value], |a| a[0].saturating_mul(a[1])),
    ("lpad", &[Count::Bytes, Count::Value, Count::Bytes], padded),
    ("rpad", &[Count::Bytes, Count::Value, Count::Bytes], padded),
    ("replace", &[Count::Bytes; 3], |a| match a[1] {
        0 => a[0],
        from => a[0].saturating_add((a[0] / from).saturating_mul(a[2])),
    }),
    // Each match is replaced, and each reference in the replacement may bring a match back.
    ("regexp_replace", &[Count::Bytes; 4], |a| {
        a[0].saturating_add(1).saturating_mul(a[2].saturating_add(1)).saturating_mul(2)
    }),
    ("encode", &[Count::Bytes; 2], |a| a[0].saturating_mul(2)),
    ("concat", &[Count::Bytes], sum),
    ("concat_ws", &[Count::Bytes], |a| {
        sum(a).saturating_add(a.first().copied().unwrap_or(0).saturating_mul(a.len() as u64))
    }),
    // A list that is changed is written anew for every row, and with what is joined from another table for each of its rows.
    ("array_append", &[Count::Weight], sum),
    ("array_prepend", &[Count::Weight], sum),
    ("array_concat", &[Count::Weight], sum),
    ("array_remove", &[Count::Weight], sum),
    ("array_replace_all", &[Count::Weight], replaced),
    ("array_distinct", &[Count::Weight], sum),
    ("array_sort", &[Count::Weight], sum),
    ("array_reverse", &[Count::Weight], sum),
    ("array_slice", &[Count::Weight], sum),
    ("string_to_array", &[Count::Weight], |a| sum(a).saturating_mul(16)),
    // Elements and separators; the bytes of the elements are counted with the list.
    ("array_to_string", &[Count::Elements, Count::Bytes, Count::Bytes], |a| {
        a[0].saturating_mul(a[1].saturating_add(a.get(2).copied().unwrap_or(0)).saturating_add(16))
    }),
];

/// Each element may be another one afterwards.
fn replaced(sizes: &[u64]) -> u64 {
    sizes[0].saturating_add((sizes[0] / 4).saturating_mul(sizes.get(2).copied().unwrap_or(0)))
}

fn sum(sizes: &[u64]) -> u64 {
    sizes.iter().fold(0, |all, size| all.saturating_add(*size))
}

/// Letters have up to four bytes.
fn padded(sizes: &[u64]) -> u64 {
    sizes[1].saturating_mul(4)
}

/// What of an argument decides about the size of the result. The last one of a list stands for all that follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Count {
    /// Its length in bytes.
    Bytes,
    /// The number it is.
    Value,
    /// The number of its elements.
    Elements,
    /// Its bytes, of a list those of its elements; of numbers next to nothing.
    Weight,
}

impl Count {
    /// One number for each row; a constant has one for all. NULL counts as nothing.
    fn of(self, value: &ColumnarValue) -> Result<Int64Array> {
        let array: ArrayRef = match value {
            ColumnarValue::Array(array) => array.clone(),
            ColumnarValue::Scalar(one) => one.to_array()?,
        };
        let counted = match self {
            Self::Value => array,
            _ if *array.data_type() == DataType::Null => array,
            Self::Weight => return weights(&array),
            Self::Bytes | Self::Elements => length(&array)?,
        };
        Ok(cast(&counted, &DataType::Int64)?.as_primitive::<Int64Type>().clone())
    }
}

/// The bytes of each row, the elements of a list taken as equally long.
fn weights(array: &ArrayRef) -> Result<Int64Array> {
    let bytes_each = match array.data_type() {
        DataType::List(_) => element_bytes(array.as_list::<i32>().values())?,
        DataType::LargeList(_) => element_bytes(array.as_list::<i64>().values())?,
        kind if kind.is_string() || kind.is_binary() => 1,
        _ => return Ok(Int64Array::from(vec![16; array.len()])),
    };
    let lengths = cast(&length(array)?, &DataType::Int64)?;
    let lengths = lengths.as_primitive::<Int64Type>();
    Ok(lengths.unary(|length| length.saturating_mul(bytes_each)))
}

fn element_bytes(values: &ArrayRef) -> Result<i64> {
    let each = bytes(values)?.div_ceil(values.len().max(1)).max(8);
    Ok(i64::try_from(each).unwrap_or(i64::MAX))
}

fn at(numbers: &Int64Array, row: usize) -> u64 {
    let row = if numbers.len() == 1 { 0 } else { row };
    if numbers.is_null(row) { 0 } else { numbers.value(row).try_into().unwrap_or(0) }
}

/// Puts the bounds before the functions a session has.
pub(super) fn bound(context: &SessionContext) {
    let functions = context.state().scalar_functions().clone();
    for (rule, (name, ..)) in BOUNDED.iter().enumerate() {
        if let Some(inner) = functions.get(*name) {
            context.register_udf(ScalarUDF::from(Bounded { inner: inner.clone(), rule }));
        }
    }
}

/// A function behind its bound. It is not simplified: what the engine puts in its place would stand without the bound.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Bounded {
    inner: Arc<ScalarUDF>,
    /// Its place in the table above.
    rule: usize,
}

impl Bounded {
    /// What each row may make, in bytes.
    fn estimates(&self, args: &ScalarFunctionArgs) -> Result<Vec<u64>> {
        let (_, counts, estimate) = BOUNDED[self.rule];
        let last = counts.last().copied().unwrap_or(Count::Bytes);
        let counts = counts.iter().copied().chain(std::iter::repeat(last));
        let sizes: Vec<Int64Array> =
            counts.zip(&args.args).map(|(count, arg)| count.of(arg)).collect::<Result<_>>()?;
        // Constants alone make one value for all rows.
        let constant = args.args.iter().all(|arg| matches!(arg, ColumnarValue::Scalar(_)));
        let rows = if constant { args.number_rows.min(1) } else { args.number_rows };
        let mut row_sizes = vec![0; sizes.len()];
        let of_row = |row| {
            for (size, numbers) in row_sizes.iter_mut().zip(&sizes) {
                *size = at(numbers, row);
            }
            estimate(&row_sizes)
        };
        Ok((0..rows).map(of_row).collect())
    }

    /// The same call on parts of the batch of which none can be too large.
    fn in_parts(&self, args: &ScalarFunctionArgs, estimates: &[u64]) -> Result<ColumnarValue> {
        let most = MOST_BYTES as u64;
        let (mut made, mut bytes_made, mut from) = (Vec::new(), 0, 0);
        while from < estimates.len() {
            let mut sum = 0_u64;
            let fits = |estimate: &&u64| {
                sum = sum.saturating_add(**estimate);
                sum <= most
            };
            let rows = estimates[from..].iter().take_while(fits).count();
            if rows == 0 {
                return Err(self.too_large(estimates[from]));
            }
            let mut part = args.clone();
            part.number_rows = rows;
            for arg in &mut part.args {
                if let ColumnarValue::Array(array) = arg {
                    *array = array.slice(from, rows);
                }
            }
            let array = self.inner.invoke_with_args(part)?.into_array(rows)?;
            bytes_made += bytes(&array)?;
            if bytes_made > MOST_BYTES {
                return Err(self.too_large(bytes_made as u64));
            }
            made.push(array);
            from += rows;
        }
        let parts: Vec<&dyn Array> = made.iter().map(AsRef::as_ref).collect();
        Ok(ColumnarValue::Array(concat(&parts)?))
    }

    fn too_long(&self) -> DataFusionError {
        let (name, most) = (self.inner.name(), LONGEST_VALUE >> 10);
        DataFusionError::ResourcesExhausted(format!("{name} makes a text of more than {most} KiB"))
    }

    fn too_large(&self, bytes: u64) -> DataFusionError {
        let (name, made, most) = (self.inner.name(), bytes >> 20, MOST_BYTES >> 20);
        DataFusionError::ResourcesExhausted(format!(
            "{name} makes {made} MiB of text at once, {most} MiB are allowed"
        ))
    }
}

impl ScalarUDFImpl for Bounded {
    fn name(&self) -> &str {
        self.inner.name()
    }

    fn aliases(&self) -> &[String] {
        self.inner.aliases()
    }

    fn signature(&self) -> &Signature {
        self.inner.signature()
    }

    fn return_type(&self, arg_types: &[DataType]) -> Result<DataType> {
        self.inner.return_type(arg_types)
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs) -> Result<FieldRef> {
        self.inner.return_field_from_args(args)
    }

    fn coerce_types(&self, arg_types: &[DataType]) -> Result<Vec<DataType>> {
        self.inner.coerce_types(arg_types)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let estimates = self.estimates(&args)?;
        // How often something is repeated is known before.
        if self.inner.name() == "repeat" && estimates.iter().any(|bytes| *bytes > LONGEST_VALUE) {
            return Err(self.too_long());
        }
        let made = match sum(&estimates) <= MOST_BYTES as u64 {
            true => self.inner.invoke_with_args(args)?,
            false => self.in_parts(&args, &estimates)?,
        };
        if made.data_type().is_nested() {
            return Ok(made);
        }
        match Count::Bytes.of(&made)?.iter().flatten().any(|bytes| bytes.unsigned_abs() > LONGEST_VALUE) {
            true => Err(self.too_long()),
            false => Ok(made),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn estimate(name: &str, sizes: &[u64]) -> u64 {
        BOUNDED.iter().find(|(bounded, ..)| *bounded == name).expect("bounded").2(sizes)
    }

    #[test]
    fn estimates_are_not_below_what_is_made() {
        assert_eq!(estimate("repeat", &[3, 5]), 15);
        assert_eq!(estimate("repeat", &[u64::MAX, 5]), u64::MAX);
        assert!(estimate("lpad", &[1, 10, 3]) >= 30);
        let replaced = "abab".replace('a', "xyz").len() as u64;
        assert!(estimate("replace", &[4, 1, 3]) >= replaced);
        assert_eq!(estimate("replace", &[4, 0, 3]), 4);
        assert!(estimate("regexp_replace", &[4, 2, 6, 1]) >= 4 * 4);
        assert_eq!(estimate("concat", &[1, 2, 3]), 6);
        assert!(estimate("concat_ws", &[1, 2, 3]) >= 6);
    }

    #[test]
    fn constants_count_for_every_row_and_null_for_nothing() {
        let text = ColumnarValue::Scalar("四字".into());
        let bytes = Count::Bytes.of(&text).expect("bytes");
        assert_eq!((at(&bytes, 0), at(&bytes, 7)), (6, 6));
        let null = ColumnarValue::Scalar(datafusion::common::ScalarValue::Null);
        assert_eq!(at(&Count::Bytes.of(&null).expect("null"), 3), 0);
        let negative = ColumnarValue::Scalar((-5_i64).into());
        assert_eq!(at(&Count::Value.of(&negative).expect("number"), 0), 0);
    }
}
