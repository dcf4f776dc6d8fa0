//! A value as the file has it, before anybody says what it means.

use chrono::{DateTime, NaiveDateTime};
use pujiang_security::identifier::is_invisible;
use serde::{Deserialize, Serialize};

/// A value as the file has it. Kept apart: exact numbers and binary floats, wall clocks and instants,
/// because what may be trusted differs.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cell {
    /// Nothing.
    #[default]
    Empty,
    /// Text.
    Text(String),
    /// An exact number: integer or decimal.
    Exact(String),
    /// A binary float: 15 digits of it can be trusted.
    Float(f64),
    /// A date and time without zone.
    Wall(NaiveDateTime),
    /// A point in time, microseconds since 1970 UTC.
    Instant(i64),
    /// A number that its format shows with other characters than its digits, such as leading zeros.
    Shown {
        /// What is counted with.
        number: f64,
        /// What people see; nothing when that is not known.
        text: Option<String>,
    },
    /// True or false.
    Truth(bool),
    /// Text in which some bytes could not be decoded.
    Garbled(String),
}

impl Cell {
    /// Text, or nothing when only white space and control characters are there.
    pub fn text(value: impl Into<String>) -> Self {
        let value = value.into();
        if value.chars().all(|c| c.is_whitespace() || c.is_control() || is_invisible(c)) {
            return Self::Empty;
        }
        // 锟斤拷 is what two lost characters become when GBK reads the UTF-8 replacement character.
        if value.contains('\u{fffd}') || value.contains("锟斤拷") {
            Self::Garbled(value)
        } else {
            Self::Text(value)
        }
    }

    /// Whether nothing is there.
    pub fn is_empty(&self) -> bool {
        matches!(self, Self::Empty)
    }

    /// What a person would see.
    pub fn shown(&self) -> String {
        match self {
            Self::Empty => String::new(),
            Self::Text(t) | Self::Garbled(t) | Self::Exact(t) => t.clone(),
            Self::Shown { text: Some(text), .. } => text.clone(),
            Self::Float(f) | Self::Shown { number: f, .. } => f.to_string(),
            Self::Wall(t) => t.format("%Y-%m-%d %H:%M:%S%.f").to_string(),
            Self::Instant(us) => {
                DateTime::from_timestamp_micros(*us).map_or_else(|| us.to_string(), |t| t.to_rfc3339())
            }
            Self::Truth(b) => b.to_string(),
        }
    }
}
