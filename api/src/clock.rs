//! The time of day as the outside sees it: Shanghai, with its offset.

use chrono::{FixedOffset, Utc};

/// Shanghai keeps UTC+8 all year.
const OFFSET_SECONDS: i32 = 8 * 3600;

/// Now as RFC 3339 with +08:00.
pub fn shanghai_now() -> String {
    match FixedOffset::east_opt(OFFSET_SECONDS) {
        Some(offset) => {
            Utc::now().with_timezone(&offset).to_rfc3339_opts(chrono::SecondsFormat::Millis, false)
        }
        None => Utc::now().to_rfc3339(),
    }
}
