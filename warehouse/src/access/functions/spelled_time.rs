//! Texts as days and times wherever the engine would cast one: `'2026/09/05'::date`, `timestamp '2026-09-05 08:30'`, a
//! column of texts, a literal beside a column of times. The engine's own reading knows one spelling only, and takes a
//! number for a time. Run after types were made equal.

use std::str::FromStr;
use std::sync::Arc;

use arrow::array::timezone::Tz;
use arrow::array::{
    ArrayRef, Date32Array, IntervalMonthDayNanoArray, Time64MicrosecondArray, TimestampMicrosecondArray,
};
use arrow::compute::{CastOptions, cast_with_options};
use arrow::datatypes::{DataType, FieldRef, IntervalMonthDayNano};
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::common::{DFSchema, ScalarValue, plan_err};
use datafusion::error::Result;
use datafusion::logical_expr::expr::{Cast, ScalarFunction};
use datafusion::logical_expr::expr_rewriter::NamePreserver;
use datafusion::logical_expr::utils::merge_schema;
use datafusion::logical_expr::{
    ColumnarValue, Expr, ExprSchemable, LogicalPlan, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF,
    ScalarUDFImpl, Signature, Volatility,
};
use datafusion::optimizer::AnalyzerRule;

use super::moment::DAY;
use super::plain::{answer, field, refused, texts};
use super::spelled::{Misspelled, Spelled, Zone, read};
use super::to_time::{days_of, micros_in};

/// See the module.
#[derive(Debug)]
pub(in crate::access) struct SpelledTimes;

impl AnalyzerRule for SpelledTimes {
    fn name(&self) -> &'static str {
        "spelled_times"
    }

    fn analyze(&self, plan: LogicalPlan, _: &ConfigOptions) -> Result<LogicalPlan> {
        plan.transform_up_with_subqueries(|node| {
            if !casts_to_times(&node)? {
                return Ok(Transformed::no(node));
            }
            let inputs = node.inputs();
            let schema =
                if inputs.is_empty() { node.schema().as_ref().clone() } else { merge_schema(&inputs) };
            let names = NamePreserver::new(&node);
            node.map_expressions(|expr| {
                let name = names.save(&expr);
                let read = expr.transform_up(|expr| read_text(expr, &schema))?;
                Ok(read.update_data(|expr| name.restore(expr)))
            })
        })
        .map(|plan| plan.data)
    }
}

/// An expression whose casts of texts are read here; for what is planned before the rule runs.
pub(super) fn with_texts_read(expr: Expr, schema: &DFSchema) -> Result<Expr> {
    expr.transform_up(|expr| read_text(expr, schema)).map(|read| read.data)
}

fn is_known_time(kind: &DataType) -> bool {
    matches!(
        kind,
        DataType::Date32
            | DataType::Timestamp(..)
            | DataType::Time64(_)
            | DataType::Time32(_)
            | DataType::Interval(_)
    )
}

fn casts_to_times(node: &LogicalPlan) -> Result<bool> {
    let mut found = false;
    node.apply_expressions(|expr| {
        found |= expr.exists(|expr| {
            Ok(matches!(expr, Expr::Cast(cast)
                if is_known_time(cast.field.data_type()) || cast.field.data_type().is_numeric()))
        })?;
        Ok(if found { TreeNodeRecursion::Stop } else { TreeNodeRecursion::Continue })
    })?;
    Ok(found)
}

fn read_text(expr: Expr, schema: &DFSchema) -> Result<Transformed<Expr>> {
    let Expr::Cast(Cast { expr: inner, field }) = &expr else { return Ok(Transformed::no(expr)) };
    let to = field.data_type();
    if !is_known_time(to) && !to.is_numeric() {
        return Ok(Transformed::no(expr));
    }
    let from = match inner.as_ref() {
        Expr::Literal(value, _) => value.data_type(),
        other => match other.get_type(schema) {
            Ok(kind) => kind,
            // Columns of queries outside are not in the schema; the engine reads those.
            Err(_) => return Ok(Transformed::no(expr)),
        },
    };
    if to.is_numeric() {
        return match from {
            DataType::Date32 | DataType::Timestamp(..) | DataType::Time64(_) | DataType::Time32(_) => {
                plan_err!("时间不能当作数字，不能转换：1970 年以来的秒数请用 extract(epoch from …)")
            }
            _ => Ok(Transformed::no(expr)),
        };
    }
    if from.is_numeric() {
        return plan_err!(
            "数字不能当作日期或时间：1970 年以来的秒数请用 to_timestamp(…)，20261003 这样的数请先转成文字"
        );
    }
    if !from.is_string() {
        return Ok(Transformed::no(expr));
    }
    let reader = ScalarUDF::from(OfText::new(to.clone()));
    let call = ScalarFunction::new_udf(Arc::new(reader), vec![inner.as_ref().clone()]);
    Ok(Transformed::yes(Expr::ScalarFunction(call)))
}

/// Reads texts as one type of time. Not to be called by its name.
#[derive(Debug, PartialEq, Eq, Hash)]
struct OfText {
    to: DataType,
    signature: Signature,
}

impl OfText {
    fn new(to: DataType) -> Self {
        Self { to, signature: Signature::any(1, Volatility::Immutable) }
    }
}

impl ScalarUDFImpl for OfText {
    fn name(&self) -> &str {
        "time_of_text"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(self.to.clone())
    }

    fn return_field_from_args(&self, _: ReturnFieldArgs) -> Result<FieldRef> {
        Ok(field(self.name(), self.to.clone()))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let texts = texts(&args, 0)?;
        let texts = texts.iter();
        let read: ArrayRef = match &self.to {
            DataType::Date32 => {
                let days = texts.map(|text| text.map(date_of).transpose());
                Arc::new(days.collect::<Result<Date32Array>>()?)
            }
            DataType::Timestamp(_, None) => {
                let times = texts.map(|text| text.map(wall_of).transpose());
                Arc::new(times.collect::<Result<TimestampMicrosecondArray>>()?)
            }
            DataType::Timestamp(_, Some(name)) => {
                let zone = Tz::from_str(name)?;
                let times = texts.map(|text| text.map(|text| moment_of(text, zone)).transpose());
                let times: TimestampMicrosecondArray = times.collect::<Result<_>>()?;
                Arc::new(times.with_timezone(name.clone()))
            }
            DataType::Time64(_) | DataType::Time32(_) => {
                let clocks = texts.map(|text| text.map(clock_of).transpose());
                Arc::new(clocks.collect::<Result<Time64MicrosecondArray>>()?)
            }
            DataType::Interval(_) => {
                let spans = texts.map(|text| text.map(span_of).transpose());
                Arc::new(spans.collect::<Result<IntervalMonthDayNanoArray>>()?)
            }
            other => return plan_err!("文字不能读成 {other}"),
        };
        // Nanoseconds hold fewer years than the text may name.
        let failing = CastOptions { safe: false, ..CastOptions::default() };
        let made = match cast_with_options(&read, &self.to, &failing) {
            Ok(made) => made,
            Err(_) => return refused("时间超出范围"),
        };
        answer(&args, made)
    }
}

/// Days since 1970.
pub(super) fn date_of(text: &str) -> Result<i32> {
    let date = told(text, read(text)).map(|spelled| spelled.date)?;
    date.map_or_else(|| told(text, Err(Misspelled::Form)), |date| Ok(days_of(date)))
}

/// Microseconds of a wall clock; a zone that is said is not looked at, as in PostgreSQL.
fn wall_of(text: &str) -> Result<i64> {
    told(text, read(text).and_then(|spelled| spelled.wall())).map(|wall| wall.and_utc().timestamp_micros())
}

/// A point in time; without a zone it is one of the session's clock.
pub(super) fn moment_of(text: &str, zone: Tz) -> Result<i64> {
    let spelled: Spelled = told(text, read(text))?;
    let wall = told(text, spelled.wall())?;
    match &spelled.zone {
        None => micros_in(wall, zone),
        Some(Zone::Offset(seconds)) => {
            Ok(wall.and_utc().timestamp_micros() - i64::from(*seconds) * 1_000_000)
        }
        Some(Zone::Named(name)) => micros_in(wall, super::moment::zone(name)?),
    }
}

fn span_of(text: &str) -> Result<IntervalMonthDayNano> {
    super::span_read::read(text).map_or_else(|| told(text, Err(Misspelled::Form)), Ok)
}

fn clock_of(text: &str) -> Result<i64> {
    let clock = told(text, read(text)).map(|spelled| spelled.clock)?;
    match clock {
        None => told(text, Err(Misspelled::Form)),
        // PostgreSQL's clock shows it, the engine's ends before it.
        Some(clock) if clock.micros >= DAY => {
            refused("不支持把 24:00 当作 time；请用 time '00:00' 或 timestamp")
        }
        Some(clock) => Ok(clock.micros),
    }
}

fn told<T>(text: &str, read: Result<T, Misspelled>) -> Result<T> {
    let shown: String = text.chars().take(40).collect();
    read.or_else(|why| {
        refused(match why {
            Misspelled::Form => {
                format!("日期或时间的写法不对：“{shown}”；请写成 2026-09-05、2026-09-05 08:30:00 或 1 day 02:30:00 这样的形式")
            }
            Misspelled::Range => {
                format!("日期或时间超出范围：“{shown}”；数字按年、月、日的次序读")
            }
            Misspelled::Moving => {
                format!("“{shown}”每天不同，不能写成常量；请用 current_date、now()")
            }
        })
    })
}

/// A text as a value of a type of times, if it is spelled like one; for parameters of clients.
pub fn time_of_text(text: &str, to: &DataType) -> Option<ScalarValue> {
    let value = match to {
        DataType::Date32 => ScalarValue::Date32(Some(date_of(text).ok()?)),
        DataType::Timestamp(_, None) => ScalarValue::TimestampMicrosecond(Some(wall_of(text).ok()?), None),
        DataType::Timestamp(_, Some(name)) => {
            let micros = moment_of(text, Tz::from_str(name).ok()?).ok()?;
            ScalarValue::TimestampMicrosecond(Some(micros), Some(name.clone()))
        }
        DataType::Time64(_) => ScalarValue::Time64Microsecond(Some(clock_of(text).ok()?)),
        DataType::Interval(_) => ScalarValue::IntervalMonthDayNano(Some(span_of(text).ok()?)),
        _ => return None,
    };
    value.cast_to(to).ok()
}
