//! What each write leaves behind in its own transaction: an audit entry and an outbox event.

use pujiang_security::Principal;
use serde_json::Value as Json;
use uuid::Uuid;

use crate::audit;
use crate::clock::{self, Moment};
use crate::definition::ResourceDef;
use crate::error::Error;
use crate::record::StoredRecord;
use crate::store::{Bind, WriteTransaction, execute};

/// A finished change of one record, ready to be told.
pub(super) struct Change<'a> {
    pub(super) def: &'a ResourceDef,
    pub(super) principal: &'a Principal,
    pub(super) action: &'a str,
    pub(super) reason: Option<&'a str>,
    pub(super) at: Moment,
    pub(super) before: Option<&'a StoredRecord>,
    /// None for a deletion.
    pub(super) after: Option<&'a StoredRecord>,
}

/// Writes audit entry and event. The event's place in the outbox is its place among the commits.
pub(super) async fn tell(tx: &mut WriteTransaction, change: Change<'_>) -> Result<(), Error> {
    let Some(subject) = change.after.or(change.before) else { return Ok(()) };
    let json = |record: Option<&StoredRecord>| record.map(|r| Json::Object(r.for_lake(change.def)));
    let (before, after) = (json(change.before), json(change.after));
    let event = [
        Bind::text(Uuid::now_v7().hyphenated().to_string()),
        Bind::text(&change.def.id),
        Bind::text(&subject.id),
        Bind::text(if change.after.is_some() { "upsert" } else { "delete" }),
        // A deletion is a version of its own, or a late copy of the last one would bring the record back.
        Bind::int(if change.after.is_some() { subject.version } else { subject.version + 1 }),
        Bind::text(subject.district(change.def).as_str()),
        Bind::text(clock::shown(&change.at)),
        Bind::text(change.principal.account()),
        Bind::Text(before.as_ref().map(Json::to_string)),
        Bind::Text(after.as_ref().map(Json::to_string)),
    ];
    let entry = audit::Entry {
        action: change.action.to_owned(),
        target_type: change.def.id.clone(),
        target_id: subject.id.clone(),
        before,
        after,
        reason: change.reason.map(str::to_owned),
        ..audit::Entry::of(change.principal)
    };
    audit::append(tx, &change.at, entry).await?;
    let sql = "INSERT INTO outbox (event_id, resource, record_id, op, version, district_code, occurred_at, actor, \
               before, after) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    execute(tx.connection(), sql, event.to_vec()).await.map_err(Error::store("write an outbox event"))?;
    Ok(())
}
