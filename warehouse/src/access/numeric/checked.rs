//! Whole numbers that do not fit fail instead of wrapping round, floats instead of becoming infinite, decimals instead of
//! losing a digit. The engine's operators wrap, and its checked ones cannot be asked for in a plan; so additions, subtractions and
//! signs become functions once types are known.

use std::sync::Arc;

use arrow::compute::kernels::numeric::{add, sub};
use arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::Transformed;
use datafusion::common::{DFSchema, ScalarValue, plan_err};
use datafusion::error::Result;
use datafusion::logical_expr::type_coercion::binary::BinaryTypeCoercer;
use datafusion::logical_expr::{
    BinaryExpr, ColumnarValue, Expr, ExprSchemable, LogicalPlan, Operator, ReturnFieldArgs,
    ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};
use datafusion::optimizer::AnalyzerRule;
use datafusion::physical_expr_common::datum::apply;

use super::decimal_range::{can_outgrow, within_digits};
use super::float_range::{FloatKind, floats, negated};
use crate::access::own_cast::own_cast;
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
    let outgrow = |left: &Expr, right: &Expr| match (left.get_type(schema), right.get_type(schema)) {
        (Ok(left), Ok(right)) => can_outgrow(&left, &right),
        _ => false,
    };
    Ok(match expr {
        Expr::BinaryExpr(BinaryExpr { left, op, right })
            if matches!(op, Operator::Plus | Operator::Minus)
                && (is_whole(&left) && is_whole(&right)
                    || is_float(&left) && is_float(&right)
                    || outgrow(&left, &right)) =>
        {
            Transformed::yes(checked(op, *left, *right))
        }
        Expr::Negative(inner) if is_float(&inner) => {
            Transformed::yes(own_cast("negative_float", negated, *inner.clone(), inner.get_type(schema)?))
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
        let [left, right] = types else { return plan_err!("{} takes two arguments", self.name()) };
        match left.is_decimal() {
            true => BinaryTypeCoercer::new(left, &self.op, right).get_result_type(),
            false => Ok(left.clone()),
        }
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
            (Operator::Plus, DataType::Decimal128(..) | DataType::Decimal256(..)) => {
                within_digits(apply(left, right, add)?)
            }
            (Operator::Plus, _) => apply(left, right, add),
            (_, DataType::Float32 | DataType::Float64) => floats(left, right, FloatKind::Difference),
            (_, DataType::Decimal128(..) | DataType::Decimal256(..)) => {
                within_digits(apply(left, right, sub)?)
            }
            _ => apply(left, right, sub),
        }
    }
}
