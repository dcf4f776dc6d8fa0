//! Districts by what people and programs call them.

use std::collections::HashMap;

use pujiang_security::DistrictCode;
use pujiang_security::district::{DISTRICTS, RETIRED, resolve};

use crate::value::squeeze;

const STREETS: &str = include_str!("../../data/shanghai_streets.csv");

/// Exact names and codes; streets by name where the name is unique in the city.
#[derive(Debug)]
pub(super) struct Names {
    exact: HashMap<String, DistrictCode>,
    full: Vec<(&'static str, DistrictCode)>,
    streets: HashMap<&'static str, Option<DistrictCode>>,
}

impl Names {
    pub(super) fn load() -> Self {
        let mut exact = HashMap::new();
        let mut full = Vec::new();
        for (code, name, district) in DISTRICTS
            .iter()
            .map(|d| (d.code.as_str(), d.name, d.code))
            .chain(RETIRED.iter().map(|r| (r.code, r.name, r.successor)))
        {
            full.push((name, district));
            for known in [code, name, short(name)] {
                exact.insert(known.to_owned(), district);
            }
        }
        let mut streets: HashMap<&'static str, Option<DistrictCode>> = HashMap::new();
        for line in STREETS.lines().skip(1) {
            let mut fields = line.split(',');
            if let (Some(_), Some(name), Some(code)) = (fields.next(), fields.next(), fields.next()) {
                let district = DistrictCode::parse(code.trim()).ok();
                // 同名 streets of two districts say nothing.
                streets
                    .entry(name)
                    .and_modify(|d| *d = d.filter(|d| Some(*d) == district))
                    .or_insert(district);
            }
        }
        Self { exact, full, streets }
    }

    pub(super) fn find(&self, text: &str) -> Option<DistrictCode> {
        let text = squeeze(text);
        let text = text.strip_suffix(".0").filter(|t| t.bytes().all(|b| b.is_ascii_digit())).unwrap_or(&text);
        if text.bytes().all(|b| b.is_ascii_digit()) {
            return by_code(text);
        }
        let (named, coded) = self.parts(text);
        match (named, coded) {
            // "310104徐汇区": both halves have to say the same.
            (Some(a), Some(b)) => (a == b).then_some(a),
            (a, None) => a,
            (None, Some(_)) => None,
        }
    }

    fn parts(&self, text: &str) -> (Option<DistrictCode>, Option<DistrictCode>) {
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

    fn by_name(&self, name: &str) -> Option<DistrictCode> {
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
        (starts && inside.all(|d| d == first)).then_some(first)
    }
}

fn short(name: &'static str) -> &'static str {
    name.strip_suffix("新区").or_else(|| name.strip_suffix(['区', '县'])).unwrap_or(name)
}

/// District codes have 6 digits, streets 9, communities 12: the first six name the district.
fn by_code(digits: &str) -> Option<DistrictCode> {
    matches!(digits.len(), 6 | 9 | 12).then(|| resolve(&digits[..6])).flatten()
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
            assert_eq!(names.find(text).map(DistrictCode::as_str), expected, "{text}");
        }
    }
}
