//! Rules over several fields of a record. A rule with an empty field does not apply: `required` says what must be there.

use std::collections::HashMap;

use rust_decimal::Decimal;

use super::input::Draft;
use super::value::{Value, within};
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

/// Fills a computed field that was left empty, or whose terms a change touches without naming it.
pub(crate) fn compute(
    def: &ResourceDef,
    stored: impl Fn(&str) -> Option<Value>,
    draft: &mut Draft,
    errors: &mut Vec<FieldError>,
) {
    for field in def.fields.values() {
        let Some(terms) = &field.computed else { continue };
        let given = match draft.get(&field.name) {
            Some(value) => value.is_some(),
            None => !terms.iter().any(|term| draft.contains_key(&term.field)),
        };
        let faulty = |name: &str| errors.iter().any(|e| e.field == name);
        if given || faulty(&field.name) || terms.iter().any(|term| faulty(&term.field)) {
            continue;
        }
        let values: HashMap<&str, Value> = terms
            .iter()
            .filter_map(|term| {
                let value = match draft.get(&term.field) {
                    Some(value) => value.clone(),
                    None => stored(&term.field),
                };
                Some((term.field.as_str(), value?))
            })
            .collect();
        let Some(total) = sum(terms, &|name: &str| values.get(name)) else { continue };
        match within(field, total) {
            Ok(()) => {
                draft.insert(field.name.clone(), Some(Value::Decimal(total)));
            }
            Err(error) => errors.push(error),
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
