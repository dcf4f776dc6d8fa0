//! Identifiers: card numbers, credit codes, serial numbers. They are text; one that went through a
//! floating-point number on its way has lost its tail and must not be believed. Forms of one identifier that differ in
//! width, case, spaces or characters nobody sees are one; the rule is the one forms use.

use pujiang_security::identifier::{fold, fold_keeping_case};

use super::Cell;
use super::text::{is_missing, narrow};
use crate::reason::Reason;

/// Excel and every double keep 15 digits; what follows is invented.
const TRUSTED_DIGITS: usize = 15;
const LONGEST: usize = 64;

/// Whether small letters are the same as capitals.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Letters {
    /// They are: credit codes, cards, and serial numbers of nearly everybody.
    #[default]
    Folded,
    /// They are not: the partner counts with both.
    Kept,
}

/// The identifier in a cell; `None` when nothing is there.
pub fn identifier(cell: &Cell, letters: Letters) -> Result<Option<String>, Reason> {
    let text = match cell {
        Cell::Empty => return Ok(None),
        Cell::Text(text) | Cell::Exact(text) => unwrapped(text),
        Cell::Float(value) => return float(*value).map(Some),
        // As shown: 000020261003 is what people see and write, whatever number lies below.
        Cell::Shown { number, text } => {
            float(*number)?;
            unwrapped(text.as_deref().ok_or(Reason::BadCode)?)
        }
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
    let compact = match letters {
        Letters::Folded => fold(&text),
        Letters::Kept => fold_keeping_case(&text),
    };
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
        let identifier = |cell: &Cell| identifier(cell, Letters::Folded);
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
    #[test]
    fn right_answer_26_forms_of_one_identifier_are_one() {
        let read = |text: &str, letters| identifier(&Cell::text(text), letters).ok().flatten();
        for form in [
            "91310104ma1fr3xe42",
            "９１３１０１０４ｍａ１ｆｒ３ｘｅ４２",
            "91310104\u{200b}MA1FR3XE42\u{feff}",
        ] {
            assert_eq!(read(form, Letters::Folded).as_deref(), Some("91310104MA1FR3XE42"), "{form:?}");
        }
        assert_eq!(read("aＢ\u{200b}3", Letters::Kept).as_deref(), Some("aB3"));
        assert_eq!(read("\u{200b}\u{feff}", Letters::Folded), None);
    }

    #[test]
    fn right_answer_14_a_number_is_the_identifier_its_format_shows() {
        let shown = |number: f64, text: Option<&str>| {
            identifier(&Cell::Shown { number, text: text.map(ToOwned::to_owned) }, Letters::Folded)
        };
        assert_eq!(shown(20_261_003.0, Some("000020261003")), Ok(Some("000020261003".to_owned())));
        assert_eq!(shown(123.0, Some("BK-00123")), Ok(Some("BK-00123".to_owned())));
        assert_eq!(shown(20_261_003.0, None), Err(Reason::BadCode));
        assert_eq!(shown(3.1e17, Some("310000000000000000")), Err(Reason::IdentifierLostPrecision));
    }
}
