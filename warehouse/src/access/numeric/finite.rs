//! Functions of floats that have no answer for some numbers: the root of a number below zero, the arc cosine of two. The
//! engine says NaN or infinity, PostgreSQL fails, and so does this, unless NaN goes in, or infinity where infinity comes out.
//! A power too small for a float is no zero either.

use std::sync::Arc;

use arrow::array::{Array, AsArray};
use arrow::datatypes::{DataType, FieldRef, Float32Type, Float64Type};
use arrow::error::ArrowError;
use datafusion::common::ScalarValue;
use datafusion::error::Result;
use datafusion::logical_expr::{
    ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature,
};

/// The functions.
const PARTIAL: [&str; 13] = [
    "acos", "asin", "acosh", "atanh", "sqrt", "ln", "log", "log2", "log10", "exp", "power", "cot", "degrees",
];
/// Those of them that are nothing for no finite number but zero.
const NEVER_ZERO: [&str; 2] = ["exp", "power"];

/// Each in front of the engine's of the same name.
pub(in crate::access) fn finite_functions(engine: impl Fn(&str) -> Option<Arc<ScalarUDF>>) -> Vec<ScalarUDF> {
    PARTIAL.iter().filter_map(|name| Some(ScalarUDF::from(Finite(engine(name)?)))).collect()
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Finite(Arc<ScalarUDF>);

impl ScalarUDFImpl for Finite {
    fn name(&self) -> &str {
        self.0.name()
    }

    fn aliases(&self) -> &[String] {
        self.0.aliases()
    }

    fn signature(&self) -> &Signature {
        self.0.signature()
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        self.0.return_type(types)
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs) -> Result<FieldRef> {
        self.0.return_field_from_args(args)
    }

    fn coerce_types(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        self.0.coerce_types(types)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let inputs = args.args.clone();
        let made = self.0.invoke_with_args(args)?;
        let rows = match &made {
            ColumnarValue::Array(array) => array.len(),
            ColumnarValue::Scalar(_) => 1,
        };
        let never_zero = NEVER_ZERO.contains(&self.name());
        let is_bad = |row: usize| match float(&made, row) {
            Some(0.0) if never_zero => {
                // The base of a power may be zero, the exponent of e may not: exp(0) is one.
                let base_is_zero = inputs.len() == 2 && float(&inputs[0], row) == Some(0.0);
                !base_is_zero && inputs.iter().all(|input| float(input, row).is_none_or(f64::is_finite))
            }
            Some(made) if made.is_nan() => {
                !inputs.iter().any(|input| float(input, row).is_some_and(f64::is_nan))
            }
            Some(made) if made.is_infinite() => {
                !inputs.iter().any(|input| float(input, row).is_some_and(|input| !input.is_finite()))
            }
            _ => false,
        };
        if (0..rows).any(is_bad) {
            let what = format!("{}: input is out of range, value overflow or underflow", self.name());
            return Err(ArrowError::ArithmeticOverflow(what).into());
        }
        Ok(made)
    }
}

/// The float of a row; none for NULL, or for what is no float.
fn float(value: &ColumnarValue, row: usize) -> Option<f64> {
    match value {
        ColumnarValue::Scalar(ScalarValue::Float64(float)) => *float,
        ColumnarValue::Scalar(ScalarValue::Float32(float)) => float.map(f64::from),
        ColumnarValue::Scalar(_) => None,
        ColumnarValue::Array(array) if array.is_null(row) => None,
        ColumnarValue::Array(array) => match array.data_type() {
            DataType::Float64 => Some(array.as_primitive::<Float64Type>().value(row)),
            DataType::Float32 => Some(f64::from(array.as_primitive::<Float32Type>().value(row))),
            _ => None,
        },
    }
}
