//! Points inside the real boundary of a district, by trial within its box. The boundaries belong to `ingest`.

use pujiang_ingest::district::Districts;
use rand::{Rng, RngCore};

use super::places::DISTRICTS;
use super::units::Ground;

/// The real boundaries.
pub struct Boundaries;

impl Ground for Boundaries {
    fn point(&self, rng: &mut dyn RngCore, district: usize) -> anyhow::Result<(f64, f64)> {
        let [west, south, east, north] = DISTRICTS[district].bounds;
        // The emptiest box (浦东新区) is hit at every third trial.
        for _ in 0..1_000 {
            let degrees = |from: f64, to: f64, share: f64| ((from + (to - from) * share) * 1e6).round() / 1e6;
            let longitude = degrees(west, east, rng.random());
            let latitude = degrees(south, north, rng.random());
            let inside = Districts::shared().at(longitude, latitude);
            if inside.is_some_and(|found| found.today().as_str() == DISTRICTS[district].code) {
                return Ok((longitude, latitude));
            }
        }
        anyhow::bail!("no point found inside {}", DISTRICTS[district].code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::sampling::stream;

    #[test]
    fn every_district_has_points() {
        let rng = &mut stream(1, "ground", 0);
        for index in 0..DISTRICTS.len() {
            for _ in 0..20 {
                Boundaries.point(rng, index).unwrap();
            }
        }
    }
}
