//! What a state lets a principal do with a record: the declared guards, asked before anything is written, and told to
//! portals so that they need not offer what would be refused.

use pujiang_security::{Principal, RoleId, Roles};

use super::{ResourceEngine, may_write};
use crate::definition::{Deletion, FieldDef, ResourceDef, StateDef};
use crate::error::{Error, FieldError};
use crate::record::StoredRecord;

/// What a principal may do with records of a state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StateRights<'d> {
    /// Fields changed directly.
    pub edit: Vec<&'d str>,
    /// Fields changed by a reviewed request.
    pub review: Vec<&'d str>,
    /// Whether records may be deleted.
    pub delete: Deletion,
}

impl ResourceEngine {
    /// What a principal may do with records of a state.
    pub fn state_rights<'d>(
        &self,
        principal: &Principal,
        def: &'d ResourceDef,
        state: &'d StateDef,
    ) -> StateRights<'d> {
        let write = may_write(principal, def);
        let edits = write && is_among(principal, &state.guard.editors);
        let fields = |may: bool, fits: &dyn Fn(&FieldDef) -> bool| {
            let offered = def.fields.values().filter(|f| may && fits(f) && may_fill(principal, f));
            offered.map(|f| f.name.as_str()).collect()
        };
        StateRights {
            edit: fields(edits, &|f| state.guard.is_editable(f)),
            review: fields(write, &|f| state.guard.is_reviewed(f)),
            delete: if edits { state.guard.delete } else { Deletion::Never },
        }
    }

    /// Whether a principal fills in a field at all; others are not offered to it.
    pub fn may_fill(&self, principal: &Principal, field: &FieldDef) -> bool {
        may_fill(principal, field)
    }
}

/// Whether a principal fills in a field at all.
pub(super) fn may_fill(principal: &Principal, field: &FieldDef) -> bool {
    !field.readonly && is_among(principal, &field.writers)
}

/// The state of a record. One that left the definition took its guard with it, so that nothing may be done.
fn state_of<'d>(def: &'d ResourceDef, record: &StoredRecord) -> Result<Option<&'d StateDef>, Error> {
    match def.state(&record.state) {
        None if !def.states.is_empty() => {
            let what = format!(
                "记录的状态“{}”已不在{}的定义中，不能修改或删除；请联系管理员恢复该状态",
                record.state, def.title
            );
            Err(conflict("state", "state_guard", what))
        }
        known => Ok(known),
    }
}

/// Refuses a direct change of fields that the state of the record holds fast.
pub(super) fn refuse_edit(
    roles: &Roles,
    principal: &Principal,
    def: &ResourceDef,
    before: &StoredRecord,
    touched: &[&FieldDef],
) -> Result<(), Error> {
    let Some(state) = state_of(def, before)?.filter(|_| !touched.is_empty()) else { return Ok(()) };
    let guard = &state.guard;
    if !is_among(principal, &guard.editors) {
        let editors = roles.titles(&guard.editors);
        let detail = format!("“{}”的{}只能由{editors}修改。{}", state.label, def.title, guard.remedy);
        return Err(conflict(&touched[0].name, "state_guard", detail));
    }
    let fixed: Vec<_> = touched.iter().copied().filter(|f| !guard.is_editable(f)).collect();
    let Some(first) = fixed.first() else { return Ok(()) };
    let all_reviewed = fixed.iter().all(|f| guard.is_reviewed(f));
    let named = quoted(&fixed);
    let (code, what) = match all_reviewed {
        true => {
            ("needs_review", format!("“{}”的{}改动{named}须经审核，请提交“申请变更”", state.label, def.title))
        }
        false => ("state_guard", format!("“{}”的{}不能修改{named}", state.label, def.title)),
    };
    Err(conflict(&first.name, code, sentence(&what, &guard.remedy)))
}

/// Refuses fields in a change request that are changed directly, or not at all.
pub(super) fn refuse_request(
    def: &ResourceDef,
    before: &StoredRecord,
    touched: &[&FieldDef],
) -> Result<(), Error> {
    let Some(state) = state_of(def, before)? else { return Ok(()) };
    let strange: Vec<_> = touched.iter().copied().filter(|f| !state.guard.is_reviewed(f)).collect();
    let Some(first) = strange.first() else { return Ok(()) };
    let named = quoted(&strange);
    let what = match strange.iter().all(|f| state.guard.is_editable(f)) {
        true => format!("{named}可以直接修改，不必申请变更"),
        false => format!("“{}”的{}不能变更{named}", state.label, def.title),
    };
    Err(conflict(&first.name, "state_guard", sentence(&what, &state.guard.remedy)))
}

/// Refuses to delete what its state keeps.
pub(super) fn refuse_delete(
    roles: &Roles,
    principal: &Principal,
    def: &ResourceDef,
    before: &StoredRecord,
    reason: Option<&str>,
) -> Result<(), Error> {
    let Some(state) = state_of(def, before)? else { return Ok(()) };
    let guard = &state.guard;
    if guard.delete == Deletion::Never {
        let what = format!("“{}”的{}不能删除", state.label, def.title);
        return Err(conflict("state", "state_guard", sentence(&what, &guard.remedy)));
    }
    if !is_among(principal, &guard.editors) {
        let what = format!("“{}”的{}只能由{}删除", state.label, def.title, roles.titles(&guard.editors));
        return Err(conflict("state", "state_guard", sentence(&what, &guard.remedy)));
    }
    if guard.delete == Deletion::Reason && reason.is_none() {
        let message = format!("删除“{}”的{}须填写原因", state.label, def.title);
        return Err(Error::invalid("reason", "required", message));
    }
    Ok(())
}

fn is_among(principal: &Principal, roles: &[RoleId]) -> bool {
    roles.is_empty() || principal.has_any_of(roles)
}

fn quoted(fields: &[&FieldDef]) -> String {
    fields.iter().map(|f| format!("“{}”", f.title)).collect()
}

fn sentence(what: &str, remedy: &str) -> String {
    if remedy.is_empty() { what.to_owned() } else { format!("{what}。{remedy}") }
}

fn conflict(field: &str, code: &'static str, message: String) -> Error {
    Error::Conflict(FieldError::new(field, code, message))
}
