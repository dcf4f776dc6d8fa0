//! Listing records: filtered, searched, sorted, a page at a time by key and not by offset, so that page 1,000 costs
//! what page 1 does.

use pujiang_security::Principal;

use super::cursor::Cursor;
use super::filter::{Comparable, Conditions, Direction, ListQuery, MAX_PAGE, Sort, comparable, shortened};
use super::{Record, ResourceEngine};
use crate::clock;
use crate::definition::ResourceDef;
use crate::error::Error;
use crate::record::StoredRecord;
use crate::store::{Bind, ColumnKind, fetch_all, fetch_optional, quoted, text_at};
use crate::validate::Value;

const DEFAULT_PAGE: usize = 50;

/// A page of records.
#[derive(Clone, Debug, PartialEq)]
pub struct Page {
    /// The records.
    pub items: Vec<Record>,
    /// Cursor of the next page; none on the last.
    pub next: Option<String>,
    /// Records a page.
    pub size: usize,
    /// Records on all pages.
    pub total: i64,
}

impl ResourceEngine {
    /// Lists the records of a resource in the caller's scope.
    pub async fn list(
        &self,
        principal: &Principal,
        resource: &str,
        query: &ListQuery,
    ) -> Result<Page, Error> {
        let def = self.readable(principal, resource)?;
        let dialect = self.store.dialect();
        let mut conditions = Conditions::new(def, &self.cipher, dialect);
        let scope = self.scope_clause(def, principal, &mut conditions.binds);
        for filter in &query.filters {
            conditions.filter(filter);
        }
        if let Some(text) = query.search.as_deref().map(str::trim).filter(|t| !t.is_empty()) {
            conditions.search(text);
        }
        let counted = (format!("{}{scope}", conditions.sql()), conditions.binds.clone());
        let sort =
            query.sort.clone().unwrap_or(Sort { field: "id".into(), direction: Direction::Descending });
        let column = sort_column(&mut conditions, &sort);
        if let (Some(after), Some(column)) = (&query.after, column) {
            start_after(&mut conditions, &sort, column, after);
        }
        let size = query.size.unwrap_or(DEFAULT_PAGE);
        if !(1..=MAX_PAGE).contains(&size) {
            conditions.fail("page[size]".into(), "bad_number", format!("每页条数应在 1 到 {MAX_PAGE} 之间"));
        }
        let Some(column) = column.filter(|_| conditions.errors.is_empty()) else {
            return Err(Error::Invalid { errors: conditions.errors });
        };
        let failed = || Error::store("list records");
        let mut connection = self.store.pool().acquire().await.map_err(failed())?;
        let count = format!("SELECT CAST(COUNT(*) AS TEXT) FROM {} WHERE {}", quoted(&def.id), counted.0);
        let row = fetch_optional(&mut connection, &count, counted.1).await.map_err(failed())?;
        let total =
            row.map(|r| text_at(&r, 0)).transpose()?.flatten().and_then(|t| t.parse().ok()).unwrap_or(0);
        let order = match sort.direction {
            Direction::Ascending => "ASC",
            Direction::Descending => "DESC",
        };
        // One more than asked for tells whether there is a next page.
        let limit = i64::try_from(size + 1).unwrap_or(i64::MAX);
        let limit = conditions.place(ColumnKind::Int, Bind::int(limit));
        let sql = format!(
            "SELECT {} FROM {} WHERE {}{scope} ORDER BY {} {order}, \"id\" {order} LIMIT {limit}",
            StoredRecord::select_list(def, dialect),
            quoted(&def.id),
            conditions.sql(),
            dialect.sort_key(
                column.kind,
                &format!("{}.{}", quoted(&def.id), quoted(&sort.field)),
                column.nullable
            ),
        );
        let rows = fetch_all(&mut connection, &sql, conditions.binds).await.map_err(failed())?;
        let mut records =
            rows.iter().map(|row| StoredRecord::read(def, row)).collect::<Result<Vec<_>, _>>()?;
        let more = records.len() > size;
        records.truncate(size);
        let next = records.last().filter(|_| more).map(|last| {
            Cursor { sort: sort.text(), key: sort_value(last, &sort.field), id: last.id.clone() }.encode()
        });
        let items = self.labelled(&mut connection, principal, def, records).await?;
        Ok(Page { items, next, size, total })
    }
}

fn sort_column<'d>(conditions: &mut Conditions<'d>, sort: &Sort) -> Option<Comparable<'d>> {
    let def: &'d ResourceDef = conditions.def;
    let hidden = def.field(&sort.field).is_some_and(|f| f.is_encrypted());
    let column = comparable(def, &sort.field).filter(|c| !hidden && c.kind != ColumnKind::Json);
    if column.is_none() {
        let message = format!("不能按“{}”排序", shortened(&sort.field));
        conditions.fail("sort".into(), "unknown_field", message);
    }
    column
}

fn start_after(conditions: &mut Conditions<'_>, sort: &Sort, column: Comparable<'_>, after: &str) {
    let cursor = Cursor::decode(after).filter(|c| c.sort == sort.text());
    let key = cursor.as_ref().and_then(|c| match &c.key {
        Some(text) => column.bind(text),
        None => Some(column.empty()),
    });
    let (Some(cursor), Some(key)) = (cursor, key) else {
        let message = "翻页标记无效或与排序不符，请从第一页重新查询".to_owned();
        return conditions.fail("page[after]".into(), "bad_cursor", message);
    };
    let dialect = conditions.dialect;
    let place = conditions.place(column.kind, key);
    let value = dialect.sort_key(column.kind, &place, column.nullable);
    let stored = dialect.sort_key(column.kind, &quoted(&sort.field), column.nullable);
    let id = conditions.place(ColumnKind::Uuid, Bind::text(cursor.id));
    let beyond = match sort.direction {
        Direction::Ascending => ">",
        Direction::Descending => "<",
    };
    conditions.clauses.push(format!("({stored}, \"id\") {beyond} ({value}, {id})"));
}

fn sort_value(record: &StoredRecord, field: &str) -> Option<String> {
    match field {
        "id" => Some(record.id.clone()),
        "state" => Some(record.state.clone()),
        "row_version" => Some(record.version.to_string()),
        "created_at" => Some(clock::stored(&record.created_at)),
        "updated_at" => Some(clock::stored(&record.updated_at)),
        _ => record.value(field).map(Value::stored),
    }
}
