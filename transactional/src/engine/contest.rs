//! Unique values without telling what other districts hold. A value held by a record the caller sees is refused, as ever.
//! One held by a record the caller may not see is answered as if nobody held it: the record is stored, marked as contested
//! and left out of uniqueness, and whoever may see both decides (`review`). Numbers of which the lake can hold only one
//! (`taken = "limit"`) are refused without a word about who holds them, and a few such refusals end the day's choosing.

use chrono::Duration;
use pujiang_security::{Principal, ScopeLevel};
use sqlx::AnyConnection;

use super::ResourceEngine;
use crate::clock::{self, Moment};
use crate::definition::{FieldDef, ResourceDef, Taken, Unique};
use crate::error::{Error, FieldError};
use crate::record::{Cell, StoredRecord, column_kind};
use crate::store::{Bind, ColumnKind, WriteTransaction, execute, fetch_optional, quoted, text_at};
use crate::validate::Value;

/// Refusals a day after which an account leaves numbers to the system.
const REFUSALS: i64 = 5;

/// Whether a record's unique values are its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Claim {
    /// Nobody else holds them.
    Free,
    /// A record the caller may not see holds the value of this field.
    Contested(String),
    /// The same, of a number that cannot be held twice.
    Taken(String),
}

/// Which records with a value are looked for; each kind has an index of its own.
#[derive(Clone, Copy)]
enum Holders {
    /// The one that holds it.
    Own,
    /// Those that a reviewer has still to decide about. They count in sight: a second try must answer as it would had the
    /// first been the only holder.
    Contested,
}

impl Holders {
    fn clause(self) -> &'static str {
        match self {
            Holders::Own => " AND \"contested\" IS NULL",
            Holders::Contested => " AND \"contested\" IS NOT NULL",
        }
    }
}

impl ResourceEngine {
    /// Looks for other holders of a record's unique values, as far as `touched` asks for them.
    pub(super) async fn claim(
        &self,
        tx: &mut WriteTransaction,
        principal: &Principal,
        def: &ResourceDef,
        record: &StoredRecord,
        touched: impl Fn(&str) -> bool,
    ) -> Result<Claim, Error> {
        let mut claim = Claim::Free;
        for field in def.fields.values().filter(|f| f.unique.is_some() && touched(&f.name)) {
            for holders in [Holders::Own, Holders::Contested] {
                if self.is_held_in_sight(tx.connection(), principal, def, field, record, holders).await? {
                    return Err(duplicate(&field.name, &field.title));
                }
            }
            if self.holder(tx.connection(), def, field, record).await?.is_none() {
                continue;
            }
            match field.taken {
                Taken::Limit => return Ok(Claim::Taken(field.name.clone())),
                Taken::Review => claim = Claim::Contested(field.name.clone()),
            }
        }
        Ok(claim)
    }

    /// The record that holds a unique value of another one, whoever may see it.
    pub(super) async fn holder(
        &self,
        connection: &mut AnyConnection,
        def: &ResourceDef,
        field: &FieldDef,
        record: &StoredRecord,
    ) -> Result<Option<String>, Error> {
        let Some((sql, binds)) = self.others(def, field, record) else { return Ok(None) };
        let row = fetch_optional(connection, &format!("{sql}{}", Holders::Own.clause()), binds)
            .await
            .map_err(Error::store("look for the holder of a unique value"))?;
        row.map(|row| text_at(&row, 0)).transpose().map(Option::flatten)
    }

    /// Whether a record in the caller's scope, deleted or not, has the value.
    async fn is_held_in_sight(
        &self,
        connection: &mut AnyConnection,
        principal: &Principal,
        def: &ResourceDef,
        field: &FieldDef,
        record: &StoredRecord,
        holders: Holders,
    ) -> Result<bool, Error> {
        let Some((sql, mut binds)) = self.others(def, field, record) else { return Ok(false) };
        let scope = self.scope_clause(def, principal, &mut binds);
        let row = fetch_optional(connection, &format!("{sql}{}{scope} LIMIT 1", holders.clause()), binds)
            .await
            .map_err(Error::store("look for a unique value in scope"))?;
        Ok(row.is_some())
    }

    /// The statement that finds the other records with a value, as far as they keep it from others.
    fn others(
        &self,
        def: &ResourceDef,
        field: &FieldDef,
        record: &StoredRecord,
    ) -> Option<(String, Vec<Bind>)> {
        let (column, kind, value) = match record.cells.get(&field.name)? {
            Cell::Personal { token, .. } => {
                (format!("{}_token", field.name), ColumnKind::Text, Bind::text(token.as_ref()?))
            }
            Cell::Clear(value) => {
                let bind = match value.as_ref()? {
                    Value::Int(number) => Bind::int(*number),
                    other => Bind::text(other.stored()),
                };
                (field.name.clone(), column_kind(&field.kind), bind)
            }
            Cell::Secret => return None,
        };
        let dialect = self.store.dialect();
        let live = if field.unique == Some(Unique::Live) { " AND NOT \"is_deleted\"" } else { "" };
        let sql = format!(
            "SELECT {} FROM {} WHERE {} = {} AND \"id\" <> {}{live}",
            dialect.as_text(ColumnKind::Uuid, "\"id\""),
            quoted(&def.id),
            quoted(&column),
            dialect.placeholder(kind, 1),
            dialect.placeholder(ColumnKind::Uuid, 2),
        );
        Some((sql, vec![value, Bind::text(&record.id)]))
    }

    /// Refuses own numbers of an account that was refused too often today.
    pub(super) async fn refuse_guessing(
        &self,
        principal: &Principal,
        def: &ResourceDef,
        named: impl Fn(&str) -> bool,
        now: Moment,
    ) -> Result<(), Error> {
        let limited =
            def.fields.values().find(|f| f.taken == Taken::Limit && f.unique.is_some() && named(&f.name));
        // Who sees the whole city is told who holds a number anyway.
        let Some(field) = limited.filter(|_| principal.scope().level() != ScopeLevel::City) else {
            return Ok(());
        };
        let failed = || Error::store("count refused numbers");
        let mut connection = self.store.pool().acquire().await.map_err(failed())?;
        let sql = "SELECT CAST(COUNT(*) AS TEXT) FROM taken_number WHERE account_id = $1 AND at > $2";
        let since = clock::stored(&(now - Duration::hours(24)));
        let binds = vec![Bind::text(principal.account_id()), Bind::text(since)];
        let row = fetch_optional(&mut connection, sql, binds).await.map_err(failed())?;
        let refused: i64 =
            row.map(|r| text_at(&r, 0)).transpose()?.flatten().and_then(|t| t.parse().ok()).unwrap_or(0);
        if refused < REFUSALS {
            return Ok(());
        }
        let message = format!("24 小时内自填的“{}”多次不能使用，请留空由系统生成", field.title);
        Err(Error::invalid(&field.name, "unusable_number", message))
    }

    /// Counts a refusal, in a transaction of its own because that of the write is given up; the refusal.
    pub(super) async fn count_refusal(
        &self,
        principal: &Principal,
        def: &ResourceDef,
        field: &str,
        now: Moment,
    ) -> Result<Error, Error> {
        let failed = || Error::store("count a refused number");
        let mut tx = self.begin().await?;
        let old = "DELETE FROM taken_number WHERE at <= $1";
        let before = clock::stored(&(now - Duration::hours(24)));
        execute(tx.connection(), old, vec![Bind::text(before)]).await.map_err(failed())?;
        let sql = "INSERT INTO taken_number (account_id, at) VALUES ($1, $2)";
        let binds = vec![Bind::text(principal.account_id()), Bind::text(clock::stored(&now))];
        execute(tx.connection(), sql, binds).await.map_err(failed())?;
        tx.commit().await.map_err(|source| Error::Store { operation: "commit a refused number", source })?;
        let title = def.field(field).map_or(field, |f| f.title.as_str());
        let message = format!("这个“{title}”不能使用，请核对，或留空由系统生成");
        Ok(Error::invalid(field, "unusable_number", message))
    }
}

/// A value that a record in the caller's sight holds.
pub(super) fn duplicate(name: &str, title: &str) -> Error {
    let message = format!("“{title}”已存在，请核对是否重复登记");
    Error::Conflict(FieldError::new(name, "duplicate", message))
}

/// Whether an error says that a unique value is held already.
pub(super) fn is_duplicate(error: &Error) -> bool {
    matches!(error, Error::Conflict(fault) if fault.code == "duplicate")
}
