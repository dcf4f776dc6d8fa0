//! Casts from decimals and floats to whole numbers round, decimals half away from zero and floats half to even, where the
//! engine cuts off; decimals of variable scale become texts without the zeros that only fill up. Types stay as they are.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Float64Array, StringArray};
use arrow::datatypes::{
    DECIMAL256_MAX_PRECISION, DataType, Decimal256Type, Field, FieldRef, Float32Type, Float64Type,
};
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::Transformed;
use datafusion::common::{DFSchema, plan_err};
use datafusion::error::Result;
use datafusion::logical_expr::expr::Cast;
use datafusion::logical_expr::{
    ColumnarValue, Expr, ExprSchemable, LogicalPlan, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF,
    ScalarUDFImpl, Signature, Volatility,
};
use datafusion::optimizer::AnalyzerRule;

use super::number::{Number, WIDE_SCALE};
use crate::access::rewriting::each_expression;

/// See the module. To be run after types were made equal.
#[derive(Debug)]
pub(in crate::access) struct RoundedCasts;

impl AnalyzerRule for RoundedCasts {
    fn name(&self) -> &'static str {
        "rounded_casts"
    }

    fn analyze(&self, plan: LogicalPlan, _: &ConfigOptions) -> Result<LogicalPlan> {
        each_expression(plan, |expr| matches!(expr, Expr::Cast(_)), rounded)
    }
}

fn rounded(expr: Expr, schema: &DFSchema) -> Result<Transformed<Expr>> {
    let Expr::Cast(Cast { expr, field }) = expr else { return Ok(Transformed::no(expr)) };
    let is_text = matches!(field.data_type(), DataType::Utf8 | DataType::Utf8View | DataType::LargeUtf8);
    let changes = match expr.get_type(schema)? {
        kind if field.data_type().is_integer() => {
            matches!(kind, DataType::Decimal128(_, 1..) | DataType::Decimal256(_, 1..))
                || matches!(kind, DataType::Float32 | DataType::Float64)
        }
        kind => is_text && matches!(kind, DataType::Decimal256(_, WIDE_SCALE)),
    };
    if !changes {
        return Ok(Transformed::no(Expr::Cast(Cast { expr, field })));
    }
    let signature = Signature::any(1, Volatility::Immutable);
    let function = ScalarUDF::from(Rounded { to: field.data_type().clone(), signature });
    Ok(Transformed::yes(function.call(vec![*expr])))
}

/// A cast as PostgreSQL does it.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Rounded {
    to: DataType,
    signature: Signature,
}

impl ScalarUDFImpl for Rounded {
    fn name(&self) -> &str {
        "rounded_cast"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn display_name(&self, args: &[Expr]) -> Result<String> {
        let [arg] = args else { return plan_err!("a cast has one argument") };
        Ok(format!("CAST({arg} AS {})", self.to))
    }

    /// The engine's casts do not show in names.
    fn schema_name(&self, args: &[Expr]) -> Result<String> {
        let [arg] = args else { return plan_err!("a cast has one argument") };
        Ok(arg.schema_name().to_string())
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(self.to.clone())
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs) -> Result<FieldRef> {
        let nullable = args.arg_fields.iter().any(|field| field.is_nullable());
        Ok(Arc::new(Field::new(self.name(), self.to.clone(), nullable)))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let [arg] = args.args.as_slice() else { return plan_err!("a cast has one argument") };
        let to_whole = |value: &ColumnarValue| -> Result<ColumnarValue> {
            match value.data_type() {
                // The engine's own cast to fewer digits rounds as PostgreSQL does.
                DataType::Decimal128(precision, _) => {
                    value.cast_to(&DataType::Decimal128(precision, 0), None)
                }
                DataType::Decimal256(..) => {
                    value.cast_to(&DataType::Decimal256(DECIMAL256_MAX_PRECISION, 0), None)
                }
                _ => of_array(value, &half_to_even),
            }
        };
        let made = match self.to.is_integer() {
            true => to_whole(arg)?,
            false => of_array(arg, &texts)?,
        };
        made.cast_to(&self.to, None)
    }
}

fn of_array(value: &ColumnarValue, of: &dyn Fn(&ArrayRef) -> ArrayRef) -> Result<ColumnarValue> {
    Ok(match value {
        ColumnarValue::Array(array) => ColumnarValue::Array(of(array)),
        ColumnarValue::Scalar(scalar) => {
            let made = of(&scalar.to_array()?);
            ColumnarValue::Scalar(datafusion::common::ScalarValue::try_from_array(&made, 0)?)
        }
    })
}

fn half_to_even(array: &ArrayRef) -> ArrayRef {
    match array.data_type() {
        DataType::Float32 => {
            let floats = array.as_primitive::<Float32Type>();
            Arc::new(floats.unary::<_, Float64Type>(|value| f64::from(value).round_ties_even()))
        }
        DataType::Float64 => {
            let floats: &Float64Array = array.as_primitive::<Float64Type>();
            Arc::new(floats.unary::<_, Float64Type>(f64::round_ties_even))
        }
        _ => array.clone(),
    }
}

fn texts(array: &ArrayRef) -> ArrayRef {
    match array.as_primitive_opt::<Decimal256Type>() {
        Some(decimals) => {
            let texts = (0..decimals.len()).map(|row| decimals.is_valid(row).then(|| written(decimals, row)));
            Arc::new(texts.collect::<StringArray>())
        }
        None => array.clone(),
    }
}

/// A decimal of a column as people and programs see it: quotients without the zeros that only fill up.
pub fn written(decimals: &arrow::array::Decimal256Array, row: usize) -> String {
    Number::of_column(decimals.value(row), decimals.scale()).to_string()
}
