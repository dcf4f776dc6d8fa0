//! Rules over several fields of a record. A rule with an empty field does not apply: `required` says what must be there.

use rust_decimal::Decimal;

use super::value::Value;
use crate::definition::{Check, ResourceDef, Term};
use crate::error::FieldError;

/// Adds an error for each rule that does not hold.
pub(crate) fn checks<'v>(
    def: &ResourceDef,
    value: impl Fn(&str) -> Option<&'v Value>,
    errors: &mut Vec<FieldError>,
) {
    for check in &def.checks {
        if errors.iter().any(|e| check.rule.fields().any(|f| f == e.field)) {
            continue;
        }
        if holds(check, &value) == Some(false) {
            errors.push(FieldError::new(&check.field, check.id.clone(), check.message.clone()));
        }
    }
}

/// `None` when a value is missing.
fn holds<'v>(check: &Check, value: &impl Fn(&str) -> Option<&'v Value>) -> Option<bool> {
    let rule = &check.rule;
    let order = match (rule.left.as_slice(), rule.right.as_slice()) {
        ([left], [right]) => match (value(&left.field)?, value(&right.field)?) {
            (Value::Date(a), Value::Date(b)) => a.cmp(b),
            (Value::Timestamp(a), Value::Timestamp(b)) => a.cmp(b),
            _ => sum(&rule.left, value)?.cmp(&sum(&rule.right, value)?),
        },
        _ => sum(&rule.left, value)?.cmp(&sum(&rule.right, value)?),
    };
    Some(rule.comparison.holds(order))
}

fn sum<'v>(terms: &[Term], value: &impl Fn(&str) -> Option<&'v Value>) -> Option<Decimal> {
    let mut total = Decimal::ZERO;
    for term in terms {
        let number = match value(&term.field)? {
            Value::Int(number) => Decimal::from(*number),
            Value::Decimal(number) => *number,
            _ => return None,
        };
        total = if term.negative { total.checked_sub(number)? } else { total.checked_add(number)? };
    }
    Some(total)
}
