//! Names of keys: what a store may keep to know its own keys again. A name is made of the key by a one-way function and
//! tells nothing of it.

use hmac::{Hmac, KeyInit, Mac};
use sm3::Sm3;

/// Keeps these names apart from everything else that is computed with the keys.
const DOMAIN: &[u8] = b"pujiang key name 1";

/// What a key is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum KeyPurpose {
    /// Seals fields.
    Data,
    /// Makes pseudonyms.
    Pseudonym,
}

impl KeyPurpose {
    /// Stable name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Data => "data",
            Self::Pseudonym => "pseudonym",
        }
    }
}

/// A key by its name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct KeyName {
    /// What it is for.
    pub purpose: KeyPurpose,
    /// Which version; pseudonyms have one.
    pub version: u32,
    /// 16 hex characters, the same for the same key.
    pub id: String,
}

impl KeyName {
    pub(super) fn new(purpose: KeyPurpose, version: u32, key: &[u8]) -> Self {
        let Ok(mut mac) = <Hmac<Sm3> as KeyInit>::new_from_slice(key) else {
            unreachable!("HMAC takes keys of any length")
        };
        mac.update(DOMAIN);
        mac.update(purpose.as_str().as_bytes());
        Self { purpose, version, id: hex::encode(&mac.finalize().into_bytes()[..8]) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_key_and_purpose() {
        let name = |purpose, key: &[u8]| KeyName::new(purpose, 1, key).id;
        let one = name(KeyPurpose::Data, &[1; 16]);
        assert_eq!((one.len(), &one), (16, &name(KeyPurpose::Data, &[1; 16])));
        assert_ne!(one, name(KeyPurpose::Data, &[2; 16]));
        assert_ne!(one, name(KeyPurpose::Pseudonym, &[1; 16]));
    }
}
