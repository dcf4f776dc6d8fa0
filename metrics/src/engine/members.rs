//! The dimension members of an answer: combinations of values that rows were found for, each known by a number, and
//! the full list an answer shows, in which districts without rows appear too.

use std::collections::BTreeSet;

use indexmap::IndexSet;
use pujiang_security::district::DISTRICTS;
use pujiang_security::{DataScope, DistrictCode, ScopeLevel};

use crate::definition::DISTRICT;

/// One value per asked dimension; none for rows that have none.
pub(crate) type Member = Vec<Option<String>>;

/// Members by number. A member that only the time compared with has rows of is shown, too: without its nought and its
/// change the parts of an answer would not add up to the whole.
#[derive(Default)]
pub(super) struct Members {
    known: IndexSet<Member>,
}

impl Members {
    /// The number of a member, given anew if it is new.
    pub(super) fn number(&mut self, member: Member) -> usize {
        self.known.insert_full(member).0
    }

    pub(super) fn len(&self) -> usize {
        self.known.len()
    }

    pub(super) fn find(&self, member: &Member) -> Option<usize> {
        self.known.get_index_of(member)
    }

    /// What members have beyond the first dimension, each once, and which of them every member has, by number.
    pub(super) fn groups(&self) -> (Vec<Member>, Vec<usize>) {
        let mut rests: IndexSet<Member> = IndexSet::new();
        let rest = |member: &Member| member.get(1..).unwrap_or_default().to_vec();
        let group_of = self.known.iter().map(|member| rests.insert_full(rest(member)).0).collect();
        (rests.into_iter().collect(), group_of)
    }

    /// The members of the answer in their natural order, values that are missing last. With a district dimension
    /// every district of the list appears with everything else that appears anywhere.
    pub(super) fn shown(&self, dimensions: &[String], districts: &[DistrictCode]) -> Vec<Member> {
        if dimensions.is_empty() {
            return vec![Vec::new()];
        }
        let found = self.known.iter();
        let mut all: BTreeSet<Vec<(bool, Option<String>)>> = BTreeSet::new();
        let mut add = |member: &Member| {
            all.insert(member.iter().map(|value| (value.is_none(), value.clone())).collect())
        };
        match dimensions.iter().position(|dimension| dimension == DISTRICT) {
            None => found.for_each(|member| {
                add(member);
            }),
            Some(place) => {
                let found: Vec<&Member> = found.collect();
                let extra = found.iter().filter_map(|member| member.get(place).cloned());
                let listed = districts.iter().map(|code| Some(code.as_str().to_owned()));
                let districts: BTreeSet<Option<String>> = listed.chain(extra).collect();
                let rest = |member: &&Member| {
                    let mut rest = (*member).clone();
                    rest.remove(place);
                    rest
                };
                let mut others: BTreeSet<Member> = found.iter().map(rest).collect();
                if dimensions.len() == 1 {
                    others.insert(Vec::new());
                }
                for other in &others {
                    for district in &districts {
                        let mut member = other.clone();
                        member.insert(place, district.clone());
                        add(&member);
                    }
                }
            }
        }
        all.into_iter().map(|member| member.into_iter().map(|(_, value)| value).collect()).collect()
    }
}

/// The districts a breakdown lists even without rows: those the scope names or has a street in, as far as the filter
/// keeps them. Organisations and persons name no district.
pub(super) fn listed_districts(scope: &DataScope, filter: Option<&BTreeSet<String>>) -> Vec<DistrictCode> {
    let all: BTreeSet<DistrictCode> = match scope.level() {
        ScopeLevel::City => DISTRICTS.iter().map(|district| district.code).collect(),
        _ => {
            let streets = scope.streets().iter().map(|street| street.district());
            scope.districts().iter().copied().chain(streets).collect()
        }
    };
    all.into_iter().filter(|code| filter.is_none_or(|kept| kept.contains(code.as_str()))).collect()
}

/// Whether any row could be in the scope and pass the filter.
pub(super) fn sees_anything(scope: &DataScope, filter: Option<&BTreeSet<String>>) -> bool {
    let reachable = |text: &String| DistrictCode::parse(text).is_ok_and(|code| scope.touches(code));
    match filter {
        Some(kept) => kept.iter().any(reachable),
        None => scope.level() != ScopeLevel::Nothing,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member(values: &[&str]) -> Member {
        values.iter().map(|value| (!value.is_empty()).then(|| (*value).to_owned())).collect()
    }

    fn check(dimensions: &[&str], found: &[&[&str]], districts: &[&str], expected: &[&[&str]]) {
        let mut members = Members::default();
        for values in found {
            members.number(member(values));
        }
        let dimensions: Vec<String> = dimensions.iter().map(|name| (*name).to_owned()).collect();
        let districts: Vec<DistrictCode> =
            districts.iter().map(|code| DistrictCode::parse(code).unwrap()).collect();
        let expected: Vec<Member> = expected.iter().map(|values| member(values)).collect();
        assert_eq!(members.shown(&dimensions, &districts), expected, "{dimensions:?} {found:?}");
    }

    #[test]
    fn listed_districts_appear_with_everything_that_appears() {
        check(&[], &[], &["310104"], &[&[]]);
        check(&["category"], &[&["餐饮"], &[""], &["文旅"]], &["310104"], &[&["文旅"], &["餐饮"], &[""]]);
        check(&["district"], &[], &["310104", "310105"], &[&["310104"], &["310105"]]);
        check(&["district"], &[&["310000"]], &["310104"], &[&["310000"], &["310104"]]);
        check(
            &["district", "mode"],
            &[&["310104", "券"]],
            &["310104", "310105"],
            &[&["310104", "券"], &["310105", "券"]],
        );
        check(
            &["mode", "district"],
            &[&["券", "310104"]],
            &["310104", "310105"],
            &[&["券", "310104"], &["券", "310105"]],
        );
        check(&["district", "mode"], &[], &["310104"], &[]);
    }
}
