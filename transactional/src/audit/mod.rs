//! The stored audit log: one hash chain, each entry written in the transaction of what it tells about.
//! Entries hold masked values and pseudonyms only. The chain itself is `pujiang_security::audit`; entries about reading
//! have no transaction of their own and go through `writer`; people look for entries with `search`.

mod search;
mod writer;

use pujiang_security::Principal;
use pujiang_security::audit::{ChainBroken, GENESIS, Link, Verifier, canonical, link};
use serde_json::{Value as Json, json};
use sqlx::AnyConnection;
use sqlx::any::AnyRow;

pub use search::{Found, MOST as MOST_FOUND, Page, Search, search};
pub use writer::AuditWriter;

use crate::clock::{self, Moment};
use crate::error::Error;
use crate::store::{Bind, ColumnKind, Store, WriteTransaction, execute, fetch_all, fetch_optional, text_at};

/// What happened.
#[derive(Clone, Debug, Default)]
pub struct Entry {
    /// Account id, when the actor is a known account.
    pub actor_account_id: Option<String>,
    /// Login name, or the name of the program's part.
    pub actor: String,
    /// Login name of the account that looked through the actor's eyes.
    pub viewer: Option<String>,
    /// Address the call came from.
    pub origin: Option<String>,
    /// What was done: `create`, `login`, a transition's id …
    pub action: String,
    /// Kind of thing it was done to: a resource's id, `account`, `session` …
    pub target_type: String,
    /// Which one.
    pub target_id: String,
    /// Values before, without personal or secret content.
    pub before: Option<Json>,
    /// Values after, without personal or secret content.
    pub after: Option<Json>,
    /// Why, in the actor's words.
    pub reason: Option<String>,
    /// How it ended.
    pub result: Outcome,
}

impl Entry {
    /// An entry about a principal; what was done is filled in by the caller.
    pub fn of(principal: &Principal) -> Self {
        Self {
            actor_account_id: Some(principal.account_id().to_owned()),
            actor: principal.account().to_owned(),
            viewer: principal.viewer().map(str::to_owned),
            origin: principal.origin().map(str::to_owned),
            ..Self::default()
        }
    }
}

/// How an audited action ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Outcome {
    /// It was done.
    #[default]
    Done,
    /// It was refused.
    Refused,
}

impl Outcome {
    /// How it ended, in words, as it is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Outcome::Done => "成功",
            Outcome::Refused => "失败",
        }
    }
}

/// A stored entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// Place in the chain, from 1.
    pub seq: i64,
    /// Every column by its name.
    pub content: serde_json::Map<String, Json>,
    /// Hash of this entry and all before it.
    pub hash: String,
}

/// A chain that holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// Number of entries.
    pub entries: u64,
    /// Hash of the last one.
    pub head: String,
}

const COLUMNS: &str = "CAST(seq AS TEXT), occurred_at, actor_account_id, actor, origin, action, target_type, \
                       target_id, before, after, reason, result, viewer, prev_hash, hash";
const NAMES: [&str; 12] = [
    "occurred_at",
    "actor_account_id",
    "actor",
    "origin",
    "action",
    "target_type",
    "target_id",
    "before",
    "after",
    "reason",
    "result",
    VIEWER,
];
/// Younger than the first entries, whose hashes do not cover it: it counts only where it has a value.
const VIEWER: &str = "viewer";
const PAGE: i64 = 1000;
/// Entries of one statement.
const ROWS_PER_STATEMENT: usize = 250;

/// Adds an entry inside the caller's transaction. From here to its end no other entry can come between.
pub async fn append(tx: &mut WriteTransaction, at: &Moment, entry: Entry) -> Result<(), Error> {
    append_many(tx, vec![(*at, entry)]).await
}

/// Adds entries in their order inside the caller's transaction.
pub async fn append_many(tx: &mut WriteTransaction, entries: Vec<(Moment, Entry)>) -> Result<(), Error> {
    let failed = || Error::store("append to the audit log");
    tx.order().await.map_err(|source| Error::Store { operation: "order the audit log", source })?;
    let last = "SELECT CAST(seq AS TEXT), hash FROM audit_log ORDER BY audit_log.seq DESC LIMIT 1";
    let (mut seq, mut prev) = match fetch_optional(tx.connection(), last, vec![]).await.map_err(failed())? {
        Some(row) => {
            let seq: i64 = text_at(&row, 0)?.and_then(|t| t.parse().ok()).unwrap_or_default();
            (seq, text_at(&row, 1)?.unwrap_or_default())
        }
        None => (0, GENESIS.to_owned()),
    };
    let dialect = tx.dialect();
    let mut entries = entries.into_iter().peekable();
    while entries.peek().is_some() {
        let mut binds = Vec::new();
        let mut rows = Vec::new();
        for (at, entry) in entries.by_ref().take(ROWS_PER_STATEMENT) {
            seq += 1;
            let values = values(&at, entry);
            let hash = link(&prev, &content(seq, &values));
            let first = binds.len() + 1;
            binds.push(Bind::int(seq));
            binds.extend(values.into_iter().map(Bind::Text));
            binds.extend([Bind::text(std::mem::replace(&mut prev, hash.clone())), Bind::text(hash)]);
            let places: Vec<_> =
                (first..=binds.len()).map(|i| dialect.next_placeholder(ColumnKind::Text, i)).collect();
            rows.push(format!("({})", places.join(", ")));
        }
        let sql = format!(
            "INSERT INTO audit_log (seq, {}, prev_hash, hash) VALUES {}",
            NAMES.join(", "),
            rows.join(", ")
        );
        execute(tx.connection(), &sql, binds).await.map_err(failed())?;
    }
    Ok(())
}

fn values(at: &Moment, entry: Entry) -> [Option<String>; NAMES.len()] {
    let text = |json: Option<Json>| json.map(|j| canonical(&j));
    [
        Some(clock::stored(at)),
        entry.actor_account_id,
        Some(entry.actor),
        entry.origin,
        Some(entry.action),
        Some(entry.target_type),
        Some(entry.target_id),
        text(entry.before),
        text(entry.after),
        entry.reason,
        Some(entry.result.as_str().to_owned()),
        entry.viewer,
    ]
}

/// Checks the whole chain, a page at a time.
pub async fn verify(store: &Store) -> Result<Result<Verified, ChainBroken>, Error> {
    let mut verifier = Verifier::new();
    let mut after = 0;
    loop {
        let page = read(store, after, PAGE).await?;
        let Some(last) = page.last().map(|(link, _)| link.seq) else { break };
        for (entry, _) in &page {
            if let Err(broken) = verifier.check(entry) {
                return Ok(Err(broken));
            }
        }
        after = last;
    }
    Ok(Ok(Verified { entries: verifier.checked(), head: verifier.head().to_owned() }))
}

/// Entries after a place in the chain, oldest first.
pub async fn list(store: &Store, after: i64, limit: usize) -> Result<Vec<Stored>, Error> {
    let limit = i64::try_from(limit).unwrap_or(PAGE).clamp(1, PAGE);
    let stored = |(link, values): (Link, Vec<Option<String>>)| Stored {
        seq: link.seq,
        content: NAMES
            .iter()
            .zip(values)
            .map(|(n, v)| ((*n).to_owned(), v.map_or(Json::Null, Json::from)))
            .collect(),
        hash: link.hash,
    };
    Ok(read(store, after, limit).await?.into_iter().map(stored).collect())
}

/// What the log tells of one thing: who did what to it.
#[derive(Clone, Debug)]
pub(crate) struct Told {
    pub(crate) at: String,
    pub(crate) actor: String,
    pub(crate) action: String,
    pub(crate) before: Option<serde_json::Map<String, Json>>,
    pub(crate) after: Option<serde_json::Map<String, Json>>,
    pub(crate) reason: Option<String>,
}

/// What was done to one thing, newest first.
pub(crate) async fn told_of(
    connection: &mut AnyConnection,
    kind: &str,
    id: &str,
    limit: usize,
) -> Result<Vec<Told>, Error> {
    let sql = "SELECT occurred_at, actor, action, before, after, reason FROM audit_log \
               WHERE target_type = $1 AND target_id = $2 AND result = $3 ORDER BY audit_log.seq DESC LIMIT $4";
    let limit = i64::try_from(limit).unwrap_or(PAGE);
    let binds = vec![Bind::text(kind), Bind::text(id), Bind::text(Outcome::Done.as_str()), Bind::int(limit)];
    let rows = fetch_all(connection, sql, binds).await.map_err(Error::store("read a history"))?;
    rows.iter().map(Told::read).collect()
}

impl Told {
    fn read(row: &AnyRow) -> Result<Self, Error> {
        let text = |position: usize| text_at(row, position).map(Option::unwrap_or_default);
        let form = |text: Option<String>| text.and_then(|text| serde_json::from_str(&text).ok());
        Ok(Self {
            at: text_at(row, 0)?
                .and_then(|text| clock::parse_stored(&text))
                .map(|at| clock::shown(&at))
                .unwrap_or_default(),
            actor: text(1)?,
            action: text(2)?,
            before: form(text_at(row, 3)?),
            after: form(text_at(row, 4)?),
            reason: text_at(row, 5)?,
        })
    }
}

async fn read(store: &Store, after: i64, limit: i64) -> Result<Vec<(Link, Vec<Option<String>>)>, Error> {
    let failed = || Error::store("read the audit log");
    let sql = format!("SELECT {COLUMNS} FROM audit_log WHERE seq > $1 ORDER BY audit_log.seq LIMIT $2");
    let mut connection = store.pool().acquire().await.map_err(failed())?;
    let rows =
        fetch_all(&mut connection, &sql, vec![Bind::int(after), Bind::int(limit)]).await.map_err(failed())?;
    let mut entries = Vec::with_capacity(rows.len());
    for row in &rows {
        let seq: i64 = text_at(row, 0)?.and_then(|t| t.parse().ok()).unwrap_or_default();
        let values = (1..=NAMES.len()).map(|i| text_at(row, i)).collect::<Result<Vec<_>, _>>()?;
        let link = Link {
            seq,
            prev_hash: text_at(row, NAMES.len() + 1)?.unwrap_or_default(),
            content: content(seq, &values),
            hash: text_at(row, NAMES.len() + 2)?.unwrap_or_default(),
        };
        entries.push((link, values));
    }
    Ok(entries)
}

/// What the hash covers: every column of the entry.
fn content(seq: i64, values: &[Option<String>]) -> String {
    let covered = NAMES.iter().zip(values).filter(|(name, value)| **name != VIEWER || value.is_some());
    let mut map: serde_json::Map<String, Json> = covered.map(|(n, v)| ((*n).to_owned(), json!(v))).collect();
    map.insert("seq".into(), json!(seq));
    canonical(&Json::Object(map))
}
