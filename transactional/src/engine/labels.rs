//! Names for what records hold as ids and codes: references, districts and streets, the people who wrote them. Only records
//! in the caller's scope get a name.

use std::collections::{BTreeSet, HashMap};
use std::future::Future;
use std::pin::Pin;

use pujiang_security::Principal;
use serde_json::{Map, Value as Json};
use sqlx::AnyConnection;

use super::words::place_name;
use super::{Record, ResourceEngine};
use crate::definition::{FieldKind, ResourceDef, Visibility};
use crate::error::Error;
use crate::record::StoredRecord;
use crate::store::{Bind, ColumnKind, fetch_all, quoted, text_at};
use crate::validate::Value;

pub(super) type Labels = HashMap<String, String>;

impl ResourceEngine {
    /// Records as callers see them, with `labels` by reference field.
    pub(super) async fn labelled(
        &self,
        connection: &mut AnyConnection,
        principal: &Principal,
        def: &ResourceDef,
        records: Vec<StoredRecord>,
    ) -> Result<Vec<Record>, Error> {
        let mut by_field: Vec<(&str, Labels)> = Vec::new();
        for (field, target) in def.references() {
            let Some(target) = self.definitions.get(target) else { continue };
            let ids: BTreeSet<&str> =
                records.iter().filter_map(|r| r.value(&field.name).and_then(Value::as_text)).collect();
            by_field.push((&field.name, self.labels(connection, principal, target, ids).await?));
        }
        let writers: BTreeSet<&str> =
            records.iter().flat_map(|r| [r.created_by.as_str(), r.updated_by.as_str()]).collect();
        let people = self.people(connection, writers).await?;
        let record = |record: StoredRecord| {
            let mut body = record.shown();
            let mut labels = Map::new();
            for (field, names) in &by_field {
                let name = record.value(field).and_then(Value::as_text).and_then(|id| names.get(id));
                labels.extend(name.map(|name| ((*field).to_owned(), Json::from(name.as_str()))));
            }
            for field in def.fields.values() {
                let name = record.value(&field.name).and_then(Value::as_text);
                let name = name.and_then(|code| place_name(field, code));
                labels.extend(name.map(|name| (field.name.clone(), Json::from(name))));
            }
            for (key, login) in [("created_by", &record.created_by), ("updated_by", &record.updated_by)] {
                labels.extend(people.get(login).map(|name| (key.to_owned(), Json::from(name.as_str()))));
            }
            body.insert("labels".into(), Json::Object(labels));
            Record { version: record.version, body }
        };
        Ok(records.into_iter().map(record).collect())
    }

    /// Names of people by their login names. What is no account (a part of the program) has none.
    pub(super) async fn people(
        &self,
        connection: &mut AnyConnection,
        logins: BTreeSet<&str>,
    ) -> Result<Labels, Error> {
        if logins.is_empty() {
            return Ok(Labels::new());
        }
        let places: Vec<_> = (1..=logins.len()).map(|i| format!("${i}")).collect();
        let sql = format!("SELECT login_name, name FROM account WHERE login_name IN ({})", places.join(", "));
        let binds = logins.into_iter().map(Bind::text).collect();
        let rows = fetch_all(connection, &sql, binds).await.map_err(Error::store("read names of people"))?;
        let name = |row| {
            Ok::<_, Error>((text_at(row, 0)?.unwrap_or_default(), text_at(row, 1)?.unwrap_or_default()))
        };
        rows.iter().map(name).collect()
    }

    /// Boxed because a name may itself be a reference (a card holder is shown by the person); definitions have no
    /// cycles, so this ends.
    pub(super) fn labels<'a>(
        &'a self,
        connection: &'a mut AnyConnection,
        principal: &'a Principal,
        target: &'a ResourceDef,
        ids: BTreeSet<&'a str>,
    ) -> Pin<Box<dyn Future<Output = Result<Labels, Error>> + Send + 'a>> {
        Box::pin(async move {
            let Some(display) = target.field(&target.display).filter(|_| !ids.is_empty()) else {
                return Ok(Labels::new());
            };
            let dialect = self.store.dialect();
            let shown = match display.visibility {
                Visibility::Secret => return Ok(Labels::new()),
                Visibility::Personal => quoted(&format!("{}_masked", display.name)),
                _ => format!("CAST({} AS TEXT)", quoted(&display.name)),
            };
            let mut binds: Vec<Bind> = ids.iter().map(|id| Bind::text(*id)).collect();
            let places: Vec<_> =
                (1..=binds.len()).map(|i| dialect.placeholder(ColumnKind::Uuid, i)).collect();
            let sql = format!(
                "SELECT {}, {shown} FROM {} WHERE \"id\" IN ({}){}",
                dialect.as_text(ColumnKind::Uuid, "\"id\""),
                quoted(&target.id),
                places.join(", "),
                self.scope_clause(target, principal, &mut binds),
            );
            let rows =
                fetch_all(connection, &sql, binds).await.map_err(Error::store("read names of references"))?;
            let mut labels = Labels::new();
            for row in &rows {
                if let (Some(id), Some(text)) = (text_at(row, 0)?, text_at(row, 1)?) {
                    labels.insert(id, text);
                }
            }
            match &display.kind {
                FieldKind::Ref(next) => {
                    let Some(next) = self.definitions.get(next) else { return Ok(Labels::new()) };
                    let ids = labels.values().map(String::as_str).collect();
                    let names = self.labels(connection, principal, next, ids).await?;
                    Ok(labels
                        .iter()
                        .filter_map(|(id, via)| Some((id.clone(), names.get(via)?.clone())))
                        .collect())
                }
                FieldKind::Enum(codes) => {
                    for text in labels.values_mut() {
                        if let Some(code) = codes.iter().find(|c| c.code == *text) {
                            text.clone_from(&code.label);
                        }
                    }
                    Ok(labels)
                }
                _ => Ok(labels),
            }
        })
    }
}
