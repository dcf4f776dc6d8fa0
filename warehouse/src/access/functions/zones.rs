//! `AT TIME ZONE` and `timezone(zone, time)`: a wall clock time becomes a point in time, a point in time the clock of a
//! zone. And `to_unixtime`, which reads the wall clock of the lake.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Int64Array, TimestampMicrosecondBuilder};
use arrow::datatypes::{DataType, FieldRef, TimeUnit, TimestampMicrosecondType};
use chrono::{DateTime, TimeZone};
use datafusion::common::config::ConfigOptions;
use datafusion::common::plan_err;
use datafusion::error::Result;
use datafusion::logical_expr::{
    ColumnarValue, Expr, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature,
    Volatility, lit,
};

use super::moment;
use super::plain::{Plain, answer, column, field, is_text, refused, texts};
use super::to_time::{SHANGHAI, micros_in};

/// `timezone(zone, time)`; points in time it makes bear the session's zone.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct AtTimeZone {
    session: Arc<str>,
    signature: Signature,
}

impl Default for AtTimeZone {
    fn default() -> Self {
        Self { session: SHANGHAI.into(), signature: Signature::user_defined(Volatility::Immutable) }
    }
}

/// The point in time a wall clock time is in a zone.
pub(in crate::access) fn in_zone(wall: Expr, zone: &str) -> Expr {
    ScalarUDF::from(AtTimeZone::default()).call(vec![lit(zone), wall])
}

fn wall() -> DataType {
    DataType::Timestamp(TimeUnit::Microsecond, None)
}

impl AtTimeZone {
    fn point(&self) -> DataType {
        DataType::Timestamp(TimeUnit::Microsecond, Some(self.session.clone()))
    }
}

impl ScalarUDFImpl for AtTimeZone {
    fn name(&self) -> &str {
        "timezone"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        let [zone, time] = types else { return plan_err!("AT TIME ZONE 需要时间和时区") };
        if !is_text(zone) {
            return plan_err!("时区须是名称，例如 'Asia/Shanghai'、'UTC'");
        }
        let time = match time {
            DataType::Timestamp(_, None) => wall(),
            // PostgreSQL takes days and texts for points in time here.
            DataType::Timestamp(_, Some(_)) | DataType::Date32 | DataType::Date64 => self.point(),
            kind if is_text(kind) => self.point(),
            kind => return plan_err!("AT TIME ZONE 需要日期或时间，得到的是 {kind}"),
        };
        Ok(vec![DataType::Utf8, time])
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        Ok(match types.get(1) {
            Some(DataType::Timestamp(_, None)) => self.point(),
            _ => wall(),
        })
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs) -> Result<FieldRef> {
        let types: Vec<DataType> = args.arg_fields.iter().map(|field| field.data_type().clone()).collect();
        Ok(field(self.name(), self.return_type(&types)?))
    }

    fn with_updated_config(&self, config: &ConfigOptions) -> Option<ScalarUDF> {
        let session = config.execution.time_zone.as_deref().unwrap_or(SHANGHAI).into();
        Some(ScalarUDF::from(Self { session, signature: self.signature.clone() }))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let (zones, times) = (texts(&args, 0)?, column(&args, 1)?);
        let to_wall = !matches!(times.data_type(), DataType::Timestamp(_, None));
        let times = times.as_primitive::<TimestampMicrosecondType>();
        let mut made = TimestampMicrosecondBuilder::with_capacity(times.len());
        let mut last = None::<(String, arrow::array::timezone::Tz)>;
        for (name, time) in zones.iter().zip(times.iter()) {
            let (Some(name), Some(time)) = (name, time) else {
                made.append_null();
                continue;
            };
            let zone = match &last {
                Some((known, zone)) if known == name => *zone,
                _ => moment::zone(name)?,
            };
            last = Some((name.to_owned(), zone));
            let Some(clock) = DateTime::from_timestamp_micros(time).map(|time| time.naive_utc()) else {
                return refused("时间超出范围");
            };
            made.append_value(match to_wall {
                true => zone.from_utc_datetime(&clock).naive_local().and_utc().timestamp_micros(),
                false => micros_in(clock, zone)?,
            });
        }
        let made = made.finish();
        let made: ArrayRef = match to_wall {
            true => Arc::new(made),
            false => Arc::new(made.with_timezone(self.session.clone())),
        };
        answer(&args, made)
    }
}

/// Whole seconds since 1970 of a time of the lake.
pub(super) fn to_unixtime() -> Plain {
    let seconds = |_: &ReturnFieldArgs| Ok(field("to_unixtime", DataType::Int64));
    Plain::new("to_unixtime", take_time, seconds, run_unixtime)
}

fn take_time(types: &[DataType]) -> Result<Vec<DataType>> {
    match types {
        [kind] if kind.is_temporal() || is_text(kind) => {
            Ok(vec![DataType::Timestamp(TimeUnit::Microsecond, Some(SHANGHAI.into()))])
        }
        _ => plan_err!("to_unixtime 需要一个日期或时间"),
    }
}

fn run_unixtime(args: &ScalarFunctionArgs) -> Result<ColumnarValue> {
    let times = column(args, 0)?;
    let times = times.as_primitive::<TimestampMicrosecondType>();
    let seconds: Int64Array =
        times.iter().map(|micros| micros.map(|micros| micros.div_euclid(1_000_000))).collect();
    answer(args, Arc::new(seconds))
}
