//! A checked row: what it says under which key and version.

use chrono::NaiveDateTime;
use pujiang_security::DistrictCode;
use rust_decimal::Decimal;

/// What a row wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// Insert or replace.
    Upsert,
    /// Take out.
    Delete,
}

/// A typed value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// Text, identifiers, codes.
    Text(String),
    /// Money.
    Amount(Decimal),
    /// Whole number.
    Integer(i64),
    /// Shanghai wall clock.
    Time(NaiveDateTime),
}

/// A row that fits the contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Identifies it.
    pub key: String,
    /// Higher wins.
    pub version: i64,
    /// Upsert or delete.
    pub operation: Operation,
    /// Where it counts; the city for deletes that do not say.
    pub district: DistrictCode,
    /// Code of the district as it was at the row's time, for feeds that say which time.
    pub place: Option<&'static str>,
    /// Values by position of the feed's fields.
    pub values: Vec<Option<Value>>,
}
