//! What a record takes from others: what it leads to must exist, be in the right state and agree with it; copied fields
//! follow. References are looked for in the caller's scope, numbers (`found_in`) everywhere, since a card of another
//! district is used here as well. Whose the record then is, and whether it may be written there, is `scope`.

use std::collections::HashMap;

use pujiang_security::Principal;
use sqlx::AnyConnection;

use super::{ResourceEngine, not_found};
use crate::definition::{CopyWhen, FieldDef, FieldKind, ResourceDef, Transition, Visibility};
use crate::error::{Error, FieldError};
use crate::record::{Cell, StoredRecord, column_kind};
use crate::store::{Bind, ColumnKind, Dialect, WriteTransaction, fetch_optional, quoted};
use crate::validate::{Draft, Value};

/// What a write leads from and to.
pub(super) struct Walk<'a> {
    pub(super) principal: &'a Principal,
    pub(super) def: &'a ResourceDef,
    /// The stored record of a change.
    pub(super) before: Option<&'a StoredRecord>,
}

/// Which links are followed together. Numbers come first: the record behind one may fill references.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Round {
    Numbers,
    References,
}

const ROUNDS: [Round; 2] = [Round::Numbers, Round::References];

impl Round {
    fn of(field: &FieldDef) -> Self {
        if matches!(field.kind, FieldKind::Ref(_)) { Round::References } else { Round::Numbers }
    }
}

impl ResourceEngine {
    /// Completes a draft from the records it leads to; the names of the fields that were only proposed.
    pub(super) async fn follow(
        &self,
        tx: &mut WriteTransaction,
        walk: &Walk<'_>,
        draft: &mut Draft,
        errors: &mut Vec<FieldError>,
    ) -> Result<Vec<String>, Error> {
        let Walk { def, before, .. } = *walk;
        let mut targets: HashMap<&str, StoredRecord> = HashMap::new();
        // Filled by way of another field: faults are told there, where somebody typed something.
        let mut filled: HashMap<String, String> = HashMap::new();
        let mut proposed = Vec::new();
        for round in ROUNDS {
            for (field, target) in def.links().filter(|(field, _)| Round::of(field) == round) {
                let Some(target) = self.definitions.get(target) else { continue };
                let touched = draft.get(&field.name).is_some_and(Option::is_some);
                let cleared = draft.contains_key(&field.name) && !touched;
                let by_hand = touched && !filled.contains_key(&field.name);
                let named = field.link.same.iter().any(|n| draft.contains_key(n));
                let needed = is_copied_through(def, field) || named;
                let wanted = match touched {
                    true => by_hand || needed || !field.link.must_be.is_empty(),
                    false => before.is_some() && needed && !cleared,
                };
                if !wanted {
                    continue;
                }
                let Some(found) = self.linked(tx, walk, field, target, draft, by_hand).await? else {
                    if by_hand {
                        errors.push(missing(field, target));
                    }
                    continue;
                };
                let typed = typed(&filled, &field.name);
                let told = errors.iter().any(|e| e.field == typed);
                if touched && !told && !is_unchanged(walk, field, draft) && !is_fit(field, &found) {
                    let seen = by_hand && round == Round::References
                        || self.is_visible(tx.connection(), walk.principal, target, &found.id).await?;
                    let place = def.field(&typed).unwrap_or(field);
                    errors.push(wrong_state(place, field, target, &found.state, seen));
                }
                for copy in copies(def, field, before, draft) {
                    draft.insert(
                        copy.name.clone(),
                        copy.copy.as_ref().and_then(|c| found.value(&c.field)).cloned(),
                    );
                    filled.insert(copy.name.clone(), field.name.clone());
                    proposed.push(copy.name.clone());
                }
                targets.insert(&field.name, found);
            }
        }
        self.agree(walk, &targets, draft, errors);
        Ok(proposed)
    }

    /// The record a field leads to; none when there is none for the caller.
    async fn linked(
        &self,
        tx: &mut WriteTransaction,
        walk: &Walk<'_>,
        field: &FieldDef,
        target: &ResourceDef,
        draft: &Draft,
        by_hand: bool,
    ) -> Result<Option<StoredRecord>, Error> {
        let given = draft.get(&field.name).and_then(Option::as_ref);
        let (mut sql, binds) = match (&field.kind, &field.link.found_in) {
            (FieldKind::Ref(_), _) => {
                let stored = || walk.before.and_then(|b| b.value(&field.name));
                let Some(id) = given.or_else(stored).and_then(Value::as_text) else { return Ok(None) };
                // What the caller did not choose is read for copying, whoever may see it.
                self.by_id(target, by_hand.then_some(walk.principal), id)?
            }
            (_, Some((_, number))) => {
                let Some(number) = target.field(number) else { return Ok(None) };
                let Some(value) = self.number(walk, field, given) else { return Ok(None) };
                self.by_number(target, number, value)
            }
            _ => return Ok(None),
        };
        if tx.dialect() == Dialect::Postgres {
            // Held until the commit, so that it cannot change between this look and our write.
            sql.push_str(" FOR SHARE");
        }
        let row = fetch_optional(tx.connection(), &sql, binds)
            .await
            .map_err(Error::store("read a referenced record"))?;
        row.map(|row| StoredRecord::read(target, &row)).transpose()
    }

    /// A number in the form it is looked up by: its pseudonym where it is personal.
    fn number(&self, walk: &Walk<'_>, field: &FieldDef, given: Option<&Value>) -> Option<String> {
        match (field.visibility, given) {
            (Visibility::Personal, Some(value)) => {
                Some(self.cipher.pseudonym(&field.token_domain, &value.stored()))
            }
            (_, Some(value)) => Some(value.stored()),
            (_, None) => match walk.before?.cells.get(&field.name)? {
                Cell::Clear(value) => value.as_ref().map(Value::stored),
                Cell::Personal { token, .. } => token.clone(),
                Cell::Secret => None,
            },
        }
    }

    fn by_number(&self, target: &ResourceDef, number: &FieldDef, value: String) -> (String, Vec<Bind>) {
        let dialect = self.store.dialect();
        let (column, kind) = match number.visibility {
            Visibility::Personal => (format!("{}_token", number.name), ColumnKind::Text),
            _ => (number.name.clone(), column_kind(&number.kind)),
        };
        let sql = format!(
            "SELECT {} FROM {} WHERE {} = {} AND NOT \"is_deleted\" AND \"contested\" IS NULL",
            StoredRecord::select_list(target, dialect),
            quoted(&target.id),
            quoted(&column),
            dialect.placeholder(kind, 1),
        );
        (sql, vec![Bind::text(value)])
    }

    /// What the records say of themselves must be what this one says: a service belongs to the unit that gives it.
    fn agree(
        &self,
        walk: &Walk<'_>,
        targets: &HashMap<&str, StoredRecord>,
        draft: &Draft,
        errors: &mut Vec<FieldError>,
    ) {
        let own = |name: &str| match draft.get(name) {
            Some(value) => value.as_ref(),
            None => walk.before.and_then(|b| b.value(name)),
        };
        for (field, _) in walk.def.links() {
            let Some(target) = targets.get(field.name.as_str()) else { continue };
            for name in &field.link.same {
                let (Some(ours), Some(theirs)) = (own(name), target.value(name)) else { continue };
                let told = errors.iter().any(|e| e.field == field.name || e.field == *name);
                if ours != theirs && !told {
                    let title = walk.def.field(name).map_or(name.as_str(), |f| f.title.as_str());
                    let message =
                        format!("“{}”与所选的“{title}”不是同一家（人）的，请核对后改选其中一项", field.title);
                    errors.push(FieldError::new(&field.name, "reference_mismatch", message));
                }
            }
        }
    }

    /// Refuses a transition while a record it needs is not in its state.
    pub(super) async fn refuse_unfit(
        &self,
        tx: &mut WriteTransaction,
        principal: &Principal,
        def: &ResourceDef,
        transition: &Transition,
        before: &StoredRecord,
    ) -> Result<(), Error> {
        let walk = Walk { principal, def, before: Some(before) };
        for (field, target) in def.links().filter(|(field, _)| transition.requires.contains(&field.name)) {
            let Some(target) = self.definitions.get(target) else { continue };
            let Some(found) = self.linked(tx, &walk, field, target, &Draft::new(), false).await? else {
                continue;
            };
            if !is_fit(field, &found) {
                let seen = self.is_visible(tx.connection(), principal, target, &found.id).await?;
                let error = wrong_state(field, field, target, &found.state, seen);
                return Err(Error::Conflict(error));
            }
        }
        Ok(())
    }

    /// Whether a live record is in a principal's scope.
    pub(super) async fn is_visible(
        &self,
        connection: &mut AnyConnection,
        principal: &Principal,
        def: &ResourceDef,
        id: &str,
    ) -> Result<bool, Error> {
        let (sql, binds) = self.by_id(def, Some(principal), id).map_err(|_| not_found(def))?;
        let row = fetch_optional(connection, &sql, binds)
            .await
            .map_err(Error::store("look whether a record is in scope"))?;
        Ok(row.is_some())
    }
}

/// The field somebody typed into, by way of which another one was filled.
fn typed(filled: &HashMap<String, String>, name: &str) -> String {
    let mut name = name;
    while let Some(via) = filled.get(name) {
        name = via;
    }
    name.to_owned()
}

/// Fields that are copied from the record behind a link: always, or because they are empty.
fn copies<'d>(
    def: &'d ResourceDef,
    link: &FieldDef,
    before: Option<&StoredRecord>,
    draft: &Draft,
) -> Vec<&'d FieldDef> {
    let copied = |field: &&FieldDef| {
        let Some(copy) = field.copy.as_ref().filter(|copy| copy.via == link.name) else { return false };
        let empty = match draft.get(&field.name) {
            Some(value) => value.is_none(),
            // What must agree with a link follows it when the link changes and nobody says otherwise.
            None => {
                before.is_none() || (draft.contains_key(&link.name) && link.link.same.contains(&field.name))
            }
        };
        copy.when == CopyWhen::Always || empty
    };
    def.fields.values().filter(copied).collect()
}

fn is_copied_through(def: &ResourceDef, link: &FieldDef) -> bool {
    def.fields.values().any(|f| f.copy.as_ref().is_some_and(|c| c.via == link.name))
}

fn is_unchanged(walk: &Walk<'_>, field: &FieldDef, draft: &Draft) -> bool {
    let given = draft.get(&field.name).and_then(Option::as_ref);
    walk.before.is_some_and(|b| b.value(&field.name).is_some() && b.value(&field.name) == given)
}

fn is_fit(field: &FieldDef, found: &StoredRecord) -> bool {
    field.link.must_be.is_empty() || field.link.must_be.contains(&found.state)
}

/// The same answer for what does not exist and what lies outside the scope.
fn missing(field: &FieldDef, target: &ResourceDef) -> FieldError {
    let message = match &field.kind {
        FieldKind::Ref(_) => format!("“{}”所选的{}不存在，请重新选择", field.title, target.title),
        _ => format!("没有“{}”为这个号码的{}，请核对号码；尚未登记的请先登记", field.title, target.title),
    };
    FieldError::new(&field.name, "unknown_reference", message)
}

/// Says what to do first; of a record the caller may not see no more than that it cannot be used.
fn wrong_state(
    place: &FieldDef,
    field: &FieldDef,
    target: &ResourceDef,
    state: &str,
    seen: bool,
) -> FieldError {
    if !seen {
        let message = format!("“{}”现在不能使用，请核对其状态", place.title);
        return FieldError::new(&place.name, "wrong_reference_state", message);
    }
    let wanted: Vec<_> = field.link.must_be.iter().map(|s| target.state_label(s)).collect();
    let leads = |t: &&Transition| t.from.iter().any(|f| f == state) && field.link.must_be.contains(&t.to);
    let remedy = match target.transitions.iter().find(leads) {
        Some(transition) => format!("请先对该{}办理“{}”", target.title, transition.title),
        None => "请另选一条".to_owned(),
    };
    let message = format!(
        "“{}”对应的{}现为“{}”，须为“{}”，{remedy}",
        place.title,
        target.title,
        target.state_label(state),
        wanted.join("”或“")
    );
    FieldError::new(&place.name, "wrong_reference_state", message)
}
