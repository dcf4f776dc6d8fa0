//! What a file of a clerk says where a form sends ids and codes: the number or the name of the record a reference leads to,
//! the name of a district or street. Records are looked for in the caller's scope only, so that a name tells nothing of
//! other districts. Whether they may be used is asked by `links`, as for ids.

use std::future::Future;
use std::pin::Pin;

use pujiang_security::district::{self, DistrictCode, name_of};
use pujiang_security::{Principal, StreetCode, street};
use serde_json::{Map, Value as Json};
use sqlx::AnyConnection;
use uuid::Uuid;

use super::ResourceEngine;
use crate::definition::{FieldDef, FieldKind, ResourceDef, TextFormat, Visibility};
use crate::error::{Error, FieldError};
use crate::record::column_kind;
use crate::store::{Bind, ColumnKind, fetch_all, quoted, text_at};
use crate::validate::{self, Value};

/// A record that is called as the file says.
struct Called {
    id: String,
    state: String,
}

/// More of one name than this are as ambiguous as two.
const MOST: usize = 20;

impl ResourceEngine {
    /// Puts ids and codes in the place of numbers and names. What cannot be understood stays as it is, and is told.
    pub async fn look_up(
        &self,
        principal: &Principal,
        resource: &str,
        body: &mut Map<String, Json>,
    ) -> Result<Vec<FieldError>, Error> {
        let def = self.writable(principal, resource)?;
        let mut errors = Vec::new();
        name_places(def, body, &mut errors);
        let mut connection = None;
        for (field, target) in def.references() {
            let text = body.get(&field.name).and_then(Json::as_str);
            let Some(text) = text.filter(|text| Uuid::parse_str(text).is_err()) else { continue };
            let Some(target) = self.definitions.get(target) else { continue };
            let connection = match &mut connection {
                Some(open) => open,
                none => none.insert(
                    self.store
                        .pool()
                        .acquire()
                        .await
                        .map_err(Error::store("look for records by their names"))?,
                ),
            };
            let mut found = self.called(connection, principal, target, text).await?;
            if found.len() > 1 {
                found = self.agreeing(connection, field, target, body, found).await?;
            }
            if found.len() > 1 {
                // One that is closed must not stand in the way of the one that took over its name.
                let fit = |called: &Called| field.link.must_be.contains(&called.state);
                if found.iter().filter(|called| fit(called)).count() == 1 {
                    found.retain(fit);
                }
            }
            match found.as_slice() {
                [one] => {
                    body.insert(field.name.clone(), Json::from(one.id.as_str()));
                }
                [] => errors.push(self.unknown(field, target)),
                _ => errors.push(self.ambiguous(field, target)),
            }
        }
        Ok(errors)
    }

    /// Records with this number, or else with this name. Boxed because a name may itself be a reference (a card holder
    /// is called as the person is); definitions have no cycles, so this ends.
    fn called<'a>(
        &'a self,
        connection: &'a mut AnyConnection,
        principal: &'a Principal,
        target: &'a ResourceDef,
        text: &'a str,
    ) -> Pin<Box<dyn Future<Output = Result<Vec<Called>, Error>> + Send + 'a>> {
        Box::pin(async move {
            for field in numbers(target).chain(target.field(&target.display)) {
                let mut binds = Vec::new();
                let condition = match &field.kind {
                    FieldKind::Ref(next) => {
                        let Some(next) = self.definitions.get(next) else { continue };
                        let via = self.called(connection, principal, next, text).await?;
                        self.among(&field.name, &via, &mut binds)
                    }
                    _ => self.equals(field, text, &mut binds),
                };
                let Some(condition) = condition else { continue };
                let scope = self.scope_clause(target, principal, &mut binds);
                let sql = format!(
                    "SELECT {}, \"state\" FROM {} WHERE {condition} AND NOT \"is_deleted\"{scope}",
                    self.store.dialect().as_text(ColumnKind::Uuid, "\"id\""),
                    quoted(&target.id),
                );
                let sql = match field.unique {
                    // Numbers have one index of those that stand and one of the contested: a file of ten thousand rows
                    // must not read the table as often.
                    Some(_) => format!(
                        "{sql} AND \"contested\" IS NULL UNION ALL {sql} AND \"contested\" IS NOT NULL LIMIT {MOST}"
                    ),
                    None => format!("{sql} LIMIT {MOST}"),
                };
                let rows = fetch_all(connection, &sql, binds)
                    .await
                    .map_err(Error::store("look for records by their names"))?;
                if rows.is_empty() {
                    continue;
                }
                let text = |row, at| text_at(row, at).map(Option::unwrap_or_default);
                return rows
                    .iter()
                    .map(|row| Ok(Called { id: text(row, 0)?, state: text(row, 1)? }))
                    .collect();
            }
            Ok(Vec::new())
        })
    }

    /// Of several records of one name those that agree with the row, as a service does with the unit the row names.
    async fn agreeing(
        &self,
        connection: &mut AnyConnection,
        field: &FieldDef,
        target: &ResourceDef,
        body: &Map<String, Json>,
        found: Vec<Called>,
    ) -> Result<Vec<Called>, Error> {
        let is_reference =
            |name: &&String| target.field(name).is_some_and(|field| matches!(field.kind, FieldKind::Ref(_)));
        let mut binds = Vec::new();
        let mut clauses = Vec::new();
        for name in field.link.same.iter().filter(is_reference) {
            let id = body.get(name).and_then(Json::as_str).and_then(|text| Uuid::parse_str(text).ok());
            let Some(id) = id else { continue };
            binds.push(Bind::text(id.hyphenated().to_string()));
            let place = self.store.dialect().placeholder(ColumnKind::Uuid, binds.len());
            clauses.push(format!("{} = {place}", quoted(name)));
        }
        if clauses.is_empty() {
            return Ok(found);
        }
        clauses.extend(self.among("id", &found, &mut binds));
        let id = self.store.dialect().as_text(ColumnKind::Uuid, "\"id\"");
        let sql = format!("SELECT {id} FROM {} WHERE {}", quoted(&target.id), clauses.join(" AND "));
        let rows = fetch_all(connection, &sql, binds)
            .await
            .map_err(Error::store("look which records of a name agree"))?;
        let ids = rows.iter().map(|row| text_at(row, 0)).collect::<Result<Vec<_>, _>>()?;
        let ids: Vec<String> = ids.into_iter().flatten().collect();
        Ok(found.into_iter().filter(|called| ids.contains(&called.id)).collect())
    }

    /// A field's column and the text in the form it is stored in; none where the text cannot be a value of it.
    fn equals(&self, field: &FieldDef, text: &str, binds: &mut Vec<Bind>) -> Option<String> {
        let value = validate::parse_text(field, text).ok().flatten()?;
        let (column, kind, bind) = match (field.visibility, value) {
            (Visibility::Secret, _) => return None,
            (Visibility::Personal, value) => {
                let token = self.cipher.pseudonym(&field.token_domain, &value.stored());
                (format!("{}_token", field.name), ColumnKind::Text, Bind::text(token))
            }
            (_, Value::Int(number)) => (field.name.clone(), ColumnKind::Int, Bind::int(number)),
            (_, value) => (field.name.clone(), column_kind(&field.kind), Bind::text(value.stored())),
        };
        binds.push(bind);
        Some(format!("{} = {}", quoted(&column), self.store.dialect().placeholder(kind, binds.len())))
    }

    fn among(&self, column: &str, via: &[Called], binds: &mut Vec<Bind>) -> Option<String> {
        let dialect = self.store.dialect();
        let place = |called: &Called| {
            binds.push(Bind::text(&called.id));
            dialect.placeholder(ColumnKind::Uuid, binds.len())
        };
        let places: Vec<_> = via.iter().map(place).collect();
        (!places.is_empty()).then(|| format!("{} IN ({})", quoted(column), places.join(", ")))
    }

    /// The same answer for what does not exist and what lies outside the scope.
    fn unknown(&self, field: &FieldDef, target: &ResourceDef) -> FieldError {
        let message = format!("没有找到“{}”所填的{}，请填{}", field.title, target.title, self.ways(target));
        FieldError::new(&field.name, "unknown_reference", message)
    }

    fn ambiguous(&self, field: &FieldDef, target: &ResourceDef) -> FieldError {
        let (name, title) = (&field.name, &field.title);
        let message = match self.number_titles(target).as_slice() {
            [] => {
                format!("“{title}”所填的名称有几条{}都在用，请在页面上录入这一行，从列表中选择", target.title)
            }
            titles => {
                format!("“{title}”所填的名称有几条{}都在用，请改填{}", target.title, titles.join("或"))
            }
        };
        FieldError::new(name, "ambiguous_reference", message)
    }

    /// How a record can be named, for people: 统一社会信用代码或单位名称全称.
    fn ways(&self, target: &ResourceDef) -> String {
        let mut titles = self.number_titles(target);
        titles.extend(self.last(target).map(|display| format!("{}全称", display.title)));
        titles.join("或")
    }

    fn number_titles(&self, target: &ResourceDef) -> Vec<String> {
        let own = numbers(target).map(|field| field.title.clone());
        match target.field(&target.display).map(|display| &display.kind) {
            Some(FieldKind::Ref(next)) => {
                let next = self.definitions.get(next);
                own.chain(next.into_iter().flat_map(|next| self.number_titles(next))).collect()
            }
            _ => own.collect(),
        }
    }

    /// The text at the end of a chain of names; none where it is a number anyway.
    fn last<'a>(&'a self, target: &'a ResourceDef) -> Option<&'a FieldDef> {
        let display = target.field(&target.display)?;
        match &display.kind {
            FieldKind::Ref(next) => self.last(self.definitions.get(next)?),
            _ => display.unique.is_none().then_some(display),
        }
    }
}

/// Fields no two records share. One that is itself a reference is no number anybody knows.
fn numbers(target: &ResourceDef) -> impl Iterator<Item = &FieldDef> {
    target.fields.values().filter(|field| {
        let clear = field.visibility != Visibility::Secret && !matches!(field.kind, FieldKind::Ref(_));
        field.unique.is_some() && clear
    })
}

/// Codes of districts, then of streets: a name of a street may occur in several districts.
fn name_places(def: &ResourceDef, body: &mut Map<String, Json>, errors: &mut Vec<FieldError>) {
    for format in [TextFormat::District, TextFormat::Street] {
        for field in def.fields.values().filter(|field| field.format == Some(format)) {
            let Some(text) = body.get(&field.name).and_then(Json::as_str).map(str::trim) else { continue };
            let place = match format {
                TextFormat::District => district_named(text)
                    .map(DistrictCode::as_str)
                    .ok_or("应为上海的区名或 6 位代码，如 徐汇区 或 310104".to_owned()),
                _ => {
                    let inside = field.inside.as_ref().and_then(|name| body.get(name)).and_then(Json::as_str);
                    street_named(text, inside).map(StreetCode::as_str)
                }
            };
            match place {
                Ok(code) => {
                    body.insert(field.name.clone(), Json::from(code));
                }
                Err(fault) => {
                    errors.push(FieldError::new(
                        &field.name,
                        "bad_format",
                        format!("“{}”{fault}", field.title),
                    ));
                }
            }
        }
    }
}

fn district_named(text: &str) -> Option<DistrictCode> {
    let city = || (text == name_of(DistrictCode::CITY)).then_some(DistrictCode::CITY);
    // Of the present districts only: a form does not take the code of a former one either.
    let present = || district::resolve(text).filter(|code| name_of(*code) == text);
    DistrictCode::parse(text).ok().or_else(present).or_else(city)
}

fn street_named(text: &str, district: Option<&str>) -> Result<StreetCode, String> {
    if let Ok(code) = StreetCode::parse(text) {
        return Ok(code);
    }
    let mut named = street::all()
        .filter(|street| street.name == text)
        .filter(|street| district.is_none_or(|code| street.district.as_str() == code));
    match (named.next(), named.next()) {
        (Some(street), None) => Ok(street.code),
        (Some(_), Some(_)) => Err("所填的街镇名在几个区都有，请同时填写区，或改填 9 位代码".to_owned()),
        (None, _) => Err("应为该区的街镇名称或 9 位代码，如 天平路街道 或 310104003".to_owned()),
    }
}
