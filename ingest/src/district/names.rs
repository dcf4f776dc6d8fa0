//! Districts by what people and programs call them.

use std::collections::HashMap;

use pujiang_security::DistrictCode;
use pujiang_security::district::{DISTRICTS, RETIRED, current};
use pujiang_security::street::{self, StreetCode};

use crate::value::squeeze;

/// Streets that lay in a district which has gone, with the code it had: what happened there before its end happened in
/// that district, even where the partner names the street only. Of the other retired districts no list is at hand; their
/// streets count as in the present district throughout.
const FORMER: [(&str, &[&str]); 2] = [
    (
        "310108",
        &[
            "天目西路街道",
            "北站街道",
            "宝山路街道",
            "芷江西路街道",
            "共和新路街道",
            "大宁路街道",
            "彭浦新村街道",
            "临汾路街道",
            "彭浦镇",
        ],
    ),
    ("310103", &["五里桥街道", "打浦桥街道", "淮海中路街道", "瑞金二路街道"]),
];

/// Exact names and codes; streets by name where the name is unique in the city. Everything leads to the code that was
/// named, present or retired.
#[derive(Debug)]
pub(super) struct Names {
    exact: HashMap<String, &'static str>,
    full: Vec<(&'static str, &'static str)>,
    streets: HashMap<&'static str, Option<&'static str>>,
}

impl Names {
    pub(super) fn load() -> Self {
        let mut exact = HashMap::new();
        let mut full = Vec::new();
        for (code, name) in known() {
            full.push((name, code));
            for known in [code, name, short(name)] {
                exact.insert(known.to_owned(), code);
            }
        }
        let mut streets: HashMap<&'static str, Option<&'static str>> = HashMap::new();
        for street in street::all() {
            let code = former(street.name).unwrap_or(street.district.as_str());
            // 同名 streets of two districts say nothing.
            streets
                .entry(street.name)
                .and_modify(|held| *held = held.filter(|held| *held == code))
                .or_insert(Some(code));
        }
        Self { exact, full, streets }
    }

    pub(super) fn find(&self, text: &str) -> Option<&'static str> {
        let text = squeeze(text);
        let text = text.strip_suffix(".0").filter(|t| t.bytes().all(|b| b.is_ascii_digit())).unwrap_or(&text);
        if text.bytes().all(|b| b.is_ascii_digit()) {
            return by_code(text);
        }
        let (named, coded) = self.parts(text);
        match (named, coded) {
            // "310104徐汇区": both halves have to say the same; the older of two names for one place is the exact one.
            (Some(a), Some(b)) if current(a) == current(b) => Some(if is_present(a) { b } else { a }),
            (Some(_), Some(_)) => None,
            (a, None) => a,
            (None, Some(_)) => None,
        }
    }

    fn parts(&self, text: &str) -> (Option<&'static str>, Option<&'static str>) {
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        let name: String = text
            .chars()
            .filter(|c| {
                !c.is_ascii_digit() && !matches!(c, '(' | ')' | '-' | '_' | '/' | '|' | ':' | ',' | '[' | ']')
            })
            .collect();
        let coded = (digits.len() >= 6).then(|| by_code(&digits)).flatten();
        if digits.len() >= 6 && coded.is_none() {
            return (None, None);
        }
        (self.by_name(&name), coded)
    }

    fn by_name(&self, name: &str) -> Option<&'static str> {
        let name = ["中国", "上海市", "上海"]
            .iter()
            .fold(name, |n, p| n.strip_prefix(p).filter(|r| !r.is_empty()).unwrap_or(n));
        let name = name.strip_prefix("市辖区").unwrap_or(name);
        if let Some(found) =
            self.exact.get(name).or_else(|| self.exact.get(name.strip_suffix("人民政府").unwrap_or(name)))
        {
            return Some(*found);
        }
        if let Some(found) = self.streets.get(name) {
            return *found;
        }
        // "徐汇区徐家汇街道": a district, then more. Two different districts in one cell are none.
        let mut inside = self.full.iter().filter(|(n, _)| name.contains(n)).map(|(_, d)| *d);
        let first = inside.next()?;
        let starts = self.full.iter().any(|(n, _)| name.starts_with(n));
        (starts && inside.all(|d| current(d) == current(first))).then_some(first)
    }
}

/// Codes and names of all districts, present and retired.
fn known() -> impl Iterator<Item = (&'static str, &'static str)> {
    let present = DISTRICTS.iter().map(|d| (d.code.as_str(), d.name));
    present.chain(RETIRED.iter().map(|r| (r.code, r.name)).collect::<Vec<_>>())
}

fn is_present(code: &str) -> bool {
    DistrictCode::parse(code).is_ok()
}

/// The retired district a present street lay in.
fn former(street: &str) -> Option<&'static str> {
    FORMER.iter().find(|(_, streets)| streets.contains(&street)).map(|(code, _)| *code)
}

fn short(name: &'static str) -> &'static str {
    name.strip_suffix("新区").or_else(|| name.strip_suffix(['区', '县'])).unwrap_or(name)
}

/// District codes have 6 digits, streets 9, communities 12: the first six name the district.
fn by_code(digits: &str) -> Option<&'static str> {
    if !matches!(digits.len(), 6 | 9 | 12) {
        return None;
    }
    let street = digits.get(..9).and_then(|code| StreetCode::parse(code).ok());
    let former = street.and_then(|street| former(street.name()));
    former.or_else(|| known().map(|(code, _)| code).find(|code| *code == &digits[..6]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_codes_and_what_is_neither() {
        let names = Names::load();
        for (text, expected) in [
            ("徐汇区", Some("310104")),
            ("徐汇", Some("310104")),
            ("　长宁区 ", Some("310105")),
            ("上海市徐汇区", Some("310104")),
            ("上海市/徐汇区", Some("310104")),
            ("上海 浦东", Some("310115")),
            ("浦东新区", Some("310115")),
            ("浦东", Some("310115")),
            ("浦东新", None),
            ("卢湾区", Some("310101")),
            ("卢湾", Some("310101")),
            ("南市区", Some("310101")),
            ("闸北区", Some("310106")),
            ("南汇区", Some("310115")),
            ("崇明县", Some("310151")),
            ("崇明", Some("310151")),
            ("310104", Some("310104")),
            ("３１０１０４", Some("310104")),
            ("310104.0", Some("310104")),
            ("310103", Some("310101")),
            ("310230", Some("310151")),
            ("310104003", Some("310104")),
            ("310104003001", Some("310104")),
            ("310104徐汇区", Some("310104")),
            ("徐汇区(310104)", Some("310104")),
            ("徐汇区(310105)", None),
            ("徐汇区徐家汇街道", Some("310104")),
            ("徐家汇街道", Some("310104")),
            ("徐汇区/长宁区", None),
            ("310199", None),
            ("320102", None),
            ("3101", None),
            ("31010400", None),
            ("310000", None),
            ("市级", None),
            ("全市", None),
            ("上海市", None),
            ("未知区", None),
            ("苏州市", None),
            ("黄浦江", None),
            ("", None),
        ] {
            let found = names.find(text).and_then(current);
            assert_eq!(found.map(DistrictCode::as_str), expected, "{text}");
        }
    }

    #[test]
    fn the_code_that_was_named_is_kept() {
        let names = Names::load();
        for (text, expected) in [
            ("闸北区", Some("310108")),
            ("闸北", Some("310108")),
            ("310108", Some("310108")),
            ("310108009", Some("310108")),
            ("静安区", Some("310106")),
            ("310108静安区", Some("310108")),
            ("310106闸北区", Some("310108")),
            ("彭浦新村街道", Some("310108")),
            ("上海市打浦桥街道", Some("310103")),
            ("徐家汇街道", Some("310104")),
            ("崇明县", Some("310230")),
            ("310101021", Some("310103")),
            ("310101002", Some("310101")),
        ] {
            assert_eq!(names.find(text), expected, "{text}");
        }
        // A street of the list that is no longer in the list of streets would be looked for in vain.
        for (_, streets) in FORMER {
            assert!(streets.iter().all(|one| street::all().any(|street| street.name == *one)), "{streets:?}");
        }
    }
}
