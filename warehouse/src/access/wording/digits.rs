//! Numbers written out that are neither small integers nor plain decimals: `1e5` is a decimal in PostgreSQL, and so is a
//! whole number of more than eight bytes. The engine knows the one as a decimal of a scale less than nothing and the other
//! as an unsigned integer, which its functions do not get on with.

use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{CastKind, DataType, ExactNumberInfo, Expr, Statement, Value};

use super::super::walk::{Flow, Rewrite, rewrite};

/// Digits a number may have.
const MOST_DIGITS: usize = 76;

/// Changes the statement in place.
///
/// # Errors
/// A sentence about a number of too many digits.
pub(super) fn write_out(statement: &mut Statement) -> Result<(), String> {
    match rewrite(statement, &mut Numbers) {
        ControlFlow::Break(sentence) => Err(sentence),
        ControlFlow::Continue(()) => Ok(()),
    }
}

struct Numbers;

impl Rewrite for Numbers {
    /// `1e300::float8` is read as a float at once: as a decimal it would have too many digits.
    fn pre_visit_expr(&mut self, expr: &mut Expr) -> Flow {
        if let Expr::Cast { expr: inner, data_type, .. } = expr
            && is_float(data_type)
            && let Expr::Value(value) = inner.as_mut()
            && let Value::Number(text, _) = &value.value
        {
            value.value = Value::SingleQuotedString(text.clone());
        }
        ControlFlow::Continue(())
    }

    fn post_visit_expr(&mut self, expr: &mut Expr) -> Flow {
        let Expr::Value(value) = expr else { return ControlFlow::Continue(()) };
        let Value::Number(text, _) = &value.value else { return ControlFlow::Continue(()) };
        let Some((digits, scale)) = digits(text) else { return ControlFlow::Continue(()) };
        if digits.len() > MOST_DIGITS || scale > MOST_DIGITS {
            return ControlFlow::Break(format!("数字“{text:.40}”的位数太多，最多 {MOST_DIGITS} 位"));
        }
        let precision = digits.len().max(scale).max(1);
        let padded = format!("{digits:0>width$}", width = scale + 1);
        let (whole, behind) = padded.split_at(padded.len() - scale);
        let plain = if behind.is_empty() { whole.to_owned() } else { format!("{whole}.{behind}") };
        let number = Value::SingleQuotedString(plain).with_empty_span();
        let (Ok(precision), Ok(scale)) = (u64::try_from(precision), i64::try_from(scale)) else {
            return ControlFlow::Continue(());
        };
        *expr = Expr::Cast {
            kind: CastKind::Cast,
            expr: Box::new(Expr::Value(number)),
            data_type: DataType::Numeric(ExactNumberInfo::PrecisionAndScale(precision, scale)),
            array: false,
            format: None,
        };
        ControlFlow::Continue(())
    }
}

fn is_float(data_type: &DataType) -> bool {
    use DataType::{Double, DoublePrecision, Float4, Float8, Float64, Real};
    matches!(data_type, Double(_) | DoublePrecision | Float4 | Float8 | Float64 | Real)
}

/// Digits and scale of a number that has an exponent or is too large for eight bytes; none of any other.
fn digits(text: &str) -> Option<(String, usize)> {
    let text = text.replace('_', "");
    let (number, exponent) = match text.split_once(['e', 'E']) {
        Some((number, exponent)) => (number, exponent.parse::<i64>().ok()?),
        None if text.contains('.') || text.parse::<i64>().is_ok() => return None,
        None => (&*text, 0),
    };
    let (whole, behind) = number.split_once('.').unwrap_or((number, ""));
    if !whole.bytes().chain(behind.bytes()).all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let mut digits = format!("{whole}{behind}").trim_start_matches('0').to_owned();
    let scale = i64::try_from(behind.len()).ok()? - exponent;
    if scale < 0 {
        // A bound, so that `1e1000000000` does not make a text of that length.
        let zeros = usize::try_from(-scale).ok()?.min(MOST_DIGITS + 1);
        digits.push_str(&"0".repeat(zeros));
    }
    Some((digits, usize::try_from(scale.max(0)).unwrap_or(usize::MAX)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::parse::unchanged;

    fn written(sql: &str) -> Result<String, String> {
        let mut statement = unchanged(sql).remove(0);
        write_out(&mut statement).map(|()| statement.to_string())
    }

    #[test]
    fn long_numbers_and_exponents_are_decimals() {
        for (sql, expected) in [
            ("SELECT 1e5", "SELECT CAST('100000' AS NUMERIC(6,0))"),
            ("SELECT 1.50e-3", "SELECT CAST('0.00150' AS NUMERIC(5,5))"),
            ("SELECT 9223372036854775808", "SELECT CAST('9223372036854775808' AS NUMERIC(19,0))"),
            ("SELECT 9223372036854775807, 1.5, 'a1e5'", "SELECT 9223372036854775807, 1.5, 'a1e5'"),
        ] {
            assert_eq!(written(sql).as_deref(), Ok(expected));
        }
        assert!(written("SELECT 1e1000000000").is_err());
        assert!(written("SELECT 1e-1000").is_err());
    }
}
