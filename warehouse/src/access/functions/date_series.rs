//! `generate_series` of days and times by a span. Made when the statement is planned, from constants, and bounded like
//! series of numbers. Each step begins where the last one ended, as in PostgreSQL: from 31 January by months that is the
//! 28th for ever after.

use std::sync::Arc;

use arrow::array::timezone::Tz;
use arrow::array::{ArrayRef, RecordBatch, TimestampMicrosecondArray};
use arrow::datatypes::{DataType, Field, IntervalMonthDayNano, Schema, TimeUnit};
use chrono::{DateTime, Months, NaiveDateTime, TimeDelta, TimeZone};
use datafusion::catalog::MemTable;
use datafusion::common::{DFSchema, ScalarValue, TableReference, plan_err};
use datafusion::datasource::provider_as_source;
use datafusion::error::Result;
use datafusion::logical_expr::planner::{
    PlannedRelation, RelationPlanner, RelationPlannerContext, RelationPlanning,
};
use datafusion::logical_expr::simplify::SimplifyContext;
use datafusion::logical_expr::{Expr, LogicalPlanBuilder};
use datafusion::optimizer::simplify_expressions::ExprSimplifier;
use datafusion::sql::sqlparser::ast::{FunctionArg, FunctionArgExpr, ObjectNamePart, TableFactor};

use super::plain::refused;
use super::spelled_time::{time_of_text, with_texts_read};
use super::to_time::{SHANGHAI, micros_in};
use crate::access::admitted::{Admitted, Origin};

/// Rows a series may have.
const MOST_ROWS: usize = 100_000;

/// Its one column.
const COLUMN: &str = "generate_series";

/// Plans series of times; those of numbers are left to the engine.
#[derive(Debug)]
pub(in crate::access) struct TimeSeries;

impl RelationPlanner for TimeSeries {
    fn plan_relation(
        &self,
        relation: TableFactor,
        context: &mut dyn RelationPlannerContext,
    ) -> Result<RelationPlanning> {
        let TableFactor::Table { name, alias, args: Some(args), .. } = &relation else {
            return Ok(RelationPlanning::Original(Box::new(relation)));
        };
        let last = name.0.last().and_then(ObjectNamePart::as_ident);
        if !last.is_some_and(|ident| ident.value.eq_ignore_ascii_case(COLUMN)) || args.args.len() != 3 {
            return Ok(RelationPlanning::Original(Box::new(relation)));
        }
        let mut values = Vec::new();
        for arg in &args.args {
            let FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) = arg else {
                return Ok(RelationPlanning::Original(Box::new(relation)));
            };
            // What is no constant is refused where series of numbers are.
            let Ok(expr) = context.sql_to_expr(expr.clone(), &DFSchema::empty()) else {
                return Ok(RelationPlanning::Original(Box::new(relation)));
            };
            values.push(constant(expr, context)?);
        }
        let [Some(start), Some(stop), Some(step)] = values.as_slice() else {
            return Ok(RelationPlanning::Original(Box::new(relation)));
        };
        // A text beside a time is one.
        let (start, stop) = (&beside(start, stop)?, &beside(stop, start)?);
        if !start.data_type().is_temporal() || !stop.data_type().is_temporal() {
            return Ok(RelationPlanning::Original(Box::new(relation)));
        }
        let options = context.context_provider().options();
        let zone: Arc<str> = options.execution.time_zone.as_deref().unwrap_or(SHANGHAI).into();
        let rows = series(start, stop, step, &zone)?;
        let shown: Vec<String> = args.args.iter().map(ToString::to_string).collect();
        let schema = Arc::new(Schema::new(vec![Field::new(COLUMN, rows.data_type().clone(), true)]));
        let batch = RecordBatch::try_new(schema.clone(), vec![rows])?;
        let table = Admitted::of(Arc::new(MemTable::try_new(schema, vec![vec![batch]])?), Origin::Constant);
        // Its arguments are part of its name: two series are two tables.
        let name = TableReference::partial("pg_catalog", format!("{COLUMN}({})", shown.join(", ")));
        let plan = LogicalPlanBuilder::scan(name, provider_as_source(table), None)?.build()?;
        Ok(RelationPlanning::Planned(Box::new(PlannedRelation::new(plan, alias.clone()))))
    }
}

fn beside(value: &ScalarValue, other: &ScalarValue) -> Result<ScalarValue> {
    match (value.try_as_str().flatten(), other.data_type()) {
        (Some(text), kind) if kind.is_temporal() => match time_of_text(text, &kind) {
            Some(time) => Ok(time),
            None => refused(format!("日期或时间的写法不对：“{text:.40}”")),
        },
        _ => Ok(value.clone()),
    }
}

/// The value of an expression without columns.
fn constant(expr: Expr, context: &dyn RelationPlannerContext) -> Result<Option<ScalarValue>> {
    let options = Arc::new(context.context_provider().options().clone());
    let simplify = SimplifyContext::builder()
        .with_config_options(options)
        .with_query_execution_start_time(Some(chrono::Utc::now()))
        .build();
    let simplifier = ExprSimplifier::new(simplify);
    let schema = DFSchema::empty();
    let coerced = simplifier.coerce(expr, &schema)?;
    Ok(match simplifier.simplify(with_texts_read(coerced, &schema)?)? {
        Expr::Literal(value, _) => Some(value),
        _ => None,
    })
}

fn series(start: &ScalarValue, stop: &ScalarValue, step: &ScalarValue, zone: &Arc<str>) -> Result<ArrayRef> {
    let ends = [start.data_type(), stop.data_type()];
    // Days alone are points in time; beside a wall clock time they are its.
    let points = ends.iter().any(|end| matches!(end, DataType::Timestamp(_, Some(_))))
        || !ends.iter().any(|end| matches!(end, DataType::Timestamp(_, None)));
    let kind = DataType::Timestamp(TimeUnit::Microsecond, points.then(|| zone.clone()));
    let step = match step.cast_to(&DataType::Interval(arrow::datatypes::IntervalUnit::MonthDayNano)) {
        Ok(ScalarValue::IntervalMonthDayNano(step)) => step,
        _ => return plan_err!("日期和时间的 generate_series 须给出时段作步长，例如 interval '1 day'"),
    };
    let micros = |value: &ScalarValue| match value.cast_to(&kind)? {
        ScalarValue::TimestampMicrosecond(micros, _) => Ok(micros),
        _ => plan_err!("generate_series 的起止须是日期或时间"),
    };
    let zone: Option<Tz> = points.then(|| super::moment::zone(zone)).transpose()?;
    let rows = match (micros(start)?, micros(stop)?, step) {
        (Some(start), Some(stop), Some(step)) => steps(start, stop, step, zone)?,
        _ => Vec::new(),
    };
    let rows = TimestampMicrosecondArray::from(rows);
    Ok(match &kind {
        DataType::Timestamp(_, Some(zone)) => Arc::new(rows.with_timezone(zone.clone())),
        _ => Arc::new(rows),
    })
}

fn steps(start: i64, stop: i64, step: IntervalMonthDayNano, zone: Option<Tz>) -> Result<Vec<i64>> {
    let days = i128::from(step.months) * 30 + i128::from(step.days);
    let length = days * 86_400_000_000_000 + i128::from(step.nanoseconds);
    if length == 0 {
        return plan_err!("generate_series 的步长不能为零");
    }
    let (mut rows, mut at) = (Vec::new(), start);
    while if length > 0 { at <= stop } else { at >= stop } {
        if rows.len() >= MOST_ROWS {
            return plan_err!("generate_series 最多 {MOST_ROWS} 行");
        }
        rows.push(at);
        at = match stepped(at, step, zone) {
            // A step that leads nowhere would go on for ever.
            Ok(next) if next != at => next,
            Ok(_) => return plan_err!("generate_series 的步长太小"),
            Err(_) => break,
        };
    }
    Ok(rows)
}

/// One step further on the clock that is read.
fn stepped(at: i64, step: IntervalMonthDayNano, zone: Option<Tz>) -> Result<i64> {
    let out = || refused("generate_series 的时间超出范围");
    let Some(utc) = DateTime::from_timestamp_micros(at).map(|time| time.naive_utc()) else { return out() };
    let wall = zone.map_or(utc, |zone| zone.from_utc_datetime(&utc).naive_local());
    let Some(moved) = by_days(wall, step) else { return out() };
    let moved = match zone {
        Some(zone) => micros_in(moved, zone)?,
        None => moved.and_utc().timestamp_micros(),
    };
    moved.checked_add(step.nanoseconds / 1_000).map_or_else(out, Ok)
}

fn by_days(wall: NaiveDateTime, step: IntervalMonthDayNano) -> Option<NaiveDateTime> {
    let months = Months::new(step.months.unsigned_abs());
    let wall =
        if step.months < 0 { wall.checked_sub_months(months) } else { wall.checked_add_months(months) }?;
    wall.checked_add_signed(TimeDelta::days(i64::from(step.days)))
}
