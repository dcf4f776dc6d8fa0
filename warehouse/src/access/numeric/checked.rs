//! Whole numbers that do not fit fail instead of wrapping round, floats instead of becoming infinite. The engine's operators
//! wrap, and its checked ones cannot be asked for in a plan; so additions, subtractions and signs of whole numbers, and
//! additions and subtractions of floats, become functions once types are known.

use std::sync::Arc;

use arrow::compute::kernels::numeric::{add, sub};
use arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::Transformed;
use datafusion::common::{DFSchema, ScalarValue, plan_err};
use datafusion::error::Result;
use datafusion::logical_expr::{
    BinaryExpr, ColumnarValue, Expr, ExprSchemable, LogicalPlan, Operator, ReturnFieldArgs,
    ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};
use datafusion::optimizer::AnalyzerRule;
use datafusion::physical_expr_common::datum::apply;

use super::float_range::{FloatKind, floats};
use crate::access::rewriting::each_expression;

/// See the module. To be run after types were made equal.
#[derive(Debug)]
pub(in crate::access) struct ExactSums;

impl AnalyzerRule for ExactSums {
    fn name(&self) -> &'static str {
        "exact_sums"
    }

    fn analyze(&self, plan: LogicalPlan, _: &ConfigOptions) -> Result<LogicalPlan> {
        each_expression(plan, is_candidate, exact)
    }
}

fn is_candidate(expr: &Expr) -> bool {
    matches!(
        expr,
        Expr::BinaryExpr(BinaryExpr { op: Operator::Plus | Operator::Minus, .. }) | Expr::Negative(_)
    )
}

fn exact(expr: Expr, schema: &DFSchema) -> Result<Transformed<Expr>> {
    let is_whole = |expr: &Expr| expr.get_type(schema).is_ok_and(|kind| kind.is_signed_integer());
    let is_float = |expr: &Expr| expr.get_type(schema).is_ok_and(|kind| kind.is_floating());
    Ok(match expr {
        Expr::BinaryExpr(BinaryExpr { left, op, right })
            if matches!(op, Operator::Plus | Operator::Minus)
                && (is_whole(&left) && is_whole(&right) || is_float(&left) && is_float(&right)) =>
        {
            Transformed::yes(checked(op, *left, *right))
        }
        Expr::Negative(inner) if is_whole(&inner) && !matches!(*inner, Expr::Literal(..)) => {
            let zero = ScalarValue::new_zero(&inner.get_type(schema)?)?;
            Transformed::yes(checked(Operator::Minus, Expr::Literal(zero, None), *inner))
        }
        other => Transformed::no(other),
    })
}

fn checked(op: Operator, left: Expr, right: Expr) -> Expr {
    let signature = Signature::any(2, Volatility::Immutable);
    ScalarUDF::from(Checked { op, signature }).call(vec![left, right])
}

/// An addition or subtraction that fails where the result does not fit.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Checked {
    op: Operator,
    signature: Signature,
}

impl ScalarUDFImpl for Checked {
    fn name(&self) -> &str {
        match self.op {
            Operator::Plus => "checked_sum",
            _ => "checked_difference",
        }
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn display_name(&self, args: &[Expr]) -> Result<String> {
        self.schema_name(args)
    }

    /// As the engine calls its operators: names of columns stay.
    fn schema_name(&self, args: &[Expr]) -> Result<String> {
        let [left, right] = args else { return plan_err!("{} takes two arguments", self.name()) };
        Ok(format!("{} {} {}", left.schema_name(), self.op, right.schema_name()))
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        let Some(data_type) = types.first() else { return plan_err!("{} takes two arguments", self.name()) };
        Ok(data_type.clone())
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs) -> Result<FieldRef> {
        let types: Vec<DataType> = args.arg_fields.iter().map(|field| field.data_type().clone()).collect();
        let nullable = args.arg_fields.iter().any(|field| field.is_nullable());
        Ok(Arc::new(Field::new(self.name(), self.return_type(&types)?, nullable)))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let [left, right] = args.args.as_slice() else {
            return plan_err!("{} takes two arguments", self.name());
        };
        match (self.op, args.return_type()) {
            (Operator::Plus, DataType::Float32 | DataType::Float64) => floats(left, right, FloatKind::Sum),
            (Operator::Plus, _) => apply(left, right, add),
            (_, DataType::Float32 | DataType::Float64) => floats(left, right, FloatKind::Difference),
            _ => apply(left, right, sub),
        }
    }
}
