//! Which keys the store's values were sealed with. The store keeps their names, so that it never goes on with others: what
//! is sealed could not be read again, and every person would become a second one in the lake.

use pujiang_security::{KeyName, KeyPurpose};

use crate::clock::{self, Clock, SystemClock};
use crate::error::Error;
use crate::schema::has_rows;
use crate::store::{Bind, Store, execute, fetch_all, text_at};

/// How the keys at hand fit the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyMatch {
    /// They are the store's; new ones are known from now on.
    Fits,
    /// These are missing, or are others under the same version.
    Missing(Vec<String>),
}

/// Whether the store has been used with keys: then there must be a key file. Works on a store without any table.
pub async fn are_expected(store: &Store) -> Result<bool, Error> {
    // Stores of earlier versions do not know their keys; whoever has an account has used them.
    Ok(has_rows(store, "known_key").await? || has_rows(store, "account").await?)
}

/// Compares the keys at hand with those the store knows. Needs the migrated tables.
pub async fn recognise(store: &Store, present: &[KeyName]) -> Result<KeyMatch, Error> {
    let failed = |source| Error::Store { operation: "recognise keys", source };
    let mut tx = store.begin_write().await.map_err(failed)?;
    let sql = "SELECT id, purpose, CAST(version AS TEXT) FROM known_key ORDER BY purpose, known_key.version";
    let rows = fetch_all(tx.connection(), sql, vec![]).await.map_err(Error::store("read known keys"))?;
    let (mut known, mut missing) = (Vec::new(), Vec::new());
    for row in &rows {
        let id = text_at(row, 0)?.unwrap_or_default();
        if !present.iter().any(|key| key.id == id) {
            let kind = match text_at(row, 1)?.as_deref() {
                Some(purpose) if purpose == KeyPurpose::Pseudonym.as_str() => "假名密钥",
                _ => "数据密钥",
            };
            missing.push(format!("{kind}第 {} 版（标识 {id}）", text_at(row, 2)?.unwrap_or_default()));
        }
        known.push(id);
    }
    if !missing.is_empty() {
        return Ok(KeyMatch::Missing(missing));
    }
    let now = clock::stored(&SystemClock.now());
    for key in present.iter().filter(|key| !known.contains(&key.id)) {
        let sql = "INSERT INTO known_key (id, purpose, version, first_seen_at) VALUES ($1, $2, $3, $4) \
                   ON CONFLICT (id) DO NOTHING";
        let binds = vec![
            Bind::text(&key.id),
            Bind::text(key.purpose.as_str()),
            Bind::int(key.version.into()),
            Bind::text(&now),
        ];
        execute(tx.connection(), sql, binds).await.map_err(Error::store("note a key"))?;
    }
    tx.commit().await.map_err(failed)?;
    Ok(KeyMatch::Fits)
}
