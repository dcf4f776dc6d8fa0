//! What a list asks for, and its WHERE clause. Values are parsed by the type of their field and bound; a personal field
//! is compared by its pseudonym, a secret one not at all.

use pujiang_security::FieldCipher;

use crate::definition::{FieldDef, FieldKind, ResourceDef, Visibility};
use crate::error::FieldError;
use crate::record::column_kind;
use crate::store::{Bind, ColumnKind, Dialect, Nullable, quoted};
use crate::validate::{Value, normalized, parse_text, read_stored};

/// Largest page.
pub(super) const MAX_PAGE: usize = 500;

/// What a list asks for.
#[derive(Clone, Debug, Default)]
pub struct ListQuery {
    /// Conditions, all of which must hold.
    pub filters: Vec<Filter>,
    /// Text to look for in the searchable fields.
    pub search: Option<String>,
    /// Order; newest first when not given.
    pub sort: Option<Sort>,
    /// Records a page; 50 when not given, 500 at most.
    pub size: Option<usize>,
    /// `next` of the page before.
    pub after: Option<String>,
}

/// A condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filter {
    /// Field, `state`, `id`, `created_at` or `updated_at`.
    pub field: String,
    /// Comparison.
    pub op: FilterOp,
    /// What to compare with; `In` takes several separated by commas.
    pub value: String,
}

/// Comparison of a condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FilterOp {
    /// Equal.
    Eq,
    /// At least.
    Gte,
    /// At most.
    Lte,
    /// One of several.
    In,
    /// Contains the text.
    Contains,
}

impl FilterOp {
    /// Reads the name used in addresses.
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "eq" => Some(FilterOp::Eq),
            "gte" => Some(FilterOp::Gte),
            "lte" => Some(FilterOp::Lte),
            "in" => Some(FilterOp::In),
            "contains" => Some(FilterOp::Contains),
            _ => None,
        }
    }
}

/// Order of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sort {
    /// Field, `id`, `state`, `created_at` or `updated_at`.
    pub field: String,
    /// Up or down.
    pub direction: Direction,
}

/// Up or down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Smallest first.
    Ascending,
    /// Largest first.
    Descending,
}

impl Sort {
    /// Reads `field` or `-field`.
    pub fn parse(text: &str) -> Self {
        match text.strip_prefix('-') {
            Some(field) => Self { field: field.to_owned(), direction: Direction::Descending },
            None => Self { field: text.to_owned(), direction: Direction::Ascending },
        }
    }

    pub(super) fn text(&self) -> String {
        match self.direction {
            Direction::Ascending => self.field.clone(),
            Direction::Descending => format!("-{}", self.field),
        }
    }
}

/// A column that can be compared and sorted.
#[derive(Clone, Copy)]
pub(super) struct Comparable<'d> {
    pub(super) kind: ColumnKind,
    pub(super) nullable: Nullable,
    field: Option<&'d FieldDef>,
}

/// A column by its public name.
pub(super) fn comparable<'d>(def: &'d ResourceDef, name: &str) -> Option<Comparable<'d>> {
    let system = |kind| Some(Comparable { kind, nullable: Nullable::No, field: None });
    match name {
        "id" => system(ColumnKind::Uuid),
        "state" => system(ColumnKind::Text),
        "created_at" | "updated_at" => system(ColumnKind::Timestamp),
        "row_version" => system(ColumnKind::Int),
        _ => {
            let field = def.field(name)?;
            // A column added later may hold nothing even where the definition now asks for a value.
            Some(Comparable { kind: column_kind(&field.kind), nullable: Nullable::Yes, field: Some(field) })
        }
    }
}

impl Comparable<'_> {
    /// Binds a stored text as a value of this column; none when it is not one.
    pub(super) fn bind(&self, text: &str) -> Option<Bind> {
        Some(match self.kind {
            ColumnKind::Int => Bind::int(text.parse().ok()?),
            ColumnKind::Bool => Bind::Bool(Some(text.parse().ok()?)),
            ColumnKind::Uuid => Bind::text(uuid::Uuid::parse_str(text).ok()?.hyphenated().to_string()),
            ColumnKind::Decimal { .. } => Bind::text(read_stored(&FieldKind::Money, text).map(|_| text)?),
            ColumnKind::Date => Bind::text(read_stored(&FieldKind::Date, text)?.stored()),
            ColumnKind::Timestamp => Bind::text(read_stored(&FieldKind::Timestamp, text)?.stored()),
            ColumnKind::Text | ColumnKind::Json => Bind::text(text),
        })
    }

    /// Bind of nothing.
    pub(super) fn empty(&self) -> Bind {
        match self.kind {
            ColumnKind::Int => Bind::Int(None),
            ColumnKind::Bool => Bind::Bool(None),
            _ => Bind::Text(None),
        }
    }

    fn parse(&self, text: &str) -> Result<Option<Bind>, FieldError> {
        match self.field {
            Some(field) => {
                let value = parse_text(&relaxed(field), &normalized(field.format, text))?;
                Ok(value.and_then(|v| self.bind(&v.stored())))
            }
            None if self.kind == ColumnKind::Timestamp => {
                let value = crate::validate::parse_moment(text).map(Value::Timestamp);
                Ok(value.and_then(|v| self.bind(&v.stored())))
            }
            None => Ok(self.bind(text)),
        }
    }
}

/// A filter compares; it need not meet the limits of what may be stored.
fn relaxed(field: &FieldDef) -> FieldDef {
    FieldDef { min: None, max: None, pattern: None, format: None, ..field.clone() }
}

/// Collects conditions and their values.
pub(super) struct Conditions<'a> {
    pub(super) def: &'a ResourceDef,
    pub(super) cipher: &'a FieldCipher,
    pub(super) dialect: Dialect,
    pub(super) binds: Vec<Bind>,
    pub(super) clauses: Vec<String>,
    pub(super) errors: Vec<FieldError>,
}

impl<'a> Conditions<'a> {
    pub(super) fn new(def: &'a ResourceDef, cipher: &'a FieldCipher, dialect: Dialect) -> Self {
        let clauses = vec!["NOT \"is_deleted\"".to_owned()];
        Self { def, cipher, dialect, binds: Vec::new(), clauses, errors: Vec::new() }
    }

    pub(super) fn place(&mut self, kind: ColumnKind, bind: Bind) -> String {
        self.binds.push(bind);
        self.dialect.placeholder(kind, self.binds.len())
    }

    pub(super) fn sql(&self) -> String {
        self.clauses.join(" AND ")
    }

    pub(super) fn fail(&mut self, part: String, code: &'static str, message: String) {
        self.errors.push(FieldError::new(part, code, message));
    }

    pub(super) fn filter(&mut self, filter: &Filter) {
        let part = format!("filter[{}]", filter.field);
        let Some(column) = comparable(self.def, &filter.field) else {
            return self.fail(
                part,
                "unknown_field",
                format!("没有可筛选的字段“{}”", shortened(&filter.field)),
            );
        };
        if filter.value.contains('\0') || filter.value.len() > 2000 {
            return self.fail(part, "bad_text", "筛选值过长或含有控制字符".into());
        }
        match column.field.map(|f| (f.visibility, f)) {
            Some((Visibility::Secret, _)) => {
                self.fail(part, "unknown_field", format!("没有可筛选的字段“{}”", filter.field));
            }
            Some((Visibility::Personal, field)) => self.personal(field, filter, part),
            _ if column.kind == ColumnKind::Json => {
                self.fail(part, "bad_filter", "该字段不能筛选".into());
            }
            _ => self.clear(column, filter, part),
        }
    }

    fn personal(&mut self, field: &FieldDef, filter: &Filter, part: String) {
        let values: Vec<&str> = match filter.op {
            FilterOp::Eq => vec![&filter.value],
            FilterOp::In => filter.value.split(',').collect(),
            _ => {
                let message = format!("“{}”加密保存，只能按完整内容查询", field.title);
                return self.fail(part, "bad_filter", message);
            }
        };
        let tokens: Vec<_> = values
            .iter()
            .map(|v| {
                let token = self.cipher.pseudonym(&field.token_domain, &normalized(field.format, v));
                self.place(ColumnKind::Text, Bind::text(token))
            })
            .collect();
        self.clauses.push(format!("{} IN ({})", quoted(&format!("{}_token", field.name)), tokens.join(", ")));
    }

    fn clear(&mut self, column: Comparable<'_>, filter: &Filter, part: String) {
        let name = quoted(&filter.field);
        if filter.op == FilterOp::Contains {
            if column.kind != ColumnKind::Text {
                return self.fail(part, "bad_filter", "contains 只用于文字字段".into());
            }
            let text = normalized(column.field.and_then(|f| f.format), &filter.value);
            let place = self.place(ColumnKind::Text, Bind::text(pattern(&text)));
            return self.clauses.push(format!("LOWER({name}) LIKE {place} ESCAPE '\\'"));
        }
        let values: Vec<&str> = match filter.op {
            FilterOp::In => filter.value.split(',').collect(),
            _ => vec![&filter.value],
        };
        let mut places = Vec::new();
        for value in values {
            match column.parse(value) {
                Ok(Some(bind)) => {
                    let place = self.place(column.kind, bind);
                    places.push(self.dialect.sort_key(column.kind, &place, Nullable::No));
                }
                Ok(None) => return self.fail(part, "bad_filter", "筛选值为空或格式不对".into()),
                Err(error) => return self.fail(part, "bad_filter", error.message),
            }
        }
        let key = self.dialect.sort_key(column.kind, &name, Nullable::No);
        self.clauses.push(match filter.op {
            FilterOp::Gte => format!("{key} >= {}", places.join("")),
            FilterOp::Lte => format!("{key} <= {}", places.join("")),
            _ => format!("{key} IN ({})", places.join(", ")),
        });
    }

    /// A record is found by part of a clear text, or by the whole of a personal one.
    pub(super) fn search(&mut self, text: &str) {
        if text.contains('\0') || text.len() > 500 {
            return self.fail("q".into(), "bad_text", "搜索内容过长或含有控制字符".into());
        }
        let mut any = Vec::new();
        for field in self.def.fields.values().filter(|f| f.searchable) {
            if field.visibility == Visibility::Personal {
                let token = self.cipher.pseudonym(&field.token_domain, &normalized(field.format, text));
                let place = self.place(ColumnKind::Text, Bind::text(token));
                any.push(format!("{} = {place}", quoted(&format!("{}_token", field.name))));
            } else {
                let place =
                    self.place(ColumnKind::Text, Bind::text(pattern(&normalized(field.format, text))));
                any.push(format!("LOWER({}) LIKE {place} ESCAPE '\\'", quoted(&field.name)));
            }
        }
        self.clauses.push(if any.is_empty() { "1 = 0".into() } else { format!("({})", any.join(" OR ")) });
    }
}

fn pattern(text: &str) -> String {
    let escaped =
        text.trim().to_ascii_lowercase().replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    format!("%{escaped}%")
}

pub(super) fn shortened(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(40).collect()
}
