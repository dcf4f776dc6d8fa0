//! PostgreSQL's system functions for a session: the library's, and the ones clients ask for besides. None of them reads
//! rows of the lake or tells of other accounts.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, StringArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Int32Type};
use datafusion::catalog::MemoryCatalogProvider;
use datafusion::common::ScalarValue;
use datafusion::error::Result;
use datafusion::logical_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, TypeSignature, Volatility,
};
use datafusion::prelude::SessionContext;
use datafusion_pg_catalog::pg_catalog::context::EmptyContextProvider;
use datafusion_pg_catalog::setup_pg_catalog;

use super::setting::Setting;
use super::{PgCatalog, lists};
use crate::access::lake_catalog::CATALOG;

/// What `version()` says. Clients read the number to learn which system catalog to expect.
const VERSION: &str = concat!("PostgreSQL 15.9 (Pujiang ", env!("CARGO_PKG_VERSION"), ")");

/// Functions that answer the same whatever they are asked: of objects this catalog does not have (views, rules, triggers,
/// sequences, tablespaces) PostgreSQL answers NULL, too.
const ANSWERS: [(&str, Answer); 26] = [
    ("version", Answer::Text(VERSION)),
    ("shobj_description", Answer::NoText),
    ("pg_get_viewdef", Answer::NoText),
    ("pg_get_ruledef", Answer::NoText),
    ("pg_get_triggerdef", Answer::NoText),
    ("pg_get_functiondef", Answer::NoText),
    ("pg_get_function_result", Answer::NoText),
    ("pg_get_function_arguments", Answer::NoText),
    ("pg_get_function_identity_arguments", Answer::NoText),
    ("pg_get_serial_sequence", Answer::NoText),
    ("pg_tablespace_location", Answer::Text("")),
    ("pg_function_is_visible", Answer::Truth(true)),
    ("pg_type_is_visible", Answer::Truth(true)),
    ("pg_operator_is_visible", Answer::Truth(true)),
    ("pg_collation_is_visible", Answer::Truth(true)),
    ("has_column_privilege", Answer::Truth(true)),
    ("has_function_privilege", Answer::Truth(true)),
    ("has_sequence_privilege", Answer::Truth(false)),
    ("pg_has_role", Answer::Truth(false)),
    ("pg_is_in_recovery", Answer::Truth(false)),
    ("pg_get_userbyid", Answer::Text(super::OWNER)),
    ("pg_my_temp_schema", Answer::Number(0)),
    ("pg_advisory_unlock_all", Answer::Text("")),
    ("pg_table_size", Answer::Number(0)),
    ("pg_indexes_size", Answer::Number(0)),
    ("pg_namespace_name", Answer::Text("pg_catalog")),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Answer {
    Text(&'static str),
    NoText,
    Truth(bool),
    Number(i32),
}

/// Puts the functions into the context all sessions are copied from.
pub(in crate::access) fn install(context: &SessionContext) -> Result<()> {
    // The library wants a catalog to add its schema to; sessions bring their own catalog later.
    context.register_catalog(CATALOG, Arc::new(MemoryCatalogProvider::new()));
    setup_pg_catalog(context, CATALOG, EmptyContextProvider).map_err(|e| *e)?;
    for (name, answer) in ANSWERS {
        context.register_udf(System::new(name, Kind::Same(answer)).into());
    }
    for function in lists::functions() {
        context.register_udf(function);
    }
    for function in Setting::functions(&Arc::default()) {
        context.register_udf(function);
    }
    Ok(())
}

/// The functions whose answer depends on who asks and what the person may see.
pub(in crate::access) fn of_account(account: &str, pg: &Arc<PgCatalog>) -> [Arc<ScalarUDF>; 5] {
    [
        System::new("session_user", Kind::Account(account.into())),
        System::new("obj_description", Kind::Comment(pg.clone())),
        System::new("col_description", Kind::Comment(pg.clone())),
        System::new("pg_get_constraintdef", Kind::Definition(pg.clone())),
        System::new("pg_get_indexdef", Kind::Definition(pg.clone())),
    ]
    .map(|function| Arc::new(function.into()))
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Kind {
    Same(Answer),
    Account(Arc<str>),
    /// Comment on an object (object id, class) or a column (object id, number).
    Comment(Arc<PgCatalog>),
    /// Text of a constraint or an index by its object id.
    Definition(Arc<PgCatalog>),
}

/// One system function.
#[derive(Debug, PartialEq, Eq, Hash)]
struct System {
    name: &'static str,
    kind: Kind,
    signature: Signature,
}

impl System {
    fn new(name: &'static str, kind: Kind) -> Self {
        let any = TypeSignature::OneOf(vec![TypeSignature::Nullary, TypeSignature::VariadicAny]);
        Self { name, kind, signature: Signature::new(any, Volatility::Stable) }
    }

    /// The text for one row of arguments.
    fn text(&self, pg: &PgCatalog, oid: i32, second: Option<i32>) -> Option<String> {
        match self.kind {
            Kind::Comment(_) => pg.comment(oid, second.unwrap_or(0)),
            _ => pg.definition(oid),
        }
    }

    fn texts(&self, pg: &PgCatalog, args: &ScalarFunctionArgs) -> Result<ColumnarValue> {
        let arrays = args.args.iter().map(|a| a.to_array(args.number_rows)).collect::<Result<Vec<_>>>()?;
        let numbers = |place: usize| -> Option<ArrayRef> { cast(arrays.get(place)?, &DataType::Int32).ok() };
        let Some(oids) = numbers(0) else { return Ok(ColumnarValue::Scalar(ScalarValue::Utf8(None))) };
        // The class in obj_description(oid, class) is a name and stands for the object itself.
        let second = numbers(1).filter(|_| self.name == "col_description");
        let oids = oids.as_primitive::<Int32Type>();
        let second = second.as_ref().map(|a| a.as_primitive::<Int32Type>());
        let texts = (0..oids.len()).map(|row| {
            let place = second.map(|s| s.value(row));
            oids.is_valid(row).then(|| self.text(pg, oids.value(row), place)).flatten()
        });
        Ok(ColumnarValue::Array(Arc::new(texts.collect::<StringArray>())))
    }
}

impl ScalarUDFImpl for System {
    fn name(&self) -> &str {
        self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(match self.kind {
            Kind::Same(Answer::Truth(_)) => DataType::Boolean,
            Kind::Same(Answer::Number(_)) => DataType::Int32,
            _ => DataType::Utf8,
        })
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let scalar = match &self.kind {
            Kind::Same(Answer::Text(text)) => ScalarValue::from(*text),
            Kind::Same(Answer::NoText) => ScalarValue::Utf8(None),
            Kind::Same(Answer::Truth(truth)) => ScalarValue::from(*truth),
            Kind::Same(Answer::Number(number)) => ScalarValue::from(*number),
            Kind::Account(account) => ScalarValue::from(account.as_ref()),
            Kind::Comment(pg) | Kind::Definition(pg) => return self.texts(pg, &args),
        };
        Ok(ColumnarValue::Scalar(scalar))
    }
}
