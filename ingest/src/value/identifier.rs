//! Identifiers: card numbers, credit codes, serial numbers. They are text; one that went through a
//! floating-point number on its way has lost its tail and must not be believed.

use super::Cell;
use super::text::{is_missing, narrow};
use crate::reason::Reason;

/// Excel and every double keep 15 digits; what follows is invented.
const TRUSTED_DIGITS: usize = 15;
const LONGEST: usize = 64;

/// The identifier in a cell; `None` when nothing is there.
pub fn identifier(cell: &Cell) -> Result<Option<String>, Reason> {
    let text = match cell {
        Cell::Empty => return Ok(None),
        Cell::Text(text) | Cell::Exact(text) => unwrapped(text),
        Cell::Float(value) => return float(*value).map(Some),
        Cell::Garbled(_) => return Err(Reason::BadEncoding),
        Cell::Wall(_) | Cell::Instant(_) | Cell::Truth(_) => return Err(Reason::BadCode),
    };
    if is_missing(&text) || text.chars().all(|c| matches!(c, '-' | '—' | '/' | '无' | ' ')) {
        return Ok(None);
    }
    if is_scientific(&text) {
        return Err(Reason::IdentifierLostPrecision);
    }
    if let Some(digits) = float_text(&text) {
        // 3100608965573510.0: somebody's table kept it as a float.
        return if digits.len() > TRUSTED_DIGITS {
            Err(Reason::IdentifierLostPrecision)
        } else {
            Ok(Some(digits.to_owned()))
        };
    }
    let compact: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    // A masked number (3100****3510) identifies nobody.
    let readable =
        compact.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | ':' | '/' | '#'));
    if readable && compact.chars().count() <= LONGEST { Ok(Some(compact)) } else { Err(Reason::BadCode) }
}

/// Half-width, without the tricks by which people keep Excel from turning digits into a number.
fn unwrapped(text: &str) -> String {
    let text = narrow(text);
    let inner = text.strip_prefix("=\"").and_then(|t| t.strip_suffix('"')).unwrap_or(&text);
    inner.strip_prefix(['\'', '`', '’']).unwrap_or(inner).trim().to_owned()
}

fn float(value: f64) -> Result<String, Reason> {
    if !value.is_finite() || value.fract() != 0.0 || value < 0.0 {
        return Err(Reason::BadCode);
    }
    if value >= 1e15 { Err(Reason::IdentifierLostPrecision) } else { Ok(format!("{value:.0}")) }
}

fn is_scientific(text: &str) -> bool {
    let Some((mantissa, exponent)) = text.split_once(['e', 'E']) else { return false };
    let exponent = exponent.strip_prefix('+').unwrap_or(exponent);
    let digits = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit());
    // 1E23 might be a serial number; with a point in front it is a number that was rounded.
    mantissa.split_once('.').is_some_and(|(a, b)| digits(a) && digits(b)) && digits(exponent)
        || text.contains("E+") && digits(mantissa) && digits(exponent)
}

fn float_text(text: &str) -> Option<&str> {
    let (whole, fraction) = text.split_once('.')?;
    let digits = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit());
    (digits(whole) && digits(fraction) && fraction.bytes().all(|b| b == b'0')).then_some(whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers() {
        let text = |t: &str| identifier(&Cell::text(t));
        let ok = |t: &str| Ok(Some(t.to_owned()));
        assert_eq!(text(" 3100 6089 6557 3510 "), ok("3100608965573510"));
        assert_eq!(text("３１００"), ok("3100"));
        assert_eq!(text("'3100608965573510"), ok("3100608965573510"));
        assert_eq!(text("=\"3100608965573510\""), ok("3100608965573510"));
        assert_eq!(text("BK2026-0900/1"), ok("BK2026-0900/1"));
        assert_eq!(text("12345.0"), ok("12345"));
        assert_eq!(text("91310104MA1FR3XE42"), ok("91310104MA1FR3XE42"));
        assert_eq!(text("3100608965573510.0"), Err(Reason::IdentifierLostPrecision));
        assert_eq!(text("3.10012E+15"), Err(Reason::IdentifierLostPrecision));
        assert_eq!(text("3.10012e15"), Err(Reason::IdentifierLostPrecision));
        assert_eq!(text("3E+15"), Err(Reason::IdentifierLostPrecision));
        assert_eq!(text("3100****3510"), Err(Reason::BadCode));
        assert_eq!(text("31\u{0}00"), Err(Reason::BadCode));
        assert_eq!(text("  "), Ok(None));
        assert_eq!(text("NULL"), Ok(None));
        assert_eq!(text("—"), Ok(None));
        assert_eq!(identifier(&Cell::Float(310_104.0)), ok("310104"));
        assert_eq!(identifier(&Cell::Float(3.100_963_921_629_532e17)), Err(Reason::IdentifierLostPrecision));
        assert_eq!(identifier(&Cell::Float(3_100_963_921_629_532.0)), Err(Reason::IdentifierLostPrecision));
        assert_eq!(identifier(&Cell::Exact("3100963921629532".into())), ok("3100963921629532"));
        assert_eq!(identifier(&Cell::Float(1.5)), Err(Reason::BadCode));
    }
}
