//! `round(x)` of a float goes to the even neighbour of a half, as in PostgreSQL; of a decimal away from zero, which the
//! engine's function does. That one gets everything else, too.

use std::sync::Arc;

use arrow::array::AsArray;
use arrow::datatypes::{DataType, FieldRef, Float64Type};
use datafusion::common::ScalarValue;
use datafusion::error::Result;
use datafusion::logical_expr::{
    ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature,
};

/// The function in front of the engine's.
pub(in crate::access) fn nearest(engine: Arc<ScalarUDF>) -> ScalarUDF {
    ScalarUDF::from(Nearest(engine))
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Nearest(Arc<ScalarUDF>);

impl ScalarUDFImpl for Nearest {
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
        match args.args.as_slice() {
            [ColumnarValue::Scalar(ScalarValue::Float64(float))] => {
                Ok(ColumnarValue::Scalar(ScalarValue::Float64(float.map(f64::round_ties_even))))
            }
            [ColumnarValue::Array(array)] if *array.data_type() == DataType::Float64 => {
                let floats = array.as_primitive::<Float64Type>();
                Ok(ColumnarValue::Array(Arc::new(floats.unary::<_, Float64Type>(f64::round_ties_even))))
            }
            _ => self.0.invoke_with_args(args),
        }
    }
}
