//! Changing the state of a record by one of its declared transitions.

use pujiang_security::Principal;

use super::change::same_version;
use super::journal::{Change, tell};
use super::{Record, ResourceEngine, not_found};
use crate::definition::{Reason, ResourceDef, Transition};
use crate::error::{Error, FieldError};
use crate::validate::{Draft, Value};

/// Longest reason.
const MAX_REASON: usize = 500;

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
            let roles: Vec<_> = transition.roles.iter().map(|r| r.title()).collect();
            let detail = format!("“{}”只能由{}执行", transition.title, roles.join("、"));
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

fn starts_from(def: &ResourceDef, transition: &Transition, state: &str) -> Result<(), Error> {
    if transition.from.iter().any(|f| f == state) {
        return Ok(());
    }
    let label =
        |code: &str| def.states.iter().find(|s| s.code == code).map_or(code.to_owned(), |s| s.label.clone());
    let from: Vec<_> = transition.from.iter().map(|f| label(f)).collect();
    let message = format!(
        "当前状态为“{}”，只有“{}”的{}才能{}",
        label(state),
        from.join("”“"),
        def.title,
        transition.title
    );
    Err(Error::Conflict(FieldError::new("state", "wrong_state", message)))
}

fn checked_reason(transition: &Transition, reason: Option<&str>) -> Result<Option<String>, Error> {
    let reason = reason.map(str::trim).filter(|r| !r.is_empty());
    match reason {
        None if transition.reason == Reason::Required => {
            Err(Error::invalid("reason", "required", format!("请填写{}的原因", transition.title)))
        }
        Some(text) if text.chars().count() > MAX_REASON || text.contains('\0') => {
            Err(Error::invalid("reason", "too_long", format!("原因最多 {MAX_REASON} 个字，且不含控制字符")))
        }
        reason => Ok(reason.map(str::to_owned)),
    }
}
