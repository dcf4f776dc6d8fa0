//! Serial numbers of days, by which workbooks hold dates.

use chrono::{Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};
use serde::{Deserialize, Serialize};

/// The day from which a workbook counts its dates.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Epoch {
    /// 1900, as everywhere but in workbooks that say otherwise.
    #[default]
    From1900,
    /// 1904: old workbooks of the Mac.
    From1904,
}

impl Epoch {
    /// Days to add to a serial number so that it counts from 1900.
    pub fn days(self) -> f64 {
        match self {
            Self::From1900 => 0.0,
            Self::From1904 => 1462.0,
        }
    }

    /// Whether nothing need be said about it.
    pub fn is_usual(&self) -> bool {
        *self == Self::From1900
    }
}

/// The date and time behind an Excel serial number (days since 1899-12-30), to the millisecond.
pub(crate) fn from_serial(serial: f64) -> Option<NaiveDateTime> {
    if !(0.0..3_000_000.0).contains(&serial) {
        return None;
    }
    let day = NaiveDate::from_ymd_opt(1899, 12, 30)?.checked_add_days(Days::new(serial.trunc() as u64))?;
    let millis = (serial.fract() * 86_400_000.0).round() as i64;
    day.and_time(NaiveTime::MIN).checked_add_signed(TimeDelta::milliseconds(millis))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::{Cell, Zone, local_time};

    #[test]
    fn right_answer_13_serial_numbers_count_from_the_workbooks_own_day() {
        let shown = |cell: &Cell, epoch| {
            local_time(cell, Zone::Shanghai, epoch).ok().flatten().map(|t| t.to_string())
        };
        for cell in [Cell::Float(44_836.336_805_555_55), Cell::text("44836.33680555555")] {
            assert_eq!(shown(&cell, Epoch::From1904).as_deref(), Some("2026-10-03 08:05:00"));
            assert_eq!(shown(&cell, Epoch::From1900).as_deref(), Some("2022-10-02 08:05:00"));
        }
        // What says its date itself does not depend on the workbook.
        let compact = Cell::Float(20_261_003.0);
        assert_eq!(shown(&compact, Epoch::From1904), shown(&compact, Epoch::From1900));
    }
}
