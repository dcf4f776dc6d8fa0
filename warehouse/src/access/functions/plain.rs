//! The shape all scalar functions of this room have: what they take, what they give, how they are run. Each function's own
//! file says the three; this one only tells the engine.

use std::hash::{Hash, Hasher};

use arrow::array::{Array, ArrayRef, AsArray, StringArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::common::{ScalarValue, plan_err};
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::{
    ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};

/// A scalar function.
#[derive(Debug)]
pub(in crate::access) struct Plain {
    pub name: &'static str,
    /// Other names it is called by.
    pub aliases: Vec<String>,
    /// The types its arguments are made.
    pub takes: fn(&[DataType]) -> Result<Vec<DataType>>,
    /// The column it gives.
    pub gives: fn(&ReturnFieldArgs) -> Result<FieldRef>,
    pub run: fn(&ScalarFunctionArgs) -> Result<ColumnarValue>,
    pub signature: Signature,
}

impl Plain {
    pub fn new(
        name: &'static str,
        takes: fn(&[DataType]) -> Result<Vec<DataType>>,
        gives: fn(&ReturnFieldArgs) -> Result<FieldRef>,
        run: fn(&ScalarFunctionArgs) -> Result<ColumnarValue>,
    ) -> Self {
        let signature = Signature::user_defined(Volatility::Immutable);
        Self { name, aliases: Vec::new(), takes, gives, run, signature }
    }

    /// The same under further names.
    pub fn also(mut self, aliases: &[&str]) -> Self {
        self.aliases = aliases.iter().map(ToString::to_string).collect();
        self
    }

    pub fn udf(self) -> ScalarUDF {
        ScalarUDF::from(self)
    }
}

/// Functions of this room are told apart by their names.
impl PartialEq for Plain {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Plain {}

impl Hash for Plain {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

impl ScalarUDFImpl for Plain {
    fn name(&self) -> &str {
        self.name
    }

    fn aliases(&self) -> &[String] {
        &self.aliases
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, arg_types: &[DataType]) -> Result<Vec<DataType>> {
        (self.takes)(arg_types)
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        plan_err!("{} 的类型取决于它的参数", self.name)
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs) -> Result<FieldRef> {
        (self.gives)(&args)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        (self.run)(&args)
    }
}

/// A column of this type that may be empty.
pub(super) fn field(name: &str, data_type: DataType) -> FieldRef {
    Field::new(name, data_type, true).into()
}

/// An argument as a column of texts.
pub(super) fn texts(args: &ScalarFunctionArgs, at: usize) -> Result<StringArray> {
    Ok(cast(&column(args, at)?, &DataType::Utf8)?.as_string::<i32>().clone())
}

/// An argument as a column; constants once.
pub(super) fn column(args: &ScalarFunctionArgs, at: usize) -> Result<ArrayRef> {
    match args.args.get(at) {
        Some(ColumnarValue::Array(array)) => Ok(array.clone()),
        Some(ColumnarValue::Scalar(scalar)) => scalar.to_array_of_size(args.number_rows),
        None => plan_err!("函数缺少第 {} 个参数", at + 1),
    }
}

/// A constant argument as text.
pub(super) fn constant(args: &ScalarFunctionArgs, at: usize) -> Option<&str> {
    match args.args.get(at) {
        Some(ColumnarValue::Scalar(scalar)) => scalar.try_as_str().flatten(),
        _ => None,
    }
}

/// One value where all arguments are constants, a column otherwise.
pub(super) fn answer(args: &ScalarFunctionArgs, array: ArrayRef) -> Result<ColumnarValue> {
    let constant = args.args.iter().all(|arg| matches!(arg, ColumnarValue::Scalar(_)));
    if constant && !array.is_empty() {
        return Ok(ColumnarValue::Scalar(ScalarValue::try_from_array(&array, 0)?));
    }
    Ok(ColumnarValue::Array(array))
}

/// A failure of one value, told to whoever asked.
pub(super) fn refused<T>(sentence: impl Into<String>) -> Result<T> {
    Err(DataFusionError::Execution(sentence.into()))
}

pub(super) fn is_text(data_type: &DataType) -> bool {
    data_type.is_string() || matches!(data_type, DataType::Null)
}

pub(super) fn is_number(data_type: &DataType) -> bool {
    data_type.is_numeric()
}

pub(super) fn is_time(data_type: &DataType) -> bool {
    data_type.is_temporal() || matches!(data_type, DataType::Interval(_) | DataType::Duration(_))
}
