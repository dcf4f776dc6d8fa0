//! The key file: JSON with all versions of the data key, one of them current, and the pseudonym key. Mode 0600.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{PoisonError, RwLock};

use rand::TryRngCore;
use rand::rngs::OsRng;
use serde::{Deserialize, Serialize};

use super::{CryptoError, DataKey, KeyName, KeyPurpose, KeyStore};

/// Keys in a file of one machine.
pub struct FileKeyStore {
    path: PathBuf,
    keys: RwLock<Keys>,
}

#[derive(Clone)]
struct Keys {
    current: DataKey,
    versions: BTreeMap<u32, DataKey>,
    pseudonym: [u8; 32],
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    format: u32,
    current: u32,
    data_keys: BTreeMap<u32, String>,
    pseudonym_key: String,
}

impl FileKeyStore {
    /// Opens the file, or creates it with fresh keys.
    pub fn open_or_create(path: impl AsRef<Path>) -> Result<Self, CryptoError> {
        let path = path.as_ref().to_owned();
        if !path.exists() {
            let first = DataKey { version: 1, bytes: random(&path)? };
            let keys = Keys {
                versions: BTreeMap::from([(1, first.clone())]),
                current: first,
                pseudonym: random(&path)?,
            };
            write(&path, &keys, Replace::Never)?;
        }
        let keys = read(&path)?;
        Ok(Self { path, keys: RwLock::new(keys) })
    }

    /// Adds a version and makes it current; older versions keep decrypting. Returns the new version.
    pub fn rotate(&self) -> Result<u32, CryptoError> {
        let mut keys = self.keys.write().unwrap_or_else(PoisonError::into_inner);
        let version = keys.versions.last_key_value().map_or(1, |(v, _)| v + 1);
        let key = DataKey { version, bytes: random(&self.path)? };
        let mut next = keys.clone();
        next.versions.insert(version, key.clone());
        next.current = key;
        write(&self.path, &next, Replace::Existing)?;
        *keys = next;
        Ok(version)
    }
}

impl KeyStore for FileKeyStore {
    fn current(&self) -> DataKey {
        self.keys.read().unwrap_or_else(PoisonError::into_inner).current.clone()
    }

    fn version(&self, version: u32) -> Option<DataKey> {
        self.keys.read().unwrap_or_else(PoisonError::into_inner).versions.get(&version).cloned()
    }

    fn names(&self) -> Vec<KeyName> {
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        let data = keys.versions.values().map(|key| KeyName::new(KeyPurpose::Data, key.version, &key.bytes));
        data.chain([KeyName::new(KeyPurpose::Pseudonym, 1, &keys.pseudonym)]).collect()
    }

    fn pseudonym_key(&self) -> [u8; 32] {
        self.keys.read().unwrap_or_else(PoisonError::into_inner).pseudonym
    }
}

#[derive(Clone, Copy)]
enum Replace {
    /// Another process that was faster keeps its keys.
    Never,
    Existing,
}

fn random<const N: usize>(path: &Path) -> Result<[u8; N], CryptoError> {
    let mut bytes = [0; N];
    OsRng.try_fill_bytes(&mut bytes).map_err(|e| CryptoError::BadKeyFile {
        path: path.to_owned(),
        reason: format!("no random bytes from the system: {e}"),
    })?;
    Ok(bytes)
}

fn read(path: &Path) -> Result<Keys, CryptoError> {
    let io = |source| CryptoError::KeyFile { path: path.to_owned(), source };
    let bad = |reason: String| CryptoError::BadKeyFile { path: path.to_owned(), reason };
    refuse_open_file(path)?;
    let text = fs::read_to_string(path).map_err(io)?;
    // The error of serde_json may quote the text, that is keys: only its place is told.
    let stored: Stored = serde_json::from_str(&text)
        .map_err(|e| bad(format!("not the expected JSON at line {} column {}", e.line(), e.column())))?;
    if stored.format != 1 {
        return Err(bad(format!("format {} is newer than this program", stored.format)));
    }
    let mut versions = BTreeMap::new();
    for (version, text) in &stored.data_keys {
        let mut bytes = [0; 16];
        hex::decode_to_slice(text, &mut bytes)
            .map_err(|_| bad(format!("data key {version} is not 32 hex digits")))?;
        versions.insert(*version, DataKey { version: *version, bytes });
    }
    let current = versions
        .get(&stored.current)
        .cloned()
        .ok_or_else(|| bad(format!("the current key {} is missing", stored.current)))?;
    let mut pseudonym = [0; 32];
    hex::decode_to_slice(&stored.pseudonym_key, &mut pseudonym)
        .map_err(|_| bad("the pseudonym key is not 64 hex digits".to_owned()))?;
    Ok(Keys { current, versions, pseudonym })
}

fn write(path: &Path, keys: &Keys, replace: Replace) -> Result<(), CryptoError> {
    let io = |source| CryptoError::KeyFile { path: path.to_owned(), source };
    let stored = Stored {
        format: 1,
        current: keys.current.version,
        data_keys: keys.versions.iter().map(|(v, k)| (*v, hex::encode(k.bytes))).collect(),
        pseudonym_key: hex::encode(keys.pseudonym),
    };
    let text = serde_json::to_string_pretty(&stored)
        .map_err(|e| CryptoError::BadKeyFile { path: path.to_owned(), reason: e.to_string() })?;
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).map_err(io)?;
    }
    // Written beside and moved: a crash leaves either the old keys or the new ones, never half a file.
    let temporary = path.with_extension(format!("new-{}", std::process::id()));
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&temporary).map_err(io)?;
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(io)?;
    match replace {
        Replace::Existing => fs::rename(&temporary, path).map_err(io),
        Replace::Never => {
            let linked = fs::hard_link(&temporary, path);
            fs::remove_file(&temporary).map_err(io)?;
            match linked {
                Err(e) if e.kind() != std::io::ErrorKind::AlreadyExists => Err(io(e)),
                _ => Ok(()),
            }
        }
    }
}

#[cfg(unix)]
fn refuse_open_file(path: &Path) -> Result<(), CryptoError> {
    use std::os::unix::fs::PermissionsExt;
    let meta = fs::metadata(path).map_err(|source| CryptoError::KeyFile { path: path.to_owned(), source })?;
    if meta.permissions().mode() & 0o077 != 0 {
        return Err(CryptoError::KeyFileOpen { path: path.to_owned() });
    }
    Ok(())
}

#[cfg(not(unix))]
fn refuse_open_file(_path: &Path) -> Result<(), CryptoError> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn created_once_private_and_read_back() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("keys/pujiang.json");
        let first = FileKeyStore::open_or_create(&path).unwrap();
        let again = FileKeyStore::open_or_create(&path).unwrap();
        assert_eq!(first.current().bytes, again.current().bytes);
        assert_eq!(first.pseudonym_key(), again.pseudonym_key());
        assert_ne!(first.current().bytes, [0; 16]);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
            fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
            assert!(matches!(FileKeyStore::open_or_create(&path), Err(CryptoError::KeyFileOpen { .. })));
        }
    }

    #[test]
    fn rotation_keeps_old_versions_and_the_pseudonym_key() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("keys.json");
        let store = FileKeyStore::open_or_create(&path).unwrap();
        let (old, pseudonym) = (store.current(), store.pseudonym_key());
        assert_eq!(store.rotate().unwrap(), 2);
        let reopened = FileKeyStore::open_or_create(&path).unwrap();
        for store in [store, reopened] {
            assert_eq!(store.current().version, 2);
            assert_eq!(store.version(1).map(|k| k.bytes), Some(old.bytes));
            assert_eq!(store.pseudonym_key(), pseudonym);
            assert!(store.version(3).is_none());
        }
    }

    #[test]
    fn damaged_files_are_refused_without_quoting_them() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("keys.json");
        FileKeyStore::open_or_create(&path).unwrap();
        let good = fs::read_to_string(&path).unwrap();
        for bad in [
            String::new(),
            good.replace("\"current\": 1", "\"current\": 7"),
            good.replace("\"1\": \"", "\"1\": \"zz"),
        ] {
            fs::write(&path, &bad).unwrap();
            let error = FileKeyStore::open_or_create(&path).err().unwrap();
            assert!(matches!(error, CryptoError::BadKeyFile { .. }), "{error}");
        }
    }
}
