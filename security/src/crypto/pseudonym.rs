//! Pseudonyms: keyed SM3 tokens that stand for values, equal for equal values and unlinkable without the key. This room
//! holds the pseudonym key only and decrypts nothing, so readers of the lake may hold it.

use hmac::{Hmac, KeyInit, Mac};
use sm3::Sm3;

use super::KeyStore;

/// Keeps tokens of columns apart from pseudonyms of identities, which are stored in the lake: a domain has no such byte.
const TOKENS: &[u8] = &[1];

/// Makes pseudonyms. Cheap to clone; the same key gives the same pseudonyms for ever.
#[derive(Clone)]
pub struct Pseudonymizer {
    keyed: Hmac<Sm3>,
}

impl Pseudonymizer {
    /// A maker with the store's pseudonym key.
    pub fn new(store: &dyn KeyStore) -> Self {
        match <Hmac<Sm3> as KeyInit>::new_from_slice(&store.pseudonym_key()) {
            Ok(keyed) => Self { keyed },
            Err(_) => unreachable!("HMAC takes keys of any length"),
        }
    }

    /// 32 hex characters that stand for an identity: equal for equal values of one domain. Spaces around and the case
    /// of letters (the X of an identity number) do not count.
    pub fn identity(&self, domain: &str, value: &str) -> String {
        hex::encode(&self.mac(&[], domain, value.trim().to_ascii_uppercase().as_bytes())[..16])
    }

    /// 32 hex characters that stand for a shown value: equal exactly when the values of one domain are equal, so that
    /// counting, grouping and joining give what they would give on the values.
    pub fn token(&self, domain: &str, value: &str) -> String {
        hex::encode(&self.mac(TOKENS, domain, value.as_bytes())[..16])
    }

    /// 48 bytes that a name decides and nobody without the key can foretell.
    pub fn bytes(&self, domain: &str, name: &str) -> [u8; 48] {
        let (first, second) =
            (self.mac(&[2], domain, name.as_bytes()), self.mac(&[3], domain, name.as_bytes()));
        let mut bytes = [0; 48];
        bytes[..32].copy_from_slice(&first);
        bytes[32..].copy_from_slice(&second[..16]);
        bytes
    }

    fn mac(&self, purpose: &[u8], domain: &str, value: &[u8]) -> [u8; 32] {
        let mut mac = self.keyed.clone();
        mac.update(purpose);
        mac.update(domain.as_bytes());
        mac.update(&[0]);
        mac.update(value);
        mac.finalize().into_bytes().into()
    }
}

impl std::fmt::Debug for Pseudonymizer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Pseudonymizer(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::{FieldCipher, FileKeyStore};
    use std::sync::Arc;

    fn maker() -> (tempfile::TempDir, FieldCipher) {
        let dir = tempfile::tempdir().unwrap();
        let store = FileKeyStore::open_or_create(dir.path().join("k.json")).unwrap();
        (dir, FieldCipher::new(Arc::new(store)))
    }

    #[test]
    fn tokens_are_equal_exactly_for_equal_values() {
        let (_dir, cipher) = maker();
        let maker = cipher.pseudonymizer();
        let token = maker.token("mobile", "a1");
        assert_eq!((token.len(), &token), (32, &maker.token("mobile", "a1")));
        for (domain, value) in [("mobile", "A1"), ("mobile", " a1"), ("name", "a1"), ("mobilea", "1")] {
            assert_ne!(token, maker.token(domain, value), "{domain} {value}");
        }
        let (_other, other) = maker_of_another_key();
        assert_ne!(token, other.token("mobile", "a1"));
    }

    fn maker_of_another_key() -> (tempfile::TempDir, Pseudonymizer) {
        let (dir, cipher) = maker();
        (dir, cipher.pseudonymizer())
    }

    #[test]
    fn identities_match_those_of_the_cipher_and_no_token() {
        let (_dir, cipher) = maker();
        let maker = cipher.pseudonymizer();
        assert_eq!(maker.identity("id_no", " 1x"), cipher.pseudonym("id_no", "1X"));
        assert_ne!(maker.identity("id_no", "1"), maker.token("id_no", "1"));
    }

    #[test]
    fn bytes_follow_the_name() {
        let (_dir, cipher) = maker();
        let maker = cipher.pseudonymizer();
        assert_eq!(maker.bytes("scram", "a"), maker.bytes("scram", "a"));
        assert_ne!(maker.bytes("scram", "a"), maker.bytes("scram", "b"));
        assert_ne!(maker.bytes("scram", "a")[..16], maker.bytes("scram", "a")[32..]);
    }
}
