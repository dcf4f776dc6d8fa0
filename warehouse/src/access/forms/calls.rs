//! Calls under PostgreSQL's names and forms, written as ones the engine has.

use arrow::compute::kernels::cast_utils::parse_interval_month_day_nano;
use datafusion::sql::sqlparser::ast::{
    BinaryOperator, DataType, Expr, Function, FunctionArguments, Ident, ObjectName, TimezoneInfo,
};

use super::build::{Gathering, arguments, call, cast, is, sorted, text};
use super::gathered;

/// Names PostgreSQL has for what the engine calls otherwise.
const RENAMED: [(&str, &str); 6] = [
    ("variance", "var_samp"),
    ("every", "bool_and"),
    ("ceiling", "ceil"),
    ("clock_timestamp", "now"),
    ("statement_timestamp", "now"),
    ("transaction_timestamp", "now"),
];

/// Changes the expression in place.
pub(super) fn replace(expr: &mut Expr) -> Result<(), String> {
    match expr {
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
        // What the engine cannot read where it stands is read like any text, in more spellings.
        Expr::Interval(interval) if interval.leading_field.is_none() && !is_readable(&interval.value) => {
            *expr =
                cast(interval.value.as_ref().clone(), DataType::Interval { fields: None, precision: None });
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

fn function_of(function: &mut Function) -> Result<Option<Expr>, String> {
    if let Some(made) = gathered::replaced(function)? {
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
    distinct_list(function)
}

/// PostgreSQL sorts what it makes distinct, and people see it.
fn distinct_list(function: &Function) -> Result<Option<Expr>, String> {
    let gathering = Gathering::of(function);
    let texts = is(function, "string_agg");
    if !gathering.is_distinct() || !texts && !is(function, "array_agg") {
        return Ok(None);
    }
    let Some(mut args) = arguments(function).filter(|args| args.len() == 1 + usize::from(texts)) else {
        return Ok(None);
    };
    let value = args.remove(0);
    if gathering.order_by.iter().any(|key| key.expr != value) {
        return Err("DISTINCT 的聚合只能按被聚合的值排序（ORDER BY）".to_owned());
    }
    let mut list = call("array_agg", vec![value.clone()]);
    list.filter.clone_from(&function.filter);
    list.over.clone_from(&function.over);
    if texts {
        // Nothing to be put together is NULL, not an empty text.
        let known = Box::new(Expr::IsNotNull(Box::new(value)));
        list.filter = Some(match list.filter.take() {
            None => known,
            Some(filter) => {
                let left = Box::new(Expr::Nested(filter));
                Box::new(Expr::BinaryOp { left, op: BinaryOperator::And, right: known })
            }
        });
    }
    Gathering { order_by: vec![], ..gathering.clone() }.put_on(&mut list);
    let list = sorted(Expr::Function(list), &gathering.order_by);
    Ok(Some(match args.pop() {
        Some(separator) => Expr::Function(call("array_to_string", vec![list, separator])),
        None => list,
    }))
}

/// A name or a number stays as it is; everything else is put in brackets.
fn grouped(expr: Expr) -> Expr {
    match expr {
        Expr::Identifier(_)
        | Expr::CompoundIdentifier(_)
        | Expr::Value(_)
        | Expr::Function(_)
        | Expr::Nested(_) => expr,
        other => Expr::Nested(Box::new(other)),
    }
}

fn wall() -> DataType {
    DataType::Timestamp(None, TimezoneInfo::None)
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
