//! `round(x)` of a float goes to the even neighbour of a half, as in PostgreSQL; of a decimal away from zero, which the
//! engine's function does. That one gets everything else, too. A decimal rounded to more digits than it has gets them.
//! Digits that are no plain number may become one while a statement is planned; the type must not change by that, so such
//! calls are `round_by` and keep the type of what is rounded.

use std::sync::Arc;

use arrow::array::AsArray;
use arrow::datatypes::{DECIMAL128_MAX_PRECISION, DECIMAL256_MAX_PRECISION, DataType, FieldRef, Float64Type};
use datafusion::common::{ScalarValue, plan_err};
use datafusion::error::Result;
use datafusion::logical_expr::{
    ColumnarValue, Expr, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};

use super::whole::room;

/// Digits of the longest whole number.
const WHOLE_DIGITS: u8 = 20;

/// The functions in front of the engine's.
pub(in crate::access) fn nearest(engine: Arc<ScalarUDF>) -> [ScalarUDF; 2] {
    [("round", Digits::Known), ("round_by", Digits::Computed)].map(|(name, digits)| {
        let signature = Signature::user_defined(Volatility::Immutable);
        ScalarUDF::from(Nearest { name, digits, engine: engine.clone(), signature })
    })
}

/// Whether digits may tell the type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Digits {
    Known,
    Computed,
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Nearest {
    name: &'static str,
    digits: Digits,
    engine: Arc<ScalarUDF>,
    signature: Signature,
}

impl ScalarUDFImpl for Nearest {
    fn name(&self) -> &str {
        self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    /// Columns are called as they are asked for.
    fn schema_name(&self, args: &[Expr]) -> Result<String> {
        let args: Vec<String> = args.iter().map(|arg| arg.schema_name().to_string()).collect();
        Ok(format!("round({})", args.join(",")))
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        self.engine.return_type(types)
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs) -> Result<FieldRef> {
        let arguments = self.telling(args.scalar_arguments);
        let asked = arguments.get(1).copied().flatten().and_then(digits);
        let told = ReturnFieldArgs { arg_fields: args.arg_fields, scalar_arguments: &arguments };
        let field = self.engine.return_field_from_args(told)?;
        let longer = match (args.arg_fields.first().map(|field| field.data_type()), field.data_type()) {
            (Some(DataType::Decimal256(precision, scale)), DataType::Decimal256(_, kept)) if kept < scale => {
                let room = room(*precision, *scale, *kept).min(DECIMAL256_MAX_PRECISION);
                Some(DataType::Decimal256(room, *kept))
            }
            (_, rounded) => asked.and_then(|asked| lengthened(rounded, asked)),
        };
        Ok(longer.map_or(field.clone(), |longer| Arc::new(field.as_ref().clone().with_data_type(longer))))
    }

    /// The number of digits stays as it is written: a cast around it would hide it until the statement is simplified.
    fn coerce_types(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        let (value, digits) = match types {
            [value] => (value, None),
            [value, digits] if digits.is_integer() || digits.is_null() => (value, Some(digits.clone())),
            [_, digits] if digits.is_string() => return plan_err!("round 的位数要是整数"),
            [_, digits] => return plan_err!("round 的位数要是整数，这里是 {digits}"),
            _ => return plan_err!("round 需要一个数，或一个数和位数"),
        };
        let value = match value {
            DataType::Null => DataType::Float64,
            // PostgreSQL rounds to digits nothing but decimals.
            whole if whole.is_integer() && digits.is_some() => DataType::Decimal128(WHOLE_DIGITS, 0),
            // Without digits PostgreSQL has one function, of eight-byte floats, for what is no decimal.
            number if number.is_integer() || number.is_floating() => DataType::Float64,
            number if number.is_numeric() => number.clone(),
            text if text.is_string() => DataType::Float64,
            other => return plan_err!("round 需要数，这里是 {other}"),
        };
        Ok([value].into_iter().chain(digits).collect())
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
            _ => self.by_engine(args),
        }
    }
}

impl Nearest {
    fn by_engine(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let wanted = args.return_type().clone();
        let mut args = args;
        if let Some(digits) = args.args.get_mut(1) {
            *digits = digits.cast_to(&DataType::Int32, None)?;
        }
        if let Some(field) = args.arg_fields.get_mut(1) {
            *field = Arc::new(field.as_ref().clone().with_data_type(DataType::Int32));
        }
        let constants: Vec<Option<&ScalarValue>> = args.args.iter().map(constant).collect();
        let arguments = self.telling(&constants);
        let asked = ReturnFieldArgs { arg_fields: &args.arg_fields, scalar_arguments: &arguments };
        let return_field = self.engine.return_field_from_args(asked)?;
        self.engine.invoke_with_args(ScalarFunctionArgs { return_field, ..args })?.cast_to(&wanted, None)
    }

    /// Arguments that may tell the type.
    fn telling<'a>(&self, arguments: &[Option<&'a ScalarValue>]) -> Vec<Option<&'a ScalarValue>> {
        let digits_tell = self.digits == Digits::Known;
        arguments.iter().enumerate().map(|(at, value)| value.filter(|_| at == 0 || digits_tell)).collect()
    }
}

fn constant(arg: &ColumnarValue) -> Option<&ScalarValue> {
    match arg {
        ColumnarValue::Scalar(value) => Some(value),
        ColumnarValue::Array(_) => None,
    }
}

/// Digits behind the point that were asked for.
fn digits(value: &ScalarValue) -> Option<i8> {
    match value.cast_to(&DataType::Int64) {
        Ok(ScalarValue::Int64(Some(digits))) => i8::try_from(digits).ok(),
        _ => None,
    }
}

/// A decimal with more digits behind the point; none where it has as many, or no room for them.
fn lengthened(decimal: &DataType, asked: i8) -> Option<DataType> {
    let (precision, scale) = match decimal {
        DataType::Decimal128(precision, scale) | DataType::Decimal256(precision, scale) => {
            (*precision, *scale)
        }
        _ => return None,
    };
    let more = u8::try_from(asked.checked_sub(scale)?).ok().filter(|more| *more > 0)?;
    match precision.checked_add(more)? {
        narrow if narrow <= DECIMAL128_MAX_PRECISION && !matches!(decimal, DataType::Decimal256(..)) => {
            Some(DataType::Decimal128(narrow, asked))
        }
        wide if wide <= DECIMAL256_MAX_PRECISION => Some(DataType::Decimal256(wide, asked)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_asked_for_are_there() {
        let decimal = DataType::Decimal128(12, 2);
        assert_eq!(lengthened(&decimal, 4), Some(DataType::Decimal128(14, 4)));
        assert_eq!(lengthened(&decimal, 30), Some(DataType::Decimal256(40, 30)));
        assert_eq!((lengthened(&decimal, 2), lengthened(&decimal, -1)), (None, None));
    }
}
