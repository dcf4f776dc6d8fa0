//! Encrypts single values. The context (table, column, record) is authenticated with each value, so a ciphertext
//! moved to another field or record does not decrypt there.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use aes_gcm::aead::consts::U12;
use aes_gcm::aead::{Aead, Payload};
use aes_gcm::{AesGcm, KeyInit};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rand::Rng;
use sm4::Sm4;

use super::{CryptoError, DataKey, KeyStore, Pseudonymizer};

type Sm4Gcm = AesGcm<Sm4, U12>;

const NONCE: usize = 12;

/// Encryption and pseudonyms of personal values. Cheap to clone.
#[derive(Clone)]
pub struct FieldCipher {
    store: Arc<dyn KeyStore>,
    // Expanded keys by version: expanding on each call would cost more than encrypting a phone number.
    ready: Arc<RwLock<BTreeMap<u32, Arc<Sm4Gcm>>>>,
    pseudonyms: Pseudonymizer,
}

impl FieldCipher {
    /// A cipher over the keys of a store.
    pub fn new(store: Arc<dyn KeyStore>) -> Self {
        let pseudonyms = Pseudonymizer::new(&*store);
        Self { store, ready: Arc::default(), pseudonyms }
    }

    /// Encrypts a text: `k<version>:<base64 of nonce and ciphertext>`.
    pub fn encrypt(&self, context: &str, plaintext: &str) -> String {
        self.encrypt_bytes(context, plaintext.as_bytes())
    }

    /// Encrypts bytes, such as a quarantined line in an unknown encoding.
    pub fn encrypt_bytes(&self, context: &str, plaintext: &[u8]) -> String {
        let key = self.store.current();
        let nonce: [u8; NONCE] = rand::rng().random();
        let payload = Payload { msg: plaintext, aad: context.as_bytes() };
        let Ok(sealed) = self.expanded(&key).encrypt(&nonce.into(), payload) else {
            unreachable!("SM4-GCM refuses only messages beyond 64 GiB");
        };
        let mut bytes = Vec::with_capacity(NONCE + sealed.len());
        bytes.extend_from_slice(&nonce);
        bytes.extend_from_slice(&sealed);
        format!("k{}:{}", key.version, STANDARD.encode(bytes))
    }

    /// Decrypts a text that was encrypted in the same context.
    pub fn decrypt(&self, context: &str, stored: &str) -> Result<String, CryptoError> {
        String::from_utf8(self.decrypt_bytes(context, stored)?).map_err(|_| CryptoError::Tampered)
    }

    /// Decrypts bytes that were encrypted in the same context.
    pub fn decrypt_bytes(&self, context: &str, stored: &str) -> Result<Vec<u8>, CryptoError> {
        let (version, text) =
            stored.strip_prefix('k').and_then(|rest| rest.split_once(':')).ok_or(CryptoError::Malformed)?;
        let version: u32 = version.parse().map_err(|_| CryptoError::Malformed)?;
        let key = self.store.version(version).ok_or(CryptoError::UnknownKeyVersion(version))?;
        let bytes = STANDARD.decode(text).map_err(|_| CryptoError::Malformed)?;
        let (nonce, sealed) = bytes.split_first_chunk::<NONCE>().ok_or(CryptoError::Malformed)?;
        let payload = Payload { msg: sealed, aad: context.as_bytes() };
        self.expanded(&key).decrypt(&(*nonce).into(), payload).map_err(|_| CryptoError::Tampered)
    }

    /// 32 hex characters that stand for an identity of a domain; see [`Pseudonymizer::identity`].
    pub fn pseudonym(&self, domain: &str, value: &str) -> String {
        self.pseudonyms.identity(domain, value)
    }

    /// The maker of pseudonyms alone, for rooms that must not decrypt.
    pub fn pseudonymizer(&self) -> Pseudonymizer {
        self.pseudonyms.clone()
    }

    fn expanded(&self, key: &DataKey) -> Arc<Sm4Gcm> {
        if let Some(cipher) = self.ready.read().unwrap_or_else(PoisonError::into_inner).get(&key.version) {
            return cipher.clone();
        }
        let cipher = Arc::new(Sm4Gcm::new(&key.bytes.into()));
        self.ready.write().unwrap_or_else(PoisonError::into_inner).insert(key.version, cipher.clone());
        cipher
    }
}

impl std::fmt::Debug for FieldCipher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("FieldCipher(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::FileKeyStore;
    use sm4::cipher::BlockCipherEncrypt;

    fn cipher() -> (tempfile::TempDir, Arc<FileKeyStore>, FieldCipher) {
        let dir = tempfile::tempdir().unwrap();
        let store = Arc::new(FileKeyStore::open_or_create(dir.path().join("k.json")).unwrap());
        let cipher = FieldCipher::new(store.clone());
        (dir, store, cipher)
    }

    #[test]
    fn sm4_standard_vector() {
        // GB/T 32907-2016, appendix A.1: key and plaintext are the same 16 bytes.
        let bytes: [u8; 16] = hex::decode("0123456789abcdeffedcba9876543210").unwrap().try_into().unwrap();
        let mut block = bytes.into();
        <Sm4 as KeyInit>::new(&bytes.into()).encrypt_block(&mut block);
        assert_eq!(hex::encode(block), "681edf34d206965e86b3e94f536e4246");
    }

    #[test]
    fn sm4_gcm_vector_of_rfc_8998() {
        let hex16 = |t: &str| -> [u8; 16] { hex::decode(t).unwrap().try_into().unwrap() };
        let key = hex16("0123456789abcdeffedcba9876543210");
        let nonce: [u8; 12] = hex::decode("00001234567800000000abcd").unwrap().try_into().unwrap();
        let aad = hex::decode("feedfacedeadbeeffeedfacedeadbeefabaddad2").unwrap();
        let plain = hex::decode("aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbccccccccccccccccddddddddddddddddeeeeeeeeeeeeeeeeffffffffffffffffeeeeeeeeeeeeeeeeaaaaaaaaaaaaaaaa").unwrap();
        let sealed =
            Sm4Gcm::new(&key.into()).encrypt(&nonce.into(), Payload { msg: &plain, aad: &aad }).unwrap();
        assert_eq!(
            hex::encode(sealed),
            "17f399f08c67d5ee19d0dc9969c4bb7d5fd46fd3756489069157b282bb200735d82710ca5c22f0ccfa7cbf93d496ac15a56834cbcf98c397b4024a2691233b8d83de3541e4c2b58177e065a9bf7b62ec"
        );
    }

    #[test]
    fn hmac_sm3_differs_from_plain_hash_and_by_key() {
        let (_d1, _, a) = cipher();
        let (_d2, _, b) = cipher();
        let (x, y) = (a.pseudonym("card_no", "3100123456783510"), b.pseudonym("card_no", "3100123456783510"));
        assert_eq!(x.len(), 32);
        assert_ne!(x, y);
    }

    #[test]
    fn pseudonyms_match_by_value_and_domain() {
        let (_dir, store, cipher) = cipher();
        let base = cipher.pseudonym("id_no", "31010119900101123X");
        assert_eq!(base, cipher.pseudonym("id_no", " 31010119900101123x "));
        assert_ne!(base, cipher.pseudonym("card_no", "31010119900101123X"));
        assert_ne!(base, cipher.pseudonym("id_no", "310101199001011231"));
        store.rotate().unwrap();
        assert_eq!(base, FieldCipher::new(store).pseudonym("id_no", "31010119900101123X"));
    }

    #[test]
    fn round_trip_and_rotation() {
        let (_dir, store, cipher) = cipher();
        let old = cipher.encrypt("person.mobile:1", "13812341234");
        assert!(old.starts_with("k1:"));
        assert_ne!(old, cipher.encrypt("person.mobile:1", "13812341234"), "the nonce must be fresh");
        store.rotate().unwrap();
        let new = cipher.encrypt("person.mobile:1", "张三");
        assert!(new.starts_with("k2:"));
        assert_eq!(cipher.decrypt("person.mobile:1", &old).unwrap(), "13812341234");
        assert_eq!(cipher.decrypt("person.mobile:1", &new).unwrap(), "张三");
        assert_eq!(cipher.decrypt_bytes("q", &cipher.encrypt_bytes("q", &[0xff, 0])).unwrap(), [0xff, 0]);
    }

    #[test]
    fn tampering_is_found() {
        let (_dir, _, cipher) = cipher();
        let good = cipher.encrypt("person.mobile:1", "13812341234");
        assert!(matches!(cipher.decrypt("person.mobile:2", &good), Err(CryptoError::Tampered)));
        let mut bytes = STANDARD.decode(&good[3..]).unwrap();
        for i in 0..bytes.len() {
            bytes[i] ^= 1;
            let changed = format!("k1:{}", STANDARD.encode(&bytes));
            assert!(
                matches!(cipher.decrypt("person.mobile:1", &changed), Err(CryptoError::Tampered)),
                "byte {i}"
            );
            bytes[i] ^= 1;
        }
        assert!(matches!(cipher.decrypt("c", "k9:AAAA"), Err(CryptoError::UnknownKeyVersion(9))));
        for bad in ["", "13812341234", "k1", "k1:", "kx:AAAA", "k1:????", "k1:AAAA"] {
            assert!(matches!(cipher.decrypt("c", bad), Err(CryptoError::Malformed)), "{bad}");
        }
    }
}
