//! Spans in order. A day and 24 hours are as long as each other, and 36 hours are longer; the engine orders spans by months,
//! then days, then the rest. Where a statement puts them in order (ORDER BY, BETWEEN, IN, `greatest`, `max` and their like),
//! they are compared by their lengths, as `<` and `=` do. Groups of spans stay those of equal writing.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, Decimal128Array, IntervalMonthDayNanoArray};
use arrow::datatypes::{DataType, IntervalUnit};
use datafusion::common::config::ConfigOptions;
use datafusion::common::plan_err;
use datafusion::common::tree_node::Transformed;
use datafusion::common::{DFSchema, Result};
use datafusion::functions_aggregate::first_last::first_value_udaf;
use datafusion::logical_expr::expr::{
    AggregateFunction, Between, InList, ScalarFunction, Sort, WindowFunction,
};
use datafusion::logical_expr::{
    ColumnarValue, Expr, ExprSchemable, LogicalPlan, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF,
};
use datafusion::optimizer::AnalyzerRule;

use super::plain::{Plain, answer, column, field};
use super::spans::{self, lengths};
use crate::access::rewriting::each_expression;

const SPAN: DataType = DataType::Interval(IntervalUnit::MonthDayNano);

/// See the module. To be run before types are made equal.
#[derive(Debug)]
pub(in crate::access) struct SpanOrder {
    length: Arc<ScalarUDF>,
    longest: Arc<ScalarUDF>,
    shortest: Arc<ScalarUDF>,
}

impl Default for SpanOrder {
    fn default() -> Self {
        let made = |function: Plain| Arc::new(function.udf());
        let given = |_: &ReturnFieldArgs| Ok(field("span", SPAN));
        let taken = |types: &[DataType]| Ok(vec![SPAN; types.len()]);
        Self {
            length: made(spans::span_length()),
            longest: made(Plain::new("longest_span", taken, given, |args| most(args, |new, old| new > old))),
            shortest: made(Plain::new("shortest_span", taken, given, |args| {
                most(args, |new, old| new < old)
            })),
        }
    }
}

impl AnalyzerRule for SpanOrder {
    fn name(&self) -> &'static str {
        "span_order"
    }

    fn analyze(&self, plan: LogicalPlan, _: &ConfigOptions) -> Result<LogicalPlan> {
        let plan = each_expression(plan, orders, |expr, schema| self.ordered(expr, schema))?;
        plan.transform_up_with_subqueries(|node| {
            let LogicalPlan::Sort(mut sort) = node else { return Ok(Transformed::no(node)) };
            let schema = sort.input.schema().clone();
            let changed = self.by_length(&mut sort.expr, &schema);
            Ok(Transformed::new_transformed(LogicalPlan::Sort(sort), changed))
        })
        .map(|plan| plan.data)
    }
}

fn orders(expr: &Expr) -> bool {
    match expr {
        Expr::Between(_) | Expr::InList(_) | Expr::WindowFunction(_) => true,
        Expr::ScalarFunction(ScalarFunction { func, .. }) => is_most(func.name()),
        Expr::AggregateFunction(AggregateFunction { func, params }) => {
            is_end(func.name()) || !params.order_by.is_empty()
        }
        _ => false,
    }
}

fn is_most(function: &str) -> bool {
    matches!(function, "greatest" | "least")
}

fn is_end(function: &str) -> bool {
    matches!(function, "min" | "max")
}

impl SpanOrder {
    fn ordered(&self, expr: Expr, schema: &DFSchema) -> Result<Transformed<Expr>> {
        let is_span = |expr: &Expr| matches!(expr.get_type(schema), Ok(DataType::Interval(_)));
        match expr {
            Expr::Between(Between { mut expr, negated, mut low, mut high }) => {
                let changes = is_span(&expr) && is_span(&low) && is_span(&high);
                if changes {
                    for side in [&mut expr, &mut low, &mut high] {
                        self.measure(side);
                    }
                }
                let between = Expr::Between(Between { expr, negated, low, high });
                Ok(Transformed::new_transformed(between, changes))
            }
            Expr::InList(InList { mut expr, mut list, negated }) => {
                let changes = is_span(&expr) && list.iter().all(is_span);
                if changes {
                    std::iter::once(expr.as_mut()).chain(&mut list).for_each(|side| self.measure(side));
                }
                Ok(Transformed::new_transformed(Expr::InList(InList { expr, list, negated }), changes))
            }
            Expr::ScalarFunction(ScalarFunction { func, args })
                if is_most(func.name()) && args.iter().any(is_span) =>
            {
                let most = if func.name() == "greatest" { &self.longest } else { &self.shortest };
                Ok(Transformed::yes(Expr::ScalarFunction(ScalarFunction::new_udf(most.clone(), args))))
            }
            Expr::AggregateFunction(mut function) => {
                let params = &mut function.params;
                let changed = self.by_length(&mut params.order_by, schema);
                match params.args.as_slice() {
                    [span] if is_end(function.func.name()) && is_span(span) => {
                        let mut length = span.clone();
                        self.measure(&mut length);
                        params.order_by = vec![Sort::new(length, function.func.name() == "min", false)];
                        params.distinct = false;
                        function.func = first_value_udaf();
                        Ok(Transformed::yes(Expr::AggregateFunction(function)))
                    }
                    _ => Ok(Transformed::new_transformed(Expr::AggregateFunction(function), changed)),
                }
            }
            Expr::WindowFunction(mut function) => {
                let WindowFunction { fun, params } = function.as_mut();
                if is_end(fun.name()) && params.args.iter().any(is_span) {
                    return plan_err!(
                        "不支持在窗口里求时段的 max、min；请先用 extract(epoch from …) 换算成秒"
                    );
                }
                let mut changed = self.by_length(&mut params.order_by, schema);
                for key in params.partition_by.iter_mut().filter(|key| is_span(key)) {
                    self.measure(key);
                    changed = true;
                }
                Ok(Transformed::new_transformed(Expr::WindowFunction(function), changed))
            }
            other => Ok(Transformed::no(other)),
        }
    }

    /// Sorts by the lengths of spans. Tells whether there were any.
    fn by_length(&self, keys: &mut [Sort], schema: &DFSchema) -> bool {
        let mut changed = false;
        for key in keys {
            if matches!(key.expr.get_type(schema), Ok(DataType::Interval(_))) {
                self.measure(&mut key.expr);
                changed = true;
            }
        }
        changed
    }

    fn measure(&self, span: &mut Expr) {
        let of = vec![std::mem::take(span)];
        *span = Expr::ScalarFunction(ScalarFunction::new_udf(self.length.clone(), of));
    }
}

/// The span of each row that comes before all others; of those as long as each other the first. Nulls count for nothing.
fn most(args: &ScalarFunctionArgs, is_before: fn(i128, i128) -> bool) -> Result<ColumnarValue> {
    let (mut made, mut measured): (Vec<Option<_>>, Vec<Option<i128>>) =
        (vec![None; args.number_rows], vec![None; args.number_rows]);
    for at in 0..args.args.len() {
        let spans = spans::read(&column(args, at)?)?;
        let lengths: Decimal128Array = lengths(&spans)?;
        for row in (0..spans.len()).filter(|row| spans.is_valid(*row)) {
            let length = lengths.value(row);
            if measured[row].is_none_or(|old| is_before(length, old)) {
                measured[row] = Some(length);
                made[row] = Some(spans.value(row));
            }
        }
    }
    let made: ArrayRef = Arc::new(made.into_iter().collect::<IntervalMonthDayNanoArray>());
    answer(args, made)
}
