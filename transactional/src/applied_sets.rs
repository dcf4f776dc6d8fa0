//! The sets of definitions that were applied, one after another, each with its files. The newest is the one everybody works
//! by. Applying brings the resource tables along in the same transaction; what the files mean is not known here.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::json;
use sqlx::any::AnyRow;

use crate::audit::{self, Entry};
use crate::clock::{self, Clock, SystemClock};
use crate::definition::Definitions;
use crate::error::{Error, FieldError};
use crate::schema;
use crate::store::{Bind, Store, WriteTransaction, execute, fetch_all, fetch_optional, text_at};

/// Sets of a listing.
const LISTED: i64 = 200;

/// An applied set without its files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetHead {
    /// Its number, from 1.
    pub number: i64,
    /// When, RFC 3339 with +08:00.
    pub at: String,
    /// Login name of whoever applied it, or the name given on the command line.
    pub by: String,
    /// Why, in their words.
    pub note: Option<String>,
    /// Name of the content: equal for equal files.
    pub edition: String,
}

/// An applied set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppliedSet {
    /// Who, when, why.
    pub head: SetHead,
    /// Texts by file name.
    pub files: BTreeMap<String, String>,
}

/// A set to apply.
#[derive(Clone, Debug)]
pub struct NewSet {
    /// The audit entry: who applies it and from where; what was done is filled in.
    pub entry: Entry,
    /// Why.
    pub note: Option<String>,
    /// Name of the content.
    pub edition: String,
    /// Texts by file name.
    pub files: BTreeMap<String, String>,
    /// The number of the set it was compared with; 0 where there was none.
    pub follows: i64,
}

/// The sets of a store. Cheap to clone.
#[derive(Clone)]
pub struct AppliedSets {
    store: Store,
    clock: Arc<dyn Clock>,
}

impl AppliedSets {
    /// The sets of a store, whose system tables are made if they are not there.
    ///
    /// # Errors
    /// The store does not answer.
    pub async fn open(store: Store) -> Result<Self, Error> {
        schema::prepare(&store).await?;
        Ok(Self { store, clock: Arc::new(SystemClock) })
    }

    /// Number of the newest set; 0 where there is none.
    ///
    /// # Errors
    /// The store does not answer.
    pub async fn newest_number(&self) -> Result<i64, Error> {
        let mut connection = self.store.pool().acquire().await.map_err(failed())?;
        newest_number(&mut connection).await
    }

    /// The newest set.
    ///
    /// # Errors
    /// The store does not answer, or what it holds is no set.
    pub async fn newest(&self) -> Result<Option<AppliedSet>, Error> {
        self.get(self.newest_number().await?).await
    }

    /// The set of that number.
    ///
    /// # Errors
    /// The store does not answer, or what it holds is no set.
    pub async fn get(&self, number: i64) -> Result<Option<AppliedSet>, Error> {
        let sql = format!("{HEAD}, files FROM definition_set WHERE number = $1");
        let mut connection = self.store.pool().acquire().await.map_err(failed())?;
        let row = fetch_optional(&mut connection, &sql, vec![Bind::int(number)]).await.map_err(failed())?;
        let Some(row) = row else { return Ok(None) };
        let files = text_at(&row, 5)?.unwrap_or_default();
        let files = serde_json::from_str(&files).map_err(|error| Error::Damaged {
            place: format!("definition_set {number}"),
            reason: error.to_string(),
        })?;
        Ok(Some(AppliedSet { head: head(&row)?, files }))
    }

    /// The newest sets, newest first.
    ///
    /// # Errors
    /// The store does not answer.
    pub async fn list(&self) -> Result<Vec<SetHead>, Error> {
        let sql = format!("{HEAD} FROM definition_set ORDER BY definition_set.number DESC LIMIT $1");
        let mut connection = self.store.pool().acquire().await.map_err(failed())?;
        let rows = fetch_all(&mut connection, &sql, vec![Bind::int(LISTED)]).await.map_err(failed())?;
        rows.iter().map(head).collect()
    }

    /// Brings the tables to the definitions of a set and makes it the newest: all of it or nothing. Returns its number.
    ///
    /// # Errors
    /// Somebody else applied a set meanwhile (`Conflict`), a table cannot be brought to its definition, or the store does
    /// not answer.
    pub async fn apply(&self, definitions: &Definitions, set: NewSet) -> Result<i64, Error> {
        let begin = |source| Error::Store { operation: "begin to apply definitions", source };
        let mut tx = self.store.begin_write().await.map_err(begin)?;
        schema::bring(&mut tx, definitions).await?;
        // In the order of commits from here on: no other set can come between.
        if newest_number(tx.connection()).await? != set.follows {
            let message = "定义刚被他人更新，请重新查看变更计划后再试";
            return Err(Error::Conflict(FieldError::new("number", "applied_meanwhile", message)));
        }
        let number = set.follows + 1;
        let now = self.clock.now();
        insert(&mut tx, number, &clock::stored(&now), &set).await?;
        let first = set.follows == 0 && set.files.is_empty();
        let entry = Entry {
            action: "apply_definitions".to_owned(),
            target_type: "definitions".to_owned(),
            target_id: number.to_string(),
            before: Some(json!({ "number": set.follows })),
            after: Some(json!({ "number": number, "edition": set.edition, "files": set.files.len() })),
            reason: set.note,
            ..set.entry
        };
        // That a new store works by what is built in is nobody's doing.
        if !first {
            audit::append(&mut tx, &now, entry).await?;
        }
        tx.commit()
            .await
            .map_err(|source| Error::Store { operation: "commit applied definitions", source })?;
        Ok(number)
    }
}

const HEAD: &str = "SELECT CAST(number AS TEXT), applied_at, applied_by, note, edition";

async fn newest_number(connection: &mut sqlx::AnyConnection) -> Result<i64, Error> {
    let sql = "SELECT CAST(COALESCE(MAX(number), 0) AS TEXT) FROM definition_set";
    let row = fetch_optional(connection, sql, vec![]).await.map_err(failed())?;
    let number = row.map(|row| text_at(&row, 0)).transpose()?.flatten();
    Ok(number.and_then(|text| text.parse().ok()).unwrap_or_default())
}

async fn insert(tx: &mut WriteTransaction, number: i64, at: &str, set: &NewSet) -> Result<(), Error> {
    let sql = "INSERT INTO definition_set (number, applied_at, applied_by, note, edition, files) \
               VALUES ($1, $2, $3, $4, $5, $6)";
    let files = json!(set.files).to_string();
    let binds = vec![
        Bind::int(number),
        Bind::text(at),
        Bind::text(&set.entry.actor),
        Bind::Text(set.note.clone()),
        Bind::text(&set.edition),
        Bind::text(files),
    ];
    execute(tx.connection(), sql, binds).await.map_err(Error::store("keep applied definitions"))?;
    Ok(())
}

fn head(row: &AnyRow) -> Result<SetHead, Error> {
    let text = |position| text_at(row, position).map(Option::unwrap_or_default);
    let at = text(1)?;
    Ok(SetHead {
        number: text(0)?.parse().unwrap_or_default(),
        at: clock::parse_stored(&at).map_or(at, |at| clock::shown(&at)),
        by: text(2)?,
        note: text_at(row, 3)?,
        edition: text(4)?,
    })
}

fn failed() -> impl FnOnce(sqlx::Error) -> Error {
    Error::store("read applied definitions")
}
