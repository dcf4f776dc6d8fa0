//! What a record takes from others: references must exist in the caller's scope, copied fields follow them. Whose the
//! record then is, and whether it may be written there, is `scope`.

use std::collections::HashMap;

use pujiang_security::Principal;

use super::ResourceEngine;
use crate::definition::{CopyWhen, FieldDef, ResourceDef};
use crate::error::{Error, FieldError};
use crate::record::StoredRecord;
use crate::store::{Dialect, WriteTransaction, fetch_optional};
use crate::validate::{Draft, Value};

impl ResourceEngine {
    /// Completes a draft from the records it points to. `before` is the stored record of a change.
    pub(super) async fn follow(
        &self,
        tx: &mut WriteTransaction,
        principal: &Principal,
        def: &ResourceDef,
        before: Option<&StoredRecord>,
        draft: &mut Draft,
        errors: &mut Vec<FieldError>,
    ) -> Result<(), Error> {
        let mut targets: HashMap<&str, StoredRecord> = HashMap::new();
        for (field, target) in def.references() {
            let Some(target) = self.definitions.get(target) else { continue };
            let (id, scope) = match (draft.get(&field.name), before) {
                (Some(value), _) => (value.as_ref(), Some(principal)),
                // Not touched by this change: read only for copying, whoever may see it.
                (None, Some(before)) if is_copied_through(def, field) => (before.value(&field.name), None),
                _ => (None, None),
            };
            let Some(id) = id.and_then(Value::as_text) else { continue };
            let (mut sql, binds) = self.by_id(target, scope, id)?;
            if tx.dialect() == Dialect::Postgres {
                // Held until the commit, so that it cannot be deleted between this look and our write.
                sql.push_str(" FOR SHARE");
            }
            let row = fetch_optional(tx.connection(), &sql, binds)
                .await
                .map_err(Error::store("read a referenced record"))?;
            match row {
                Some(row) => {
                    targets.insert(&field.name, StoredRecord::read(target, &row)?);
                }
                // The same answer for what does not exist and what lies outside the scope.
                None if scope.is_some() => errors.push(FieldError::new(
                    &field.name,
                    "unknown_reference",
                    format!("“{}”所选的{}不存在，请重新选择", field.title, target.title),
                )),
                None => {}
            }
        }
        for field in def.fields.values() {
            let Some(copy) = &field.copy else { continue };
            let Some(target) = targets.get(copy.via.as_str()) else { continue };
            let empty = match draft.get(&field.name) {
                Some(value) => value.is_none(),
                None => before.is_none(),
            };
            if copy.when == CopyWhen::Always || empty {
                draft.insert(field.name.clone(), target.value(&copy.field).cloned());
            }
        }
        Ok(())
    }
}

fn is_copied_through(def: &ResourceDef, reference: &FieldDef) -> bool {
    def.fields.values().any(|f| f.copy.as_ref().is_some_and(|c| c.via == reference.name))
}
