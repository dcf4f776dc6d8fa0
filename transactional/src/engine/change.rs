//! Writing a changed record: one version on, and only if nobody else was faster.

use super::{ResourceEngine, write_failure};
use crate::clock;
use crate::definition::ResourceDef;
use crate::error::Error;
use crate::record::{StoredRecord, Written, written};
use crate::store::{Bind, ColumnKind, WriteTransaction, execute, quoted};
use crate::validate::Draft;

impl ResourceEngine {
    /// Writes `after` with the draft's columns over the version `after` comes from.
    pub(super) async fn write_change(
        &self,
        tx: &mut WriteTransaction,
        def: &ResourceDef,
        after: &StoredRecord,
        draft: &Draft,
        mut extra: Vec<Written>,
    ) -> Result<(), Error> {
        let dialect = self.store.dialect();
        extra.extend([
            Written { column: "row_version".into(), kind: ColumnKind::Int, bind: Bind::int(after.version) },
            Written { column: "state".into(), kind: ColumnKind::Text, bind: Bind::text(&after.state) },
            Written {
                column: "updated_at".into(),
                kind: ColumnKind::Timestamp,
                bind: Bind::text(clock::stored(&after.updated_at)),
            },
            Written {
                column: "updated_by".into(),
                kind: ColumnKind::Text,
                bind: Bind::text(&after.updated_by),
            },
        ]);
        for (name, value) in draft {
            if let Some(field) = def.field(name) {
                extra.extend(written(def, &self.cipher, &after.id, field, value.as_ref()));
            }
        }
        let sets: Vec<_> = extra
            .iter()
            .enumerate()
            .map(|(i, c)| format!("{} = {}", quoted(&c.column), dialect.placeholder(c.kind, i + 1)))
            .collect();
        let mut binds: Vec<_> = extra.into_iter().map(|c| c.bind).collect();
        binds.push(Bind::text(&after.id));
        let id = dialect.placeholder(ColumnKind::Uuid, binds.len());
        binds.push(Bind::int(after.version - 1));
        let sql = format!(
            "UPDATE {} SET {} WHERE \"id\" = {id} AND \"row_version\" = ${}",
            quoted(&def.id),
            sets.join(", "),
            binds.len()
        );
        let rows =
            execute(tx.connection(), &sql, binds).await.map_err(write_failure(def, "update a record"))?;
        if rows == 0 {
            return Err(Error::PreconditionFailed { current: after.version });
        }
        Ok(())
    }
}

/// The version a caller names must be the stored one.
pub(super) fn same_version(record: &StoredRecord, expected: i64) -> Result<(), Error> {
    if record.version == expected {
        return Ok(());
    }
    Err(Error::PreconditionFailed { current: record.version })
}
