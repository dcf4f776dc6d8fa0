//! Searching the audit log for people: newest first, a page at a time, by who, what, to what, when and how it ended.
//! Reads only; whether somebody may is decided before.

use serde_json::Value as Json;

use super::Outcome;
use crate::clock::{self, Moment};
use crate::error::Error;
use crate::store::{Bind, Store, fetch_all, text_at};

/// Most entries of one page.
pub const MOST: usize = 200;

/// What is looked for; what is left empty does not narrow.
#[derive(Clone, Debug, Default)]
pub struct Search {
    /// Login name of who did it, or of who looked through somebody's eyes.
    pub actor: Option<String>,
    /// What was done.
    pub action: Option<String>,
    /// Kind of thing it was done to.
    pub target_type: Option<String>,
    /// Which one.
    pub target_id: Option<String>,
    /// How it ended.
    pub result: Option<Outcome>,
    /// From this moment on.
    pub from: Option<Moment>,
    /// Before this moment.
    pub until: Option<Moment>,
    /// Older than this place in the chain: the next page.
    pub before: Option<i64>,
    /// Entries of the page, at most `MOST`.
    pub size: usize,
}

/// An entry as it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Place in the chain.
    pub seq: i64,
    /// When, RFC 3339.
    pub at: String,
    /// Who.
    pub actor: String,
    /// Who looked through the actor's eyes.
    pub viewer: Option<String>,
    /// Address it came from.
    pub origin: Option<String>,
    /// What was done.
    pub action: String,
    /// Kind of thing.
    pub target_type: String,
    /// Which one.
    pub target_id: String,
    /// Values before, without personal content.
    pub before: Option<Json>,
    /// Values after, without personal content.
    pub after: Option<Json>,
    /// Why.
    pub reason: Option<String>,
    /// How it ended, in words.
    pub result: String,
}

/// A page of entries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// Newest first.
    pub entries: Vec<Found>,
    /// `before` of the next page, if there is one.
    pub next: Option<i64>,
}

/// A page of what is looked for.
pub async fn search(store: &Store, search: &Search) -> Result<Page, Error> {
    let size = search.size.clamp(1, MOST);
    let (conditions, mut binds) = conditions(search);
    // One more than the page tells whether there is another.
    binds.push(Bind::int(i64::try_from(size + 1).unwrap_or(i64::MAX)));
    let sql = format!(
        "SELECT CAST(seq AS TEXT), occurred_at, actor, viewer, origin, action, target_type, target_id, before, after, \
         reason, result FROM audit_log{conditions} ORDER BY audit_log.seq DESC LIMIT ${}",
        binds.len()
    );
    let failed = || Error::store("search the audit log");
    let mut connection = store.pool().acquire().await.map_err(failed())?;
    let rows = fetch_all(&mut connection, &sql, binds).await.map_err(failed())?;
    let mut entries = rows.iter().map(found).collect::<Result<Vec<_>, _>>()?;
    let more = entries.len() > size;
    entries.truncate(size);
    Ok(Page { next: entries.last().map(|last| last.seq).filter(|_| more), entries })
}

fn conditions(search: &Search) -> (String, Vec<Bind>) {
    let mut parts: Vec<String> = Vec::new();
    let mut binds = Vec::new();
    let mut narrow = |part: &dyn Fn(usize) -> String, bind: Option<Bind>| {
        if let Some(bind) = bind {
            binds.push(bind);
            parts.push(part(binds.len()));
        }
    };
    let text = |value: &Option<String>| value.as_deref().map(Bind::text);
    let time = |value: Option<Moment>| value.map(|at| Bind::text(clock::stored(&at)));
    narrow(&|n| format!("(actor = ${n} OR viewer = ${n})"), text(&search.actor));
    narrow(&|n| format!("action = ${n}"), text(&search.action));
    narrow(&|n| format!("target_type = ${n}"), text(&search.target_type));
    narrow(&|n| format!("target_id = ${n}"), text(&search.target_id));
    narrow(&|n| format!("result = ${n}"), search.result.map(|result| Bind::text(result.as_str())));
    narrow(&|n| format!("occurred_at >= ${n}"), time(search.from));
    narrow(&|n| format!("occurred_at < ${n}"), time(search.until));
    narrow(&|n| format!("seq < ${n}"), search.before.map(Bind::int));
    let conditions = if parts.is_empty() { String::new() } else { format!(" WHERE {}", parts.join(" AND ")) };
    (conditions, binds)
}

fn found(row: &sqlx::any::AnyRow) -> Result<Found, Error> {
    let text = |position: usize| text_at(row, position).map(Option::unwrap_or_default);
    let json = |position: usize| -> Result<Option<Json>, Error> {
        Ok(text_at(row, position)?.and_then(|text| serde_json::from_str(&text).ok()))
    };
    Ok(Found {
        seq: text(0)?.parse().unwrap_or_default(),
        at: clock::parse_stored(&text(1)?).map(|at| clock::shown(&at)).unwrap_or_default(),
        actor: text(2)?,
        viewer: text_at(row, 3)?,
        origin: text_at(row, 4)?,
        action: text(5)?,
        target_type: text(6)?,
        target_id: text(7)?,
        before: json(8)?,
        after: json(9)?,
        reason: text_at(row, 10)?,
        result: text(11)?,
    })
}
