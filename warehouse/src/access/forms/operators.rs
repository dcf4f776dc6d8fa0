//! Operators the engine has under another name, or has only for single values: `^@`, `&&`, `~x`, `|/`, LIKE with ANY and ALL,
//! comparisons of rows.

use datafusion::sql::sqlparser::ast::{
    BinaryOperator, DataType, ExactNumberInfo, Expr, FunctionArguments, UnaryOperator, Value,
};

use super::build::{
    arguments, balanced, binary, call, cast, grouped, is, repeatable, repeatable_in_list, text,
};
use super::values;

/// Changes the expression in place.
pub(super) fn replace(expr: &mut Expr) -> Result<(), String> {
    let made = match expr {
        Expr::BinaryOp { left, op, right } => match (left.as_ref(), &*op, right.as_ref()) {
            (left, BinaryOperator::PGStartsWith, right) => Some(called("starts_with", left, right)),
            (left, BinaryOperator::PGOverlap, right) => {
                Some(called("array_has_any", &known_elements(left), &known_elements(right)))
            }
            (left, BinaryOperator::PGBitwiseShiftLeft, right) => Some(shifted("shift_left", left, right)),
            (left, BinaryOperator::PGBitwiseShiftRight, right) => Some(shifted("shift_right", left, right)),
            (Expr::Tuple(left), op, Expr::Tuple(right)) => Some(rows(left, op, right)?),
            _ => None,
        },
        Expr::UnaryOp { op: UnaryOperator::Minus, expr }
            if matches!(expr.as_ref(), Expr::BinaryOp { op: BinaryOperator::PGExp, .. }) =>
        {
            let mut power = expr.as_ref().clone();
            negate_base(&mut power);
            Some(power)
        }
        Expr::UnaryOp { op, expr } => unary(*op, expr),
        Expr::InList { expr, list, negated } => match expr.as_ref() {
            Expr::Tuple(row) => Some(listed(row, list, *negated)?),
            _ => None,
        },
        Expr::Like { any, negated, expr, pattern, escape_char } => like(
            expr,
            pattern,
            Like { name: "LIKE", negated: *negated, any: *any, escaped: escape_char.is_some() },
        )?,
        Expr::ILike { any, negated, expr, pattern, escape_char } => like(
            expr,
            pattern,
            Like { name: "ILIKE", negated: *negated, any: *any, escaped: escape_char.is_some() },
        )?,
        // U&'\6d66' has been read.
        Expr::Value(value) => match &value.value {
            Value::UnicodeStringLiteral(read) => Some(text(read)),
            _ => None,
        },
        _ => None,
    };
    if let Some(made) = made {
        *expr = made;
    }
    Ok(())
}

/// The elements of a list that are known: one that is not equals none.
fn known_elements(list: &Expr) -> Expr {
    called("array_remove", list, &Expr::Value(Value::Null.with_empty_span()))
}

fn called(name: &str, left: &Expr, right: &Expr) -> Expr {
    Expr::Function(call(name, vec![left.clone(), right.clone()]))
}

/// `-2 ^ 2` is the square of -2.
fn negate_base(power: &mut Expr) {
    match power {
        Expr::BinaryOp { left, op: BinaryOperator::PGExp, .. } => negate_base(left),
        base => {
            let negative = Expr::UnaryOp { op: UnaryOperator::Minus, expr: Box::new(base.clone()) };
            *base = Expr::Nested(Box::new(negative));
        }
    }
}

/// Bits leave a number where its bytes end, so that a number written out needs its type.
fn shifted(name: &str, left: &Expr, right: &Expr) -> Expr {
    let mut left = left.clone();
    values::type_number(&mut left);
    called(name, &left, right)
}

fn unary(op: UnaryOperator, expr: &Expr) -> Option<Expr> {
    let measured = || cast(expr.clone(), DataType::Double(ExactNumberInfo::None));
    Some(match op {
        UnaryOperator::PGAbs => Expr::Function(call("abs", vec![expr.clone()])),
        UnaryOperator::PGSquareRoot => Expr::Function(call("sqrt", vec![measured()])),
        UnaryOperator::PGCubeRoot => Expr::Function(call("cbrt", vec![measured()])),
        // All bits turned: one less than the negative.
        UnaryOperator::BitwiseNot => {
            let one = Expr::Value(Value::Number("-1".to_owned(), false).with_empty_span());
            binary(one, BinaryOperator::Minus, grouped(expr.clone()))
        }
        _ => return None,
    })
}

/// Values of a row that is compared.
const LONGEST_ROW: usize = 32;

/// Rows are compared from the left, until a pair of values differs or is unknown.
fn rows(left: &[Expr], op: &BinaryOperator, right: &[Expr]) -> Result<Expr, String> {
    use BinaryOperator::{And, Eq, Gt, GtEq, Lt, LtEq, NotEq, Or};
    if left.len() != right.len() || left.is_empty() {
        return Err("比较的两行，值的个数不同".to_owned());
    }
    if left.len() > LONGEST_ROW {
        return Err(format!("比较的行最多 {LONGEST_ROW} 个值"));
    }
    let pairs = || left.iter().cloned().zip(right.iter().cloned());
    let each = |op: &BinaryOperator| pairs().map(|(one, other)| binary(one, op.clone(), other)).collect();
    let made = match op {
        Eq => balanced(each(&Eq), &And),
        NotEq => balanced(each(&NotEq), &Or),
        Lt | LtEq | Gt | GtEq => {
            left.iter().chain(right).try_for_each(|value| repeatable(value, 2))?;
            let strict = if matches!(op, Lt | LtEq) { Lt } else { Gt };
            let mut pairs = pairs().rev();
            let last = pairs.next().map(|(one, other)| binary(one, op.clone(), other));
            pairs.fold(last, |rest, (one, other)| {
                let same = binary(one.clone(), Eq, other.clone());
                Some(binary(binary(one, strict.clone(), other), Or, binary(same, And, rest?)))
            })
        }
        _ => return Err(format!("两行之间不支持 {op}；可用 =、<>、<、<=、>、>=")),
    };
    made.ok_or_else(|| "空的行不能比较".to_owned())
}

fn listed(row: &[Expr], list: &[Expr], negated: bool) -> Result<Expr, String> {
    let (op, joint) = match negated {
        false => (BinaryOperator::Eq, BinaryOperator::Or),
        true => (BinaryOperator::NotEq, BinaryOperator::And),
    };
    row.iter().try_for_each(|value| repeatable_in_list(value, list.len()))?;
    let one = |other: &Expr| match other {
        Expr::Tuple(other) => rows(row, &op, other),
        _ => Err("一行只能与列表里的行比较".to_owned()),
    };
    let all = list.iter().map(one).collect::<Result<Vec<_>, _>>()?;
    balanced(all, &joint).ok_or_else(|| "IN 的列表是空的".to_owned())
}

struct Like {
    name: &'static str,
    negated: bool,
    any: bool,
    escaped: bool,
}

/// LIKE with the patterns of an array; the parser takes ALL for a function.
fn like(expr: &Expr, pattern: &Expr, by: Like) -> Result<Option<Expr>, String> {
    let (quantifier, patterns) = match pattern {
        pattern if by.any => ("any_of", bare(pattern).clone()),
        Expr::Function(function)
            if is(function, "all") && !matches!(function.args, FunctionArguments::None) =>
        {
            match arguments(function).and_then(|args| <[Expr; 1]>::try_from(args).ok()) {
                Some([patterns]) => ("all_of", patterns),
                None => return Err("LIKE ALL 右边要是一个数组".to_owned()),
            }
        }
        _ => return Ok(None),
    };
    if by.escaped || matches!(patterns, Expr::Subquery(_)) {
        return Err("LIKE ANY 和 LIKE ALL 右边要是数组，不支持 ESCAPE 和子查询".to_owned());
    }
    let op = if by.negated { format!("NOT {}", by.name) } else { by.name.to_owned() };
    Ok(Some(Expr::Function(call(quantifier, vec![text(&op), expr.clone(), patterns]))))
}

fn bare(expr: &Expr) -> &Expr {
    match expr {
        Expr::Nested(inner) => bare(inner),
        other => other,
    }
}
