//! COLLATE. The engine compares texts by their bytes, PostgreSQL's `C`; other collations become the key a text is sorted
//! by, in ORDER BY and in comparisons, where a collation tells. Elsewhere it is refused rather than forgotten.

use std::ops::ControlFlow;
use std::sync::Arc;

use arrow::array::{AsArray, StringArray};
use arrow::compute::cast;
use arrow::datatypes::DataType;
use datafusion::common::ScalarValue;
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::{ColumnarValue, ScalarUDF, Volatility, create_udf};
use datafusion::sql::sqlparser::ast::{
    BinaryOperator, Expr, Function, FunctionArgumentClause, FunctionArguments, ObjectName, ObjectNamePart,
    OrderByExpr, OrderByKind, Query, Select, SelectItem, SetExpr, Statement, Value, WindowType,
};
use icu_collator::options::CollatorOptions;
use icu_collator::{Collator, CollatorBorrowed, CollatorPreferences};
use icu_locale_core::Locale;

use super::super::walk::{Flow, Rewrite, rewrite};
use crate::access::calls::call;

const NAME: &str = "collation_key";

/// Collations that compare bytes.
const BYTES: [&str; 5] = ["c", "posix", "ucs_basic", "default", "c.utf8"];

/// Changes the statement in place.
///
/// # Errors
/// A sentence about a collation nobody knows, or one that stands where it would be forgotten.
pub(super) fn sort_by_keys(statement: &mut Statement) -> Result<(), String> {
    match rewrite(statement, &mut Collations) {
        ControlFlow::Break(sentence) => Err(sentence),
        ControlFlow::Continue(()) => Ok(()),
    }
}

struct Collations;

impl Rewrite for Collations {
    fn pre_visit_query(&mut self, query: &mut Query) -> Flow {
        if let Some(order_by) = &mut query.order_by
            && let OrderByKind::Expressions(exprs) = &mut order_by.kind
        {
            sorted(exprs)?;
        }
        if let SetExpr::Select(select) = query.body.as_mut() {
            shown(select);
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expr: &mut Expr) -> Flow {
        match expr {
            Expr::BinaryOp { left, op, right } if is_comparison(op) => {
                let collation = [&left, &right].into_iter().find_map(|side| match bare(side) {
                    Expr::Collate { collation, .. } => Some(collation.clone()),
                    _ => None,
                });
                if let Some(collation) = collation {
                    for side in [left, right] {
                        let inner = match bare(side) {
                            Expr::Collate { expr, .. } => expr.as_ref().clone(),
                            other => other.clone(),
                        };
                        **side = keyed(inner, &collation)?;
                    }
                }
            }
            Expr::Function(function) => of_function(function)?,
            _ => {}
        }
        ControlFlow::Continue(())
    }

    fn post_visit_expr(&mut self, expr: &mut Expr) -> Flow {
        if let Expr::Collate { expr: inner, collation } = expr {
            if locale(collation)?.is_some() {
                let name = collation.to_string();
                return ControlFlow::Break(format!("COLLATE {name} 只能用在 ORDER BY 和比较中"));
            }
            *expr = inner.as_ref().clone();
        }
        ControlFlow::Continue(())
    }
}

/// A text that is only shown looks the same whatever its collation.
fn shown(select: &mut Select) {
    for item in &mut select.projection {
        if let SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } = item {
            while let Expr::Collate { expr: inner, .. } = expr {
                *expr = inner.as_ref().clone();
            }
        }
    }
}

fn of_function(function: &mut Function) -> Flow {
    sorted(&mut function.within_group)?;
    if let Some(WindowType::WindowSpec(window)) = &mut function.over {
        sorted(&mut window.order_by)?;
    }
    if let FunctionArguments::List(list) = &mut function.args {
        for clause in &mut list.clauses {
            if let FunctionArgumentClause::OrderBy(exprs) = clause {
                sorted(exprs)?;
            }
        }
    }
    ControlFlow::Continue(())
}

fn sorted(exprs: &mut [OrderByExpr]) -> Flow {
    for item in exprs {
        if let Expr::Collate { expr, collation } = bare(&item.expr) {
            item.expr = keyed(expr.as_ref().clone(), collation)?;
        }
    }
    ControlFlow::Continue(())
}

fn bare(mut expr: &Expr) -> &Expr {
    while let Expr::Nested(inner) = expr {
        expr = inner;
    }
    expr
}

fn is_comparison(op: &BinaryOperator) -> bool {
    use BinaryOperator::{Eq, Gt, GtEq, Lt, LtEq, NotEq};
    matches!(op, Eq | NotEq | Lt | LtEq | Gt | GtEq)
}

/// What a text is compared by.
fn keyed(expr: Expr, collation: &ObjectName) -> ControlFlow<String, Expr> {
    ControlFlow::Continue(match locale(collation)? {
        None => expr,
        Some(locale) => {
            let locale = Expr::Value(Value::SingleQuotedString(locale).with_empty_span());
            call(NAME, vec![expr, locale])
        }
    })
}

/// The language a collation sorts by; none of one that compares bytes.
fn locale(collation: &ObjectName) -> ControlFlow<String, Option<String>> {
    let last = collation.0.last().and_then(ObjectNamePart::as_ident).map(|ident| ident.value.clone());
    let name = last.unwrap_or_default();
    if BYTES.contains(&&*name.to_ascii_lowercase().replace('-', "")) {
        return ControlFlow::Continue(None);
    }
    // `zh-x-icu` as PostgreSQL calls ICU's collations, `zh_CN.utf8` as it calls those of the system.
    let language = match name.strip_suffix("-x-icu") {
        Some(language) => language.to_owned(),
        None => name.split('.').next().unwrap_or_default().replace('_', "-"),
    };
    match collator(&language) {
        Ok(_) if !language.is_empty() => ControlFlow::Continue(Some(language)),
        _ => ControlFlow::Break(format!("没有名为“{name}”的排序规则；中文按拼音排序请用 \"zh-x-icu\"")),
    }
}

fn collator(language: &str) -> Result<CollatorBorrowed<'static>> {
    let unknown = |cause: String| DataFusionError::Execution(format!("no collation for {language}: {cause}"));
    let locale = Locale::try_from_str(language).map_err(|error| unknown(error.to_string()))?;
    let preferences = CollatorPreferences::from(&locale);
    Collator::try_new(preferences, CollatorOptions::default()).map_err(|error| unknown(error.to_string()))
}

/// `collation_key(text, language)`: texts that sort by their bytes as the texts do in the language.
pub(super) fn function() -> ScalarUDF {
    let args = vec![DataType::Utf8, DataType::Utf8];
    create_udf(NAME, args, DataType::Utf8, Volatility::Immutable, Arc::new(keys))
}

fn keys(args: &[ColumnarValue]) -> Result<ColumnarValue> {
    let [texts, ColumnarValue::Scalar(language)] = args else {
        return Err(DataFusionError::Execution(format!("{NAME} takes a text and a language")));
    };
    let collator = collator(language.try_as_str().flatten().unwrap_or_default())?;
    let key = |text: &str| {
        let mut key = Vec::new();
        match collator.write_sort_key_to(text, &mut key) {
            Ok(()) => {}
        }
        // Texts that sort alike are told apart by their bytes.
        key.push(0);
        key.extend_from_slice(text.as_bytes());
        // Windows sort no bytes, only texts.
        key.iter()
            .flat_map(|byte| [byte >> 4, byte & 15])
            .map(|half| char::from(b'a' + half))
            .collect::<String>()
    };
    let constant = matches!(texts, ColumnarValue::Scalar(_));
    let texts = match texts {
        ColumnarValue::Array(array) => cast(array, &DataType::Utf8)?,
        ColumnarValue::Scalar(scalar) => cast(&scalar.to_array()?, &DataType::Utf8)?,
    };
    let made: StringArray = texts.as_string::<i32>().iter().map(|text| text.map(key)).collect();
    Ok(match constant {
        true => ColumnarValue::Scalar(ScalarValue::try_from_array(&made, 0)?),
        false => ColumnarValue::Array(Arc::new(made)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::parse::unchanged;

    fn adapted(sql: &str) -> Result<String, String> {
        let mut statement = unchanged(sql).remove(0);
        sort_by_keys(&mut statement).map(|()| statement.to_string())
    }

    #[test]
    fn collations_become_keys_where_they_tell() {
        for (sql, expected) in [
            ("SELECT a FROM t ORDER BY a COLLATE \"C\"", "SELECT a FROM t ORDER BY a"),
            (
                "SELECT a FROM t ORDER BY a COLLATE \"zh-x-icu\" DESC",
                "SELECT a FROM t ORDER BY collation_key(a, 'zh') DESC",
            ),
            (
                "SELECT a FROM t ORDER BY a COLLATE pg_catalog.\"zh_CN.utf8\"",
                "SELECT a FROM t ORDER BY collation_key(a, 'zh-CN')",
            ),
            ("SELECT a COLLATE \"zh-x-icu\" FROM t", "SELECT a FROM t"),
            ("SELECT a < b COLLATE \"zh-x-icu\"", "SELECT collation_key(a, 'zh') < collation_key(b, 'zh')"),
            (
                "SELECT row_number() OVER (ORDER BY a COLLATE \"zh-x-icu\")",
                "SELECT row_number() OVER (ORDER BY collation_key(a, 'zh'))",
            ),
        ] {
            assert_eq!(adapted(sql).as_deref(), Ok(expected));
        }
        assert!(adapted("SELECT max(a COLLATE \"zh-x-icu\")").is_err());
        assert!(adapted("SELECT a FROM t ORDER BY a COLLATE \"klingon!\"").is_err());
    }

    #[test]
    fn chinese_sorts_by_pinyin() {
        let texts = ColumnarValue::Array(Arc::new(StringArray::from(vec!["徐汇", "宝山", "长宁", "abc"])));
        let made = keys(&[texts, ColumnarValue::Scalar("zh".into())]).expect("keys");
        let ColumnarValue::Array(made) = made else { panic!("an array") };
        let made = made.as_string::<i32>();
        let mut order = vec![0, 1, 2, 3];
        order.sort_by_key(|at| made.value(*at).to_owned());
        // 宝山 bao, 徐汇 xu, 长宁 (sorted as zhang, also by PostgreSQL), then other scripts.
        assert_eq!(order, [1, 0, 2, 3]);
    }
}
