//! Which districts' rows a principal may see. Absence means nothing: without an assignment there is no row.

use std::collections::BTreeSet;

use crate::district::{DistrictCode, name_of};

/// A stored grant of rows to an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Assignment {
    /// The whole city.
    City,
    /// One district.
    District(DistrictCode),
}

impl Assignment {
    /// Stable text in storage: `city` or the district's code.
    pub fn as_str(self) -> &'static str {
        match self {
            Assignment::City => "city",
            Assignment::District(code) => code.as_str(),
        }
    }

    /// Reads the stored text.
    pub fn parse(text: &str) -> Result<Self, crate::district::UnknownDistrict> {
        match text {
            "city" => Ok(Assignment::City),
            code => DistrictCode::parse(code).map(Assignment::District),
        }
    }
}

/// How far a scope reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ScopeLevel {
    /// No row at all.
    Nothing,
    /// The named districts.
    District,
    /// Every row.
    City,
}

impl ScopeLevel {
    /// Stable name in HTTP.
    pub fn as_str(self) -> &'static str {
        match self {
            ScopeLevel::Nothing => "nothing",
            ScopeLevel::District => "district",
            ScopeLevel::City => "city",
        }
    }
}

/// The rows a principal may see. Only [`crate::PrincipalIssuer`] makes one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct DataScope {
    level: ScopeLevel,
    districts: BTreeSet<DistrictCode>,
}

impl DataScope {
    /// Several assignments unite; the city wins over districts.
    pub(crate) fn of(assignments: &[Assignment]) -> Self {
        let mut districts = BTreeSet::new();
        for assignment in assignments {
            match assignment {
                Assignment::City => return Self { level: ScopeLevel::City, districts: BTreeSet::new() },
                Assignment::District(code) => districts.insert(*code),
            };
        }
        let level = if districts.is_empty() { ScopeLevel::Nothing } else { ScopeLevel::District };
        Self { level, districts }
    }

    /// How far it reaches.
    pub fn level(&self) -> ScopeLevel {
        self.level
    }

    /// The districts of a district scope; empty for the city and for nothing.
    pub fn districts(&self) -> &BTreeSet<DistrictCode> {
        &self.districts
    }

    /// Whether rows of this district may be seen.
    pub fn allows(&self, district: DistrictCode) -> bool {
        match self.level {
            ScopeLevel::City => true,
            ScopeLevel::District => self.districts.contains(&district),
            ScopeLevel::Nothing => false,
        }
    }

    /// Equal for equal scopes and different otherwise; part of every cache key.
    pub fn fingerprint(&self) -> String {
        match self.level {
            ScopeLevel::City => "city".to_owned(),
            ScopeLevel::Nothing => "nothing".to_owned(),
            ScopeLevel::District => self.joined("+", DistrictCode::as_str),
        }
    }

    /// What people read: 全市, 仅徐汇区, 无数据权限.
    pub fn label(&self) -> String {
        match self.level {
            ScopeLevel::City => "全市".to_owned(),
            ScopeLevel::Nothing => "无数据权限".to_owned(),
            ScopeLevel::District => format!("仅{}", self.joined("、", name_of)),
        }
    }

    fn joined(&self, separator: &str, text: fn(DistrictCode) -> &'static str) -> String {
        self.districts.iter().map(|d| text(*d)).collect::<Vec<_>>().join(separator)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assignments(texts: &[&str]) -> Vec<Assignment> {
        texts.iter().map(|t| Assignment::parse(t).unwrap()).collect()
    }

    #[test]
    fn scopes_of_assignments() {
        type Codes = &'static [&'static str];
        // assignments, fingerprint, label, allowed, refused
        let cases: [(Codes, &str, &str, Codes, Codes); 6] = [
            (&[], "nothing", "无数据权限", &[], &["310104", "310000"]),
            (&["310104"], "310104", "仅徐汇区", &["310104"], &["310105", "310000"]),
            (&["310105", "310104"], "310104+310105", "仅徐汇区、长宁区", &["310104", "310105"], &["310101"]),
            (&["310104", "310104"], "310104", "仅徐汇区", &["310104"], &["310101"]),
            (&["city"], "city", "全市", &["310104", "310000"], &[]),
            (&["310104", "city"], "city", "全市", &["310104", "310101", "310000"], &[]),
        ];
        for (given, fingerprint, label, allowed, refused) in cases {
            let scope = DataScope::of(&assignments(given));
            assert_eq!(scope.fingerprint(), fingerprint, "{given:?}");
            assert_eq!(scope.label(), label, "{given:?}");
            for code in allowed {
                assert!(scope.allows(DistrictCode::parse(code).unwrap()), "{given:?} {code}");
            }
            for code in refused {
                assert!(!scope.allows(DistrictCode::parse(code).unwrap()), "{given:?} {code}");
            }
        }
    }

    #[test]
    fn city_rows_do_not_make_a_city_scope() {
        let scope = DataScope::of(&assignments(&["310000"]));
        assert_eq!(scope.level(), ScopeLevel::District);
        assert!(!scope.allows(DistrictCode::parse("310104").unwrap()));
    }

    #[test]
    fn unknown_assignments_are_refused() {
        for text in ["", "all", "CITY", "310199"] {
            assert!(Assignment::parse(text).is_err(), "{text}");
        }
    }
}
