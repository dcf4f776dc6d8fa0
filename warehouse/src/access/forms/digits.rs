//! Times of fewer digits of a second than microseconds have: `timestamp(0)`, `time(3)`. PostgreSQL rounds to them; the
//! engine knows some of the types, and cuts off. And number types a text such as `NaN` cannot become here.

use datafusion::sql::sqlparser::ast::{DataType, Expr, Value};

use super::build::{call, cast};

/// Digits of a microsecond.
const ALL: u64 = 6;

/// Changes the expression in place.
pub(super) fn round(expr: &mut Expr) -> Result<(), String> {
    let (data_type, value) = match expr {
        Expr::Cast { data_type, expr, array: false, .. } => (data_type, expr.as_ref().clone()),
        Expr::TypedString(typed) => (&mut typed.data_type, Expr::Value(typed.value.clone())),
        _ => return Ok(()),
    };
    let whole = match data_type {
        DataType::Timestamp(Some(digits), zone) if *digits < ALL => {
            (*digits, DataType::Timestamp(Some(ALL), *zone))
        }
        DataType::Time(Some(digits), zone) if *digits < ALL => (*digits, DataType::Time(None, *zone)),
        DataType::Time(digits @ Some(_), _) => {
            *digits = None;
            return Ok(());
        }
        DataType::Numeric(_) | DataType::Decimal(_) | DataType::Dec(_) => return finite(&value),
        _ => return Ok(()),
    };
    let (digits, whole) = whole;
    let digits = Expr::Value(Value::Number(digits.to_string(), false).with_empty_span());
    *expr = Expr::Function(call("second_digits", vec![cast(value, whole), digits]));
    Ok(())
}

/// Decimals here are numbers, all of them.
fn finite(value: &Expr) -> Result<(), String> {
    let Expr::Value(value) = value else { return Ok(()) };
    let Some(text) = value.value.clone().into_string() else { return Ok(()) };
    let bare = text.trim().trim_start_matches(['+', '-']).to_ascii_lowercase();
    match bare.as_str() {
        "nan" | "inf" | "infinity" => {
            Err(format!("不支持 numeric 的 {}；要用它请转成 double precision", text.trim()))
        }
        _ => Ok(()),
    }
}
