//! `current_setting('name')`: the settings of whoever asks. Over the wire they are the connection's, elsewhere what a
//! session begins with. A name nobody knows is an error, or NULL where the statement says that it may be missing.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, StringArray};
use arrow::compute::cast;
use arrow::datatypes::DataType;
use datafusion::common::plan_err;
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};

/// What holds where no connection says otherwise.
const DEFAULTS: [(&str, &str); 13] = [
    ("application_name", ""),
    ("client_encoding", "UTF8"),
    ("datestyle", "ISO, YMD"),
    ("default_transaction_read_only", "on"),
    ("integer_datetimes", "on"),
    ("lc_collate", "C"),
    ("max_identifier_length", "63"),
    ("search_path", "public"),
    ("server_encoding", "UTF8"),
    ("server_version", "15.9"),
    ("server_version_num", "150009"),
    ("standard_conforming_strings", "on"),
    ("timezone", "Asia/Shanghai"),
];

/// `current_setting`, and `set_config`, which sets nothing within a query and says so.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(in crate::access) struct Setting {
    name: &'static str,
    /// By name in small letters; nothing for the defaults.
    values: Arc<BTreeMap<String, String>>,
    signature: Signature,
}

impl Setting {
    /// Both functions.
    pub fn functions(values: &Arc<BTreeMap<String, String>>) -> [ScalarUDF; 2] {
        ["current_setting", "set_config"].map(|name| {
            let signature = Signature::user_defined(Volatility::Stable);
            ScalarUDF::from(Self { name, values: values.clone(), signature })
        })
    }

    fn value(&self, name: &str) -> Option<&str> {
        let wanted = name.to_ascii_lowercase();
        let default = || DEFAULTS.iter().find(|(known, _)| *known == wanted).map(|(_, value)| *value);
        self.values.get(&wanted).map(String::as_str).or_else(default)
    }

    fn row(&self, name: &str, second: Option<&str>) -> Result<Option<String>> {
        let value = self.value(name).map(str::to_owned);
        if self.name == "current_setting" {
            let may_be_missing = second == Some("true");
            return match value {
                None if !may_be_missing => Err(DataFusionError::Execution(format!(
                    "没有参数“{name}”（unrecognized configuration parameter）"
                ))),
                known => Ok(known),
            };
        }
        // What holds already needs no setting.
        match (value, second) {
            (Some(value), Some(wanted)) if value == wanted => Ok(Some(value)),
            _ => Err(DataFusionError::Execution(format!(
                "查询里不能修改参数“{name}”，请单独执行 SET {name} TO …"
            ))),
        }
    }
}

impl ScalarUDFImpl for Setting {
    fn name(&self) -> &str {
        self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        let most = if self.name == "set_config" { 3 } else { 2 };
        if types.is_empty() || types.len() > most {
            return plan_err!("{} 的参数个数不对", self.name);
        }
        Ok(types
            .iter()
            .enumerate()
            .map(|(at, kind)| match kind {
                DataType::Boolean if at > 0 => DataType::Boolean,
                _ => DataType::Utf8,
            })
            .collect())
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Utf8)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let arrays =
            args.args.iter().map(|arg| arg.to_array(args.number_rows)).collect::<Result<Vec<_>>>()?;
        let texts = |array: &ArrayRef| -> Result<StringArray> {
            Ok(cast(array, &DataType::Utf8)?.as_string::<i32>().clone())
        };
        let names = texts(&arrays[0])?;
        let seconds = arrays.get(1).map(texts).transpose()?;
        let rows = names.iter().enumerate().map(|(row, name)| {
            let second = seconds.as_ref().and_then(|seconds| seconds.iter().nth(row).flatten());
            name.map_or(Ok(None), |name| self.row(name, second))
        });
        let made: StringArray = rows.collect::<Result<_>>()?;
        Ok(ColumnarValue::Array(Arc::new(made)))
    }
}
