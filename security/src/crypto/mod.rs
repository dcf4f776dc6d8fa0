//! Field encryption (SM4-GCM) and pseudonyms (HMAC-SM3) over versioned keys.
//! Keys come from a [`KeyStore`]; the file store is for one machine, a cryptography device implements the same trait.

mod field_cipher;
mod identity;
mod key_file;
mod pseudonym;

use std::path::PathBuf;

pub use field_cipher::FieldCipher;
pub use identity::{KeyName, KeyPurpose};
pub use key_file::FileKeyStore;
pub use pseudonym::Pseudonymizer;

/// A version of the data key.
#[derive(Clone)]
pub struct DataKey {
    /// Written in front of each ciphertext.
    pub version: u32,
    /// SM4 key.
    pub bytes: [u8; 16],
}

impl std::fmt::Debug for DataKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "DataKey(k{})", self.version)
    }
}

/// Where keys come from. Implementations hand out unwrapped data keys: a bulk load encrypts 100,000 fields a second,
/// which no device does one call at a time, so a device unwraps the data keys once when it is opened.
pub trait KeyStore: Send + Sync {
    /// The version new values are encrypted with.
    fn current(&self) -> DataKey;

    /// Any version that still decrypts.
    fn version(&self, version: u32) -> Option<DataKey>;

    /// The names of all keys of this store.
    fn names(&self) -> Vec<KeyName>;

    /// Key of pseudonyms. It never rotates: a new one would split every person in two.
    fn pseudonym_key(&self) -> [u8; 32];
}

/// Why a key or a ciphertext could not be used.
#[derive(Debug, thiserror::Error)]
pub enum CryptoError {
    /// The key file could not be read or written.
    #[error("access the key file {}", path.display())]
    KeyFile {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The key file is not what this program writes.
    #[error("read the key file {}: {reason}", path.display())]
    BadKeyFile {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// Other users of the machine can read the key file.
    #[error("the key file {} is open to other users: chmod 600 it", path.display())]
    KeyFileOpen {
        /// The file.
        path: PathBuf,
    },
    /// The value was encrypted with a key this store does not have.
    #[error("decrypt a value: no key of version {0}")]
    UnknownKeyVersion(u32),
    /// The stored text is no ciphertext of this program.
    #[error("decrypt a value: not in the form k<version>:<base64>")]
    Malformed,
    /// The value was changed, or belongs to another field or record.
    #[error("decrypt a value: it was changed or belongs elsewhere")]
    Tampered,
}
