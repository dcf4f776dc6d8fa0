//! `second_digits(time, digits)`: a time rounded to so many digits of its second, halves away from the year 2000, which is
//! where PostgreSQL counts from. What `timestamp(0)` and `time(0)` are written as.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::{DataType, Int64Type, Time64MicrosecondType, TimeUnit, TimestampMicrosecondType};
use datafusion::common::plan_err;
use datafusion::error::Result;
use datafusion::logical_expr::{ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs};

use super::plain::{Plain, answer, column, field};

/// Microseconds from 1970 to 2000.
const TO_2000: i64 = 946_684_800_000_000;

pub(super) fn function() -> Plain {
    let same = |args: &ReturnFieldArgs| Ok(field("second_digits", args.arg_fields[0].data_type().clone()));
    Plain::new("second_digits", time_and_digits, same, run)
}

fn time_and_digits(types: &[DataType]) -> Result<Vec<DataType>> {
    let [time, _] = types else { return plan_err!("second_digits 需要时间和位数") };
    let time = match time {
        DataType::Timestamp(_, zone) => DataType::Timestamp(TimeUnit::Microsecond, zone.clone()),
        DataType::Time64(_) | DataType::Time32(_) => DataType::Time64(TimeUnit::Microsecond),
        other => return plan_err!("{other} 没有秒的小数"),
    };
    Ok(vec![time, DataType::Int64])
}

fn run(args: &ScalarFunctionArgs) -> Result<ColumnarValue> {
    let (times, digits) = (column(args, 0)?, column(args, 1)?);
    let digits = digits.as_primitive::<Int64Type>();
    let digits = digits.iter().flatten().next().and_then(|digits| u32::try_from(digits).ok()).unwrap_or(6);
    let step = 10_i64.pow(6_u32.saturating_sub(digits));
    let rounded: ArrayRef = match times.data_type() {
        DataType::Timestamp(..) => {
            let times = times.as_primitive::<TimestampMicrosecondType>();
            let made = times.unary::<_, TimestampMicrosecondType>(|micros| {
                nearest(micros.saturating_sub(TO_2000), step).saturating_add(TO_2000)
            });
            Arc::new(made.with_data_type(times.data_type().clone()))
        }
        _ => {
            let times = times.as_primitive::<Time64MicrosecondType>();
            Arc::new(times.unary::<_, Time64MicrosecondType>(|micros| nearest(micros, step)))
        }
    };
    answer(args, rounded)
}

fn nearest(micros: i64, step: i64) -> i64 {
    let half = if micros < 0 { -(step / 2) } else { step / 2 };
    micros.saturating_add(half) / step * step
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_go_away_from_the_beginning() {
        for (micros, step, want) in [
            (1_600_000, 1_000_000, 2_000_000),
            (1_500_000, 1_000_000, 2_000_000),
            (1_499_999, 1_000_000, 1_000_000),
            (-1_500_000, 1_000_000, -2_000_000),
            (625_000, 10_000, 630_000),
            (7, 1, 7),
        ] {
            assert_eq!(nearest(micros, step), want, "{micros}");
        }
    }
}
