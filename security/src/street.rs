//! The streets and towns of Shanghai: the typed code, its name and its district. Only streets of the embedded list
//! exist as values, so that a scope can never name a street that does not exist.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;

use crate::district::{DistrictCode, name_of};

/// The list; `SOURCES.md` says where it comes from.
const FILE: &str = include_str!("../data/shanghai_streets.csv");

static STREETS: LazyLock<BTreeMap<&'static str, Street>> =
    LazyLock::new(|| FILE.lines().skip(1).filter_map(read).map(|street| (street.code.0, street)).collect());

/// Code of a present street or town: nine digits, the first six of them its district.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StreetCode(&'static str);

/// A present street or town.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Street {
    /// Code of the statistical division.
    pub code: StreetCode,
    /// Full Chinese name, such as 新华路街道.
    pub name: &'static str,
    /// The district it lies in.
    pub district: DistrictCode,
}

/// A text that is no code of a present street.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("“{code}”不是上海现行街道、镇代码")]
pub struct UnknownStreet {
    /// The text that was given.
    pub code: String,
}

/// Every street and town in the order of the codes.
pub fn all() -> impl ExactSizeIterator<Item = &'static Street> {
    STREETS.values()
}

fn read(line: &'static str) -> Option<Street> {
    let mut cells = line.split(',');
    let (code, name, district) = (cells.next()?, cells.next()?, cells.next()?);
    let district = DistrictCode::parse(district).ok()?;
    Some(Street { code: StreetCode(code), name, district })
}

impl StreetCode {
    /// Reads a code; only streets of the list are known.
    pub fn parse(text: &str) -> Result<Self, UnknownStreet> {
        STREETS.get(text).map(|street| street.code).ok_or_else(|| UnknownStreet { code: text.to_owned() })
    }

    /// The nine digits.
    pub fn as_str(self) -> &'static str {
        self.0
    }

    /// The district it lies in.
    pub fn district(self) -> DistrictCode {
        // A value of this type came out of the list, so the list has it.
        STREETS.get(self.0).map_or(DistrictCode::CITY, |street| street.district)
    }

    /// Name without the district, such as 新华路街道.
    pub fn name(self) -> &'static str {
        STREETS.get(self.0).map_or("", |street| street.name)
    }

    /// Name with the district, such as 长宁区新华路街道.
    pub fn full_name(self) -> String {
        format!("{}{}", name_of(self.district()), self.name())
    }
}

impl FromStr for StreetCode {
    type Err = UnknownStreet;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

impl fmt::Display for StreetCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl fmt::Debug for StreetCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::district::DISTRICTS;

    #[test]
    fn every_line_of_the_list_is_a_street_of_its_district() {
        assert_eq!(FILE.lines().next(), Some("code,name,district_code"));
        // A line that cannot be read would fall out silently, and with it a street nobody could be granted.
        assert_eq!(all().len(), FILE.lines().count() - 1);
        assert_eq!(all().len(), 234);
        for street in all() {
            assert_eq!(street.code.as_str().len(), 9, "{street:?}");
            assert!(street.code.as_str().starts_with(street.district.as_str()), "{street:?}");
            assert_eq!(StreetCode::parse(street.code.as_str()), Ok(street.code));
            assert_eq!((street.code.district(), street.code.name()), (street.district, street.name));
        }
        assert!(DISTRICTS.iter().all(|d| all().any(|street| street.district == d.code)));
    }

    #[test]
    fn names_and_unknown_codes() {
        let street = all().find(|street| street.name == "新华路街道").unwrap();
        assert_eq!(street.code.full_name(), "长宁区新华路街道");
        for bad in ["", "310104", "310104999", "3101040030", " 310104003", "新华路街道"] {
            assert!(StreetCode::parse(bad).is_err(), "{bad}");
        }
    }
}
