//! How a column is shown: clear, masked, as a pseudonym, or not at all; and which of these a person with certain roles
//! gets. The rule of several roles is written here and nowhere else.

use std::collections::BTreeMap;
use std::str::FromStr;
use std::sync::Arc;

use crate::mask::{MaskKind, mask};
use crate::role::{Role, RoleId};

/// How the values of a column are shown. The order is that of strictness.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Treatment {
    /// As they are in the lake.
    Clear,
    /// A part of each value; equal values stay equal, different ones may become equal.
    Masked(MaskForm),
    /// A keyed token: equal exactly for equal values, so that counting and joining still work.
    Pseudonymised,
    /// The column does not exist for this person.
    Hidden,
}

/// Which form a masked column has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MaskForm {
    /// 138****1234
    Mobile,
    /// 3101**********1234
    IdentityNumber,
    /// 张*
    Name,
    /// 3100********3510
    Card,
    /// ****, nothing stays.
    Text,
}

/// Which treatment each role gets for one column.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ColumnPolicy {
    /// Roles that the definition names.
    pub per_role: BTreeMap<RoleId, Treatment>,
    /// Every other role.
    pub otherwise: Treatment,
}

impl Treatment {
    /// Stable name in HTTP and definitions.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Clear => "clear",
            Self::Masked(_) => "masked",
            Self::Pseudonymised => "pseudonymised",
            Self::Hidden => "hidden",
        }
    }

    /// Chinese name for people.
    pub fn title(self) -> &'static str {
        match self {
            Self::Clear => "原值",
            Self::Masked(_) => "脱敏",
            Self::Pseudonymised => "假名",
            Self::Hidden => "隐藏",
        }
    }
}

impl MaskForm {
    /// Every form.
    pub const ALL: [MaskForm; 5] = [Self::Mobile, Self::IdentityNumber, Self::Name, Self::Card, Self::Text];

    /// Stable name in definitions.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Mobile => "mobile",
            Self::IdentityNumber => "id_no",
            Self::Name => "name",
            Self::Card => "card",
            Self::Text => "text",
        }
    }

    /// The masked form of a value; equal values give equal forms.
    pub fn apply(self, value: &str) -> String {
        let kind = match self {
            Self::Mobile => MaskKind::Mobile,
            Self::IdentityNumber => MaskKind::IdNumber,
            Self::Name => MaskKind::Name,
            Self::Card => MaskKind::CardNumber,
            Self::Text => MaskKind::Full,
        };
        mask(kind, value)
    }
}

impl FromStr for MaskForm {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|form| form.as_str() == text).ok_or(())
    }
}

impl ColumnPolicy {
    /// The treatment for a person: the weakest of the person's roles, but only if every role that reads data names the
    /// column. Otherwise a second role with wide rows and a first one with clear columns would together show what
    /// neither of them shows.
    pub fn treatment(&self, roles: &[Arc<Role>]) -> Treatment {
        let readers: Vec<&Arc<Role>> = roles.iter().filter(|role| role.reads_data()).collect();
        let named: Vec<Treatment> =
            readers.iter().filter_map(|role| self.per_role.get(role.id())).copied().collect();
        let weakest = named.iter().min().copied();
        match weakest {
            Some(weakest) if named.len() == readers.len() => weakest,
            // What a role names may be stricter than the rest's treatment; the second role must not lift it.
            _ => named.into_iter().fold(self.otherwise, Treatment::max),
        }
    }

    /// Every treatment the column can have, for checks when definitions are loaded.
    pub fn treatments(&self) -> impl Iterator<Item = Treatment> + '_ {
        self.per_role.values().copied().chain([self.otherwise])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::role::Roles;
    use Treatment::*;

    #[test]
    fn treatments_of_roles() {
        let masked = Masked(MaskForm::Mobile);
        let strict = ColumnPolicy {
            per_role: [("city_analyst".into(), Clear), ("district_clerk".into(), masked)].into(),
            otherwise: Hidden,
        };
        let open = ColumnPolicy { per_role: [("unit_clerk".into(), Pseudonymised)].into(), otherwise: Clear };
        let cases: [(&ColumnPolicy, &[&str], Treatment); 10] = [
            (&strict, &["city_analyst"], Clear),
            (&strict, &["district_clerk"], masked),
            (&strict, &["city_analyst", "district_clerk"], Clear),
            (&strict, &["street_clerk"], Hidden),
            // One role does not name the column: nothing is weakened.
            (&strict, &["city_analyst", "street_clerk"], Hidden),
            (&strict, &["city_analyst", "leader"], Hidden),
            // An administrator's role reads no data and takes nothing away.
            (&strict, &["city_analyst", "auditor"], Clear),
            (&strict, &[], Hidden),
            (&open, &["city_analyst"], Clear),
            (&open, &["unit_clerk", "city_analyst"], Pseudonymised),
        ];
        let known = Roles::builtin().unwrap_or_else(|errors| panic!("{errors:#?}"));
        for (policy, roles, expected) in cases {
            let ids: Vec<RoleId> = roles.iter().map(|id| RoleId::from(*id)).collect();
            assert_eq!(policy.treatment(&known.held(&ids).0), expected, "{roles:?}");
        }
    }

    #[test]
    fn strictness_has_an_order() {
        let forms = MaskForm::ALL.map(Masked);
        assert!(forms.iter().all(|form| Clear < *form && *form < Pseudonymised));
        assert!(Pseudonymised < Hidden);
    }

    #[test]
    fn forms_come_back_and_mask() {
        for form in MaskForm::ALL {
            assert_eq!(form.as_str().parse(), Ok(form));
        }
        assert!("full".parse::<MaskForm>().is_err());
        let cases = [
            (MaskForm::Mobile, "13812341234", "138****1234"),
            (MaskForm::IdentityNumber, "310101199001011234", "3101**********1234"),
            (MaskForm::Name, "张三", "张*"),
            (MaskForm::Card, "3100123456783510", "3100********3510"),
            (MaskForm::Text, "任意", "****"),
        ];
        for (form, value, expected) in cases {
            assert_eq!(form.apply(value), expected, "{form:?}");
        }
    }
}
