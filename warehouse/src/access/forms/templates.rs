//! Calls that other words of the engine say: each is written as an expression over its arguments.

use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{
    BinaryOperator, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments, Value,
};

use super::super::parse::expression;
use super::super::walk::{Flow, Rewrite, rewrite};
use super::build::{arguments, balanced, binary, call, grouped, is, repeatable};

/// Name, number of arguments, and what is written in its place; `a1` is the first argument.
const TEMPLATES: [(&str, usize, &str); 5] = [
    ("date", 1, "CAST(a1 AS DATE)"),
    ("date_trunc", 3, "timezone(a3, date_trunc(a1, timezone(a3, a2)))"),
    ("isfinite", 1, "CASE WHEN a1 IS NOT NULL THEN true END"),
    ("num_nulls", 0, "CASE WHEN a1 IS NULL THEN 1 ELSE 0 END"),
    ("num_nonnulls", 0, "CASE WHEN a1 IS NULL THEN 0 ELSE 1 END"),
];

/// Units of `date_trunc` longer than a year, and what a year is beyond the beginning of its own.
const LONG_UNITS: [(&str, &str); 3] = [
    ("decade", "extract('year', a1) % 10"),
    ("century", "(extract('year', a1) - 1) % 100"),
    ("millennium", "(extract('year', a1) - 1) % 1000"),
];

/// Units of `make_interval`, in the order of its arguments.
const PARTS: [(&str, &str); 7] = [
    ("years", "12 months"),
    ("months", "1 month"),
    ("weeks", "7 days"),
    ("days", "1 day"),
    ("hours", "1 hour"),
    ("mins", "1 minute"),
    ("secs", "1 second"),
];

/// What is written in the place of a call; none if it is no call of this kind.
pub(super) fn written(function: &Function) -> Result<Option<Expr>, String> {
    if is(function, "make_interval") {
        return made_interval(function).map(Some);
    }
    let Some(args) = arguments(function) else { return Ok(None) };
    if is(function, "date_trunc")
        && let [Expr::Value(unit), time] = args.as_slice()
        && let Value::SingleQuotedString(unit) = &unit.value
    {
        return truncated(&unit.to_ascii_lowercase(), time);
    }
    let Some((_, count, template)) = TEMPLATES.iter().find(|(name, ..)| is(function, name)) else {
        return Ok(None);
    };
    if *count == 0 {
        let each = args
            .iter()
            .map(|arg| filled(template, std::slice::from_ref(arg)))
            .collect::<Result<Vec<_>, _>>()?;
        return Ok(balanced(each, &BinaryOperator::Plus));
    }
    if args.len() != *count {
        return Ok(None);
    }
    filled(template, &args).map(|made| Some(Expr::Nested(Box::new(made))))
}

/// `lead(x, n, other)`: the other value where there is no such row. The engine takes constants only, and makes them of the
/// type of `x`.
pub(super) fn beyond_the_rows(function: &Function) -> Result<Option<Expr>, String> {
    let Some(args) = arguments(function) else { return Ok(None) };
    // The engine takes a distance that is not known for the usual one.
    if let [value, distance, ..] = args.as_slice()
        && is_null(distance)
    {
        return filled("CASE WHEN false THEN a1 END", std::slice::from_ref(value)).map(Some);
    }
    let Ok([value, distance, other]) = <[Expr; 3]>::try_from(args) else { return Ok(None) };
    repeatable(function, 2)?;
    let of = |value: Expr| {
        let args = call("", vec![value, distance.clone()]).args;
        Expr::Function(Function { args, null_treatment: None, ..function.clone() })
    };
    let there = of(Expr::Value(Value::Boolean(true).with_empty_span()));
    let args = call("", vec![value, distance.clone()]).args;
    let value = Expr::Function(Function { args, ..function.clone() });
    filled("CASE WHEN a1 THEN a2 ELSE a3 END", &[there, value, other]).map(Some)
}

fn is_null(expr: &Expr) -> bool {
    match expr {
        Expr::Value(value) => value.value == Value::Null,
        Expr::Cast { expr, .. } | Expr::Nested(expr) => is_null(expr),
        _ => false,
    }
}

/// `date_trunc` by a unit that is written out.
fn truncated(unit: &str, time: &Expr) -> Result<Option<Expr>, String> {
    let time = std::slice::from_ref(time);
    if let Some((_, beyond)) =
        LONG_UNITS.iter().find(|(long, _)| unit.strip_suffix('s').unwrap_or(unit) == *long)
    {
        let template = format!("(date_trunc('year', a1) - INTERVAL '12 months' * CAST({beyond} AS BIGINT))");
        return filled(&template, time).map(Some);
    }
    // The engine knows one of each.
    match unit.strip_suffix('s') {
        Some(one) => filled(&format!("date_trunc('{one}', a1)"), time).map(Some),
        None => Ok(None),
    }
}

/// `substring(text from pattern)`: what the first brackets hold, or all that fits.
pub(super) fn first_match(text: &Expr, pattern: &Expr) -> Result<Expr, String> {
    filled("(regexp_match(a1, a2))[1]", &[text.clone(), pattern.clone()])
}

fn made_interval(function: &Function) -> Result<Expr, String> {
    let wrong = || "make_interval 的参数是 years、months、weeks、days、hours、mins、secs，各一次".to_owned();
    let FunctionArguments::List(list) = &function.args else { return Err(wrong()) };
    let mut spans: [Option<Expr>; PARTS.len()] = Default::default();
    for (place, arg) in list.args.iter().enumerate() {
        let (place, value) = match arg {
            FunctionArg::Unnamed(FunctionArgExpr::Expr(value)) => (Some(place), value),
            FunctionArg::Named { name, arg: FunctionArgExpr::Expr(value), .. }
            | FunctionArg::ExprNamed {
                name: Expr::Identifier(name),
                arg: FunctionArgExpr::Expr(value),
                ..
            } => (part(&name.value), value),
            _ => return Err(wrong()),
        };
        let place = place.filter(|place| *place < PARTS.len()).ok_or_else(wrong)?;
        let span = filled(&format!("INTERVAL '{}' * a1", PARTS[place].1), std::slice::from_ref(value))?;
        if spans[place].replace(span).is_some() {
            return Err(wrong());
        }
    }
    let nothing = filled("INTERVAL '0 days'", &[])?;
    let sum = |all, span| binary(all, BinaryOperator::Plus, span);
    Ok(spans.into_iter().flatten().fold(nothing, sum))
}

fn part(name: &str) -> Option<usize> {
    PARTS.iter().position(|(part, _)| name.eq_ignore_ascii_case(part))
}

/// A template with its arguments put in.
pub(super) fn filled(template: &str, args: &[Expr]) -> Result<Expr, String> {
    let mut made = expression(template).map_err(|error| error.to_string())?;
    let mut fill = Fill { args, used: vec![0; args.len()] };
    let _ = rewrite(&mut made, &mut fill);
    for (arg, used) in args.iter().zip(fill.used) {
        repeatable(arg, used)?;
    }
    Ok(made)
}

struct Fill<'a> {
    args: &'a [Expr],
    /// How often each was put in.
    used: Vec<usize>,
}

impl Rewrite for Fill<'_> {
    fn post_visit_expr(&mut self, expr: &mut Expr) -> Flow {
        if let Expr::Identifier(name) = expr
            && let Some(place) = name.value.strip_prefix('a').and_then(|place| place.parse::<usize>().ok())
            && let Some(arg) = place.checked_sub(1).and_then(|place| self.args.get(place))
        {
            self.used[place - 1] += 1;
            *expr = grouped(arg.clone());
        }
        ControlFlow::Continue(())
    }
}
