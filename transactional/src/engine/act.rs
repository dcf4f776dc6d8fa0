//! Changing the state of a record by one of its declared transitions.

use pujiang_security::{Permission, Principal};

use super::change::same_version;
use super::journal::{Change, tell};
use super::{Record, ResourceEngine, not_found, reason};
use crate::definition::{Reason, ResourceDef, Transition};
use crate::error::{Error, FieldError};
use crate::record::StoredRecord;
use crate::validate::{Draft, Value};

impl ResourceEngine {
    /// Makes a transition; with a version only if the record is still that one.
    pub async fn act(
        &self,
        principal: &Principal,
        resource: &str,
        id: &str,
        action: &str,
        version: Option<i64>,
        reason: Option<&str>,
    ) -> Result<Record, Error> {
        let def = self.resource(resource)?;
        let transition = def.transition(action).ok_or_else(|| Error::NotFound { title: "操作".into() })?;
        if !self.may_act(principal, transition) {
            let detail = format!("“{}”只能由{}执行", transition.title, self.roles.titles(&transition.roles));
            return Err(Error::Forbidden { detail });
        }
        let now = self.clock.now();
        let mut tx = self.begin().await?;
        let before = self.for_change(&mut tx, principal, def, id).await?;
        if let Some(version) = version {
            same_version(&before, version)?;
        }
        starts_from(def, transition, &before.state)?;
        let reason = checked_reason(transition, reason)?;
        refuse_contested(principal, def, &before)?;
        self.refuse_unfit(&mut tx, principal, def, transition, &before).await?;
        let mut draft = Draft::new();
        for field in &transition.sets {
            // Set once: the day a unit first became active does not move when it is unfrozen.
            if before.value(field).is_none() {
                draft.insert(field.clone(), Some(Value::Timestamp(now)));
            }
        }
        let mut after = before.clone();
        after.apply(def, &self.cipher, &draft);
        after.state.clone_from(&transition.to);
        after.version += 1;
        after.updated_at = now;
        principal.account().clone_into(&mut after.updated_by);
        self.write_change(&mut tx, def, &after, &draft, vec![]).await?;
        let change = Change {
            def,
            principal,
            action,
            reason: reason.as_deref(),
            at: now,
            before: Some(&before),
            after: Some(&after),
        };
        tell(&mut tx, change).await?;
        let mut records = self.labelled(tx.connection(), principal, def, vec![after]).await?;
        tx.commit().await.map_err(|source| Error::Store { operation: "commit a transition", source })?;
        records.pop().ok_or_else(|| not_found(def))
    }
}

/// Whoever may decide a contest decides it first; others are not told that there is one.
fn refuse_contested(principal: &Principal, def: &ResourceDef, before: &StoredRecord) -> Result<(), Error> {
    let field = before.contested.as_deref().and_then(|name| def.field(name));
    let Some(field) = field.filter(|_| principal.can(Permission::ResourceReview)) else { return Ok(()) };
    let message = format!("该{}的“{}”与另一条记录相同，请先在待办中核定", def.title, field.title);
    Err(Error::Conflict(FieldError::new(&field.name, "contested", message)))
}

fn starts_from(def: &ResourceDef, transition: &Transition, state: &str) -> Result<(), Error> {
    if transition.from.iter().any(|f| f == state) {
        return Ok(());
    }
    let from: Vec<_> = transition.from.iter().map(|f| def.state_label(f)).collect();
    let message = format!(
        "当前状态为“{}”，只有“{}”的{}才能{}",
        def.state_label(state),
        from.join("”“"),
        def.title,
        transition.title
    );
    Err(Error::Conflict(FieldError::new("state", "wrong_state", message)))
}

fn checked_reason(transition: &Transition, given: Option<&str>) -> Result<Option<String>, Error> {
    match transition.reason {
        Reason::Required => reason::required(given, &transition.title).map(Some),
        Reason::Optional => reason::checked(given),
    }
}
