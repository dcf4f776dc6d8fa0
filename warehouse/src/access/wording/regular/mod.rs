//! Regular expressions, from PostgreSQL's writing to the engine's. Their letters differ: `.` matches a line's end, `\d` is
//! ASCII, `[[:alpha:]]` knows every alphabet, `\m` begins a word. A pattern that is written out is translated once, here;
//! any other by a function the engine folds.

mod bracket;
mod escape;
mod translate;

use std::ops::ControlFlow;
use std::sync::Arc;

use arrow::array::{AsArray, StringArray};
use arrow::compute::cast;
use arrow::datatypes::DataType;
use datafusion::common::ScalarValue;
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::{ColumnarValue, Expr as PlanExpr, ScalarUDF, Volatility, create_udf};
use datafusion::sql::sqlparser::ast::{
    BinaryOperator, CastKind, DataType as TypeName, Expr, Function, FunctionArg, FunctionArgExpr,
    FunctionArguments, ObjectNamePart, Statement, Value,
};

use super::super::walk::{Flow, Rewrite, rewrite};
use super::similar;
use crate::access::calls::call;

pub(super) use translate::engines;

const NAME: &str = "regular_expression";

/// Functions of a regular expression, which is their second argument, and the place of its options. `regexp_instr` of the
/// engine has other arguments behind the pattern than PostgreSQL's.
const FUNCTIONS: [(&str, Option<usize>); 7] = [
    ("regexp_count", Some(3)),
    ("regexp_instr", None),
    ("regexp_like", Some(2)),
    ("regexp_match", Some(2)),
    ("regexp_replace", Some(3)),
    ("regexp_split_to_array", None),
    ("regexp_substr", None),
];

/// Changes the statement in place.
///
/// # Errors
/// A sentence about a pattern that is none, or has no counterpart.
pub(super) fn translate(statement: &mut Statement) -> std::result::Result<(), String> {
    match rewrite(statement, &mut Regular) {
        ControlFlow::Break(sentence) => Err(sentence),
        ControlFlow::Continue(()) => Ok(()),
    }
}

struct Regular;

impl Rewrite for Regular {
    fn post_visit_expr(&mut self, expr: &mut Expr) -> Flow {
        use BinaryOperator::{PGRegexIMatch, PGRegexMatch, PGRegexNotIMatch, PGRegexNotMatch};
        let done = match expr {
            Expr::BinaryOp {
                op: PGRegexMatch | PGRegexIMatch | PGRegexNotMatch | PGRegexNotIMatch,
                right,
                ..
            } => pattern(right, ""),
            Expr::Function(function) => match FUNCTIONS.iter().find(|(name, _)| is(function, name)) {
                Some((_, options)) => of_call(function, *options),
                None => Ok(()),
            },
            _ => Ok(()),
        };
        match done {
            Ok(()) => ControlFlow::Continue(()),
            Err(sentence) => ControlFlow::Break(sentence),
        }
    }
}

fn is(function: &Function, name: &str) -> bool {
    let last = function.name.0.last().and_then(ObjectNamePart::as_ident);
    last.is_some_and(|ident| ident.value.eq_ignore_ascii_case(name))
}

/// The pattern of a call, with the options that change how it is read.
fn of_call(function: &mut Function, place: Option<usize>) -> std::result::Result<(), String> {
    let FunctionArguments::List(list) = &mut function.args else { return Ok(()) };
    let mut options = String::new();
    if let Some(place) = place
        && let Some(FunctionArg::Unnamed(FunctionArgExpr::Expr(arg))) = list.args.get_mut(place)
        && let Some(given) = written_out(arg)
    {
        // What is left for the engine: all matches, and letters of either case, where that is the last word about case.
        let either = given.rfind('i') > given.rfind('c');
        let kept: String = [(given.contains('g'), 'g'), (either, 'i')]
            .into_iter()
            .filter_map(|(on, option)| on.then_some(option))
            .collect();
        match kept.is_empty() {
            // Options that are none would be no regular expression of the engine.
            true => list.args.truncate(place),
            false => *arg = text(kept),
        }
        options = given;
    }
    match list.args.get_mut(1) {
        Some(FunctionArg::Unnamed(FunctionArgExpr::Expr(arg))) => pattern(arg, &options),
        _ => Ok(()),
    }
}

/// Translates a pattern, or calls what will once it is known.
fn pattern(expr: &mut Expr, options: &str) -> std::result::Result<(), String> {
    if let Some(given) = written_out(expr) {
        let made = engines(&given, options)?;
        if made != given {
            *expr = text(made);
        }
        return Ok(());
    }
    let made_already = matches!(expr, Expr::Function(function) if is(function, similar::NAME));
    if !made_already {
        let value = std::mem::replace(expr, Expr::Value(Value::Null.with_empty_span()));
        // The cast tells the type of a parameter.
        let value = Expr::Cast {
            kind: CastKind::Cast,
            expr: Box::new(value),
            data_type: TypeName::Text,
            array: false,
            format: None,
        };
        *expr = call(NAME, vec![value, text(options.to_owned())]);
    }
    Ok(())
}

/// A text that stands in the statement, in brackets or called a text there.
fn written_out(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Value(value) => value.value.clone().into_string(),
        Expr::Nested(inner) | Expr::Cast { expr: inner, data_type: TypeName::Text, .. } => written_out(inner),
        _ => None,
    }
}

fn text(text: String) -> Expr {
    Expr::Value(Value::SingleQuotedString(text).with_empty_span())
}

/// `regular_expression(pattern, options)`: the engine's.
pub(super) fn function() -> ScalarUDF {
    of_two_texts(NAME, engines)
}

/// How a pattern is made of two texts, or why not.
type Make = fn(&str, &str) -> std::result::Result<String, String>;

/// A function that makes a pattern of two texts, row by row.
pub(super) fn of_two_texts(name: &str, make: Make) -> ScalarUDF {
    let texts = vec![DataType::Utf8, DataType::Utf8];
    let run = Arc::new(move |args: &[ColumnarValue]| by_row(args, make));
    create_udf(name, texts, DataType::Utf8, Volatility::Immutable, run)
}

fn by_row(args: &[ColumnarValue], of: Make) -> Result<ColumnarValue> {
    let constant = args.iter().all(|arg| matches!(arg, ColumnarValue::Scalar(_)));
    let arrays = ColumnarValue::values_to_arrays(args)?;
    let texts = arrays.iter().map(|array| cast(array, &DataType::Utf8)).collect::<Result<Vec<_>, _>>()?;
    let [first, second] = texts.as_slice() else {
        return Err(DataFusionError::Internal("a pattern is made of two texts".to_owned()));
    };
    let one = |pair: (Option<&str>, Option<&str>)| match pair {
        (Some(first), Some(second)) => of(first, second).map(Some).map_err(DataFusionError::Execution),
        _ => Ok(None),
    };
    let made: StringArray =
        first.as_string::<i32>().iter().zip(second.as_string::<i32>()).map(one).collect::<Result<_>>()?;
    Ok(match constant {
        true => ColumnarValue::Scalar(ScalarValue::try_from_array(&made, 0)?),
        false => ColumnarValue::Array(Arc::new(made)),
    })
}

/// Why the engine left a pattern of constants unfolded: it is no regular expression.
pub(in crate::access) fn complaint(pattern: &PlanExpr) -> Option<String> {
    let call = match pattern {
        // Made of the type of the texts it is compared with.
        PlanExpr::Cast(cast) => return complaint(&cast.expr),
        PlanExpr::ScalarFunction(call) => call,
        _ => return None,
    };
    let [PlanExpr::Literal(first, _), PlanExpr::Literal(second, _)] = call.args.as_slice() else {
        return None;
    };
    let (first, second) = (first.try_as_str().flatten()?, second.try_as_str().flatten()?);
    match call.func.name() {
        NAME => engines(first, second).err(),
        similar::NAME => similar::regular(first, second).err(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::parse::unchanged;
    use super::*;

    fn check(sql: &str, expected: &str) {
        let mut statement = unchanged(sql).remove(0);
        let made = translate(&mut statement).map(|()| statement.to_string());
        assert_eq!(made.unwrap_or_else(|sentence| format!("! {sentence}")), expected, "{sql}");
    }

    #[test]
    fn patterns_are_translated_where_they_stand() {
        check(r"SELECT a ~ '\d', b !~* ('x.')::TEXT", r"SELECT a ~ '[0-9]', b !~* '(?s)x.'");
        check("SELECT a ~ 'x' FROM t", "SELECT a ~ 'x' FROM t");
        check("SELECT a ~ $1", "SELECT a ~ regular_expression(CAST($1 AS TEXT), '')");
        check("SELECT regexp_replace(a, 'x', 'y', 'ng')", "SELECT regexp_replace(a, 'x', 'y', 'g')");
        check("SELECT regexp_like(a, 'x.', 'n')", r"SELECT regexp_like(a, 'x[^\n]')");
        check("SELECT regexp_like(a, 'x', 'ic')", "SELECT regexp_like(a, 'x')");
        check(r"SELECT regexp_match(a, '(\d)')", "SELECT regexp_match(a, '([0-9])')");
    }
}
