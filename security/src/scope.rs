//! What rows a person may see: the union of the person's assignments. Absence means nothing: no assignment, no row.

use std::collections::BTreeSet;

use crate::assignment::{Assignment, RecordId};
use crate::district::{DistrictCode, name_of};
use crate::street::StreetCode;

/// How far a scope reaches: its widest grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ScopeLevel {
    /// No row at all.
    Nothing,
    /// What belongs to the named persons.
    Person,
    /// The named organisations and those below them.
    Organization,
    /// The named streets.
    Street,
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
            ScopeLevel::Person => "person",
            ScopeLevel::Organization => "organization",
            ScopeLevel::Street => "street",
            ScopeLevel::District => "district",
            ScopeLevel::City => "city",
        }
    }
}

/// The rows a principal may see: a row is visible when any grant shows it. Only [`crate::PrincipalIssuer`] makes one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct DataScope {
    level: ScopeLevel,
    districts: BTreeSet<DistrictCode>,
    streets: BTreeSet<StreetCode>,
    organizations: BTreeSet<RecordId>,
    persons: BTreeSet<RecordId>,
}

impl DataScope {
    /// Several assignments unite; the city wins over everything, a district over its streets.
    pub(crate) fn of(assignments: &[Assignment]) -> Self {
        let mut scope = Self {
            level: ScopeLevel::Nothing,
            districts: BTreeSet::new(),
            streets: BTreeSet::new(),
            organizations: BTreeSet::new(),
            persons: BTreeSet::new(),
        };
        if assignments.contains(&Assignment::City) {
            return Self { level: ScopeLevel::City, ..scope };
        }
        for assignment in assignments {
            match assignment {
                Assignment::City => continue,
                Assignment::District(code) => scope.districts.insert(*code),
                Assignment::Street(code) => scope.streets.insert(*code),
                Assignment::Organization(id) => scope.organizations.insert(id.clone()),
                Assignment::Person(id) => scope.persons.insert(id.clone()),
            };
        }
        // A street of a granted district adds nothing; kept, it would make two names for one scope.
        let Self { districts, streets, .. } = &mut scope;
        streets.retain(|street| !districts.contains(&street.district()));
        scope.level = scope.widest();
        scope
    }

    fn widest(&self) -> ScopeLevel {
        let grants = [
            (ScopeLevel::District, self.districts.is_empty()),
            (ScopeLevel::Street, self.streets.is_empty()),
            (ScopeLevel::Organization, self.organizations.is_empty()),
            (ScopeLevel::Person, self.persons.is_empty()),
        ];
        grants.into_iter().find(|(_, empty)| !empty).map_or(ScopeLevel::Nothing, |(level, _)| level)
    }

    /// How far it reaches.
    pub fn level(&self) -> ScopeLevel {
        self.level
    }

    /// The districts that are visible as a whole; empty for the city, for finer scopes and for nothing.
    pub fn districts(&self) -> &BTreeSet<DistrictCode> {
        &self.districts
    }

    /// The granted streets outside the districts that are visible as a whole.
    pub fn streets(&self) -> &BTreeSet<StreetCode> {
        &self.streets
    }

    /// The granted organisations; each stands for itself and everything below it.
    pub fn organizations(&self) -> &BTreeSet<RecordId> {
        &self.organizations
    }

    /// The persons whose own rows are granted.
    pub fn persons(&self) -> &BTreeSet<RecordId> {
        &self.persons
    }

    /// Whether every row of this district may be seen.
    pub fn allows(&self, district: DistrictCode) -> bool {
        self.level == ScopeLevel::City || self.districts.contains(&district)
    }

    /// Whether some row of this district may be visible, so that its files are worth opening. Organisations and
    /// persons may have rows anywhere.
    pub fn touches(&self, district: DistrictCode) -> bool {
        self.allows(district)
            || !self.organizations.is_empty()
            || !self.persons.is_empty()
            || self.streets.iter().any(|street| street.district() == district)
    }

    /// Whether it has grants finer than a district that its districts do not already cover.
    pub fn is_finer(&self) -> bool {
        !(self.streets.is_empty() && self.organizations.is_empty() && self.persons.is_empty())
    }

    /// Equal for equal scopes and different otherwise; part of every cache key.
    pub fn fingerprint(&self) -> String {
        match self.level {
            ScopeLevel::City => "city".to_owned(),
            ScopeLevel::Nothing => "nothing".to_owned(),
            // No stored text has a `+` in it, so joined texts cannot be read in two ways.
            _ => self.grants().map(|grant| grant.to_string()).collect::<Vec<_>>().join("+"),
        }
    }

    /// What people read: 全市, 仅徐汇区、长宁区新华路街道, 仅本单位及下属单位, 无数据权限.
    pub fn label(&self) -> String {
        match self.level {
            ScopeLevel::City => return "全市".to_owned(),
            ScopeLevel::Nothing => return "无数据权限".to_owned(),
            _ => {}
        }
        let mut parts: Vec<String> = self.districts.iter().map(|code| name_of(*code).to_owned()).collect();
        parts.extend(self.streets.iter().map(|street| street.full_name()));
        if !self.organizations.is_empty() {
            parts.push("本单位及下属单位".to_owned());
        }
        if !self.persons.is_empty() {
            parts.push("本人".to_owned());
        }
        format!("仅{}", parts.join("、"))
    }

    /// The grants that are left after uniting, in a fixed order; none for the city and for nothing.
    fn grants(&self) -> impl Iterator<Item = Assignment> + '_ {
        let districts = self.districts.iter().copied().map(Assignment::District);
        let streets = self.streets.iter().copied().map(Assignment::Street);
        let organizations = self.organizations.iter().cloned().map(Assignment::Organization);
        let persons = self.persons.iter().cloned().map(Assignment::Person);
        districts.chain(streets).chain(organizations).chain(persons)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope(texts: &[&str]) -> DataScope {
        let assignments: Vec<_> = texts.iter().map(|t| Assignment::parse(t).unwrap()).collect();
        DataScope::of(&assignments)
    }

    fn code(text: &str) -> DistrictCode {
        DistrictCode::parse(text).unwrap()
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
            (&["310104", "city", "person:1"], "city", "全市", &["310104", "310101", "310000"], &[]),
        ];
        for (given, fingerprint, label, allowed, refused) in cases {
            let scope = scope(given);
            assert_eq!(scope.fingerprint(), fingerprint, "{given:?}");
            assert_eq!(scope.label(), label, "{given:?}");
            assert!(!scope.is_finer(), "{given:?}");
            for district in allowed {
                assert!(
                    scope.allows(code(district)) && scope.touches(code(district)),
                    "{given:?} {district}"
                );
            }
            for district in refused {
                assert!(
                    !scope.allows(code(district)) && !scope.touches(code(district)),
                    "{given:?} {district}"
                );
            }
        }
    }

    #[test]
    fn finer_grants_touch_districts_and_allow_none() {
        use ScopeLevel::*;
        type Codes = &'static [&'static str];
        // assignments, level, fingerprint, label, touched, untouched
        let cases: [(Codes, ScopeLevel, &str, &str, Codes, Codes); 5] = [
            (
                &["street:310105001"],
                Street,
                "street:310105001",
                "仅长宁区华阳路街道",
                &["310105"],
                &["310104", "310000"],
            ),
            (
                &["organization:o1", "organization:o0"],
                Organization,
                "organization:o0+organization:o1",
                "仅本单位及下属单位",
                &["310101", "310000"],
                &[],
            ),
            (&["person:p1"], Person, "person:p1", "仅本人", &["310101"], &[]),
            (
                &["person:p1", "street:310105001", "organization:o"],
                Street,
                "street:310105001+organization:o+person:p1",
                "仅长宁区华阳路街道、本单位及下属单位、本人",
                &["310101", "310105"],
                &[],
            ),
            (
                &["street:310105001", "310104", "street:310104003"],
                District,
                "310104+street:310105001",
                "仅徐汇区、长宁区华阳路街道",
                &["310104", "310105"],
                &["310101"],
            ),
        ];
        for (given, level, fingerprint, label, touched, untouched) in cases {
            let scope = scope(given);
            assert_eq!(scope.level(), level, "{given:?}");
            assert_eq!(scope.fingerprint(), fingerprint, "{given:?}");
            assert_eq!(scope.label(), label, "{given:?}");
            assert!(scope.is_finer(), "{given:?}");
            for district in touched {
                assert!(scope.touches(code(district)), "{given:?} {district}");
                assert_eq!(scope.allows(code(district)), given.contains(district), "{given:?} {district}");
            }
            for district in untouched {
                assert!(!scope.touches(code(district)), "{given:?} {district}");
            }
        }
    }

    #[test]
    fn a_street_of_a_granted_district_is_no_finer_grant() {
        let both = scope(&["310104", "street:310104003"]);
        assert_eq!(both, scope(&["310104"]));
        assert!(!both.is_finer());
    }

    #[test]
    fn city_rows_do_not_make_a_city_scope() {
        let scope = scope(&["310000"]);
        assert_eq!(scope.level(), ScopeLevel::District);
        assert!(!scope.allows(code("310104")));
    }
}
