//! What a sum adds up. PostgreSQL's sum of eight-byte integers is a decimal, which cannot wrap; decimals that fill the
//! engine's type are added in twice the width for the same reason. Everything else is added as it is.

use std::sync::Arc;

use arrow::datatypes::{DECIMAL256_MAX_PRECISION, DataType, Field, FieldRef};
use datafusion::common::plan_err;
use datafusion::error::Result;
use datafusion::logical_expr::simplify::{ExprSimplifyResult, SimplifyContext};
use datafusion::logical_expr::{
    BinaryExpr, ColumnarValue, Expr, Operator, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl,
    Signature, Volatility,
};

/// From so many digits on ten thousand million of them might not fit into the engine's 38.
const SAFE_DIGITS: u8 = 29;

#[derive(Debug, PartialEq, Eq, Hash)]
struct Summand {
    /// Type of the cast that is summed. Casts do not show in names, and the sum of `x::int` beside the mean of `x`, which is
    /// another sum, would be called the same.
    cast: Option<DataType>,
    signature: Signature,
}

/// The expression as a sum adds it.
pub(super) fn summand(expr: Expr) -> Expr {
    let cast = match &expr {
        Expr::Cast(cast) => Some(cast.field.data_type().clone()),
        _ => None,
    };
    ScalarUDF::from(Summand { cast, signature: Signature::any(1, Volatility::Immutable) }).call(vec![expr])
}

/// Whether the engine would make a sum and a count of it: `sum(x + 0.5)` as `sum(x) + 0.5 * count(x)`, with the count in the
/// type of the constant, where it has no room.
fn is_shifted(expr: &Expr) -> bool {
    let is_constant = |side: &Expr| matches!(side, Expr::Literal(..));
    matches!(expr, Expr::BinaryExpr(BinaryExpr { left, op: Operator::Plus, right }) if is_constant(left) || is_constant(right))
}

fn added_as(data_type: &DataType) -> DataType {
    match data_type {
        DataType::Int64 | DataType::UInt64 => DataType::Decimal128(20, 0),
        DataType::Decimal128(SAFE_DIGITS.., scale) => DataType::Decimal256(DECIMAL256_MAX_PRECISION, *scale),
        other => other.clone(),
    }
}

impl ScalarUDFImpl for Summand {
    fn name(&self) -> &str {
        "summand"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn display_name(&self, args: &[Expr]) -> Result<String> {
        self.schema_name(args)
    }

    /// Columns are called after what is summed.
    fn schema_name(&self, args: &[Expr]) -> Result<String> {
        let [arg] = args else { return plan_err!("summand takes one argument") };
        Ok(match &self.cast {
            Some(to) => format!("CAST({} AS {to})", arg.schema_name()),
            None => arg.schema_name().to_string(),
        })
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        let [data_type] = types else { return plan_err!("summand takes one argument") };
        Ok(added_as(data_type))
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs) -> Result<FieldRef> {
        let types: Vec<DataType> = args.arg_fields.iter().map(|field| field.data_type().clone()).collect();
        let nullable = args.arg_fields.iter().any(|field| field.is_nullable());
        Ok(Arc::new(Field::new(self.name(), self.return_type(&types)?, nullable)))
    }

    fn simplify(&self, args: Vec<Expr>, info: &SimplifyContext) -> Result<ExprSimplifyResult> {
        let [arg] = args.as_slice() else { return Ok(ExprSimplifyResult::Original(args)) };
        let data_type = info.get_data_type(arg)?;
        match added_as(&data_type) == data_type && !is_shifted(arg) {
            true => Ok(ExprSimplifyResult::Simplified(arg.clone())),
            false => Ok(ExprSimplifyResult::Original(args)),
        }
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let [arg] = args.args.as_slice() else { return plan_err!("summand takes one argument") };
        arg.cast_to(args.return_type(), None)
    }
}
