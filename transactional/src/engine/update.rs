//! Changing fields of a record.

use pujiang_security::Principal;
use serde_json::{Map, Value as Json};

use super::change::same_version;
use super::journal::{Change, tell};
use super::scope::{add, moves};
use super::{Record, ResourceEngine, not_found};
use crate::error::Error;
use crate::record::{Cell, StoredRecord};
use crate::validate::{self, Draft, Value};

impl ResourceEngine {
    /// Changes the fields that `body` names. `version` is the version the caller has seen.
    pub async fn update(
        &self,
        principal: &Principal,
        resource: &str,
        id: &str,
        version: Option<i64>,
        body: &Map<String, Json>,
    ) -> Result<Record, Error> {
        let def = self.writable(principal, resource)?;
        let now = self.clock.now();
        let mut tx = self.begin().await?;
        let before = self.for_change(&mut tx, principal, def, id).await?;
        // After the record was found: a record outside the scope must answer like one that does not exist.
        same_version(&before, version.ok_or(Error::PreconditionRequired)?)?;
        let mut errors = Vec::new();
        let mut body = body.clone();
        // Not a field: the names `get` adds for people.
        body.shift_remove("labels");
        let mut draft = validate::read_patch(def, &body, &before.shown(), now, &mut errors);
        self.follow(&mut tx, principal, def, Some(&before), &mut draft, &mut errors).await?;
        let mut after = before.clone();
        after.apply(def, &self.cipher, &draft);
        add(&mut errors, self.refuse_circle(&mut tx, def, &before.id, &draft).await?);
        if moves(def, &before, &after) {
            let value = |name: &str| after.value(name).map(Value::stored);
            let outside = self.refuse_outside(&mut tx, principal, def, Some(&before.id), value).await?;
            add(&mut errors, outside);
        }
        validate::checks(def, |name| after.value(name), &mut errors);
        if !errors.is_empty() {
            return Err(Error::Invalid { errors });
        }
        keep_changes(&mut draft, &before, &after);
        let changed = !draft.is_empty();
        if changed {
            after.version += 1;
            after.updated_at = now;
            principal.account().clone_into(&mut after.updated_by);
            self.write_change(&mut tx, def, &after, &draft, vec![]).await?;
            let change = Change {
                def,
                principal,
                action: "update",
                reason: None,
                at: now,
                before: Some(&before),
                after: Some(&after),
            };
            tell(&mut tx, change).await?;
        }
        let mut records = self.labelled(tx.connection(), principal, def, vec![after]).await?;
        if changed {
            tx.commit().await.map_err(|source| Error::Store { operation: "commit a change", source })?;
        }
        records.pop().ok_or_else(|| not_found(def))
    }
}

/// A form sends all its fields; only what differs is written, told and counted as a version.
fn keep_changes(draft: &mut Draft, before: &StoredRecord, after: &StoredRecord) {
    draft.retain(|name, _| match (before.cells.get(name), after.cells.get(name)) {
        // What a secret was is not known here, so giving one is a change.
        (Some(Cell::Secret), _) => true,
        (a, b) => a != b,
    });
}
