//! JSON schemas of records, from the fields of their definition.

use pujiang_transactional::{FieldDef, FieldKind, ResourceDef, Visibility};
use serde_json::json;
use utoipa::openapi::schema::{KnownFormat, Object, ObjectBuilder, Schema, SchemaFormat, SchemaType, Type};

/// A record as it is read: system fields, then the fields of the definition; personal ones come masked.
pub fn record(resource: &ResourceDef) -> Schema {
    let system = |kind: Type, description: &str| {
        ObjectBuilder::new().schema_type(kind).description(Some(description)).read_only(true).build()
    };
    let states = resource.states.iter().map(|state| state.code.as_str());
    let mut object = ObjectBuilder::new()
        .title(Some(resource.title.clone()))
        .description(Some(resource.description.clone()))
        .property("id", system(Type::String, "UUIDv7"))
        .property("row_version", system(Type::Integer, "更新时放入 If-Match"))
        .property(
            "state",
            ObjectBuilder::new().schema_type(Type::String).enum_values(Some(states)).read_only(true).build(),
        )
        .required("id")
        .required("row_version")
        .required("state");
    for field in resource.fields.values().filter(|field| field.visibility != Visibility::Secret) {
        object = object.property(field.name.clone(), property(field, Direction::Read));
    }
    for name in ["created_at", "updated_at"] {
        object = object.property(name, system(Type::String, "RFC 3339，+08:00"));
    }
    object.build().into()
}

/// What a create or update may hold.
pub fn input(resource: &ResourceDef) -> Schema {
    let mut object = ObjectBuilder::new().title(Some(format!("{}（填报）", resource.title)));
    for field in resource.fields.values().filter(|field| !field.readonly) {
        object = object.property(field.name.clone(), property(field, Direction::Write));
    }
    object.build().into()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Direction {
    Read,
    Write,
}

fn property(field: &FieldDef, direction: Direction) -> Schema {
    let mut object = ObjectBuilder::from(Object::default())
        .schema_type(json_type(field))
        .title(Some(field.title.clone()))
        .format(format(&field.kind).map(SchemaFormat::KnownFormat));
    let mut notes = vec![field.help.clone()];
    match &field.kind {
        FieldKind::Ref(target) => notes.push(format!("{target} 的 id")),
        FieldKind::Enum(codes) => {
            object = object.enum_values(Some(codes.iter().map(|code| json!(code.code))))
        }
        FieldKind::Text if direction == Direction::Write => {
            object = object.max_length(Some(field.max_length))
        }
        FieldKind::Money | FieldKind::Decimal { .. } => notes.push("十进制数写成文本".to_owned()),
        _ => {}
    }
    if direction == Direction::Read && field.visibility == Visibility::Personal {
        notes.push("脱敏显示".to_owned());
    }
    notes.retain(|note| !note.is_empty());
    if !notes.is_empty() {
        object = object.description(Some(notes.join("；")));
    }
    object.build().into()
}

fn json_type(field: &FieldDef) -> SchemaType {
    let kind = match field.kind {
        FieldKind::Int | FieldKind::BigInt => Type::Integer,
        FieldKind::Bool => Type::Boolean,
        FieldKind::Json => return SchemaType::AnyValue,
        _ => Type::String,
    };
    if field.required { SchemaType::Type(kind) } else { SchemaType::Array(vec![kind, Type::Null]) }
}

fn format(kind: &FieldKind) -> Option<KnownFormat> {
    match kind {
        FieldKind::Date => Some(KnownFormat::Date),
        FieldKind::Timestamp => Some(KnownFormat::DateTime),
        FieldKind::Int => Some(KnownFormat::Int32),
        FieldKind::BigInt => Some(KnownFormat::Int64),
        _ => None,
    }
}
