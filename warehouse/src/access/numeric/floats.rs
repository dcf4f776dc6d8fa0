//! Floats before decimals. PostgreSQL compares a float with a decimal as floats; the engine makes the float a decimal of
//! fifteen digits behind the point, which is another number or none. The same for the branches of a CASE and its like, for IN
//! over a sub-query, and for the columns of set operations; those of decimals that together need more digits than the engine counts
//! get its widest type.

use std::sync::Arc;

use arrow::datatypes::{DECIMAL256_MAX_PRECISION, DataType};
use datafusion::common::DFSchema;
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::Transformed;
use datafusion::error::Result;
use datafusion::logical_expr::expr::{Between, Case, Cast, InList, InSubquery, ScalarFunction};
use datafusion::logical_expr::expr_schema::cast_subquery;
use datafusion::logical_expr::type_coercion::binary::comparison_coercion;
use datafusion::logical_expr::{
    BinaryExpr, Expr, ExprSchemable, Join, LogicalPlan, LogicalPlanBuilder, Union,
};
use datafusion::optimizer::AnalyzerRule;

use super::number::Number;
use super::uniting::united;
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
            unite(vec![expr.as_mut(), low.as_mut(), high.as_mut()], schema)
        }
        Expr::InList(InList { expr, list, .. }) => {
            unite(std::iter::once(expr.as_mut()).chain(list).collect(), schema)
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
            let compared = unite(compared, schema);
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
    let scale = |kind: &DataType| match kind {
        DataType::Decimal128(_, scale) | DataType::Decimal256(_, scale) => *scale,
        _ => 0,
    };
    match united(&[one.clone(), other.clone()])? {
        float if float.is_floating() => Some(float),
        _ if one.is_decimal() && other.is_decimal() && comparison_coercion(one, other).is_none() => {
            Some(DataType::Decimal256(DECIMAL256_MAX_PRECISION, scale(one).max(scale(other))))
        }
        _ => None,
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

/// Columns of a union that hold floats and decimals are floats.
fn united_inputs(union: Union) -> Result<Transformed<LogicalPlan>> {
    let types = |at: usize| {
        let inputs = union.inputs.iter();
        inputs.filter_map(move |input| input.schema().fields().get(at)).map(|field| field.data_type().clone())
    };
    let columns = union.schema.fields().len();
    let floats: Vec<bool> = (0..columns)
        .map(|at| united(&types(at).collect::<Vec<_>>()).is_some_and(|one| one.is_floating()))
        .collect();
    if !floats.contains(&true) {
        return Ok(Transformed::no(LogicalPlan::Union(union)));
    }
    let input = |input: &Arc<LogicalPlan>| -> Result<Arc<LogicalPlan>> {
        let columns = input.schema().iter().zip(&floats).map(|((table, field), is_float)| {
            let column = Expr::Column((table, field).into());
            match *is_float && !field.data_type().is_floating() {
                true => Expr::Cast(Cast::new(Box::new(column), DataType::Float64)).alias(field.name()),
                false => column,
            }
        });
        let plan = LogicalPlanBuilder::from(input.as_ref().clone()).project(columns)?.build()?;
        Ok(Arc::new(plan))
    };
    let inputs = union.inputs.iter().map(input).collect::<Result<Vec<_>>>()?;
    Ok(Transformed::yes(LogicalPlan::Union(Union::try_new_with_loose_types(inputs)?)))
}

/// Makes the decimals among the expressions floats, if there is a float among them.
fn unite(exprs: Vec<&mut Expr>, schema: &DFSchema) -> bool {
    let types: Vec<Option<DataType>> = exprs.iter().map(|expr| expr.get_type(schema).ok()).collect();
    let is = |kind: fn(&DataType) -> bool| types.iter().flatten().any(kind);
    if !is(DataType::is_decimal) {
        return false;
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
