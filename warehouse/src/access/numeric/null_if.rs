//! `nullif` gives its first value as it is: PostgreSQL compares decimals without making one of the other's digits, and the
//! engine gave `nullif(1.5, 0.00)` two digits behind the point.

use std::sync::Arc;

use arrow::array::ArrayRef;
use arrow::compute::kernels::cmp::eq;
use arrow::compute::nullif;
use arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::common::{ScalarValue, plan_err};
use datafusion::error::Result;
use datafusion::logical_expr::type_coercion::binary::comparison_coercion;
use datafusion::logical_expr::{
    ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};

use super::arithmetic::as_decimal;
use super::uniting::united;

/// In front of the engine's.
pub(in crate::access) fn null_if(engine: Arc<ScalarUDF>) -> ScalarUDF {
    ScalarUDF::from(NullIf { engine, signature: Signature::user_defined(Volatility::Immutable) })
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct NullIf {
    engine: Arc<ScalarUDF>,
    signature: Signature,
}

impl ScalarUDFImpl for NullIf {
    fn name(&self) -> &str {
        self.engine.name()
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        let [value, other] = types else { return plan_err!("nullif 需要两个参数") };
        match united(types) {
            Some(float) if float.is_floating() => Ok(vec![float; 2]),
            Some(_) => {
                // Whole numbers beside a decimal are one; each keeps its own digits.
                Ok([value, other].into_iter().map(|kind| as_decimal(kind).unwrap_or(kind.clone())).collect())
            }
            None => match comparison_coercion(value, other) {
                Some(one) => Ok(vec![one; 2]),
                None => plan_err!("nullif 的两个参数不能比较：{value}、{other}"),
            },
        }
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        match types {
            [value, _] => Ok(value.clone()),
            _ => plan_err!("nullif 需要两个参数"),
        }
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs) -> Result<FieldRef> {
        let types: Vec<DataType> = args.arg_fields.iter().map(|field| field.data_type().clone()).collect();
        Ok(Arc::new(Field::new(self.name(), self.return_type(&types)?, true)))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let types: Vec<DataType> = args.args.iter().map(ColumnarValue::data_type).collect();
        let Some(one) = united(&types).filter(|_| types.first() != types.last()) else {
            return self.engine.invoke_with_args(args);
        };
        let is_constant = args.args.iter().all(|arg| matches!(arg, ColumnarValue::Scalar(_)));
        let arrays = ColumnarValue::values_to_arrays(&args.args)?;
        let [value, other] = arrays.as_slice() else { return plan_err!("nullif 需要两个参数") };
        let alike = |array: &ArrayRef| {
            ColumnarValue::Array(Arc::clone(array)).cast_to(&one, None)?.to_array(array.len())
        };
        let equal = eq(&alike(value)?, &alike(other)?)?;
        let left = nullif(value, &equal)?;
        Ok(match is_constant {
            true => ColumnarValue::Scalar(ScalarValue::try_from_array(&left, 0)?),
            false => ColumnarValue::Array(left),
        })
    }
}
