//! A grant of rows as it is stored: the whole city, a district, a street, an organisation with everything below it,
//! or one person. What several of them show together is `scope`.

use std::fmt;
use std::str::FromStr;

use crate::district::DistrictCode;
use crate::street::StreetCode;

const STREET: &str = "street:";
const ORGANIZATION: &str = "organization:";
const PERSON: &str = "person:";

/// Longest id of a record.
const ID_LENGTH: usize = 64;

/// A stored grant of rows to an account.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Assignment {
    /// The whole city.
    City,
    /// One district.
    District(DistrictCode),
    /// One street or town.
    Street(StreetCode),
    /// One organisation and every organisation below it.
    Organization(RecordId),
    /// What belongs to one person.
    Person(RecordId),
}

/// What a grant of rows names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AssignmentKind {
    /// The whole city.
    City,
    /// A district.
    District,
    /// A street or town.
    Street,
    /// An organisation.
    Organization,
    /// A person.
    Person,
}

impl AssignmentKind {
    /// Every kind, the widest first.
    pub const ALL: [AssignmentKind; 5] =
        [Self::City, Self::District, Self::Street, Self::Organization, Self::Person];

    /// Stable name in definitions and HTTP.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::City => "city",
            Self::District => "district",
            Self::Street => "street",
            Self::Organization => "organization",
            Self::Person => "person",
        }
    }

    /// Chinese name for people.
    pub fn title(self) -> &'static str {
        match self {
            Self::City => "全市",
            Self::District => "区",
            Self::Street => "街镇",
            Self::Organization => "单位",
            Self::Person => "本人",
        }
    }
}

/// Id of a record that a grant names. Its alphabet is narrow because it becomes part of fingerprints and of bound
/// literals.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordId(String);

/// A text that is no assignment.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "“{text}”不是数据范围：应为 city、区划代码、street:街道代码、organization:单位编号 或 person:人员编号"
)]
pub struct UnknownAssignment {
    /// The text that was given.
    pub text: String,
}

impl RecordId {
    /// Reads an id: 1 to 64 letters, digits, `_` or `-`.
    pub fn parse(text: &str) -> Result<Self, UnknownAssignment> {
        let known = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
        match (1..=ID_LENGTH).contains(&text.len()) && text.bytes().all(known) {
            true => Ok(Self(text.to_owned())),
            false => Err(UnknownAssignment { text: text.to_owned() }),
        }
    }

    /// The id.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Assignment {
    /// What it names.
    pub fn kind(&self) -> AssignmentKind {
        match self {
            Self::City => AssignmentKind::City,
            Self::District(_) => AssignmentKind::District,
            Self::Street(_) => AssignmentKind::Street,
            Self::Organization(_) => AssignmentKind::Organization,
            Self::Person(_) => AssignmentKind::Person,
        }
    }

    /// Reads the stored text.
    pub fn parse(text: &str) -> Result<Self, UnknownAssignment> {
        let unknown = || UnknownAssignment { text: text.to_owned() };
        if text == "city" {
            return Ok(Self::City);
        }
        if let Some(code) = text.strip_prefix(STREET) {
            return StreetCode::parse(code).map(Self::Street).map_err(|_| unknown());
        }
        if let Some(id) = text.strip_prefix(ORGANIZATION) {
            return RecordId::parse(id).map(Self::Organization).map_err(|_| unknown());
        }
        if let Some(id) = text.strip_prefix(PERSON) {
            return RecordId::parse(id).map(Self::Person).map_err(|_| unknown());
        }
        DistrictCode::parse(text).map(Self::District).map_err(|_| unknown())
    }
}

impl FromStr for Assignment {
    type Err = UnknownAssignment;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

impl fmt::Display for Assignment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::City => f.write_str("city"),
            Self::District(code) => write!(f, "{code}"),
            Self::Street(code) => write!(f, "{STREET}{code}"),
            Self::Organization(id) => write!(f, "{ORGANIZATION}{id}"),
            Self::Person(id) => write!(f, "{PERSON}{id}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_come_back() {
        for text in ["city", "310104", "310000", "street:310104003", "organization:01J_a-9", "person:p1"] {
            assert_eq!(Assignment::parse(text).map(|a| a.to_string()), Ok(text.to_owned()));
        }
    }

    #[test]
    fn unknown_assignments_are_refused() {
        let long = format!("person:{}", "a".repeat(65));
        for text in [
            "",
            "all",
            "CITY",
            "310199",
            "310104003",
            "street:310104",
            "street:310104999",
            "organization:",
            "organization:a b",
            "organization:a+city",
            "person:' or 1=1",
            "person:张三",
            long.as_str(),
        ] {
            assert!(Assignment::parse(text).is_err(), "{text}");
        }
    }
}
