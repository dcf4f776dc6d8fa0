//! Points in time beside wall clock times. Columns hold the wall clock of Shanghai without a zone; `now()` and
//! `to_timestamp` give points in time. PostgreSQL compares both in the session's zone. The engine plans to, but its
//! simplification of casts then takes the UTC clock for the wall clock: eight hours off. Here every point in time that
//! meets a wall clock time, or is cast to one, is read off the session's clock first, which also keeps filters pushed down.
//! A session whose clock is another than Shanghai's is refused there: the lake's times are not of its clock.

use std::str::FromStr;

use arrow::array::timezone::Tz;
use arrow::datatypes::{DataType, TimeUnit};
use chrono::{NaiveDate, Offset, TimeZone};
use datafusion::common::config::ConfigOptions;
use datafusion::common::plan_err;
use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::common::{DFSchema, ScalarValue};
use datafusion::error::Result;
use datafusion::functions::datetime::to_local_time;
use datafusion::logical_expr::expr::{Between, Cast, InList, ScalarFunction};
use datafusion::logical_expr::expr_rewriter::NamePreserver;
use datafusion::logical_expr::utils::merge_schema;
use datafusion::logical_expr::{BinaryExpr, Expr, ExprSchemable, LogicalPlan, Operator};
use datafusion::optimizer::AnalyzerRule;

use super::array::is_quantified;
use super::functions::in_zone;

/// See the module. To be run after types were made equal.
#[derive(Debug)]
pub(super) struct LocalTime;

impl AnalyzerRule for LocalTime {
    fn name(&self) -> &'static str {
        "local_time"
    }

    fn analyze(&self, plan: LogicalPlan, options: &ConfigOptions) -> Result<LogicalPlan> {
        let clock = Clock::of(options);
        plan.transform_up_with_subqueries(|node| {
            // Most nodes cast no times; making a schema for each costs more than looking.
            if !casts_times(&node)? {
                return Ok(Transformed::no(node));
            }
            let inputs = node.inputs();
            let schema =
                if inputs.is_empty() { node.schema().as_ref().clone() } else { merge_schema(&inputs) };
            let names = NamePreserver::new(&node);
            node.map_expressions(|expr| {
                let name = names.save(&expr);
                let read = expr.transform_up(|expr| {
                    let read = read_off(expr, &schema);
                    if read.transformed {
                        clock.allow()?
                    }
                    Ok(read)
                })?;
                Ok(read.update_data(|expr| name.restore(expr)))
            })
        })
        .map(|plan| plan.data)
    }
}

/// The clock of a session.
#[derive(Debug, Clone)]
enum Clock {
    /// The lake's.
    Shanghai,
    /// Of this zone.
    Other(String),
}

impl Clock {
    fn of(options: &ConfigOptions) -> Self {
        match options.execution.time_zone.as_deref() {
            None => Self::Shanghai,
            Some(zone) if shows_shanghai(zone) => Self::Shanghai,
            Some(zone) => Self::Other(zone.to_owned()),
        }
    }

    fn allow(&self) -> Result<()> {
        match self {
            Self::Shanghai => Ok(()),
            Self::Other(zone) => plan_err!(
                "会话时区是 {zone}，而库中的时间是北京时间，带时区与不带时区的时间不能互相比较或转换；\
                 请先执行 SET TIME ZONE 'Asia/Shanghai'"
            ),
        }
    }
}

/// Whether the clocks of a zone show what those of Shanghai do, summer and winter.
fn shows_shanghai(zone: &str) -> bool {
    let Ok(zone) = Tz::from_str(zone) else { return false };
    let days = [(2000, 1), (2000, 7), (2026, 1), (2026, 7)];
    days.into_iter()
        .filter_map(|(year, month)| NaiveDate::from_ymd_opt(year, month, 1))
        .all(|day| zone.offset_from_utc_date(&day).fix().local_minus_utc() == 8 * 3600)
}

fn casts_times(node: &LogicalPlan) -> Result<bool> {
    let mut found = false;
    node.apply_expressions(|expr| {
        found |= expr.exists(|expr| {
            Ok(matches!(expr, Expr::BinaryExpr(BinaryExpr { op: Operator::Minus, .. })) || matches!(expr, Expr::Cast(cast)
                if matches!(cast.field.data_type(), DataType::Timestamp(..) | DataType::Date32)
                    && !matches!(cast.expr.as_ref(), Expr::Literal(ScalarValue::Utf8(_) | ScalarValue::Utf8View(_), _))))
        })?;
        Ok(if found { TreeNodeRecursion::Stop } else { TreeNodeRecursion::Continue })
    })?;
    Ok(found)
}

fn read_off(expr: Expr, schema: &DFSchema) -> Transformed<Expr> {
    match expr {
        Expr::BinaryExpr(BinaryExpr { left, op, right }) if op.supports_propagation() => {
            match compared(&[&left, &right], schema).map(<[Expr; 2]>::try_from) {
                Some(Ok([left, right])) => {
                    Transformed::yes(Expr::BinaryExpr(BinaryExpr::new(Box::new(left), op, Box::new(right))))
                }
                _ => Transformed::no(Expr::BinaryExpr(BinaryExpr { left, op, right })),
            }
        }
        // The engine counts the time between them as if both were of one clock.
        Expr::BinaryExpr(BinaryExpr { left, op: Operator::Minus, right })
            if (is_point(&left, schema) && is_time(&right, schema))
                || (is_time(&left, schema) && is_point(&right, schema)) =>
        {
            let [left, right] =
                [left, right].map(|side| if is_point(&side, schema) { Box::new(local(*side)) } else { side });
            Transformed::yes(Expr::BinaryExpr(BinaryExpr::new(left, Operator::Minus, right)))
        }
        Expr::Between(Between { expr, negated, low, high }) => {
            match compared(&[&expr, &low, &high], schema).map(<[Expr; 3]>::try_from) {
                Some(Ok([expr, low, high])) => Transformed::yes(Expr::Between(Between::new(
                    Box::new(expr),
                    negated,
                    Box::new(low),
                    Box::new(high),
                ))),
                _ => Transformed::no(Expr::Between(Between { expr, negated, low, high })),
            }
        }
        Expr::InList(InList { expr, list, negated }) => {
            let all: Vec<&Expr> = std::iter::once(expr.as_ref()).chain(&list).collect();
            match compared(&all, schema) {
                Some(mut all) => {
                    let expr = Box::new(all.remove(0));
                    Transformed::yes(Expr::InList(InList { expr, list: all, negated }))
                }
                None => Transformed::no(Expr::InList(InList { expr, list, negated })),
            }
        }
        Expr::Cast(Cast { expr, field }) if is_clock(field.data_type()) && is_point(&expr, schema) => {
            Transformed::yes(Expr::Cast(Cast { expr: Box::new(local(*expr)), field }))
        }
        // Lists of points in time: the engine's simplification would take the cast off the clock.
        Expr::ScalarFunction(mut call) if is_quantified(&call) => {
            let read = call.args.get(1).and_then(|value| point_of(value, schema));
            match (read, call.args.get_mut(1)) {
                (Some(read), Some(value)) => {
                    *value = read;
                    Transformed::yes(Expr::ScalarFunction(call))
                }
                _ => Transformed::no(Expr::ScalarFunction(call)),
            }
        }
        // The other way round the engine reads the clock of the type's zone, which is the session's.
        Expr::Cast(Cast { expr, field })
            if matches!(field.data_type(), DataType::Timestamp(_, Some(_)))
                && expr.get_type(schema).is_ok_and(|kind| is_clock(&kind)) =>
        {
            Transformed::yes(Expr::Cast(Cast { expr, field }))
        }
        other => Transformed::no(other),
    }
}

/// The same expressions as wall clock times, if all are points in time and one of them was a wall clock time before.
fn compared(exprs: &[&Expr], schema: &DFSchema) -> Option<Vec<Expr>> {
    let mut was_clock = false;
    let made = exprs.iter().map(|expr| {
        let DataType::Timestamp(unit, Some(_)) = expr.get_type(schema).ok()? else { return None };
        match expr {
            Expr::Cast(Cast { expr: inner, .. })
                if inner.get_type(schema).is_ok_and(|kind| is_clock(&kind)) =>
            {
                was_clock = true;
                Some(clock(inner.as_ref().clone(), unit))
            }
            other => Some(local((*other).clone())),
        }
    });
    let made: Option<Vec<Expr>> = made.collect();
    made.filter(|_| was_clock)
}

/// A wall clock time that was made a point in time, as one the engine does not see through.
fn point_of(value: &Expr, schema: &DFSchema) -> Option<Expr> {
    let Expr::Cast(Cast { expr: inner, field }) = value else { return None };
    let DataType::Timestamp(unit, Some(zone)) = field.data_type() else { return None };
    if !inner.get_type(schema).is_ok_and(|kind| is_clock(&kind)) {
        return None;
    }
    let wall = clock(inner.as_ref().clone(), TimeUnit::Microsecond);
    Some(Expr::Cast(Cast::new(Box::new(in_zone(wall, zone)), DataType::Timestamp(*unit, Some(zone.clone())))))
}

/// A day is the wall clock's, too.
fn is_clock(kind: &DataType) -> bool {
    matches!(kind, DataType::Timestamp(_, None) | DataType::Date32)
}

fn is_point(expr: &Expr, schema: &DFSchema) -> bool {
    matches!(expr.get_type(schema), Ok(DataType::Timestamp(_, Some(_))))
}

/// A wall clock time, not a day.
fn is_time(expr: &Expr, schema: &DFSchema) -> bool {
    matches!(expr.get_type(schema), Ok(DataType::Timestamp(_, None)))
}

fn clock(expr: Expr, unit: TimeUnit) -> Expr {
    Expr::Cast(Cast::new(Box::new(expr), DataType::Timestamp(unit, None)))
}

fn local(expr: Expr) -> Expr {
    Expr::ScalarFunction(ScalarFunction::new_udf(to_local_time(), vec![expr]))
}
