//! The SCRAM-SHA-256 verifier of a password (RFC 5802, RFC 7677), which lets PostgreSQL clients log in without the
//! server ever seeing the password. Whoever holds a verifier can log in with it, so storage seals it.

use hmac::{Hmac, KeyInit, Mac};
use pbkdf2::pbkdf2_hmac;
use rand::Rng;
use sha2::{Digest, Sha256};

/// Rounds of PBKDF2. All verifiers have the same: the server names the number before it knows the account, and another
/// one for accounts that do not exist would tell them apart.
pub const SCRAM_ITERATIONS: u32 = 4096 * 4;

const SALT: usize = 16;
const KEY: usize = 32;
const FORMAT: &str = "scram-sha-256";

/// What the server keeps of a password for SCRAM-SHA-256.
#[derive(Clone, PartialEq, Eq)]
pub struct ScramVerifier {
    /// Sent to the client.
    pub salt: [u8; SALT],
    /// Rounds of PBKDF2.
    pub iterations: u32,
    /// The password after salting and stretching; as good as the password for this server.
    pub salted_password: [u8; KEY],
}

/// A stored text is no verifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("read a SCRAM verifier: not in the form {FORMAT}:<iterations>:<salt>:<salted password>")]
pub struct MalformedVerifier;

impl ScramVerifier {
    /// A verifier of a new password with a fresh salt.
    pub fn of(password: &str) -> Self {
        Self::salted(password, rand::rng().random())
    }

    /// A verifier of a password with a given salt.
    pub fn salted(password: &str, salt: [u8; SALT]) -> Self {
        Self::with_salt(password, salt, SCRAM_ITERATIONS)
    }

    /// A verifier no password is known for, made of 48 bytes. The bytes decide it, so that an account that does not
    /// exist can show the same salt each time.
    pub fn fake(bytes: [u8; SALT + KEY]) -> Self {
        let (mut salt, mut salted_password) = ([0; SALT], [0; KEY]);
        salt.copy_from_slice(&bytes[..SALT]);
        salted_password.copy_from_slice(&bytes[SALT..]);
        Self { salt, iterations: SCRAM_ITERATIONS, salted_password }
    }

    fn with_salt(password: &str, salt: [u8; SALT], iterations: u32) -> Self {
        // PostgreSQL's clients fall back to the bytes as they are when SASLprep refuses a password; so must we, or
        // such an account could never log in.
        let prepared = stringprep::saslprep(password).unwrap_or(password.into());
        let mut salted_password = [0; KEY];
        pbkdf2_hmac::<Sha256>(prepared.as_bytes(), &salt, iterations, &mut salted_password);
        Self { salt, iterations, salted_password }
    }

    /// Whether this is the verifier of the password.
    pub fn matches(&self, password: &str) -> bool {
        let other = Self::with_salt(password, self.salt, self.iterations);
        // Compared by keyed hash: the time a comparison of the bytes takes would tell how many are right.
        self.key("Client Key") == other.key("Client Key")
    }

    /// Hash of the client's key: what a proof is checked with.
    pub fn stored_key(&self) -> [u8; KEY] {
        Sha256::digest(self.key("Client Key")).into()
    }

    /// The key the server signs with.
    pub fn server_key(&self) -> [u8; KEY] {
        self.key("Server Key")
    }

    fn key(&self, label: &str) -> [u8; KEY] {
        sign(&self.salted_password, label.as_bytes())
    }

    /// Text to be sealed and stored.
    pub fn encode(&self) -> String {
        format!(
            "{FORMAT}:{}:{}:{}",
            self.iterations,
            hex::encode(self.salt),
            hex::encode(self.salted_password)
        )
    }

    /// Reads the stored text.
    pub fn decode(text: &str) -> Result<Self, MalformedVerifier> {
        let mut parts = text.split(':');
        let mut next = || parts.next().ok_or(MalformedVerifier);
        let (format, iterations, salt_text, key_text) = (next()?, next()?, next()?, next()?);
        if format != FORMAT || parts.next().is_some() {
            return Err(MalformedVerifier);
        }
        let iterations = iterations.parse().map_err(|_| MalformedVerifier)?;
        let (mut salt, mut salted_password) = ([0; SALT], [0; KEY]);
        hex::decode_to_slice(salt_text, &mut salt).map_err(|_| MalformedVerifier)?;
        hex::decode_to_slice(key_text, &mut salted_password).map_err(|_| MalformedVerifier)?;
        Ok(Self { salt, iterations, salted_password })
    }
}

impl std::fmt::Debug for ScramVerifier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ScramVerifier(..)")
    }
}

fn sign(key: &[u8], message: &[u8]) -> [u8; KEY] {
    let Ok(mut mac) = <Hmac<Sha256> as KeyInit>::new_from_slice(key) else {
        unreachable!("HMAC takes keys of any length");
    };
    mac.update(message);
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;

    #[test]
    fn vector_of_rfc_7677() {
        let salt: [u8; 16] = STANDARD.decode("W22ZaJ0SNY7soEsUEjb6gQ==").unwrap().try_into().unwrap();
        let verifier = ScramVerifier::with_salt("pencil", salt, 4096);
        let nonce = "rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
        let message = format!(
            "n=user,r=rOprNGfwEbeRWgbNEkqO,r={nonce},s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,c=biws,r={nonce}"
        );
        let signature = sign(&verifier.stored_key(), message.as_bytes());
        let proof: Vec<u8> =
            verifier.key("Client Key").iter().zip(signature).map(|(key, sign)| key ^ sign).collect();
        assert_eq!(STANDARD.encode(proof), "dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=");
        let server = sign(&verifier.server_key(), message.as_bytes());
        assert_eq!(STANDARD.encode(server), "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
    }

    #[test]
    fn only_its_password_matches() {
        let verifier = ScramVerifier::of("Pujiang2026");
        assert!(verifier.matches("Pujiang2026"));
        // SASLprep: a full-width digit is the same password, another case is not.
        assert!(verifier.matches("Pujiang202６"));
        assert!(!verifier.matches("pujiang2026") && !verifier.matches(""));
        assert_ne!(verifier, ScramVerifier::of("Pujiang2026"), "the salt must be fresh");
        assert!(ScramVerifier::of("control\u{7}sign").matches("control\u{7}sign"));
    }

    #[test]
    fn stored_text_comes_back_and_debug_says_nothing() {
        let verifier = ScramVerifier::of("Pujiang2026");
        assert_eq!(ScramVerifier::decode(&verifier.encode()), Ok(verifier.clone()));
        assert_eq!(format!("{verifier:?}"), "ScramVerifier(..)");
        let good = verifier.encode();
        for bad in ["", "scram", &good[1..], &good[..good.len() - 1], &format!("{good}:")] {
            assert_eq!(ScramVerifier::decode(bad), Err(MalformedVerifier), "{bad}");
        }
    }

    #[test]
    fn fakes_look_like_verifiers() {
        let fake = ScramVerifier::fake([7; 48]);
        assert_eq!(fake, ScramVerifier::fake([7; 48]));
        assert_eq!(fake.iterations, ScramVerifier::of("x").iterations);
        assert!(!fake.matches(""));
    }
}
