//! One type for several values, where a function takes or gives any of them (`coalesce`, `greatest`, `least`, lists): that which
//! holds the digits of all decimals, a float where there is a float. The engine makes a float beside a decimal one of fifteen
//! digits behind the point, and has no type at all for decimals that together need more digits than it counts.

use std::sync::Arc;

use arrow::datatypes::{DECIMAL128_MAX_PRECISION, DECIMAL256_MAX_PRECISION, DataType, FieldRef};
use datafusion::error::Result;
use datafusion::functions_nested::make_array::make_array_udf;
use datafusion::logical_expr::simplify::{ExprSimplifyResult, SimplifyContext};
use datafusion::logical_expr::type_coercion::binary::comparison_coercion;
use datafusion::logical_expr::{
    ColumnarValue, Expr, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};

use super::arithmetic::as_decimal;

/// The functions.
const UNITING: [&str; 3] = ["coalesce", "greatest", "least"];

/// Each in front of the engine's of the same name, and lists.
pub(in crate::access) fn uniting_functions(
    engine: impl Fn(&str) -> Option<Arc<ScalarUDF>>,
) -> Vec<ScalarUDF> {
    UNITING.iter().filter_map(|name| engine(name)).chain([make_array_udf()]).map(uniting).collect()
}

/// A list of values written out.
pub(super) fn list(values: Vec<Expr>) -> Expr {
    uniting(make_array_udf()).call(values)
}

fn uniting(inner: Arc<ScalarUDF>) -> ScalarUDF {
    ScalarUDF::from(Uniting { inner, signature: Signature::user_defined(Volatility::Immutable) })
}

/// The type of numbers among which there is a decimal; none where something else is among them, or no decimal.
pub(super) fn united(types: &[DataType]) -> Option<DataType> {
    if !types.iter().any(DataType::is_decimal) {
        return None;
    }
    if types.iter().any(DataType::is_floating) {
        return types.iter().all(|kind| kind.is_numeric() || kind.is_null()).then_some(DataType::Float64);
    }
    let (mut before, mut behind) = (0_i16, 0_i8);
    for kind in types.iter().filter(|kind| !kind.is_null()) {
        let (DataType::Decimal128(precision, scale) | DataType::Decimal256(precision, scale)) =
            as_decimal(kind)?
        else {
            return None;
        };
        before = before.max(i16::from(precision) - i16::from(scale));
        behind = behind.max(scale);
    }
    let digits = u8::try_from(before + i16::from(behind)).unwrap_or(DECIMAL256_MAX_PRECISION);
    Some(match digits.max(1) {
        narrow @ ..=DECIMAL128_MAX_PRECISION => DataType::Decimal128(narrow, behind),
        wide => DataType::Decimal256(wide.min(DECIMAL256_MAX_PRECISION), behind),
    })
}

/// The one type of times or truths among texts, which are read as such. The engine has no type for both.
fn beside_texts(types: &[DataType]) -> Option<DataType> {
    let mut others = types.iter().filter(|kind| !kind.is_string() && !kind.is_null());
    let one = others.next()?;
    let reads = matches!(one, DataType::Boolean | DataType::Date32 | DataType::Timestamp(..));
    (reads && types.iter().any(DataType::is_string) && others.all(|other| other == one)).then(|| one.clone())
}

/// The type two decimals are compared in, where the engine has none or one that does not hold the digits of both.
pub(in crate::access) fn compared_as(one: &DataType, other: &DataType) -> Option<DataType> {
    let all = united(&[one.clone(), other.clone()]).filter(|_| one.is_decimal() && other.is_decimal())?;
    match (all, comparison_coercion(one, other)) {
        (wide @ DataType::Decimal256(..), Some(DataType::Decimal128(..)) | None) => Some(wide),
        _ => None,
    }
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Uniting {
    inner: Arc<ScalarUDF>,
    signature: Signature,
}

impl ScalarUDFImpl for Uniting {
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
        match united(types).or_else(|| beside_texts(types)) {
            Some(one) => Ok(vec![one; types.len()]),
            None => self.inner.coerce_types(types),
        }
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        self.inner.return_type(types)
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs) -> Result<FieldRef> {
        self.inner.return_field_from_args(args)
    }

    fn simplify(&self, args: Vec<Expr>, info: &SimplifyContext) -> Result<ExprSimplifyResult> {
        self.inner.simplify(args, info)
    }

    fn conditional_arguments<'a>(&self, args: &'a [Expr]) -> Option<(Vec<&'a Expr>, Vec<&'a Expr>)> {
        self.inner.conditional_arguments(args)
    }

    fn short_circuits(&self) -> bool {
        self.inner.short_circuits()
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        self.inner.invoke_with_args(args)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use DataType::{Decimal128, Decimal256, Float64, Int64, Null, Utf8};

    #[test]
    fn one_type_holds_all_digits() {
        for (types, expected) in [
            (vec![Decimal128(12, 2), Decimal128(10, 6)], Some(Decimal128(16, 6))),
            (vec![Decimal128(12, 2), Int64, Null], Some(Decimal128(22, 2))),
            (vec![Decimal256(76, 0), Decimal128(2, 1)], Some(Decimal256(76, 1))),
            (vec![Decimal128(30, 0), Decimal128(20, 18)], Some(Decimal256(48, 18))),
            (vec![Decimal128(12, 2), Float64, Int64], Some(Float64)),
            (vec![Int64, Float64], None),
            (vec![Decimal128(12, 2), Utf8], None),
        ] {
            assert_eq!(united(&types), expected, "{types:?}");
        }
    }
}
