//! The name of what somebody may see: scope, treatment of columns, and the version of the hierarchy when the scope
//! depends on it. Whoever keeps answers needs it as part of the key: policy comes before the cache.

use std::fmt;
use std::sync::Arc;

/// Equal for principals that see the same rows and columns, different otherwise. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccessFingerprint(Arc<str>);

impl AccessFingerprint {
    /// `columns` names the treatments, `hierarchy` the version of the organisation tree an answer depends on.
    pub(super) fn new(scope: &str, columns: &str, hierarchy: Option<i64>) -> Self {
        let hierarchy = hierarchy.map(|version| format!("|tree@{version}")).unwrap_or_default();
        Self(format!("{scope}|{columns}{hierarchy}").into())
    }

    /// The name, e.g. `310104|a1b2c3`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for AccessFingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_part_makes_a_difference() {
        let base = AccessFingerprint::new("310104", "clear", None);
        assert_eq!(base, AccessFingerprint::new("310104", "clear", None));
        assert_ne!(base, AccessFingerprint::new("310105", "clear", None));
        assert_ne!(base, AccessFingerprint::new("310104", "masked", None));
        assert_ne!(base, AccessFingerprint::new("310104", "clear", Some(3)));
        assert_ne!(
            AccessFingerprint::new("organization:o", "clear", Some(3)),
            AccessFingerprint::new("organization:o", "clear", Some(4))
        );
    }
}
