//! Which district a place is in: by name, by code, or by a point inside the real boundaries.
//! Retired districts count for their successor; what is no district of Shanghai is `None`, never a guess. What a place
//! was called at the time of a row is kept beside what it counts for today.

mod boundaries;
mod names;

use std::sync::OnceLock;

use chrono::NaiveDate;
use pujiang_security::DistrictCode;
use pujiang_security::district::{current, place_at};

use boundaries::Boundaries;
use names::Names;

/// A district as it was named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NamedDistrict {
    code: &'static str,
    today: DistrictCode,
}

impl NamedDistrict {
    /// A present district.
    pub fn present(today: DistrictCode) -> Self {
        Self { code: today.as_str(), today }
    }

    /// The present district it counts for.
    pub fn today(self) -> DistrictCode {
        self.today
    }

    /// The code that stood for it on a date.
    pub fn on(self, date: NaiveDate) -> &'static str {
        place_at(self.code, date).unwrap_or(self.code)
    }
}

/// The district lookup over the data compiled into this crate.
#[derive(Debug)]
pub struct Districts {
    names: Names,
    boundaries: Boundaries,
}

impl Districts {
    /// The one lookup of the process: parsing the boundaries takes a moment.
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<Districts> = OnceLock::new();
        SHARED.get_or_init(|| Self { names: Names::load(), boundaries: Boundaries::load() })
    }

    /// By name, short name, old name, or code of a district, street or community.
    pub fn named(&self, text: &str) -> Option<NamedDistrict> {
        let code = self.names.find(text)?;
        Some(NamedDistrict { code, today: current(code)? })
    }

    /// By longitude and latitude in degrees.
    pub fn at(&self, longitude: f64, latitude: f64) -> Option<NamedDistrict> {
        // The boundaries are those of today: a point does not tell what its place was called.
        self.boundaries.find(longitude, latitude).map(NamedDistrict::present)
    }
}
