//! A stored record: which columns a field has, how values are written to them, and the two forms a record leaves in:
//! for callers (masked) and for the lake (masked, with pseudonyms).

use indexmap::IndexMap;
use pujiang_security::{DistrictCode, FieldCipher, mask};
use serde_json::{Map, Value as Json, json};
use sqlx::any::AnyRow;

use crate::clock::{self, Moment};
use crate::definition::{DISTRICT, FieldDef, FieldKind, ResourceDef, Visibility};
use crate::error::Error;
use crate::store::{Bind, ColumnKind, Dialect, quoted, text_at};
use crate::validate::{Draft, Value, read_stored};

/// A record in memory. Personal values are there only as mask and pseudonym.
#[derive(Clone, Debug)]
pub(crate) struct StoredRecord {
    pub(crate) id: String,
    pub(crate) version: i64,
    pub(crate) state: String,
    pub(crate) created_at: Moment,
    pub(crate) created_by: String,
    pub(crate) updated_at: Moment,
    pub(crate) updated_by: String,
    /// Unique field whose value a record elsewhere holds as well, until a reviewer has decided. Callers are not told.
    pub(crate) contested: Option<String>,
    pub(crate) cells: IndexMap<String, Cell>,
}

/// What is known of a field.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Cell {
    Clear(Option<Value>),
    Personal { masked: Option<String>, token: Option<String> },
    Secret,
}

/// A column to write.
pub(crate) struct Written {
    pub(crate) column: String,
    pub(crate) kind: ColumnKind,
    pub(crate) bind: Bind,
}

impl StoredRecord {
    /// A clear value.
    pub(crate) fn value(&self, field: &str) -> Option<&Value> {
        match self.cells.get(field) {
            Some(Cell::Clear(value)) => value.as_ref(),
            _ => None,
        }
    }

    /// District that owns it; the city for reference data.
    pub(crate) fn district(&self, def: &ResourceDef) -> DistrictCode {
        let code = def.scope.as_ref().and_then(|s| self.value(&s.district)).and_then(Value::as_text);
        code.and_then(|c| DistrictCode::parse(c).ok()).unwrap_or(DistrictCode::CITY)
    }

    /// Takes over the values of a draft.
    pub(crate) fn apply(&mut self, def: &ResourceDef, cipher: &FieldCipher, draft: &Draft) {
        for (name, value) in draft {
            if let Some(field) = def.field(name) {
                self.cells.insert(name.clone(), cell(field, cipher, value.as_ref()));
            }
        }
    }

    /// The form for callers.
    pub(crate) fn shown(&self) -> Map<String, Json> {
        self.json(|_, _| {})
    }

    /// The form for the lake.
    pub(crate) fn for_lake(&self, def: &ResourceDef) -> Map<String, Json> {
        let mut map = self.json(|map, (name, token)| {
            map.insert(format!("{name}_token"), token.map_or(Json::Null, Json::from));
        });
        map.entry(DISTRICT).or_insert_with(|| json!(self.district(def).as_str()));
        map
    }

    fn json(&self, personal: impl Fn(&mut Map<String, Json>, (&str, Option<&str>))) -> Map<String, Json> {
        let mut map = Map::new();
        map.insert("id".into(), json!(self.id));
        map.insert("row_version".into(), json!(self.version));
        map.insert("state".into(), json!(self.state));
        for (name, cell) in &self.cells {
            match cell {
                Cell::Clear(value) => {
                    map.insert(name.clone(), value.as_ref().map_or(Json::Null, Value::to_json));
                }
                Cell::Personal { masked, token } => {
                    map.insert(name.clone(), masked.as_deref().map_or(Json::Null, Json::from));
                    personal(&mut map, (name, token.as_deref()));
                }
                Cell::Secret => {}
            }
        }
        map.insert("created_at".into(), json!(clock::shown(&self.created_at)));
        map.insert("created_by".into(), json!(self.created_by));
        map.insert("updated_at".into(), json!(clock::shown(&self.updated_at)));
        map.insert("updated_by".into(), json!(self.updated_by));
        map
    }

    /// Expressions that read a record; `read` takes their values in the same order.
    pub(crate) fn select_list(def: &ResourceDef, dialect: Dialect) -> String {
        let mut expressions = vec![
            dialect.as_text(ColumnKind::Uuid, "\"id\""),
            dialect.as_text(ColumnKind::Int, "\"row_version\""),
            "\"state\"".to_owned(),
            dialect.as_text(ColumnKind::Timestamp, "\"created_at\""),
            "\"created_by\"".to_owned(),
            dialect.as_text(ColumnKind::Timestamp, "\"updated_at\""),
            "\"updated_by\"".to_owned(),
            "\"contested\"".to_owned(),
        ];
        for field in def.fields.values() {
            match field.visibility {
                Visibility::Secret => {}
                Visibility::Personal => {
                    expressions.push(quoted(&format!("{}_masked", field.name)));
                    expressions.push(quoted(&format!("{}_token", field.name)));
                }
                Visibility::Public | Visibility::Internal => {
                    expressions.push(dialect.as_text(column_kind(&field.kind), &quoted(&field.name)));
                }
            }
        }
        expressions.join(", ")
    }

    /// Reads a row of `select_list`.
    pub(crate) fn read(def: &ResourceDef, row: &AnyRow) -> Result<Self, Error> {
        let damaged = |column: &str| Error::Damaged {
            place: format!("{}.{column}", def.id),
            reason: "the stored value does not fit the definition".into(),
        };
        let text = |position: usize, column: &str| text_at(row, position)?.ok_or_else(|| damaged(column));
        let time = |position: usize, column: &str| {
            clock::parse_stored(&text(position, column)?).ok_or_else(|| damaged(column))
        };
        let mut record = Self {
            id: text(0, "id")?,
            version: text(1, "row_version")?.parse().map_err(|_| damaged("row_version"))?,
            state: text(2, "state")?,
            created_at: time(3, "created_at")?,
            created_by: text(4, "created_by")?,
            updated_at: time(5, "updated_at")?,
            updated_by: text(6, "updated_by")?,
            contested: text_at(row, 7)?,
            cells: IndexMap::with_capacity(def.fields.len()),
        };
        let mut position = 8;
        for field in def.fields.values() {
            let cell = match field.visibility {
                Visibility::Secret => Cell::Secret,
                Visibility::Personal => {
                    position += 2;
                    Cell::Personal { masked: text_at(row, position - 2)?, token: text_at(row, position - 1)? }
                }
                Visibility::Public | Visibility::Internal => {
                    position += 1;
                    let value = match text_at(row, position - 1)? {
                        Some(text) => {
                            Some(read_stored(&field.kind, &text).ok_or_else(|| damaged(&field.name))?)
                        }
                        None => None,
                    };
                    Cell::Clear(value)
                }
            };
            record.cells.insert(field.name.clone(), cell);
        }
        Ok(record)
    }
}

/// What a value becomes in memory.
fn cell(field: &FieldDef, cipher: &FieldCipher, value: Option<&Value>) -> Cell {
    match field.visibility {
        Visibility::Secret => Cell::Secret,
        Visibility::Personal => {
            let text = value.map(Value::stored);
            Cell::Personal {
                masked: text.as_deref().map(|t| mask(field.mask, t)),
                token: text.as_deref().map(|t| cipher.pseudonym(&field.token_domain, t)),
            }
        }
        Visibility::Public | Visibility::Internal => Cell::Clear(value.cloned()),
    }
}

/// The columns a value is written to.
pub(crate) fn written(
    def: &ResourceDef,
    cipher: &FieldCipher,
    id: &str,
    field: &FieldDef,
    value: Option<&Value>,
) -> Vec<Written> {
    let text = |suffix: &str, text: Option<String>| Written {
        column: format!("{}{suffix}", field.name),
        kind: ColumnKind::Text,
        bind: Bind::Text(text),
    };
    // The record's id in the context keeps a ciphertext from being moved to another record.
    let sealed = || {
        let context = format!("{}.{}:{id}", def.id, field.name);
        value.map(|v| cipher.encrypt(&context, &v.stored()))
    };
    match (field.visibility, cell(field, cipher, value)) {
        (Visibility::Secret, _) => vec![text("_cipher", sealed())],
        (_, Cell::Personal { masked, token }) => {
            vec![text("_cipher", sealed()), text("_token", token), text("_masked", masked)]
        }
        _ => {
            let bind = match value {
                Some(Value::Int(number)) => Bind::int(*number),
                Some(Value::Bool(flag)) => Bind::Bool(Some(*flag)),
                Some(other) => Bind::text(other.stored()),
                None => match field.kind {
                    FieldKind::Int | FieldKind::BigInt => Bind::Int(None),
                    FieldKind::Bool => Bind::Bool(None),
                    _ => Bind::Text(None),
                },
            };
            vec![Written { column: field.name.clone(), kind: column_kind(&field.kind), bind }]
        }
    }
}

/// The column of an unencrypted field.
pub(crate) fn column_kind(kind: &FieldKind) -> ColumnKind {
    match kind {
        FieldKind::Text | FieldKind::Enum(_) => ColumnKind::Text,
        FieldKind::Int | FieldKind::BigInt => ColumnKind::Int,
        FieldKind::Decimal { precision, scale } => {
            ColumnKind::Decimal { precision: *precision, scale: *scale }
        }
        FieldKind::Money => ColumnKind::Decimal { precision: 12, scale: 2 },
        FieldKind::Bool => ColumnKind::Bool,
        FieldKind::Date => ColumnKind::Date,
        FieldKind::Timestamp => ColumnKind::Timestamp,
        FieldKind::Ref(_) => ColumnKind::Uuid,
        FieldKind::Json => ColumnKind::Json,
    }
}
