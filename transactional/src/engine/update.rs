//! Changing fields of a record: directly here, by a reviewed request in `review`. Both make the same checks.

use pujiang_security::Principal;
use serde_json::{Map, Value as Json};

use super::change::same_version;
use super::contest::Claim;
use super::create::foreign;
use super::guards::{may_fill, refuse_edit};
use super::journal::{Change, tell};
use super::links::Walk;
use super::review::TaskKind;
use super::scope::{add, moves};
use super::{Record, ResourceEngine, not_found};
use crate::clock::Moment;
use crate::definition::{FieldDef, ResourceDef};
use crate::error::Error;
use crate::record::{Cell, StoredRecord, Written};
use crate::store::{Bind, ColumnKind, WriteTransaction};
use crate::validate::{self, Draft, Value};

/// A checked change that is not written yet.
pub(super) struct Changed {
    /// What differs.
    pub(super) draft: Draft,
    /// The record with it.
    pub(super) after: StoredRecord,
}

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
        self.refuse_guessing(principal, def, |name| body.contains_key(name), now).await?;
        let mut tx = self.begin().await?;
        let before = self.for_change(&mut tx, principal, def, id).await?;
        // After the record was found: a record outside the scope must answer like one that does not exist.
        same_version(&before, version.ok_or(Error::PreconditionRequired)?)?;
        refuse_edit(&self.roles, principal, def, &before, &self.touched(def, &before, body, now))?;
        let Changed { draft, mut after } = self.changed(&mut tx, principal, def, &before, body, now).await?;
        if !draft.is_empty() {
            match self.claim_changed(&mut tx, principal, def, &before, &draft, &mut after, now).await? {
                Claim::Taken(field) => {
                    drop(tx);
                    return Err(self.count_refusal(principal, def, &field, now).await?);
                }
                Claim::Free | Claim::Contested(_) => {}
            }
            let change = Change {
                def,
                principal,
                action: "update",
                reason: None,
                at: now,
                before: Some(&before),
                after: Some(&after),
            };
            self.write_changed(&mut tx, &draft, change).await?;
        }
        let changed = !draft.is_empty();
        let mut records = self.labelled(tx.connection(), principal, def, vec![after]).await?;
        if changed {
            tx.commit().await.map_err(|source| Error::Store { operation: "commit a change", source })?;
        }
        records.pop().ok_or_else(|| not_found(def))
    }

    /// Fields that a body really changes, or tries to.
    pub(super) fn touched<'d>(
        &self,
        def: &'d ResourceDef,
        before: &StoredRecord,
        body: &Map<String, Json>,
        now: Moment,
    ) -> Vec<&'d FieldDef> {
        let shown = before.shown();
        // A value that cannot be read is an attempt; one that reads as the stored value is none.
        let draft = validate::read_patch(def, body, &shown, now, &mut Vec::new());
        let mut after = before.clone();
        after.apply(def, &self.cipher, &draft);
        let same = |field: &&FieldDef| {
            draft.contains_key(&field.name)
                && !differs(before.cells.get(&field.name), after.cells.get(&field.name))
        };
        validate::attempted(def, body, &shown).into_iter().filter(|field| !same(field)).collect()
    }

    /// Checks a change whose guard was asked already. The record in `after` counts one version on if anything differs.
    pub(super) async fn changed(
        &self,
        tx: &mut WriteTransaction,
        principal: &Principal,
        def: &ResourceDef,
        before: &StoredRecord,
        body: &Map<String, Json>,
        now: Moment,
    ) -> Result<Changed, Error> {
        let mut errors = Vec::new();
        let mut body = body.clone();
        // Not a field: the names `get` adds for people.
        body.shift_remove("labels");
        let mut draft = validate::read_patch(def, &body, &before.shown(), now, &mut errors);
        let named: Vec<String> = draft.keys().cloned().collect();
        for field in self.touched(def, before, &body, now) {
            if !may_fill(principal, field) {
                add(&mut errors, Some(foreign(&self.roles, field)));
            }
        }
        let walk = Walk { principal, def, before: Some(before) };
        self.follow(tx, &walk, &mut draft, &mut errors).await?;
        let stored = |name: &str| before.value(name).cloned();
        validate::compute(def, stored, &mut draft, &mut errors);
        let mut after = before.clone();
        after.apply(def, &self.cipher, &draft);
        add(&mut errors, self.refuse_circle(tx, def, &before.id, &draft).await?);
        if moves(def, before, &after) {
            let value = |name: &str| after.value(name).map(Value::stored);
            let outside =
                self.refuse_outside(tx.connection(), principal, def, Some(&before.id), value).await?;
            add(&mut errors, outside);
        }
        let asked = |name: &str| named.iter().any(|n| n == name);
        validate::streets_inside(def, asked, |name| after.value(name), &mut errors);
        validate::checks(def, |name| after.value(name), &mut errors);
        if !errors.is_empty() {
            return Err(Error::Invalid { errors });
        }
        draft.retain(|name, _| differs(before.cells.get(name), after.cells.get(name)));
        if !draft.is_empty() {
            after.version += 1;
            after.updated_at = now;
            principal.account().clone_into(&mut after.updated_by);
        }
        Ok(Changed { draft, after })
    }

    /// Looks whether changed unique values are free, and opens or ends the contest about them.
    #[expect(
        clippy::too_many_arguments,
        reason = "a change is all of these; a struct would be built once and dropped"
    )]
    pub(super) async fn claim_changed(
        &self,
        tx: &mut WriteTransaction,
        principal: &Principal,
        def: &ResourceDef,
        before: &StoredRecord,
        draft: &Draft,
        after: &mut StoredRecord,
        now: Moment,
    ) -> Result<Claim, Error> {
        let contested = |name: &str| before.contested.as_deref() == Some(name);
        let settles = draft.keys().any(|name| contested(name));
        let claim = self.claim(tx, principal, def, after, |name| draft.contains_key(name)).await?;
        if let Claim::Contested(field) = &claim {
            after.contested = Some(field.clone());
            self.close_tasks(tx, def, &after.id, TaskKind::Duplicate, now).await?;
            self.open_duplicate(tx, principal, def, after, now).await?;
        } else if settles {
            after.contested = None;
            self.close_tasks(tx, def, &after.id, TaskKind::Duplicate, now).await?;
        }
        Ok(claim)
    }

    /// Writes a change and tells of it.
    pub(super) async fn write_changed(
        &self,
        tx: &mut WriteTransaction,
        draft: &Draft,
        change: Change<'_>,
    ) -> Result<(), Error> {
        let (Some(before), Some(after)) = (change.before, change.after) else { return Ok(()) };
        let mut extra = Vec::new();
        if before.contested != after.contested {
            extra.push(Written {
                column: "contested".into(),
                kind: ColumnKind::Text,
                bind: Bind::Text(after.contested.clone()),
            });
        }
        self.write_change(tx, change.def, after, draft, extra).await?;
        tell(tx, change).await
    }
}

/// A form sends all its fields; only what differs is written, told and counted as a version.
fn differs(before: Option<&Cell>, after: Option<&Cell>) -> bool {
    match (before, after) {
        // What a secret was is not known here, so giving one is a change.
        (Some(Cell::Secret), _) => true,
        (a, b) => a != b,
    }
}
