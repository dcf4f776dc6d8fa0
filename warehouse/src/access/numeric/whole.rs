//! `floor`, `ceil` and `trunc` of decimals as PostgreSQL has them: decimals without (or with fewer) digits behind the
//! point. Floats and whole numbers are left to the engine's functions.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Decimal128Array, Decimal256Array};
use arrow::datatypes::{
    DECIMAL128_MAX_PRECISION, DECIMAL256_MAX_PRECISION, DataType, Decimal128Type, Decimal256Type, Field,
    FieldRef, i256,
};
use datafusion::common::{ScalarValue, plan_err};
use datafusion::error::Result;
use datafusion::logical_expr::{
    ColumnarValue, Expr, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};

/// The functions, each in front of the engine's of the same name.
pub(in crate::access) fn whole_functions(engine: impl Fn(&str) -> Option<Arc<ScalarUDF>>) -> Vec<ScalarUDF> {
    [("floor", Toward::Below), ("ceil", Toward::Above), ("trunc", Toward::Zero)]
        .into_iter()
        .filter_map(|(name, toward)| {
            Some(ScalarUDF::from(Whole {
                toward,
                inner: engine(name)?,
                signature: Signature::user_defined(Volatility::Immutable),
            }))
        })
        .collect()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Toward {
    Below,
    Above,
    Zero,
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Whole {
    toward: Toward,
    inner: Arc<ScalarUDF>,
    signature: Signature,
}

impl Whole {
    /// Digits that stay behind the point: as many as a constant says, never more than there are.
    fn kept(scale: i8, places: Option<&ScalarValue>) -> Option<i8> {
        match places {
            None => Some(0),
            Some(places) => match places.cast_to(&DataType::Int64).ok()? {
                ScalarValue::Int64(Some(places)) => {
                    Some(i8::try_from(places.clamp(0, i64::from(scale))).unwrap_or(0))
                }
                _ => Some(0),
            },
        }
    }
}

impl ScalarUDFImpl for Whole {
    fn name(&self) -> &str {
        self.inner.name()
    }

    fn aliases(&self) -> &[String] {
        self.inner.aliases()
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        let most = if self.toward == Toward::Zero { 2 } else { 1 };
        if types.is_empty() || types.len() > most {
            return plan_err!("{} does not take {} arguments", self.name(), types.len());
        }
        let number = match &types[0] {
            DataType::Decimal32(p, s) | DataType::Decimal64(p, s) => DataType::Decimal128(*p, *s),
            decimal @ (DataType::Decimal128(..) | DataType::Decimal256(..)) => decimal.clone(),
            // To a number of digits PostgreSQL cuts decimals only.
            number if number.is_integer() && types.len() > 1 => DataType::Decimal128(20, 0),
            DataType::Float32 => DataType::Float32,
            number if number.is_numeric() || number.is_null() => DataType::Float64,
            other => return plan_err!("{} does not take {other}", self.name()),
        };
        Ok(std::iter::once(number).chain(types.iter().skip(1).map(|_| DataType::Int64)).collect())
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        self.inner.return_type(types)
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs) -> Result<FieldRef> {
        let Some(field) = args.arg_fields.first() else { return plan_err!("{} takes a number", self.name()) };
        let nullable = args.arg_fields.iter().any(|field| field.is_nullable());
        let of = |scale: i8| -> Option<i8> {
            match args.scalar_arguments.get(1) {
                None => Some(0),
                Some(Some(places)) => Self::kept(scale, Some(places)),
                Some(None) => None,
            }
        };
        let data_type = match field.data_type() {
            DataType::Decimal128(precision, scale) => {
                let kept = of(*scale).unwrap_or(*scale);
                DataType::Decimal128(room(*precision, *scale, kept).min(DECIMAL128_MAX_PRECISION), kept)
            }
            DataType::Decimal256(precision, scale) => {
                let kept = of(*scale).unwrap_or(*scale);
                DataType::Decimal256(room(*precision, *scale, kept).min(DECIMAL256_MAX_PRECISION), kept)
            }
            _ => return self.inner.return_field_from_args(args),
        };
        Ok(Arc::new(Field::new(self.name(), data_type, nullable)))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let scale = match args.args.first().map(ColumnarValue::data_type) {
            Some(DataType::Decimal128(_, scale) | DataType::Decimal256(_, scale)) => scale,
            _ => return self.inner.invoke_with_args(args),
        };
        let constant = args.args.iter().all(|arg| matches!(arg, ColumnarValue::Scalar(_)));
        let arrays = ColumnarValue::values_to_arrays(&args.args)?;
        let places = match arrays.get(1) {
            Some(places) => Some(arrow::compute::cast(places, &DataType::Int64)?),
            None => None,
        };
        let places_of = |row: usize| match &places {
            None => Some(0),
            Some(places) if places.is_null(row) => None,
            Some(places) => Some(places.as_primitive::<arrow::datatypes::Int64Type>().value(row)),
        };
        let digits: Vec<Option<i256>> = (0..arrays[0].len())
            .map(|row| Some(self.cut(digits_at(&arrays[0], row)?, scale, places_of(row)?)))
            .collect();
        let made = of_type(digits, scale, args.return_type())?;
        Ok(match constant {
            true => ColumnarValue::Scalar(ScalarValue::try_from_array(&made, 0)?),
            false => ColumnarValue::Array(made),
        })
    }

    fn simplify(
        &self,
        args: Vec<Expr>,
        _: &datafusion::logical_expr::simplify::SimplifyContext,
    ) -> Result<datafusion::logical_expr::simplify::ExprSimplifyResult> {
        Ok(datafusion::logical_expr::simplify::ExprSimplifyResult::Original(args))
    }
}

impl Whole {
    /// The digits with those beyond the place made zero.
    fn cut(&self, digits: i256, scale: i8, places: i64) -> i256 {
        let beyond = i64::from(scale).saturating_sub(places);
        if beyond <= 0 {
            return digits;
        }
        let Some(unit) = u32::try_from(beyond).ok().and_then(|by| i256::from_i128(10).checked_pow(by)) else {
            return i256::ZERO;
        };
        let rest = digits.wrapping_rem(unit);
        let cut = digits.wrapping_sub(rest);
        match self.toward {
            Toward::Below if rest.is_negative() => cut.wrapping_sub(unit),
            Toward::Above if rest.is_positive() => cut.wrapping_add(unit),
            _ => cut,
        }
    }
}

fn digits_at(array: &ArrayRef, row: usize) -> Option<i256> {
    if array.is_null(row) {
        return None;
    }
    match array.data_type() {
        DataType::Decimal128(..) => Some(i256::from_i128(array.as_primitive::<Decimal128Type>().value(row))),
        _ => Some(array.as_primitive_opt::<Decimal256Type>()?.value(row)),
    }
}

/// Digits of a decimal that loses some behind its point, and may gain one before it. Types that claim more than they need
/// can soon be compared with nothing.
pub(super) fn room(precision: u8, scale: i8, kept: i8) -> u8 {
    let digits = i16::from(precision) - i16::from(scale) + 1 + i16::from(kept);
    u8::try_from(digits).unwrap_or(1).max(1)
}

fn of_type(digits: Vec<Option<i256>>, scale: i8, data_type: &DataType) -> Result<ArrayRef> {
    let (precision, kept, is_wide) = match data_type {
        DataType::Decimal256(precision, kept) => (*precision, *kept, true),
        DataType::Decimal128(precision, kept) => (*precision, *kept, false),
        other => return plan_err!("{other} is no decimal"),
    };
    let unit = i256::from_i128(10).wrapping_pow(u32::try_from(scale - kept).unwrap_or(0));
    let digits = digits.into_iter().map(|digits| digits.map(|digits| digits.wrapping_div(unit)));
    Ok(match is_wide {
        true => Arc::new(digits.collect::<Decimal256Array>().with_precision_and_scale(precision, kept)?),
        false => {
            let narrow = digits.map(|digits| digits.and_then(i256::to_i128));
            Arc::new(narrow.collect::<Decimal128Array>().with_precision_and_scale(precision, kept)?)
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_function_goes_its_way() {
        let whole = |toward| Whole {
            toward,
            inner: datafusion::functions::math::floor(),
            signature: Signature::user_defined(Volatility::Immutable),
        };
        let cut = |toward, digits, places| whole(toward).cut(i256::from_i128(digits), 2, places).to_i128();
        assert_eq!(cut(Toward::Below, 1250, 0), Some(1200));
        assert_eq!(cut(Toward::Below, -1250, 0), Some(-1300));
        assert_eq!(cut(Toward::Above, 1250, 0), Some(1300));
        assert_eq!(cut(Toward::Above, -1250, 0), Some(-1200));
        assert_eq!(cut(Toward::Zero, -1259, 1), Some(-1250));
        assert_eq!(cut(Toward::Zero, 1259, -1), Some(1000));
        assert_eq!(cut(Toward::Zero, 1259, 5), Some(1259));
    }
}
