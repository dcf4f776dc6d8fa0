//! `x::numeric` without digits: in PostgreSQL the number as it is, in the engine one of ten digits behind the point.

use std::ops::ControlFlow;
use std::sync::Arc;

use arrow::array::{AsArray, Decimal256Array};
use arrow::compute::cast;
use arrow::datatypes::{DECIMAL256_MAX_PRECISION, DataType, Field, FieldRef, Float64Type, i256};
use datafusion::common::{ScalarValue, exec_err, plan_err};
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::{
    ColumnarValue, Expr, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};
use datafusion::sql::sqlparser::ast::{DataType as SqlType, ExactNumberInfo, Expr as SqlExpr, Statement};

use super::super::walk::{Flow, Rewrite, rewrite};
use super::number::{Number, WIDE_SCALE, wide};
use crate::access::calls::call;

const NAME: &str = "to_numeric";

/// Significant digits PostgreSQL takes of a float.
const FLOAT_DIGITS: usize = 15;

/// Calls the function below where a statement casts to a number without digits.
pub(in crate::access) fn call_unconstrained(statement: &mut Statement) {
    let _ = rewrite(statement, &mut Casts);
}

struct Casts;

impl Rewrite for Casts {
    fn post_visit_expr(&mut self, expr: &mut SqlExpr) -> Flow {
        if let SqlExpr::Cast { expr: inner, data_type, array: false, format: None, .. } = expr
            && let SqlType::Numeric(info) | SqlType::Decimal(info) | SqlType::Dec(info) = data_type
            && *info == ExactNumberInfo::None
        {
            *expr = call(NAME, vec![inner.as_ref().clone()]);
        }
        ControlFlow::Continue(())
    }
}

/// `to_numeric(x)`.
pub(in crate::access) fn unconstrained() -> ScalarUDF {
    ScalarUDF::from(Unconstrained(Signature::any(1, Volatility::Immutable)))
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Unconstrained(Signature);

impl ScalarUDFImpl for Unconstrained {
    fn name(&self) -> &str {
        NAME
    }

    fn signature(&self) -> &Signature {
        &self.0
    }

    /// Casts do not show in names.
    fn schema_name(&self, args: &[Expr]) -> Result<String> {
        let [arg] = args else { return plan_err!("{NAME} takes one argument") };
        Ok(arg.schema_name().to_string())
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        Ok(match types {
            [decimal] if decimal.is_decimal() => decimal.clone(),
            [whole] if whole.is_integer() => DataType::Decimal128(20, 0),
            [DataType::Null] => DataType::Decimal128(1, 0),
            [other] if other.is_floating() || other.is_string() => wide(),
            _ => return plan_err!("不能转换成 numeric：{types:?}"),
        })
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs) -> Result<FieldRef> {
        let types: Vec<DataType> = args.arg_fields.iter().map(|field| field.data_type().clone()).collect();
        // A number written out as a text has the digits it is written with.
        let written = match args.scalar_arguments {
            [Some(value)] => value.try_as_str().flatten().and_then(|text| Number::read(text).ok()),
            _ => None,
        };
        let data_type = match written {
            Some(number) => number.data_type(),
            None => self.return_type(&types)?,
        };
        Ok(Arc::new(Field::new(self.name(), data_type, true)))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let [arg] = args.args.as_slice() else { return plan_err!("{NAME} takes one argument") };
        let kind = arg.data_type();
        if !kind.is_string() && !kind.is_floating() {
            return arg.cast_to(args.return_type(), None);
        }
        let array = arg.to_array(args.number_rows)?;
        let texts: Vec<Option<String>> = match kind.is_string() {
            true => {
                let texts = cast(&array, &DataType::Utf8)?;
                texts.as_string::<i32>().iter().map(|text| text.map(str::to_owned)).collect()
            }
            false => {
                let floats = cast(&array, &DataType::Float64)?;
                floats.as_primitive::<Float64Type>().iter().map(|float| float.map(significant)).collect()
            }
        };
        let digits = texts.iter().map(|text| text.as_deref().map(digits_of).transpose());
        let made: Decimal256Array = digits.collect::<Result<_>>()?;
        let made = made.with_precision_and_scale(DECIMAL256_MAX_PRECISION, WIDE_SCALE)?;
        let made = match arg {
            ColumnarValue::Scalar(_) => ColumnarValue::Scalar(ScalarValue::try_from_array(&made, 0)?),
            ColumnarValue::Array(_) => ColumnarValue::Array(Arc::new(made)),
        };
        made.cast_to(args.return_type(), None)
    }
}

fn digits_of(text: &str) -> Result<i256> {
    match Number::read(text) {
        Ok(number) => match number.at_scale(i32::from(WIDE_SCALE)) {
            Ok(number) => Ok(number.digits),
            Err(_) => exec_err!("numeric overflow: {text:.60}"),
        },
        Err(_) => Err(DataFusionError::Execution(format!(
            "Cast error: Cannot cast string '{text:.60}' to a numeric value"
        ))),
    }
}

/// The digits of a float that are worth keeping.
fn significant(float: f64) -> String {
    format!("{float:.*e}", FLOAT_DIGITS - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_keep_fifteen_digits() {
        for (float, expected) in
            [(0.1, "0.1"), (1.0 / 3.0, "0.333333333333333"), (1e20, "100000000000000000000")]
        {
            let digits = digits_of(&significant(float)).expect("number");
            let number = Number::new(digits, WIDE_SCALE);
            let expected = Number::read(expected).and_then(|number| number.at_scale(38)).expect("number");
            assert_eq!(number, expected);
        }
        assert!(digits_of("NaN").is_err() && digits_of("1,5").is_err());
    }
}
