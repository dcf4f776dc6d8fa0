//! Deleting a record: it stays in the table, hidden, and leaves the lake by an event.

use pujiang_security::Principal;

use super::change::same_version;
use super::guards::refuse_delete;
use super::journal::{Change, tell};
use super::review::TaskKind;
use super::{ResourceEngine, reason};
use crate::definition::ResourceDef;
use crate::error::{Error, FieldError};
use crate::record::Written;
use crate::store::{Bind, ColumnKind, WriteTransaction, fetch_optional, quoted};
use crate::validate::Draft;

impl ResourceEngine {
    /// Deletes a record of the version the caller has seen, with the reason its state asks for.
    pub async fn delete(
        &self,
        principal: &Principal,
        resource: &str,
        id: &str,
        version: Option<i64>,
        reason: Option<&str>,
    ) -> Result<(), Error> {
        let def = self.writable(principal, resource)?;
        let reason = reason::checked(reason)?;
        let now = self.clock.now();
        let mut tx = self.begin().await?;
        let before = self.for_change(&mut tx, principal, def, id).await?;
        // What its state keeps is kept whatever version was seen: the way to take is the better answer.
        refuse_delete(&self.roles, principal, def, &before, Some(reason.as_deref().unwrap_or("-")))?;
        same_version(&before, version.ok_or(Error::PreconditionRequired)?)?;
        refuse_delete(&self.roles, principal, def, &before, reason.as_deref())?;
        self.refuse_if_used(&mut tx, principal, def, &before.id).await?;
        let mut after = before.clone();
        after.version += 1;
        after.updated_at = now;
        principal.account().clone_into(&mut after.updated_by);
        let deleted =
            Written { column: "is_deleted".into(), kind: ColumnKind::Bool, bind: Bind::Bool(Some(true)) };
        self.write_change(&mut tx, def, &after, &Draft::new(), vec![deleted]).await?;
        for kind in [TaskKind::Change, TaskKind::Duplicate] {
            self.close_tasks(&mut tx, def, &before.id, kind, now).await?;
        }
        let change = Change {
            def,
            principal,
            action: "delete",
            reason: reason.as_deref(),
            at: now,
            before: Some(&before),
            after: None,
        };
        tell(&mut tx, change).await?;
        tx.commit().await.map_err(|source| Error::Store { operation: "commit a deletion", source })
    }

    /// Soft deletion passes foreign keys by, so live records that point here are looked for.
    async fn refuse_if_used(
        &self,
        tx: &mut WriteTransaction,
        principal: &Principal,
        def: &ResourceDef,
        id: &str,
    ) -> Result<(), Error> {
        for other in self.definitions.iter() {
            for (field, _) in other.references().filter(|(_, target)| *target == def.id) {
                let sql = format!(
                    "SELECT 1 FROM {} WHERE {} = {} AND NOT \"is_deleted\"",
                    quoted(&other.id),
                    quoted(&field.name),
                    self.store.dialect().placeholder(ColumnKind::Uuid, 1),
                );
                let failed = || Error::store("look for references to a record");
                let any = format!("{sql} LIMIT 1");
                let binds = vec![Bind::text(id)];
                if fetch_optional(tx.connection(), &any, binds.clone()).await.map_err(failed())?.is_none() {
                    continue;
                }
                // Named only if the caller may see one of them.
                let mut binds = binds;
                let scoped = format!("{sql}{} LIMIT 1", self.scope_clause(other, principal, &mut binds));
                let seen = fetch_optional(tx.connection(), &scoped, binds).await.map_err(failed())?.is_some();
                let by = if seen { other.title.as_str() } else { "其他" };
                let message = format!("该{}仍被{by}记录引用，请先处理这些记录", def.title);
                return Err(Error::Conflict(FieldError::new("id", "in_use", message)));
            }
        }
        Ok(())
    }
}
