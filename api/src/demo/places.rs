//! The real city: 16 districts with their weight, streets, communities, and points inside a district.
//! Names of districts come from `security`, boundaries from `ingest`; nothing here is drawn but the points.

use anyhow::Context;

const STREETS: &str = include_str!("../../data/shanghai_streets.csv");
const COMMUNITIES: &str = include_str!("../../data/shanghai_communities.csv");

/// A district as the demonstration sees it.
#[derive(Debug, Clone, Copy)]
pub struct District {
    /// GB/T 2260 code.
    pub code: &'static str,
    /// Residents in units of 10,000, census of 2020.
    pub residents: f64,
    /// How strongly culture and tourism draw people into it; 1 is the city's mean.
    pub attraction: f64,
    /// Yearly growth of its transactions.
    pub growth: f64,
    /// Box around its boundary: west, south, east, north.
    pub bounds: [f64; 4],
}

/// All districts in the order of their codes; everywhere in the demonstration a district is its index here.
pub const DISTRICTS: [District; 16] = [
    district("310101", 66.0, 2.6, 1.16, [121.45, 31.18, 121.52, 31.25]),
    district("310104", 111.0, 1.4, 1.20, [121.39, 31.10, 121.48, 31.23]),
    district("310105", 69.0, 1.0, 1.17, [121.33, 31.17, 121.44, 31.25]),
    district("310106", 98.0, 1.5, 1.18, [121.41, 31.21, 121.49, 31.33]),
    district("310107", 124.0, 0.8, 1.21, [121.32, 31.21, 121.46, 31.31]),
    district("310109", 76.0, 0.9, 1.15, [121.46, 31.24, 121.52, 31.32]),
    district("310110", 124.0, 0.9, 1.19, [121.48, 31.24, 121.58, 31.35]),
    district("310112", 265.0, 0.7, 1.27, [121.24, 30.97, 121.58, 31.26]),
    district("310113", 224.0, 0.6, 1.25, [121.30, 31.26, 121.53, 31.52]),
    district("310114", 183.0, 0.7, 1.28, [121.10, 31.22, 121.39, 31.50]),
    district("310115", 568.0, 1.2, 1.26, [121.45, 30.77, 122.02, 31.40]),
    district("310116", 82.0, 0.7, 1.18, [120.98, 30.67, 121.48, 30.96]),
    district("310117", 191.0, 1.0, 1.29, [121.02, 30.89, 121.38, 31.17]),
    district("310118", 127.0, 1.3, 1.27, [120.85, 30.93, 121.33, 31.30]),
    district("310120", 114.0, 0.6, 1.24, [121.35, 30.75, 121.80, 31.02]),
    district("310151", 64.0, 1.5, 1.14, [121.16, 31.28, 122.00, 31.87]),
];

const fn district(
    code: &'static str,
    residents: f64,
    attraction: f64,
    growth: f64,
    bounds: [f64; 4],
) -> District {
    District { code, residents, attraction, growth, bounds }
}

/// A street or town.
#[derive(Debug, Clone, Copy)]
pub struct Street {
    /// Nine-digit code.
    pub code: &'static str,
    /// Name.
    pub name: &'static str,
    /// Index into [`DISTRICTS`].
    pub district: usize,
}

/// A neighbourhood committee.
#[derive(Debug, Clone, Copy)]
pub struct Community {
    /// Twelve-digit code.
    pub code: &'static str,
    /// Name.
    pub name: &'static str,
    /// Index into [`Places::streets`].
    pub street: usize,
}

/// Streets and communities, and which belong to a district.
pub struct Places {
    /// All streets in the order of their codes.
    pub streets: Vec<Street>,
    /// All communities.
    pub communities: Vec<Community>,
    by_district: Vec<Vec<usize>>,
}

impl Places {
    /// The lists built in.
    pub fn builtin() -> anyhow::Result<Self> {
        let mut streets = Vec::new();
        for [code, name, district] in rows(STREETS)? {
            let district = district_index(district).with_context(|| format!("street {code}"))?;
            streets.push(Street { code, name, district });
        }
        let mut communities = Vec::new();
        let mut by_district = vec![Vec::new(); DISTRICTS.len()];
        for [code, name, street_code] in rows(COMMUNITIES)? {
            let street = streets
                .iter()
                .position(|street| street.code == street_code)
                .with_context(|| format!("community {code}: unknown street {street_code}"))?;
            by_district[streets[street].district].push(communities.len());
            communities.push(Community { code, name, street });
        }
        Ok(Self { streets, communities, by_district })
    }

    /// Indexes of the communities of a district.
    pub fn communities_of(&self, district: usize) -> &[usize] {
        &self.by_district[district]
    }
}

/// The index of a district code in [`DISTRICTS`].
pub fn district_index(code: &str) -> anyhow::Result<usize> {
    DISTRICTS
        .iter()
        .position(|district| district.code == code)
        .with_context(|| format!("{code} is no district of the city"))
}

fn rows(text: &'static str) -> anyhow::Result<Vec<[&'static str; 3]>> {
    text.lines()
        .skip(1)
        .map(|line| {
            let cells: Vec<&str> = line.split(',').collect();
            <[&str; 3]>::try_from(cells).map_err(|_| anyhow::anyhow!("expected three cells in {line:?}"))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lists_are_complete() {
        let places = Places::builtin().unwrap();
        assert_eq!((places.streets.len(), places.communities.len()), (234, 6509));
        for (index, district) in DISTRICTS.iter().enumerate() {
            assert!(places.communities_of(index).len() > 50, "{}", district.code);
        }
    }
}
