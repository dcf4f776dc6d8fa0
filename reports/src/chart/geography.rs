//! The district boundaries as rings on a plane. Coarse, for maps in reports; not for deciding where a point lies.

use std::collections::BTreeMap;

use serde::Deserialize;

/// The boundaries could not be read.
#[derive(Debug, thiserror::Error)]
#[error("reading the district boundaries failed")]
pub struct GeographyError(#[from] serde_json::Error);

/// Boundaries of the 16 districts.
#[derive(Debug, Clone)]
pub struct Geography {
    districts: Vec<District>,
}

/// One district: code, name, outer rings in a plane with equal scale in both directions, y to the north.
#[derive(Debug, Clone)]
pub struct District {
    /// GB/T 2260 code.
    pub code: String,
    /// Name.
    pub name: String,
    /// Outer rings.
    pub rings: Vec<Vec<(f64, f64)>>,
    /// Where the name goes.
    pub label_at: (f64, f64),
}

#[derive(Deserialize)]
struct Collection {
    features: Vec<Feature>,
}

#[derive(Deserialize)]
struct Feature {
    properties: BTreeMap<String, String>,
    geometry: Geometry,
}

#[derive(Deserialize)]
#[serde(tag = "type", content = "coordinates")]
enum Geometry {
    Polygon(Vec<Vec<(f64, f64)>>),
    MultiPolygon(Vec<Vec<Vec<(f64, f64)>>>),
}

/// A degree of longitude is this much of a degree of latitude at 31.2° north, the middle of the city.
const LONGITUDE_SCALE: f64 = 0.855_4;

impl Geography {
    /// The boundaries compiled in.
    ///
    /// # Errors
    /// The file in `data/` is damaged.
    pub fn builtin() -> Result<Self, GeographyError> {
        let collection: Collection =
            serde_json::from_str(include_str!("../../data/shanghai_districts.geojson"))?;
        let districts = collection.features.into_iter().map(|mut feature| {
            let polygons = match feature.geometry {
                Geometry::Polygon(rings) => vec![rings],
                Geometry::MultiPolygon(polygons) => polygons,
            };
            let outer = polygons.into_iter().filter_map(|rings| rings.into_iter().next());
            let plane = |ring: Vec<(f64, f64)>| {
                ring.into_iter().map(|(lon, lat)| (lon * LONGITUDE_SCALE, lat)).collect()
            };
            let rings: Vec<Vec<(f64, f64)>> = outer.map(plane).collect();
            District {
                code: feature.properties.remove("code").unwrap_or_default(),
                name: feature.properties.remove("name").unwrap_or_default(),
                label_at: label_point(&rings),
                rings,
            }
        });
        Ok(Self { districts: districts.collect() })
    }

    /// All districts in the order of the file.
    #[must_use]
    pub fn districts(&self) -> &[District] {
        &self.districts
    }
}

/// The roomiest place of the largest ring: of a grid of inner points the one farthest from the border.
/// A centroid lies on or outside the border of bent districts.
fn label_point(rings: &[Vec<(f64, f64)>]) -> (f64, f64) {
    let Some(ring) = rings.iter().max_by(|a, b| area(a).total_cmp(&area(b))) else { return (0.0, 0.0) };
    let (west, east) = ring.iter().fold((f64::MAX, f64::MIN), |(lo, hi), p| (lo.min(p.0), hi.max(p.0)));
    let (south, north) = ring.iter().fold((f64::MAX, f64::MIN), |(lo, hi), p| (lo.min(p.1), hi.max(p.1)));
    let mut best = ((west, south), -1.0);
    for i in 1..LABEL_GRID {
        for j in 1..LABEL_GRID {
            let along =
                |from: f64, to: f64, n: u32| from + (to - from) * f64::from(n) / f64::from(LABEL_GRID);
            let point = (along(west, east, i), along(south, north, j));
            let room = room(point, ring);
            if room > best.1 && inside(point, ring) {
                best = (point, room);
            }
        }
    }
    best.0
}

/// Points tried per direction.
const LABEL_GRID: u32 = 28;
/// Names are about twice as wide as high, so room to the sides counts half.
const NAME_SHAPE: f64 = 0.5;

fn area(ring: &[(f64, f64)]) -> f64 {
    ring.windows(2).map(|p| p[0].0 * p[1].1 - p[1].0 * p[0].1).sum::<f64>().abs()
}

/// Distance to the nearest border.
fn room((x, y): (f64, f64), ring: &[(f64, f64)]) -> f64 {
    let distance = |pair: &[(f64, f64)]| {
        let (ax, ay) = ((pair[0].0 - x) * NAME_SHAPE, pair[0].1 - y);
        let (bx, by) = ((pair[1].0 - x) * NAME_SHAPE, pair[1].1 - y);
        let (dx, dy) = (bx - ax, by - ay);
        let length = dx * dx + dy * dy;
        let t = if length > 0.0 { (-(ax * dx + ay * dy) / length).clamp(0.0, 1.0) } else { 0.0 };
        (ax + t * dx).hypot(ay + t * dy)
    };
    ring.windows(2).map(distance).fold(f64::MAX, f64::min)
}

/// Even-odd rule.
fn inside((x, y): (f64, f64), ring: &[(f64, f64)]) -> bool {
    let crosses = |pair: &&[(f64, f64)]| {
        let ((ax, ay), (bx, by)) = (pair[0], pair[1]);
        (ay > y) != (by > y) && x < ax + (y - ay) / (by - ay) * (bx - ax)
    };
    ring.windows(2).filter(crosses).count() % 2 == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sixteen_districts_with_closed_rings_and_a_place_for_the_name() {
        let geography = Geography::builtin().expect("readable");
        assert_eq!(geography.districts().len(), 16);
        for district in geography.districts() {
            assert!(district.code.starts_with("310") && !district.name.is_empty());
            assert!(district.rings.iter().any(|ring| inside(district.label_at, ring)), "{}", district.name);
            for ring in &district.rings {
                assert_eq!(ring.first(), ring.last(), "{} is not closed", district.name);
            }
        }
    }
}
