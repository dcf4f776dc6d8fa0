//! Opaque session tokens: 256 random bits for the client, only their SM3 in storage, so a stolen table opens nothing.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rand::Rng;
use sm3::{Digest, Sm3};

/// A new token and what is stored of it.
#[derive(Clone, PartialEq, Eq)]
pub struct SessionToken {
    /// What the client keeps; shown once, never stored or logged.
    pub secret: String,
    /// What storage keeps.
    pub hash: String,
}

impl SessionToken {
    /// A fresh token.
    pub fn generate() -> Self {
        let bytes: [u8; 32] = rand::rng().random();
        let secret = URL_SAFE_NO_PAD.encode(bytes);
        let hash = hash(&secret);
        Self { secret, hash }
    }
}

impl std::fmt::Debug for SessionToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SessionToken(..)")
    }
}

/// The stored form of a token a client shows.
pub fn hash(secret: &str) -> String {
    hex::encode(Sm3::digest(secret.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_differ_and_hash_to_their_stored_form() {
        let (a, b) = (SessionToken::generate(), SessionToken::generate());
        assert_ne!(a.secret, b.secret);
        assert_eq!(a.secret.len(), 43);
        assert_eq!(hash(&a.secret), a.hash);
        assert!(!format!("{a:?}").contains(&a.secret));
    }
}
