//! `to_date` and `to_timestamp`: a text by a template, a text alone, seconds since 1970. A point in time bears the
//! session's zone; that is what tells it from the wall clock times of the lake.

use std::str::FromStr;
use std::sync::Arc;

use arrow::array::timezone::Tz;
use arrow::array::{Array, ArrayRef, AsArray, Date32Builder, TimestampMicrosecondBuilder};
use arrow::compute::cast;
use arrow::datatypes::{DataType, FieldRef, Float64Type, TimeUnit};
use chrono::{NaiveDate, NaiveDateTime, NaiveTime, TimeZone};
use datafusion::common::config::ConfigOptions;
use datafusion::common::plan_err;
use datafusion::error::Result;
use datafusion::logical_expr::{
    ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};

use super::plain::{Plain, answer, column, field, is_number, is_text, refused, texts};
use super::read_fields::Read;
use super::spelled_time::date_of;
use super::template::{Node, nodes};
use super::time_read;
use super::to_char::has_letters;

/// Where the lake's clocks hang.
pub(super) const SHANGHAI: &str = "Asia/Shanghai";

/// Days since 1970 of the year chrono counts from.
const EPOCH_DAYS: i32 = 719_163;

pub(super) fn to_date() -> Plain {
    Plain::new("to_date", take_date, |_: &ReturnFieldArgs| Ok(field("to_date", DataType::Date32)), run_date)
}

fn take_date(types: &[DataType]) -> Result<Vec<DataType>> {
    match types {
        [text] if is_text(text) => Ok(vec![DataType::Utf8]),
        [text, template] if is_text(text) && is_text(template) => Ok(vec![DataType::Utf8; 2]),
        _ => plan_err!("to_date 需要文字和格式，例如 to_date('20261003', 'YYYYMMDD')；时间请用 ::date"),
    }
}

fn run_date(args: &ScalarFunctionArgs) -> Result<ColumnarValue> {
    let mut days = Date32Builder::new();
    each(args, |read| {
        days.append_option(match read {
            None => None,
            Some(Input::Alone(text)) => Some(date_of(text)?),
            Some(Input::Read(read)) => Some(days_of(read.wall.date())),
        });
        Ok(())
    })?;
    answer(args, Arc::new(days.finish()))
}

pub(super) fn days_of(date: NaiveDate) -> i32 {
    chrono::Datelike::num_days_from_ce(&date) - EPOCH_DAYS
}

/// A row's text: alone, or read by its template.
enum Input<'a> {
    Alone(&'a str),
    Read(Read),
}

/// Hands each row's text to a function; templates are cut once where they repeat.
fn each(args: &ScalarFunctionArgs, mut take: impl FnMut(Option<Input>) -> Result<()>) -> Result<()> {
    let inputs = texts(args, 0)?;
    if args.args.len() == 1 {
        return inputs.iter().try_for_each(|text| take(text.map(Input::Alone)));
    }
    let templates = texts(args, 1)?;
    let mut last = None::<(String, Template)>;
    for (text, template) in inputs.iter().zip(templates.iter()) {
        let (Some(text), Some(template)) = (text, template) else {
            take(None)?;
            continue;
        };
        if last.as_ref().is_none_or(|(known, _)| known != template) {
            last = Some((template.to_owned(), Template::of(template)?));
        }
        if let Some((_, template)) = &last {
            take(Some(Input::Read(template.read(text)?)))?;
        }
    }
    Ok(())
}

enum Template {
    Nodes(Vec<Node>),
    /// In the engine's letters.
    Letters(String),
}

impl Template {
    fn of(text: &str) -> Result<Self> {
        if has_letters(text) {
            return Ok(Self::Letters(text.to_owned()));
        }
        nodes(text).map(Self::Nodes).or_else(refused)
    }

    fn read(&self, text: &str) -> Result<Read> {
        match self {
            Self::Nodes(nodes) => time_read::read(text, nodes).or_else(refused),
            Self::Letters(letters) => {
                let time = NaiveDateTime::parse_from_str(text, letters);
                let read = time.or_else(|_| {
                    NaiveDate::parse_from_str(text, letters).map(|d| d.and_time(NaiveTime::MIN))
                });
                match read {
                    Ok(wall) => Ok(Read { wall, offset: None }),
                    Err(_) => refused(format!("“{text}”按格式“{letters}”读不成时间")),
                }
            }
        }
    }
}

/// `to_timestamp` in the session's zone, and the engine's relatives of it by other units.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct ToTimestamp {
    name: &'static str,
    aliases: Vec<String>,
    /// Nanoseconds of one of its numbers.
    unit: u64,
    zone: Arc<str>,
    signature: Signature,
}

/// Names, and nanoseconds of one of their numbers.
const UNITS: [(&str, &str, u64); 5] = [
    ("to_timestamp", "", 1_000_000_000),
    ("to_timestamp_seconds", "from_unixtime", 1_000_000_000),
    ("to_timestamp_millis", "", 1_000_000),
    ("to_timestamp_micros", "", 1_000),
    ("to_timestamp_nanos", "", 1),
];

impl ToTimestamp {
    /// All of them.
    pub fn all() -> Vec<ScalarUDF> {
        let made = UNITS.iter().map(|(name, alias, unit)| Self {
            name,
            aliases: Some(*alias).filter(|alias| !alias.is_empty()).map(str::to_owned).into_iter().collect(),
            unit: *unit,
            zone: SHANGHAI.into(),
            signature: Signature::user_defined(Volatility::Immutable),
        });
        made.map(ScalarUDF::from).collect()
    }

    fn kind(&self) -> DataType {
        DataType::Timestamp(TimeUnit::Microsecond, Some(self.zone.clone()))
    }

    fn of_numbers(&self, array: &ArrayRef) -> Result<ArrayRef> {
        let mut made = TimestampMicrosecondBuilder::with_capacity(array.len());
        if array.data_type().is_integer() {
            let numbers = cast(array, &DataType::Int64)?;
            for number in numbers.as_primitive::<arrow::datatypes::Int64Type>().iter() {
                let nanos = number.map(|number| i128::from(number) * i128::from(self.unit));
                made.append_option(nanos.map(|nanos| within(nanos.div_euclid(1_000))).transpose()?);
            }
        } else {
            let micros_of_one = self.unit as f64 / 1_000.0;
            let numbers = cast(array, &DataType::Float64)?;
            for number in numbers.as_primitive::<Float64Type>().iter() {
                let micros = number.map(|number| whole((number * micros_of_one).round_ties_even()));
                made.append_option(micros.map(|micros| micros.and_then(within)).transpose()?);
            }
        }
        Ok(Arc::new(made.finish().with_timezone(self.zone.clone())))
    }

    fn of_texts(&self, args: &ScalarFunctionArgs) -> Result<ArrayRef> {
        let zone = Tz::from_str(&self.zone)?;
        let mut made = TimestampMicrosecondBuilder::new();
        each(args, |read| {
            made.append_option(match read {
                None => None,
                Some(Input::Alone(text)) => Some(super::spelled_time::moment_of(text, zone)?),
                Some(Input::Read(read)) => Some(match read.offset {
                    Some(seconds) => read.wall.and_utc().timestamp_micros() - i64::from(seconds) * 1_000_000,
                    None => micros_in(read.wall, zone)?,
                }),
            });
            Ok(())
        })?;
        Ok(Arc::new(made.finish().with_timezone(self.zone.clone())))
    }
}

/// The point in time at which the clock of a zone shows a time.
pub(super) fn micros_in(wall: NaiveDateTime, zone: Tz) -> Result<i64> {
    let local = zone.from_local_datetime(&wall).earliest().or_else(|| {
        // The clock jumped over it: read by the offset before the jump, as PostgreSQL does.
        let before = wall.checked_sub_signed(chrono::TimeDelta::hours(3))?;
        let offset = zone.from_local_datetime(&before).earliest()?.timestamp() - before.and_utc().timestamp();
        Some(zone.from_utc_datetime(&wall.checked_add_signed(chrono::TimeDelta::seconds(offset))?))
    });
    match local {
        Some(time) => Ok(time.timestamp_micros()),
        None => refused("时间超出范围"),
    }
}

/// A measured number without a fraction as a whole one.
#[expect(clippy::cast_possible_truncation, reason = "the bound is looked at before")]
fn whole(number: f64) -> Result<i128> {
    if number.abs() < 1e19 { Ok(number as i128) } else { out_of_range() }
}

/// PostgreSQL's times end with the year 294276.
fn within(micros: i128) -> Result<i64> {
    const MOST: i128 = 9_223_371_331_200_000_000;
    match i64::try_from(micros) {
        Ok(known) if micros.abs() < MOST => Ok(known),
        _ => out_of_range(),
    }
}

fn out_of_range<T>() -> Result<T> {
    refused("时间超出范围：这个数不是 1970 年以来的秒数")
}

impl ScalarUDFImpl for ToTimestamp {
    fn name(&self) -> &str {
        self.name
    }

    fn aliases(&self) -> &[String] {
        &self.aliases
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        match types {
            [kind] if is_text(kind) => Ok(vec![DataType::Utf8]),
            [kind] if kind.is_integer() => Ok(vec![DataType::Int64]),
            [kind] if is_number(kind) => Ok(vec![DataType::Float64]),
            [DataType::Timestamp(..) | DataType::Date32 | DataType::Date64] => Ok(vec![self.kind()]),
            [text, template] if is_text(text) && is_text(template) => Ok(vec![DataType::Utf8; 2]),
            _ => plan_err!("{} 需要秒数，或文字和格式", self.name),
        }
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(self.kind())
    }

    fn return_field_from_args(&self, _: ReturnFieldArgs) -> Result<FieldRef> {
        Ok(field(self.name, self.kind()))
    }

    fn with_updated_config(&self, config: &ConfigOptions) -> Option<ScalarUDF> {
        let zone = config.execution.time_zone.as_deref().unwrap_or(SHANGHAI).into();
        let (name, aliases, unit, signature) =
            (self.name, self.aliases.clone(), self.unit, self.signature.clone());
        Some(ScalarUDF::from(Self { name, aliases, unit, zone, signature }))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let array = column(&args, 0)?;
        let made = match array.data_type() {
            DataType::Timestamp(..) => cast(&array, &self.kind())?,
            kind if is_text(kind) => self.of_texts(&args)?,
            _ => self.of_numbers(&array)?,
        };
        answer(&args, made)
    }
}
