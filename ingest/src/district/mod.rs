//! Which district a place is in: by name, by code, or by a point inside the real boundaries.
//! Retired districts count for their successor; what is no district of Shanghai is `None`, never a guess.

mod boundaries;
mod names;

use std::sync::OnceLock;

use pujiang_security::DistrictCode;

use boundaries::Boundaries;
use names::Names;

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
    pub fn named(&self, text: &str) -> Option<DistrictCode> {
        self.names.find(text)
    }

    /// By longitude and latitude in degrees.
    pub fn at(&self, longitude: f64, latitude: f64) -> Option<DistrictCode> {
        self.boundaries.find(longitude, latitude)
    }
}
