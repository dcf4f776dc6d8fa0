//! `pg_size_pretty`: a number of bytes in the unit people read, rounded as PostgreSQL rounds.

use std::sync::Arc;

use arrow::array::{AsArray, StringArray};
use arrow::datatypes::{DataType, Decimal128Type};
use datafusion::common::plan_err;
use datafusion::error::Result;
use datafusion::logical_expr::{ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs};

use super::plain::{Plain, answer, column, field};

/// From so many on, the next unit is used.
const MOST: i128 = 10 * 1024;

pub(super) fn function() -> Plain {
    Plain::new("pg_size_pretty", takes, |_: &ReturnFieldArgs| Ok(field("size", DataType::Utf8)), run)
}

fn takes(types: &[DataType]) -> Result<Vec<DataType>> {
    match types {
        [kind] if kind.is_numeric() || kind.is_null() => Ok(vec![DataType::Decimal128(38, 0)]),
        _ => plan_err!("pg_size_pretty 需要字节数"),
    }
}

fn run(args: &ScalarFunctionArgs) -> Result<ColumnarValue> {
    let sizes = column(args, 0)?;
    let texts = sizes.as_primitive::<Decimal128Type>().iter().map(|size| size.map(written));
    answer(args, Arc::new(texts.collect::<StringArray>()))
}

fn written(size: i128) -> String {
    if size.abs() < MOST {
        return format!("{size} bytes");
    }
    // One bit more is kept than the unit needs, and decides about rounding.
    let mut doubled = size >> 9;
    let units = ["kB", "MB", "GB", "TB", "PB"];
    for (at, unit) in units.iter().enumerate() {
        let rounded = (doubled + if doubled >= 0 { 1 } else { -1 }) / 2;
        if doubled.abs() < 2 * MOST - 1 || at + 1 == units.len() {
            return format!("{rounded} {unit}");
        }
        doubled /= 1024;
    }
    format!("{size} bytes")
}

#[cfg(test)]
mod tests {
    use super::written;

    #[test]
    fn bytes_in_units() {
        for (size, want) in [
            (1024, "1024 bytes"),
            (10_240, "10 kB"),
            (1_048_576_000, "1000 MB"),
            (1_000_000, "977 kB"),
            (10_737_418_240_000, "10000 GB"),
            (-20_000, "-20 kB"),
            (10_239, "10239 bytes"),
            (10_485_247, "10239 kB"),
            (10_485_248, "10 MB"),
        ] {
            assert_eq!(written(size), want, "{size}");
        }
    }
}
