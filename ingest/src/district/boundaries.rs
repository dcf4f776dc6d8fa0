//! Districts by a point, through the boundaries in `data/shanghai_districts.geojson`.

use geo::{BoundingRect, Contains, Coord, LineString, MultiPolygon, Point, Polygon, Rect};
use pujiang_security::DistrictCode;
use serde_json::Value;

const GEOJSON: &str = include_str!("../../data/shanghai_districts.geojson");

/// The shapes of the 16 districts with their bounding boxes.
#[derive(Debug)]
pub(super) struct Boundaries {
    shapes: Vec<(DistrictCode, Rect, MultiPolygon)>,
}

impl Boundaries {
    pub(super) fn load() -> Self {
        let collection: Value = serde_json::from_str(GEOJSON).unwrap_or_default();
        let features = collection["features"].as_array().cloned().unwrap_or_default();
        let shapes = features
            .iter()
            .filter_map(|feature| {
                let code = DistrictCode::parse(feature["properties"]["code"].as_str()?).ok()?;
                let shape = shape(&feature["geometry"])?;
                Some((code, shape.bounding_rect()?, shape))
            })
            .collect();
        Self { shapes }
    }

    pub(super) fn find(&self, longitude: f64, latitude: f64) -> Option<DistrictCode> {
        let at = Point::new(longitude, latitude);
        let corner = Coord { x: longitude, y: latitude };
        let mut hits = self
            .shapes
            .iter()
            .filter(|(_, rect, _)| {
                (rect.min().x..=rect.max().x).contains(&corner.x)
                    && (rect.min().y..=rect.max().y).contains(&corner.y)
            })
            .filter(|(_, _, shape)| shape.contains(&at))
            .map(|(code, _, _)| *code);
        // Coarse boundaries overlap by a few metres; a point in two districts is decided by neither.
        let first = hits.next()?;
        hits.next().is_none().then_some(first)
    }
}

fn shape(geometry: &Value) -> Option<MultiPolygon> {
    let coordinates = geometry["coordinates"].as_array()?;
    match geometry["type"].as_str()? {
        "Polygon" => Some(MultiPolygon(vec![polygon(coordinates)?])),
        "MultiPolygon" => {
            coordinates.iter().map(|p| polygon(p.as_array()?)).collect::<Option<Vec<_>>>().map(MultiPolygon)
        }
        _ => None,
    }
}

fn polygon(rings: &[Value]) -> Option<Polygon> {
    let mut rings = rings.iter().map(ring);
    let outer = rings.next()??;
    Some(Polygon::new(outer, rings.collect::<Option<Vec<_>>>()?))
}

fn ring(points: &Value) -> Option<LineString> {
    points
        .as_array()?
        .iter()
        .map(|p| Some(Coord { x: p[0].as_f64()?, y: p[1].as_f64()? }))
        .collect::<Option<Vec<_>>>()
        .map(LineString::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn well_known_places() {
        let boundaries = Boundaries::load();
        assert_eq!(boundaries.shapes.len(), 16);
        for (place, lon, lat, expected) in [
            ("人民广场", 121.4737, 31.2304, Some("310101")),
            ("徐家汇", 121.4365, 31.1880, Some("310104")),
            ("陆家嘴", 121.5065, 31.2397, Some("310115")),
            ("嘉定老城", 121.2650, 31.3750, Some("310114")),
            ("崇明城桥", 121.3970, 31.6230, Some("310151")),
            ("苏州", 120.6200, 31.3000, None),
            ("swapped", 31.23, 121.47, None),
            ("nowhere", f64::NAN, 31.0, None),
        ] {
            assert_eq!(boundaries.find(lon, lat).map(DistrictCode::as_str), expected, "{place}");
        }
    }
}
