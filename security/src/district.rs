//! The districts of Shanghai: the typed code, the 16 present districts and those that were merged into them.
//! Boundaries are data of `ingest`; streets are rows of the resource `region`.

use std::fmt;
use std::str::FromStr;

/// Code of a present district, or of the city as a whole. Only known codes exist as values of this type, so that a
/// scope can never name a place that does not exist.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DistrictCode(&'static str);

/// A present district.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct District {
    /// GB/T 2260 code.
    pub code: DistrictCode,
    /// Full Chinese name, such as 徐汇区.
    pub name: &'static str,
}

/// A district that no longer exists. Its records count for the successor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetiredDistrict {
    /// GB/T 2260 code it had.
    pub code: &'static str,
    /// Name it had.
    pub name: &'static str,
    /// District that took it over.
    pub successor: DistrictCode,
    /// Year of the merger.
    pub year: i32,
}

/// A text that is no code of a present district.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("“{code}”不是上海现行区划代码")]
pub struct UnknownDistrict {
    /// The text that was given.
    pub code: String,
}

/// The 16 districts in the order of their codes.
pub const DISTRICTS: [District; 16] = [
    district("310101", "黄浦区"),
    district("310104", "徐汇区"),
    district("310105", "长宁区"),
    district("310106", "静安区"),
    district("310107", "普陀区"),
    district("310109", "虹口区"),
    district("310110", "杨浦区"),
    district("310112", "闵行区"),
    district("310113", "宝山区"),
    district("310114", "嘉定区"),
    district("310115", "浦东新区"),
    district("310116", "金山区"),
    district("310117", "松江区"),
    district("310118", "青浦区"),
    district("310120", "奉贤区"),
    district("310151", "崇明区"),
];

/// Districts that were merged or renamed, with the district that counts for them.
pub const RETIRED: [RetiredDistrict; 5] = [
    retired("310102", "南市区", "310101", 2000),
    retired("310103", "卢湾区", "310101", 2011),
    retired("310108", "闸北区", "310106", 2015),
    retired("310119", "南汇区", "310115", 2009),
    retired("310230", "崇明县", "310151", 2016),
];

const fn district(code: &'static str, name: &'static str) -> District {
    District { code: DistrictCode(code), name }
}

const fn retired(
    code: &'static str,
    name: &'static str,
    successor: &'static str,
    year: i32,
) -> RetiredDistrict {
    RetiredDistrict { code, name, successor: DistrictCode(successor), year }
}

impl DistrictCode {
    /// Rows that belong to the city as a whole and to no district.
    pub const CITY: DistrictCode = DistrictCode("310000");

    /// Reads a code; only the 16 districts and the city are known.
    pub fn parse(text: &str) -> Result<Self, UnknownDistrict> {
        if text == Self::CITY.0 {
            return Ok(Self::CITY);
        }
        DISTRICTS
            .iter()
            .find(|d| d.code.0 == text)
            .map(|d| d.code)
            .ok_or_else(|| UnknownDistrict { code: text.to_owned() })
    }

    /// The six digits.
    pub fn as_str(self) -> &'static str {
        self.0
    }

    /// Whether this is the city as a whole and not a district.
    pub fn is_city(self) -> bool {
        self == Self::CITY
    }
}

impl FromStr for DistrictCode {
    type Err = UnknownDistrict;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

impl fmt::Display for DistrictCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl fmt::Debug for DistrictCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// Chinese name of a district; 上海市 for the city as a whole.
pub fn name_of(code: DistrictCode) -> &'static str {
    DISTRICTS.iter().find(|d| d.code == code).map_or("上海市", |d| d.name)
}

/// The present district meant by a code or a full name, present or retired.
pub fn resolve(text: &str) -> Option<DistrictCode> {
    DISTRICTS
        .iter()
        .find(|d| d.code.0 == text || d.name == text)
        .map(|d| d.code)
        .or_else(|| RETIRED.iter().find(|r| r.code == text || r.name == text).map(|r| r.successor))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_sorted_unique_and_parse_to_themselves() {
        assert!(DISTRICTS.windows(2).all(|w| w[0].code < w[1].code));
        for d in DISTRICTS {
            assert_eq!(DistrictCode::parse(d.code.as_str()), Ok(d.code));
            assert_eq!(name_of(d.code), d.name);
        }
        assert_eq!("310000".parse(), Ok(DistrictCode::CITY));
        assert_eq!(name_of(DistrictCode::CITY), "上海市");
    }

    #[test]
    fn unknown_and_retired_codes_are_no_district_codes() {
        for bad in ["", "310103", "310199", "3101040", "310104 ", "徐汇区", "' or 1=1"] {
            assert!(DistrictCode::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn retired_districts_lead_to_a_present_one() {
        for r in RETIRED {
            assert!(DISTRICTS.iter().any(|d| d.code == r.successor));
            assert_eq!(resolve(r.name), Some(r.successor));
            assert_eq!(resolve(r.code), Some(r.successor));
        }
        assert_eq!(resolve("闸北区").map(name_of), Some("静安区"));
        assert_eq!(resolve("310104").map(name_of), Some("徐汇区"));
        assert_eq!(resolve("苏州"), None);
    }
}
