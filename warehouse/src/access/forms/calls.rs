//! Calls under PostgreSQL's names and forms, written as ones the engine has.

use arrow::compute::kernels::cast_utils::parse_interval_month_day_nano;
use datafusion::sql::sqlparser::ast::{
    ArrayElemTypeDef, BinaryOperator, DataType, ExactNumberInfo, Expr, Function, FunctionArg,
    FunctionArgExpr, FunctionArgumentClause, FunctionArguments, Ident, ObjectName, OrderByExpr, TimezoneInfo,
    UnaryOperator, Value,
};

use super::build::{Gathering, arguments, call, cast, grouped, is, sorted, text};
use super::{bytes, gathered, subscripts, templates, unnested, values};

/// Names PostgreSQL has for what the engine calls otherwise.
const RENAMED: [(&str, &str); 8] = [
    // The engine's takes the first of equal elements, PostgreSQL's all.
    ("array_replace", "array_replace_all"),
    ("variance", "var_samp"),
    ("stddev_samp", "stddev"),
    ("every", "bool_and"),
    ("ceiling", "ceil"),
    ("clock_timestamp", "now"),
    ("statement_timestamp", "now"),
    ("transaction_timestamp", "now"),
];

/// Functions of PostgreSQL that are not here, with what to write in their place.
const ABSENT: [(&str, &str); 12] = [
    ("array_dims", "；一维数组的长度用 cardinality"),
    ("to_number", "；去掉多余的字符后用 ::numeric，例如 replace(x, ',', '')::numeric"),
    ("scale", "；一列小数的位数都相同"),
    ("min_scale", "；一列小数的位数都相同"),
    ("trim_scale", "；一列小数的位数都相同，显示请用 to_char(x, 'FM999990.99')"),
    ("justify_days", "；时段按月、日、时分别保存"),
    ("justify_hours", "；时段按月、日、时分别保存"),
    ("justify_interval", "；时段按月、日、时分别保存"),
    ("array", "(SELECT …)；请用 (SELECT array_agg(x ORDER BY …) FROM …)"),
    ("convert_to", "；文字都是 UTF-8"),
    ("convert_from", "；文字都是 UTF-8"),
    ("regexp_matches", "；第一处匹配请用 regexp_match"),
];

/// Functions that number or count without a sign in the engine; mixed with other whole numbers they would become decimals.
const NUMBERING: [&str; 9] = [
    "array_length",
    "array_ndims",
    "array_position",
    "cardinality",
    "dense_rank",
    "ntile",
    "rank",
    "regr_count",
    "row_number",
];

/// Refuses a call of what is not here.
pub(super) fn check(expr: &Expr) -> Result<(), String> {
    let to = match expr {
        Expr::Cast { data_type, .. } => Some(data_type),
        Expr::TypedString(typed) => Some(&typed.data_type),
        _ => None,
    };
    if let Some(DataType::JSON | DataType::JSONB) = to {
        return Err("不支持把文字读成 json（->、->>）；取其中一项请用 regexp_match 或 substring".to_owned());
    }
    let Expr::Function(function) = expr else { return Ok(()) };
    match ABSENT.iter().find(|(name, _)| is(function, name)) {
        Some((name, instead)) => Err(format!("不支持函数 {name}{instead}")),
        None => Ok(()),
    }
}

/// Changes the expression in place.
pub(super) fn replace(expr: &mut Expr) -> Result<(), String> {
    match expr {
        Expr::Cast { data_type: DataType::Bytea, expr: of, .. } => bytes::written(of)?,
        Expr::Cast { data_type, .. } => as_postgresql_means(data_type),
        Expr::TypedString(typed) => as_postgresql_means(&mut typed.data_type),
        // `-interval '1 day 2 hours'`: the sign is the whole span's, and the engine reads it before the first of its parts.
        Expr::UnaryOp { op: UnaryOperator::Minus, expr: of } if matches!(of.as_ref(), Expr::Interval(_)) => {
            **of = Expr::Nested(of.clone());
        }
        Expr::Extract { field, expr: of, .. } => {
            let field = text(&field.to_string().to_ascii_lowercase());
            *expr = Expr::Function(call("extract", vec![field, of.as_ref().clone()]));
        }
        Expr::AtTimeZone { timestamp, time_zone } => {
            *expr = Expr::Function(call(
                "timezone",
                vec![time_zone.as_ref().clone(), timestamp.as_ref().clone()],
            ));
        }
        Expr::Substring { expr: of, substring_from: Some(pattern), substring_for: None, .. }
            if is_text(pattern) =>
        {
            *expr = templates::first_match(of, pattern)?;
        }
        // What the engine cannot read where it stands is read like any text, in more spellings.
        Expr::Interval(interval) if interval.leading_field.is_none() && !is_readable(&interval.value) => {
            *expr =
                cast(interval.value.as_ref().clone(), DataType::Interval { fields: None, precision: None });
        }
        Expr::CompoundFieldAccess { access_chain, .. } => {
            access_chain.iter_mut().try_for_each(subscripts::bounds)?
        }
        Expr::Function(function) => {
            if let Some(made) = function_of(function)? {
                *expr = made;
            }
        }
        _ => {}
    }
    Ok(())
}

/// Whether the engine reads the text of a span; frames of windows take no other expression.
fn is_readable(value: &Expr) -> bool {
    match value {
        Expr::Value(value) => {
            let text = value.value.clone().into_string();
            text.is_none_or(|text| parse_interval_month_day_nano(&text).is_ok())
        }
        _ => true,
    }
}

/// Types that have the name of another one of the engine's.
fn as_postgresql_means(data_type: &mut DataType) {
    match data_type {
        // Without digits, or with more than four bytes hold, it is one of eight.
        DataType::Float(ExactNumberInfo::None | ExactNumberInfo::Precision(25..)) => {
            *data_type = DataType::DoublePrecision;
        }
        // The engine's own are nanoseconds, which reach from 1677 to 2262 only.
        DataType::Timestamp(digits @ None, _) => *digits = Some(6),
        DataType::Array(
            ArrayElemTypeDef::SquareBracket(element, _)
            | ArrayElemTypeDef::AngleBracket(element)
            | ArrayElemTypeDef::Parenthesis(element),
        ) => as_postgresql_means(element),
        _ => {}
    }
}

/// Whether it is a text, written out.
fn is_text(expr: &Expr) -> bool {
    matches!(expr, Expr::Value(value) if value.value.clone().into_string().is_some())
}

fn function_of(function: &mut Function) -> Result<Option<Expr>, String> {
    drop_constant_keys(function);
    if let Some(made) = gathered::replaced(function)? {
        return Ok(Some(made));
    }
    if let Some(made) = templates::written(function)? {
        return Ok(Some(made));
    }
    if let Some((_, ours)) = RENAMED.iter().find(|(name, _)| is(function, name)) {
        function.name = ObjectName::from(vec![Ident::new(*ours)]);
    }
    for name in ["localtimestamp", "localtime", "current_timestamp", "current_time"] {
        if is(function, name) {
            return clock(function, name);
        }
    }
    if is(function, "mod") {
        let Some([one, other]) = arguments(function).and_then(|args| <[Expr; 2]>::try_from(args).ok()) else {
            return Err("mod 需要两个数".to_owned());
        };
        let (left, right) = (Box::new(grouped(one)), Box::new(grouped(other)));
        let rest = Expr::BinaryOp { left, op: BinaryOperator::Modulo, right };
        return Ok(Some(Expr::Nested(Box::new(rest))));
    }
    if is(function, "age")
        && let Some([time]) = arguments(function).and_then(|args| <[Expr; 1]>::try_from(args).ok())
    {
        let today = cast(Expr::Function(call("current_date", vec![])), wall());
        return Ok(Some(Expr::Function(call("age", vec![today, time]))));
    }
    if ["jsonb_agg", "jsonb_build_object", "jsonb_build_array", "jsonb_object_agg", "to_jsonb", "row_to_json"]
        .iter()
        .any(|name| is(function, name))
    {
        return Err(
            "不支持 jsonb 和整行的 JSON；请用 json_build_object、json_build_array、json_agg".to_owned()
        );
    }
    if is(function, "log")
        && let Some(args) = arguments(function)
        && let Some(exact) = logarithm(&args)
    {
        return Ok(Some(Expr::Function(exact)));
    }
    if is(function, "pg_typeof")
        && let Some(value) = argument(function, 0)
    {
        if is_text(value) {
            return Ok(Some(text("unknown")));
        }
        values::type_number(value);
    }
    if (is(function, "encode") || is(function, "decode"))
        && let Some(Expr::Value(format)) = argument(function, 1)
        && format.value.clone().into_string().is_some_and(|name| name.eq_ignore_ascii_case("base64"))
    {
        format.value = Value::SingleQuotedString("base64pad".to_owned());
    }
    if is(function, "unnest")
        && let Some(list) = argument(function, 0)
    {
        unnested::flat(list);
    }
    if is(function, "to_hex") || is(function, "lcm") {
        for place in 0..2 {
            if let Some(value) = argument(function, place) {
                values::type_number(value);
            }
        }
    }
    // The engine's cannot take a row back that leaves the frame; truth is more than falsehood.
    if function.over.is_some() {
        for (name, same) in [("bool_or", "max"), ("bool_and", "min")] {
            if is(function, name) {
                function.name = ObjectName::from(vec![Ident::new(same)]);
            }
        }
    }
    if ["length", "octet_length", "md5"].iter().any(|name| is(function, name)) {
        bytes::of_text(function);
    }
    if is(function, "regexp_replace") {
        wrap_argument(function, 2, "regexp_replacement");
    }
    if is(function, "lead") || is(function, "lag") {
        return templates::beyond_the_rows(function);
    }
    if NUMBERING.iter().any(|name| is(function, name)) {
        let number = cast(Expr::Function(function.clone()), DataType::BigInt(None));
        // An empty list has no length in PostgreSQL, and no dimension, while the engine counts one.
        if is(function, "array_ndims")
            && let Some([list]) = arguments(function).and_then(|args| <[Expr; 1]>::try_from(args).ok())
        {
            return templates::filled("CASE WHEN cardinality(a1) > 0 THEN a2 END", &[list, number]).map(Some);
        }
        return match is(function, "array_length") {
            true => templates::filled("nullif(a1, 0)", &[number]).map(Some),
            false => Ok(Some(number)),
        };
    }
    if is(function, "round")
        && let Some([_, digits]) = arguments(function).and_then(|args| <[Expr; 2]>::try_from(args).ok())
        && !is_written_out(&digits)
    {
        function.name = ObjectName::from(vec![Ident::new("round_by")]);
    }
    list_of(function)
}

/// Logarithms to the bases the engine has a function for, which gives 3 for 1000; a quotient of others gives a little less.
fn logarithm(args: &[Expr]) -> Option<Function> {
    let number = |expr: &Expr| match expr {
        Expr::Value(value) => match &value.value {
            Value::Number(digits, _) => digits.parse::<f64>().ok(),
            _ => None,
        },
        _ => None,
    };
    match args {
        [of] => Some(call("log10", vec![of.clone()])),
        [base, of] if number(base) == Some(10.0) => Some(call("log10", vec![of.clone()])),
        [base, of] if number(base) == Some(2.0) => Some(call("log2", vec![of.clone()])),
        _ => None,
    }
}

/// A number among the keys an aggregate is ordered by is a constant; the engine takes it for the place of a column.
fn drop_constant_keys(function: &mut Function) {
    let is_constant = |key: &OrderByExpr| matches!(&key.expr, Expr::Value(_));
    if let FunctionArguments::List(list) = &mut function.args {
        for clause in &mut list.clauses {
            if let FunctionArgumentClause::OrderBy(keys) = clause {
                keys.retain(|key| !is_constant(key));
            }
        }
        list.clauses
            .retain(|clause| !matches!(clause, FunctionArgumentClause::OrderBy(keys) if keys.is_empty()));
    }
}

/// Puts a call around an argument, where there is one.
fn wrap_argument(function: &mut Function, at: usize, name: &str) {
    if let Some(arg) = argument(function, at) {
        *arg = Expr::Function(call(name, vec![arg.clone()]));
    }
}

pub(super) fn argument(function: &mut Function, at: usize) -> Option<&mut Expr> {
    let FunctionArguments::List(list) = &mut function.args else { return None };
    match list.args.get_mut(at) {
        Some(FunctionArg::Unnamed(FunctionArgExpr::Expr(arg))) => Some(arg),
        _ => None,
    }
}

/// Whether a number of digits is known before anything is planned.
pub(super) fn is_written_out(digits: &Expr) -> bool {
    match digits {
        Expr::Value(_) => true,
        Expr::UnaryOp { op: UnaryOperator::Minus | UnaryOperator::Plus, expr } | Expr::Nested(expr) => {
            is_written_out(expr)
        }
        _ => false,
    }
}

/// Lists that people see. PostgreSQL sorts what it makes distinct; and the engine's `string_agg` grows in one piece that no
/// pool sees, so its texts are gathered in a list, which one does, and put together once.
fn list_of(function: &Function) -> Result<Option<Expr>, String> {
    let gathering = Gathering::of(function);
    let texts = is(function, "string_agg");
    let is_plain_text = texts && !gathering.is_distinct() && function.over.is_none();
    if !is_plain_text && (!gathering.is_distinct() || !texts && !is(function, "array_agg")) {
        return Ok(None);
    }
    let Some(mut args) = arguments(function).filter(|args| args.len() == 1 + usize::from(texts)) else {
        return Ok(None);
    };
    if texts && let Some(separator) = args.last_mut() {
        match separator {
            // Nothing between the texts.
            Expr::Value(value) if value.value == Value::Null => *separator = text(""),
            Expr::Value(_) => {}
            _ => return Err("string_agg 的分隔符要直接写出来".to_owned()),
        }
    }
    let value = args.remove(0);
    if gathering.is_distinct() && gathering.order_by.iter().any(|key| key.expr != value) {
        return Err("DISTINCT 的聚合只能按被聚合的值排序（ORDER BY）".to_owned());
    }
    let mut list = call("array_agg", vec![value.clone()]);
    list.filter.clone_from(&function.filter);
    list.over.clone_from(&function.over);
    if texts {
        // Nothing to be put together is NULL, not an empty text.
        let known = Box::new(Expr::IsNotNull(Box::new(grouped(value))));
        list.filter = Some(match list.filter.take() {
            None => known,
            Some(filter) => {
                let left = Box::new(Expr::Nested(filter));
                Box::new(Expr::BinaryOp { left, op: BinaryOperator::And, right: known })
            }
        });
    }
    let list = if gathering.is_distinct() {
        Gathering { order_by: vec![], ..gathering.clone() }.put_on(&mut list);
        sorted(Expr::Function(list), &gathering.order_by)
    } else {
        gathering.put_on(&mut list);
        Expr::Function(list)
    };
    Ok(Some(match args.pop() {
        Some(separator) => Expr::Function(call("array_to_string", vec![list, separator])),
        None => list,
    }))
}

fn wall() -> DataType {
    DataType::Timestamp(Some(6), TimezoneInfo::None)
}

/// The clock of the moment; digits of a second cannot be asked for.
fn clock(function: &Function, name: &str) -> Result<Option<Expr>, String> {
    if matches!(&function.args, FunctionArguments::List(list) if !list.args.is_empty()) {
        return Err(format!("{name} 不支持指定秒的小数位，请用 date_trunc('second', {name})"));
    }
    let now = || Expr::Function(call("now", vec![]));
    Ok(match name {
        "localtimestamp" => Some(cast(now(), wall())),
        "localtime" => Some(cast(cast(now(), wall()), DataType::Time(None, TimezoneInfo::None))),
        _ => None,
    })
}
