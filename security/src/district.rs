//! The districts of Shanghai: the typed code, the 16 present districts, those that were merged into them, and which
//! code a place had at a date. Boundaries are data of `ingest`; streets are in `street`.

use std::fmt;
use std::str::FromStr;

use chrono::NaiveDate;

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
    /// First day on which the successor stands in its place. A row of the day before is still a row of this district.
    pub valid_to: NaiveDate,
    /// What became of it.
    pub ending: Ending,
}

/// How a district ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Joined to a district that had existed beside it.
    Merged,
    /// Went on under another code: the successor did not exist before.
    Renamed,
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

/// Districts that were merged or renamed, with the district that counts for them. No single kind of date is on record
/// for all of them: which event each date is stands beside it.
pub const RETIRED: [RetiredDistrict; 5] = [
    // The State Council approved joining 南市区 and 黄浦区 on 2000-06-13.
    retired("310102", "南市区", "310101", (2000, 6, 13), Ending::Merged),
    // The municipal government announced joining 卢湾区 and 黄浦区 on 2011-06-08, after the approval of May 2011.
    retired("310103", "卢湾区", "310101", (2011, 6, 8), Ending::Merged),
    // The municipal government announced joining 闸北区 and 静安区 on 2015-11-04, after the approval of October 2015.
    retired("310108", "闸北区", "310106", (2015, 11, 4), Ending::Merged),
    // The new 浦东新区 took up its work on 2009-08-09; the State Council had approved it in April 2009.
    retired("310119", "南汇区", "310115", (2009, 8, 9), Ending::Merged),
    // The municipal government announced on 2016-07-22 that the county had become a district.
    retired("310230", "崇明县", "310151", (2016, 7, 22), Ending::Renamed),
];

const fn district(code: &'static str, name: &'static str) -> District {
    District { code: DistrictCode(code), name }
}

const fn retired(
    code: &'static str,
    name: &'static str,
    successor: &'static str,
    (year, month, day): (i32, u32, u32),
    ending: Ending,
) -> RetiredDistrict {
    let Some(valid_to) = NaiveDate::from_ymd_opt(year, month, day) else {
        panic!("a date of the table above does not exist");
    };
    RetiredDistrict { code, name, successor: DistrictCode(successor), valid_to, ending }
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

/// The present district that a code of any time counts for.
pub fn current(code: &str) -> Option<DistrictCode> {
    match DISTRICTS.iter().find(|d| d.code.0 == code) {
        Some(present) => Some(present.code),
        None => retired_as(code).and_then(|r| current(r.successor.0)),
    }
}

/// The code that stood on a date for the place a row names: a retired code before its end, the successor's from that
/// day on, and of a renamed district the code of the time, whichever of the two the row carries. A present code that
/// took in others stays what it is; nobody can tell from it which part was meant.
pub fn place_at(code: &str, date: NaiveDate) -> Option<&'static str> {
    let before = |r: &&RetiredDistrict| date < r.valid_to;
    match retired_as(code) {
        Some(retired) if before(&retired) => Some(retired.code),
        Some(retired) => place_at(retired.successor.0, date),
        None => {
            let present = DISTRICTS.iter().find(|d| d.code.0 == code)?;
            let renamed = |r: &&RetiredDistrict| r.successor == present.code && r.ending == Ending::Renamed;
            Some(RETIRED.iter().filter(renamed).find(before).map_or(present.code.0, |r| r.code))
        }
    }
}

/// Name of the place a code meant, present or retired.
pub fn place_name(code: &str) -> Option<&'static str> {
    let present = DISTRICTS.iter().find(|d| d.code.0 == code).map(|d| d.name);
    present.or_else(|| retired_as(code).map(|r| r.name))
}

/// The first day of a present district, where it is younger than the records: only a renamed one has such a day.
pub fn valid_from(code: DistrictCode) -> Option<NaiveDate> {
    RETIRED.iter().find(|r| r.successor == code && r.ending == Ending::Renamed).map(|r| r.valid_to)
}

fn retired_as(code: &str) -> Option<&'static RetiredDistrict> {
    static TABLE: [RetiredDistrict; 5] = RETIRED;
    TABLE.iter().find(|r| r.code == code)
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

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn places_at_dates() {
        let cases = [
            // code, date, the place then
            ("310108", "2014-07-01", Some("310108")),
            ("310108", "2015-11-03", Some("310108")),
            ("310108", "2015-11-04", Some("310106")),
            ("310106", "2014-07-01", Some("310106")),
            ("310103", "2011-06-07", Some("310103")),
            ("310103", "2011-06-08", Some("310101")),
            ("310119", "2009-08-08", Some("310119")),
            ("310119", "2009-08-09", Some("310115")),
            ("310102", "2000-06-12", Some("310102")),
            ("310102", "2000-06-13", Some("310101")),
            // A renamed district: either code means the same place.
            ("310230", "2016-07-21", Some("310230")),
            ("310151", "2016-07-21", Some("310230")),
            ("310230", "2016-07-22", Some("310151")),
            ("310151", "2016-07-22", Some("310151")),
            ("310199", "2014-07-01", None),
            ("310000", "2014-07-01", None),
        ];
        for (code, date, expected) in cases {
            assert_eq!(place_at(code, day(date)), expected, "{code} {date}");
        }
    }

    #[test]
    fn every_place_counts_for_one_present_district() {
        for district in DISTRICTS {
            assert_eq!(current(district.code.as_str()), Some(district.code));
        }
        for retired in RETIRED {
            assert_eq!(current(retired.code), Some(retired.successor));
            assert_eq!(place_name(retired.code), Some(retired.name));
            // Whatever the place is called at a date, it counts for the same district.
            for date in ["1999-01-01", "2012-01-01", "2026-01-01"] {
                assert_eq!(place_at(retired.code, day(date)).and_then(current), Some(retired.successor));
            }
        }
        assert_eq!((current("310199"), current("310000")), (None, None));
        assert_eq!(valid_from(DISTRICTS[15].code), Some(day("2016-07-22")));
        assert_eq!(valid_from(DISTRICTS[3].code), None);
    }
}
