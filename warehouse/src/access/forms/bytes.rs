//! Bytes: how they are written, and functions that count them. The engine's functions take texts only.

use datafusion::sql::sqlparser::ast::{DataType, Expr, Function, Ident, ObjectName, Value};

use super::build::is;
use super::calls::argument;

/// `'\x6162'::bytea` are the bytes it spells; the engine takes the letters.
pub(super) fn written(of: &mut Expr) -> Result<(), String> {
    let Expr::Value(value) = of else { return Ok(()) };
    let Some(text) = value.value.clone().into_string() else { return Ok(()) };
    match text.strip_prefix("\\x") {
        Some(digits) if digits.len() % 2 == 0 && digits.bytes().all(|digit| digit.is_ascii_hexdigit()) => {
            value.value = Value::HexStringLiteral(digits.to_owned());
            Ok(())
        }
        None if !text.contains('\\') => Ok(()),
        _ => Err("bytea 的写法不对，请写成 '\\x' 加偶数个十六进制数字".to_owned()),
    }
}

/// `length(x::bytea)` counts bytes; the engine's functions take no bytes but those of texts.
pub(super) fn of_text(function: &mut Function) {
    let counts = !is(function, "md5");
    let Some(arg) = argument(function, 0) else { return };
    if let Expr::Cast { data_type: DataType::Bytea, expr, .. } = arg
        && !matches!(expr.as_ref(), Expr::Value(value) if matches!(value.value, Value::HexStringLiteral(_)))
    {
        *arg = expr.as_ref().clone();
        if counts {
            function.name = ObjectName::from(vec![Ident::new("octet_length")]);
        }
    }
}
