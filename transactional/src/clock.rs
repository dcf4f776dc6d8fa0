//! Business time: Asia/Shanghai, fixed +08:00, millisecond precision. The clock comes in through a trait so that tests
//! and the demonstration loader set it.

use chrono::{DateTime, FixedOffset, SubsecRound, Utc};

const SHANGHAI: FixedOffset = match FixedOffset::east_opt(8 * 3600) {
    Some(offset) => offset,
    None => panic!("+08:00 is a valid offset"),
};

/// A moment as people in Shanghai read it.
pub type Moment = DateTime<FixedOffset>;

/// Where the present comes from.
pub trait Clock: Send + Sync {
    /// The present moment.
    fn now(&self) -> Moment;
}

/// The clock of the machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Moment {
        in_shanghai(Utc::now())
    }
}

/// The moment in Shanghai, cut to the milliseconds that storage keeps.
pub fn in_shanghai(at: DateTime<Utc>) -> Moment {
    at.with_timezone(&SHANGHAI).trunc_subsecs(3)
}

/// Offset of Shanghai.
pub fn offset() -> FixedOffset {
    SHANGHAI
}

/// Storage form: fixed width, so that on SQLite the order of the texts is the order of time.
pub fn stored(at: &Moment) -> String {
    at.with_timezone(&SHANGHAI).format("%Y-%m-%dT%H:%M:%S%.3f%:z").to_string()
}

/// Form for people and for the lake: RFC 3339 without needless zeros.
pub fn shown(at: &Moment) -> String {
    stored(at).replace(".000+", "+")
}

/// Reads the storage form.
pub fn parse_stored(text: &str) -> Option<Moment> {
    DateTime::parse_from_rfc3339(text).ok().map(|t| in_shanghai(t.to_utc()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms() {
        let at = in_shanghai("2026-10-31T16:30:00Z".parse().unwrap());
        assert_eq!(stored(&at), "2026-11-01T00:30:00.000+08:00");
        assert_eq!(shown(&at), "2026-11-01T00:30:00+08:00");
        assert_eq!(parse_stored(&stored(&at)), Some(at));
        let at = in_shanghai("2026-10-31T16:30:00.1239Z".parse().unwrap());
        assert_eq!(shown(&at), "2026-11-01T00:30:00.123+08:00");
    }
}
