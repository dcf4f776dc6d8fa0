//! The reason somebody gives for what stays on record.

use crate::error::Error;

/// Longest reason.
const MAX_REASON: usize = 500;

/// A reason without the spaces around it; none when nothing was written.
pub(super) fn checked(reason: Option<&str>) -> Result<Option<String>, Error> {
    match reason.map(str::trim).filter(|r| !r.is_empty()) {
        Some(text) if text.chars().count() > MAX_REASON || text.contains('\0') => {
            Err(Error::invalid("reason", "too_long", format!("原因最多 {MAX_REASON} 个字，且不含控制字符")))
        }
        reason => Ok(reason.map(str::to_owned)),
    }
}

/// A reason that must be there; `what` is what it is for.
pub(super) fn required(reason: Option<&str>, what: &str) -> Result<String, Error> {
    checked(reason)?.ok_or_else(|| Error::invalid("reason", "required", format!("请填写{what}的原因")))
}
