//! Floats before decimals. PostgreSQL compares a float with a decimal as floats; the engine makes the float a decimal of
//! fifteen digits behind the point, which is another number or none. The same for the branches of a CASE and its like, for IN
//! over a sub-query, and for the columns of set operations; those of decimals that together need more digits than the engine counts
//! get its widest type. Texts written out beside numbers, times and truths are read as such, as PostgreSQL does.

use std::sync::Arc;

use arrow::datatypes::DataType;
use datafusion::common::DFSchema;
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::Transformed;
use datafusion::error::Result;
use datafusion::logical_expr::expr::{Between, Case, Cast, InList, InSubquery, ScalarFunction};
use datafusion::logical_expr::expr_schema::cast_subquery;
use datafusion::logical_expr::{
    BinaryExpr, Expr, ExprSchemable, Join, LogicalPlan, LogicalPlanBuilder, Union,
};
use datafusion::optimizer::AnalyzerRule;

use super::number::Number;
use super::uniting::{compared_as, united};
use crate::access::functions::time_of_text;
use crate::access::rewriting::each_expression;

/// Functions whose arguments become one type.
const UNITING: [&str; 5] = ["coalesce", "nullif", "greatest", "least", "make_array"];

/// See the module. To be run before types are made equal.
#[derive(Debug)]
pub(in crate::access) struct FloatsFirst;

impl AnalyzerRule for FloatsFirst {
    fn name(&self) -> &'static str {
        "floats_first"
    }

    fn analyze(&self, plan: LogicalPlan, _: &ConfigOptions) -> Result<LogicalPlan> {
        let plan = each_expression(plan, unites, alike)?;
        plan.transform_up_with_subqueries(|node| match node {
            LogicalPlan::Union(union) => united_inputs(union),
            LogicalPlan::Join(join) => Ok(keys_alike(join)),
            other => Ok(Transformed::no(other)),
        })
        .map(|plan| plan.data)
    }
}

fn unites(expr: &Expr) -> bool {
    match expr {
        Expr::BinaryExpr(BinaryExpr { op, .. }) => op.supports_propagation(),
        Expr::Between(_) | Expr::InList(_) | Expr::InSubquery(_) | Expr::Case(_) => true,
        Expr::ScalarFunction(ScalarFunction { func, .. }) => UNITING.contains(&func.name()),
        _ => false,
    }
}

fn alike(mut expr: Expr, schema: &DFSchema) -> Result<Transformed<Expr>> {
    let changed = match &mut expr {
        Expr::BinaryExpr(BinaryExpr { left, op, right }) if op.supports_propagation() => {
            unite(vec![left.as_mut(), right.as_mut()], schema)
        }
        Expr::Between(Between { expr, low, high, .. }) => {
            compare(vec![expr.as_mut(), low.as_mut(), high.as_mut()], schema)
        }
        Expr::InList(InList { expr, list, .. }) => {
            compare(std::iter::once(expr.as_mut()).chain(list).collect(), schema)
        }
        Expr::InSubquery(InSubquery { expr, subquery, .. }) => {
            let column = subquery.subquery.schema().field(0).data_type().clone();
            match expr.get_type(schema).ok().and_then(|kind| pair(&kind, &column)) {
                None => false,
                Some(one) => {
                    cast_to(expr, &one);
                    *subquery = cast_subquery(subquery.clone(), &one)?;
                    true
                }
            }
        }
        Expr::Case(Case { expr, when_then_expr, else_expr }) => {
            let (mut compared, mut values) = (Vec::new(), Vec::new());
            compared.extend(expr.as_deref_mut());
            for (when, then) in when_then_expr {
                if !compared.is_empty() {
                    compared.push(when.as_mut());
                }
                values.push(then.as_mut());
            }
            values.extend(else_expr.as_deref_mut());
            let compared = compare(compared, schema);
            unite(values, schema) || compared
        }
        Expr::ScalarFunction(ScalarFunction { func, args }) if UNITING.contains(&func.name()) => {
            unite(args.iter_mut().collect(), schema)
        }
        _ => false,
    };
    Ok(if changed { Transformed::yes(expr) } else { Transformed::no(expr) })
}

/// The type in which two numbers are compared, where the engine has another or none.
fn pair(one: &DataType, other: &DataType) -> Option<DataType> {
    match united(&[one.clone(), other.clone()])? {
        float if float.is_floating() => Some(float),
        _ => compared_as(one, other),
    }
}

fn cast_to(expr: &mut Expr, to: &DataType) {
    let inner = std::mem::take(expr);
    *expr = Expr::Cast(Cast::new(Box::new(inner), to.clone()));
}

/// The pairs of columns that INTERSECT and EXCEPT compare, in a type that holds both.
fn keys_alike(mut join: Join) -> Transformed<LogicalPlan> {
    let (left_schema, right_schema) = (join.left.schema().clone(), join.right.schema().clone());
    let mut changed = false;
    for (left, right) in &mut join.on {
        let types = (left.get_type(&left_schema), right.get_type(&right_schema));
        let (Ok(left_type), Ok(right_type)) = types else { continue };
        if let Some(one) = pair(&left_type, &right_type) {
            cast_to(left, &one);
            cast_to(right, &one);
            changed = true;
        }
    }
    Transformed::new_transformed(LogicalPlan::Join(join), changed)
}

/// The type of a column of a union, where the engine has another or none: floats and decimals are floats.
fn of_column(types: &[DataType]) -> Option<DataType> {
    match united(types)? {
        float if float.is_floating() => Some(float),
        wide @ DataType::Decimal256(..) if types.iter().any(|kind| *kind != wide) => Some(wide),
        _ => None,
    }
}

/// The type of a column of numbers among which there are texts written out.
fn beside_texts(types: &[DataType], at: usize, inputs: &[Arc<LogicalPlan>]) -> Option<DataType> {
    let is_number = |kind: &&DataType| kind.is_integer() || kind.is_floating();
    let number = types.iter().filter(is_number).max_by_key(|kind| kind.primitive_width())?;
    let is_written = |input: &LogicalPlan| match input {
        LogicalPlan::Projection(list) => list.expr.get(at).is_some_and(|expr| written(expr).is_some()),
        _ => false,
    };
    let mut sides = types.iter().zip(inputs);
    let fits = sides.all(|(kind, input)| is_number(&kind) || kind.is_null() || is_written(input));
    (fits && types.iter().any(DataType::is_string)).then(|| number.clone())
}

/// Columns of a union in one type.
fn united_inputs(union: Union) -> Result<Transformed<LogicalPlan>> {
    let types = |at: usize| {
        let inputs = union.inputs.iter();
        inputs.filter_map(move |input| input.schema().fields().get(at)).map(|field| field.data_type().clone())
    };
    let columns = union.schema.fields().len();
    let made = |at: usize| {
        let types: Vec<DataType> = types(at).collect();
        of_column(&types).or_else(|| beside_texts(&types, at, &union.inputs))
    };
    let made: Vec<Option<DataType>> = (0..columns).map(made).collect();
    if made.iter().all(Option::is_none) {
        return Ok(Transformed::no(LogicalPlan::Union(union)));
    }
    let input = |input: &Arc<LogicalPlan>| -> Result<Arc<LogicalPlan>> {
        let columns = input.schema().iter().zip(&made).map(|((table, field), made)| {
            let column = Expr::Column((table, field).into());
            match made {
                Some(made) if made != field.data_type() => {
                    Expr::Cast(Cast::new(Box::new(column), made.clone())).alias(field.name())
                }
                _ => column,
            }
        });
        let plan = LogicalPlanBuilder::from(input.as_ref().clone()).project(columns)?.build()?;
        Ok(Arc::new(plan))
    };
    let inputs = union.inputs.iter().map(input).collect::<Result<Vec<_>>>()?;
    Ok(Transformed::yes(LogicalPlan::Union(Union::try_new_with_loose_types(inputs)?)))
}

/// Makes them comparable: as below, and in a type that holds the digits of all.
fn compare(mut exprs: Vec<&mut Expr>, schema: &DFSchema) -> bool {
    let changed = unite(exprs.iter_mut().map(|expr| &mut **expr).collect(), schema);
    let types: Option<Vec<DataType>> = exprs.iter().map(|expr| expr.get_type(schema).ok()).collect();
    match types.as_deref().and_then(united) {
        Some(wide @ DataType::Decimal256(..)) => {
            exprs.into_iter().for_each(|expr| cast_to(expr, &wide));
            true
        }
        _ => changed,
    }
}

/// Makes the decimals among the expressions floats, if there is a float among them.
fn unite(exprs: Vec<&mut Expr>, schema: &DFSchema) -> bool {
    let types: Vec<Option<DataType>> = exprs.iter().map(|expr| expr.get_type(schema).ok()).collect();
    let is = |kind: fn(&DataType) -> bool| types.iter().flatten().any(kind);
    if !is(DataType::is_decimal) {
        return read_texts(exprs, &types);
    }
    if !is(DataType::is_floating) {
        // A text written out beside a decimal is a decimal of its own digits, not of the other's.
        return exprs.into_iter().map(read_decimal).fold(false, |changed, read| changed | read);
    }
    for (expr, data_type) in exprs.into_iter().zip(&types) {
        if data_type.as_ref().is_some_and(DataType::is_decimal) {
            as_float(expr);
        }
    }
    true
}

/// Reads texts written out beside values of one other kind as such; the engine would make texts of all.
fn read_texts(exprs: Vec<&mut Expr>, types: &[Option<DataType>]) -> bool {
    let mut others = types.iter().flatten().filter(|kind| !kind.is_string() && !kind.is_null());
    let Some(kind) = others.next_back().filter(|kind| reads_texts(kind)) else { return false };
    let is_bare = |expr: &Expr, data_type: &Option<DataType>| match data_type {
        Some(data_type) if data_type.is_string() => written(expr).is_some(),
        Some(data_type) => {
            data_type.is_null() || data_type == kind || data_type.is_numeric() == kind.is_numeric()
        }
        None => false,
    };
    if !exprs.iter().zip(types).all(|(expr, data_type)| is_bare(expr, data_type)) {
        return false;
    }
    let mut changed = false;
    for expr in exprs {
        let Some(text) = written(expr) else { continue };
        match time_of_text(text, kind) {
            Some(time) => *expr = Expr::Literal(time, None),
            None if kind.is_temporal() => continue,
            None => cast_to(expr, kind),
        }
        changed = true;
    }
    changed
}

/// Kinds of values that have one way to be written.
fn reads_texts(kind: &DataType) -> bool {
    kind.is_integer()
        || kind.is_floating()
        || matches!(kind, DataType::Boolean | DataType::Date32 | DataType::Timestamp(..))
}

/// A text that is written out.
fn written(expr: &Expr) -> Option<&str> {
    match expr {
        Expr::Literal(value, _) => value.try_as_str().flatten(),
        Expr::Alias(alias) => written(&alias.expr),
        _ => None,
    }
}

/// Reads a text written out as a decimal.
fn read_decimal(expr: &mut Expr) -> bool {
    let Expr::Literal(value, metadata) = expr else { return false };
    let Some(number) = value.try_as_str().flatten().and_then(|text| Number::read(text).ok()) else {
        return false;
    };
    *expr = Expr::Literal(number.scalar(), metadata.take());
    true
}

/// The expression as a float; a number written out becomes one at once.
pub(super) fn as_float(expr: &mut Expr) {
    if let Expr::Literal(value, metadata) = expr
        && let Ok(float) = value.cast_to(&DataType::Float64)
    {
        *expr = Expr::Literal(float, metadata.take());
        return;
    }
    let inner = std::mem::take(expr);
    *expr = Expr::Cast(Cast::new(Box::new(inner), DataType::Float64));
}
