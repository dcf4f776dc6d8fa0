//! Casts the engine would do otherwise than PostgreSQL, put in the place of its own: a function of one column, which like every
//! cast does not show in the names of columns. What each makes is said by the rule that puts it there.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use arrow::array::ArrayRef;
use arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::common::{ScalarValue, plan_err};
use datafusion::error::Result;
use datafusion::logical_expr::{
    ColumnarValue, Expr, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};

/// Makes a column of the given type; it has as many rows, and is NULL where the other is.
pub(super) type Run = fn(&ArrayRef, &DataType) -> Result<ArrayRef>;

/// The expression, cast by `run`. Casts are told apart by name and type.
pub(super) fn own_cast(name: &'static str, run: Run, value: Expr, to: DataType) -> Expr {
    let signature = Signature::any(1, Volatility::Immutable);
    ScalarUDF::from(OwnCast { name, to, run, signature }).call(vec![value])
}

#[derive(Debug)]
struct OwnCast {
    name: &'static str,
    to: DataType,
    run: Run,
    signature: Signature,
}

impl PartialEq for OwnCast {
    fn eq(&self, other: &Self) -> bool {
        (self.name, &self.to) == (other.name, &other.to)
    }
}

impl Eq for OwnCast {}

impl Hash for OwnCast {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.name, &self.to).hash(state);
    }
}

fn only<T>(args: &[T]) -> Result<&T> {
    let [arg] = args else { return plan_err!("a cast has one argument") };
    Ok(arg)
}

impl ScalarUDFImpl for OwnCast {
    fn name(&self) -> &str {
        self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn display_name(&self, args: &[Expr]) -> Result<String> {
        Ok(format!("CAST({} AS {})", only(args)?, self.to))
    }

    fn schema_name(&self, args: &[Expr]) -> Result<String> {
        Ok(only(args)?.schema_name().to_string())
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(self.to.clone())
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs) -> Result<FieldRef> {
        let nullable = args.arg_fields.iter().any(|field| field.is_nullable());
        Ok(Arc::new(Field::new(self.name, self.to.clone(), nullable)))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        Ok(match only(&args.args)? {
            ColumnarValue::Array(array) => ColumnarValue::Array((self.run)(array, &self.to)?),
            ColumnarValue::Scalar(value) => {
                let made = (self.run)(&value.to_array()?, &self.to)?;
                ColumnarValue::Scalar(ScalarValue::try_from_array(&made, 0)?)
            }
        })
    }
}
