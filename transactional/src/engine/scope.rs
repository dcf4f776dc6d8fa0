//! Which records the grants of a principal show. The same grants decide twice: as a clause of every statement that
//! reads, and over the values of a record that is about to be written.

use std::collections::BTreeSet;

use pujiang_security::{DistrictCode, Principal, RecordId, ScopeLevel, StreetCode};
use sqlx::AnyConnection;
use uuid::Uuid;

use super::ResourceEngine;
use crate::definition::{OWN_ID, ResourceDef, ScopeFields};
use crate::error::{Error, FieldError};
use crate::record::StoredRecord;
use crate::store::{Bind, ColumnKind, Dialect, WriteTransaction, fetch_optional, quoted};
use crate::validate::{Draft, Value};

impl ResourceEngine {
    /// ` AND …` that leaves only rows which some grant of the principal shows. A resource without the field of a grant
    /// has no rows for it.
    pub(super) fn scope_clause(
        &self,
        def: &ResourceDef,
        principal: &Principal,
        binds: &mut Vec<Bind>,
    ) -> String {
        let Some(fields) = &def.scope else { return String::new() };
        let scope = principal.scope();
        match scope.level() {
            ScopeLevel::City => return String::new(),
            ScopeLevel::Nothing => return " AND 1 = 0".to_owned(),
            _ => {}
        }
        let dialect = self.store.dialect();
        let mut shown = Vec::new();
        let districts = texts(scope.districts().iter().map(|code| code.as_str()), binds);
        shown.extend(among(Some(&fields.district), districts));
        let streets = texts(scope.streets().iter().map(|code| code.as_str()), binds);
        shown.extend(among(fields.street.as_ref(), streets));
        if fields.organization.is_some() {
            let tree = self.granted_tree(principal, binds);
            shown.extend(among(fields.organization.as_ref(), tree));
        }
        if fields.person.is_some() {
            let persons = ids(scope.persons().iter().map(|id| id.as_str()), dialect, binds);
            shown.extend(among(fields.person.as_ref(), persons));
        }
        match shown.is_empty() {
            true => " AND 1 = 0".to_owned(),
            false => format!(" AND ({})", shown.join(" OR ")),
        }
    }

    /// A sub-query of the granted organisations and all below them; none without such a grant.
    fn granted_tree(&self, principal: &Principal, binds: &mut Vec<Bind>) -> Option<String> {
        let (tree, parent) = self.definitions.tree()?;
        let granted = principal.scope().organizations().iter().map(|id| id.as_str());
        let roots = ids(granted, self.store.dialect(), binds)?;
        let (table, parent) = (quoted(&tree.id), quoted(parent));
        // UNION and not UNION ALL: rows that came in bulk may hold a circle, and this must still end.
        Some(format!(
            "WITH RECURSIVE granted(id) AS (\
             SELECT \"id\" FROM {table} WHERE \"id\" IN ({roots}) AND NOT \"is_deleted\" \
             UNION SELECT below.\"id\" FROM {table} AS below JOIN granted ON below.{parent} = granted.id \
             WHERE NOT below.\"is_deleted\") SELECT id FROM granted"
        ))
    }

    /// Whether a record with these values may be written: nobody writes what they could not see afterwards. `id` is
    /// that of a stored record. The error stands at the field to correct.
    pub(super) async fn refuse_outside(
        &self,
        connection: &mut AnyConnection,
        principal: &Principal,
        def: &ResourceDef,
        id: Option<&str>,
        value: impl Fn(&str) -> Option<String>,
    ) -> Result<Option<FieldError>, Error> {
        let Some(fields) = &def.scope else { return Ok(None) };
        // A missing district is an error of its own.
        let Some(district) = value(&fields.district) else { return Ok(None) };
        let district = DistrictCode::parse(&district).ok();
        let scope = principal.scope();
        if district.is_some_and(|code| scope.allows(code)) {
            return Ok(None);
        }
        let street = fields.street.as_ref().and_then(|f| value(f)).and_then(|c| StreetCode::parse(&c).ok());
        // A street grant is no way into the lists of another district.
        if street.is_some_and(|code| scope.streets().contains(&code) && Some(code.district()) == district) {
            return Ok(None);
        }
        let of = |field: &Option<String>| match field.as_deref() {
            Some(OWN_ID) => id.map(str::to_owned),
            Some(field) => value(field),
            None => None,
        };
        if of(&fields.person).is_some_and(|person| is_granted(scope.persons(), &person)) {
            return Ok(None);
        }
        let organization = match (fields.organization.as_deref(), &def.parent) {
            // A new organisation has no place yet; it gets the one below its parent.
            (Some(OWN_ID), Some(parent)) if !id.is_some_and(|id| is_granted(scope.organizations(), id)) => {
                value(parent)
            }
            _ => of(&fields.organization),
        };
        if let Some(organization) = organization
            && self.is_in_granted_tree(connection, principal, &organization).await?
        {
            return Ok(None);
        }
        Ok(Some(outside(principal, def, fields)))
    }

    async fn is_in_granted_tree(
        &self,
        connection: &mut AnyConnection,
        principal: &Principal,
        id: &str,
    ) -> Result<bool, Error> {
        let Some((tree, _)) = self.definitions.tree() else { return Ok(false) };
        let mut binds = vec![Bind::text(id)];
        let Some(granted) = self.granted_tree(principal, &mut binds) else { return Ok(false) };
        let place = self.store.dialect().placeholder(ColumnKind::Uuid, 1);
        let sql =
            format!("SELECT 1 FROM {} WHERE \"id\" = {place} AND \"id\" IN ({granted})", quoted(&tree.id));
        let row = fetch_optional(connection, &sql, binds)
            .await
            .map_err(Error::store("look for an organisation in a scope"))?;
        Ok(row.is_some())
    }

    /// An organisation must not come to lie below itself. Two moves at the same moment could each be right and make a
    /// circle together, so they wait for each other.
    pub(super) async fn refuse_circle(
        &self,
        tx: &mut WriteTransaction,
        def: &ResourceDef,
        id: &str,
        draft: &Draft,
    ) -> Result<Option<FieldError>, Error> {
        let Some(field) = def.parent.as_ref().and_then(|name| def.field(name)) else { return Ok(None) };
        let parent = draft.get(&field.name).and_then(Option::as_ref).and_then(Value::as_text);
        let Some(parent) = parent else { return Ok(None) };
        tx.order().await.map_err(|source| Error::Store { operation: "order a move", source })?;
        let dialect = self.store.dialect();
        let (table, up) = (quoted(&def.id), quoted(&field.name));
        let sql = format!(
            "WITH RECURSIVE above(id) AS (\
             SELECT \"id\" FROM {table} WHERE \"id\" = {first} \
             UNION SELECT child.{up} FROM {table} AS child JOIN above ON child.\"id\" = above.id \
             WHERE child.{up} IS NOT NULL) SELECT 1 FROM above WHERE id = {own}",
            first = dialect.placeholder(ColumnKind::Uuid, 1),
            own = dialect.placeholder(ColumnKind::Uuid, 2),
        );
        let binds = vec![Bind::text(parent), Bind::text(id)];
        let row = fetch_optional(tx.connection(), &sql, binds)
            .await
            .map_err(Error::store("look for a circle of organisations"))?;
        Ok(row.map(|_| {
            let message = format!("“{}”不能是本单位或其下属单位，请另选", field.title);
            FieldError::new(&field.name, "circle", message)
        }))
    }
}

/// Whether a change touches what says whose a record is. What does not stays as visible as it was.
pub(super) fn moves(def: &ResourceDef, before: &StoredRecord, after: &StoredRecord) -> bool {
    let Some(fields) = &def.scope else { return false };
    let finer = [&fields.street, &fields.organization, &fields.person, &def.parent];
    let names = finer.into_iter().flatten().chain([&fields.district]);
    names.into_iter().any(|name| before.value(name) != after.value(name))
}

/// Fills the scope fields that a principal with a single grant leaves empty: staff of one place create in it unless
/// they say otherwise.
pub(super) fn fill_own_place(principal: &Principal, def: &ResourceDef, draft: &mut Draft) {
    let Some(fields) = &def.scope else { return };
    let scope = principal.scope();
    let grants =
        scope.districts().len() + scope.streets().len() + scope.organizations().len() + scope.persons().len();
    if grants != 1 {
        return;
    }
    let mut fill = |field: Option<&String>, value: &str| {
        let Some(field) = field.and_then(|name| def.field(name)).filter(|f| !f.readonly) else { return };
        if draft.get(&field.name).is_none_or(Option::is_none) {
            draft.insert(field.name.clone(), Some(Value::Text(value.to_owned())));
        }
    };
    for district in scope.districts() {
        fill(Some(&fields.district), district.as_str());
    }
    for street in scope.streets() {
        fill(fields.street.as_ref(), street.as_str());
        fill(Some(&fields.district), street.district().as_str());
    }
    for organization in scope.organizations() {
        fill(fields.organization.as_ref(), organization.as_str());
    }
    for person in scope.persons() {
        fill(fields.person.as_ref(), person.as_str());
    }
}

/// Adds an error, unless its field has one that must be corrected first.
pub(super) fn add(errors: &mut Vec<FieldError>, found: Option<FieldError>) {
    errors.extend(found.filter(|found| errors.iter().all(|error| error.field != found.field)));
}

fn outside(principal: &Principal, def: &ResourceDef, fields: &ScopeFields) -> FieldError {
    let scope = principal.scope();
    let finer = [
        (&fields.street, scope.streets().is_empty()),
        (&fields.organization, scope.organizations().is_empty()),
        (&fields.person, scope.persons().is_empty()),
    ];
    let finest = finer.into_iter().find_map(|(field, none)| field.as_ref().filter(|_| !none));
    let name = match scope.districts().is_empty() {
        true => finest.unwrap_or(&fields.district),
        false => &fields.district,
    };
    // The record itself is no field: what can be corrected then is its parent.
    let name = if name == OWN_ID { def.parent.as_ref().unwrap_or(&fields.district) } else { name };
    let title = def.field(name).map_or(name.as_str(), |field| field.title.as_str());
    let remedy = match *name == fields.district {
        true => "请改为所辖的区",
        false => "请改为您权限内的值",
    };
    let message = format!("“{title}”超出您的数据权限（{}），{remedy}", scope.label());
    FieldError::new(name, "out_of_scope", message)
}

/// Whether a record's id is among the granted ones; a grant may be written in another case.
fn is_granted(granted: &BTreeSet<RecordId>, id: &str) -> bool {
    let id = Uuid::parse_str(id).ok();
    id.is_some() && granted.iter().any(|granted| Uuid::parse_str(granted.as_str()).ok() == id)
}

fn among(column: Option<&String>, values: Option<String>) -> Option<String> {
    Some(format!("{} IN ({})", quoted(column?), values?))
}

fn texts<'a>(values: impl Iterator<Item = &'a str>, binds: &mut Vec<Bind>) -> Option<String> {
    let places: Vec<_> = values
        .map(|value| {
            binds.push(Bind::text(value));
            format!("${}", binds.len())
        })
        .collect();
    (!places.is_empty()).then(|| places.join(", "))
}

/// Ids of this store are UUIDs; a grant that names another id shows nothing here.
fn ids<'a>(values: impl Iterator<Item = &'a str>, dialect: Dialect, binds: &mut Vec<Bind>) -> Option<String> {
    let places: Vec<_> = values
        .filter_map(|value| Uuid::parse_str(value).ok())
        .map(|id| {
            binds.push(Bind::text(id.hyphenated().to_string()));
            dialect.placeholder(ColumnKind::Uuid, binds.len())
        })
        .collect();
    (!places.is_empty()).then(|| places.join(", "))
}
