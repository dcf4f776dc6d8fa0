//! What a resource says about the lake (`lake`, `stock`), and the form in which its records go there: clear, or as mask and
//! pseudonym; never a secret. What tables and streams are made of it is not known here.

use indexmap::IndexMap;
use pujiang_definition::{
    LakeColumn, LakeForm, LakeForms, LakeOwners, LakePart, LakeValueKind, LakeVisibility, Section,
};

use super::{Definitions, FieldDef, FieldKind, ResourceDef, Visibility};

/// The lake's name for the district that owns a record, whatever the field is called.
pub(crate) const DISTRICT: &str = "district_code";

/// Whether the records of a resource go to the lake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lake {
    /// They do.
    Told,
    /// They stay in the operational store.
    Withheld,
}

/// Reads `lake = "none"`.
pub(super) fn lake(top: &Section<'_>) -> Lake {
    top.word("lake", &[("none", Lake::Withheld)]).unwrap_or(Lake::Told)
}

/// Reads `stock`: the fields by which the stock of a day is counted. An empty list counts by state and district alone.
pub(super) fn stock(
    top: &Section<'_>,
    lake: Lake,
    fields: &IndexMap<String, FieldDef>,
) -> Option<Vec<String>> {
    let named = top.texts("stock")?;
    if lake == Lake::Withheld {
        top.wrong("stock", "不进入数据湖的资源没有在册数，请删去 stock 或 lake");
    }
    let mut kept: Vec<String> = Vec::new();
    for name in named {
        let counts = |field: &FieldDef| {
            !field.is_encrypted()
                && matches!(field.kind, FieldKind::Text | FieldKind::Enum(_) | FieldKind::Ref(_))
        };
        if !fields.get(&name.value).is_some_and(counts) {
            let message = format!("“{}”须是本资源未加密的 text、enum 或 ref 字段", name.value);
            top.wrong_at(&name, message);
        } else if kept.contains(&name.value) {
            top.wrong_at(&name, format!("“{}”写了两次，请删去一个", name.value));
        }
        kept.push(name.value);
    }
    Some(kept)
}

impl Definitions {
    /// The forms in which records go to the lake.
    #[must_use]
    pub fn lake_forms(&self) -> LakeForms {
        let (told, withheld): (Vec<_>, Vec<_>) = self.iter().partition(|def| def.lake == Lake::Told);
        LakeForms::new(
            told.into_iter().map(|def| form(def)),
            withheld.into_iter().map(|def| def.id.clone()).collect(),
        )
    }
}

fn form(def: &ResourceDef) -> LakeForm {
    use LakeValueKind::{Integer, Text, Timestamp};
    let scope = def.scope.as_ref();
    let internal = |name: &str, title: &str, kind, part| LakeColumn {
        name: name.to_owned(),
        title: title.to_owned(),
        kind,
        visibility: LakeVisibility::Internal,
        part,
    };
    let mut columns = vec![internal("id", "记录号", Text, LakePart::Key)];
    if scope.is_some() {
        // A table is cut by it, so that everybody who sees a row sees it.
        let district = internal(DISTRICT, "所属区", Text, LakePart::District);
        columns.push(LakeColumn { visibility: LakeVisibility::Public, ..district });
    }
    for field in def.fields.values() {
        if scope.is_some() && field.name == DISTRICT {
            continue;
        }
        columns.extend(field_columns(def, field));
    }
    columns.extend([
        internal("state", "状态", Text, LakePart::Value),
        internal("row_version", "版本", Integer, LakePart::Version),
        internal("created_at", "创建时间", Timestamp, LakePart::Made),
        internal("updated_at", "更新时间", Timestamp, LakePart::Changed),
    ]);
    LakeForm {
        resource: def.id.clone(),
        title: def.title.clone(),
        description: def.description.clone(),
        columns,
        owners: scope.map_or_else(LakeOwners::default, |scope| LakeOwners {
            street: scope.street.clone(),
            organization: scope.organization.clone(),
            person: scope.person.clone(),
        }),
        parent: def.parent.clone(),
        stock: def.stock.clone(),
        places: def.places.clone(),
    }
}

/// The columns of a field: itself, mask and pseudonym, or none.
fn field_columns(def: &ResourceDef, field: &FieldDef) -> Vec<LakeColumn> {
    let is_street = def.scope.as_ref().is_some_and(|scope| scope.street.as_ref() == Some(&field.name));
    let column = |name: String, title: String, kind, visibility| LakeColumn {
        name,
        title,
        kind,
        visibility,
        part: LakePart::Value,
    };
    let title = if is_street { "街镇".to_owned() } else { field.title.clone() };
    match (field.visibility, &field.kind) {
        (Visibility::Secret, _) => Vec::new(),
        (Visibility::Personal, _) => [("", "脱敏"), ("_token", "假名")]
            .map(|(suffix, form)| {
                let title = format!("{}（{form}）", field.title);
                column(
                    format!("{}{suffix}", field.name),
                    title,
                    LakeValueKind::Text,
                    LakeVisibility::Personal,
                )
            })
            .into(),
        // Ids say something to programs only, like that of the record itself.
        (Visibility::Internal, _) | (_, FieldKind::Ref(_)) => {
            vec![column(field.name.clone(), title, kind(&field.kind), LakeVisibility::Internal)]
        }
        (Visibility::Public, _) => {
            vec![column(field.name.clone(), title, kind(&field.kind), LakeVisibility::Public)]
        }
    }
}

fn kind(kind: &FieldKind) -> LakeValueKind {
    match kind {
        FieldKind::Text | FieldKind::Enum(_) | FieldKind::Ref(_) | FieldKind::Json => LakeValueKind::Text,
        FieldKind::Int | FieldKind::BigInt => LakeValueKind::Integer,
        // A definition allows 18 digits at most.
        FieldKind::Decimal { precision, scale } => LakeValueKind::Decimal {
            precision: u8::try_from(*precision).unwrap_or(u8::MAX),
            scale: u8::try_from(*scale).unwrap_or(u8::MAX),
        },
        FieldKind::Money => LakeValueKind::Decimal { precision: 12, scale: 2 },
        FieldKind::Bool => LakeValueKind::Boolean,
        FieldKind::Date => LakeValueKind::Date,
        FieldKind::Timestamp => LakeValueKind::Timestamp,
    }
}

#[cfg(test)]
mod tests {
    use pujiang_definition::{RESOURCES, Sources};

    use super::*;
    use crate::clock::{Clock, SystemClock};
    use crate::record::{Cell, StoredRecord};

    const HEAD: &str = "format = 1\ntitle = \"站\"\ndescription = \"一处\"\ngroup = \"组\"\ndisplay = \"name\"\ninitial_state = \"on\"\n";
    const BODY: &str = "[[state]]\ncode = \"on\"\nlabel = \"启用\"\n\
        [[field]]\nname = \"name\"\ntitle = \"名称\"\ntype = \"text\"\nvisibility = \"public\"\n\
        [[field]]\nname = \"phone\"\ntitle = \"电话\"\ntype = \"text\"\nvisibility = \"personal\"\nmask = \"mobile\"\n\
        [[field]]\nname = \"pin\"\ntitle = \"密码\"\ntype = \"text\"\nvisibility = \"secret\"\n\
        [[field]]\nname = \"area\"\ntitle = \"区\"\ntype = \"text\"\nvisibility = \"internal\"\nformat = \"district\"\nrequired = true\n\
        [[field]]\nname = \"share\"\ntitle = \"份额\"\ntype = \"decimal\"\nprecision = 9\nscale = 6\nvisibility = \"internal\"\n";

    fn reading(keys: &str, more: &str) -> Result<Definitions, Vec<String>> {
        let text = format!("{HEAD}{keys}\n{BODY}{more}");
        Definitions::read(&Sources::texts(&RESOURCES, [("station.toml", text.as_str())]))
            .finished()
            .map_err(|errors| errors.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn a_record_leaves_clear_or_as_mask_and_pseudonym() {
        use LakeVisibility::{Internal, Personal, Public};
        let definitions = reading("scope = \"area\"\nstock = [\"name\"]", "").unwrap();
        let forms = definitions.lake_forms();
        let form = forms.of("station").unwrap();
        let columns: Vec<_> = form.columns.iter().map(|c| (c.name.as_str(), c.visibility)).collect();
        let expected = [
            ("id", Internal),
            ("district_code", Public),
            ("name", Public),
            ("phone", Personal),
            ("phone_token", Personal),
            ("area", Internal),
            ("share", Internal),
            ("state", Internal),
            ("row_version", Internal),
            ("created_at", Internal),
            ("updated_at", Internal),
        ];
        assert_eq!(columns, expected);
        assert_eq!(form.column("phone_token").unwrap().title, "电话（假名）");
        assert_eq!(form.column("share").unwrap().kind, LakeValueKind::Decimal { precision: 9, scale: 6 });
        assert_eq!(form.stock.as_deref(), Some(&["name".to_owned()][..]));
        let error = form.error("stock[0]", "x");
        assert_eq!((error.file.as_str(), error.line), ("transactional/resources/station.toml", 8));
    }

    #[test]
    fn reference_data_has_no_district_and_what_is_withheld_no_form() {
        let forms = reading("scope = \"none\"", "").unwrap().lake_forms();
        assert!(forms.of("station").unwrap().columns.iter().all(|c| c.part != LakePart::District));
        let forms = reading("scope = \"none\"\nlake = \"none\"", "").unwrap().lake_forms();
        assert_eq!((forms.of("station"), forms.withholds("station")), (None, true));
    }

    #[test]
    fn what_cannot_count_a_stock_is_named() {
        for (keys, key) in [
            ("scope = \"none\"\nstock = [\"phone\"]", "stock[0]"),
            ("scope = \"none\"\nstock = [\"share\"]", "stock[0]"),
            ("scope = \"none\"\nstock = [\"pin\"]", "stock[0]"),
            ("scope = \"none\"\nstock = [\"name\", \"name\"]", "stock[1]"),
            ("scope = \"none\"\nstock = [\"nome\"]", "stock[0]"),
            ("scope = \"none\"\nstock = []\nlake = \"none\"", "stock"),
            ("scope = \"none\"\nlake = \"all\"", "lake"),
        ] {
            let errors = reading(keys, "").unwrap_err();
            assert!(errors.len() == 1 && errors[0].contains(&format!(": {key}: ")), "{key}: {errors:?}");
        }
        // The lake would be cut by another district than the one the scope names.
        let second =
            "[[field]]\nname = \"district_code\"\ntitle = \"区\"\ntype = \"text\"\nvisibility = \"public\"\n";
        let errors = reading("scope = \"area\"", second).unwrap_err();
        assert!(errors.len() == 1 && errors[0].contains(": scope: "), "{errors:?}");
    }

    /// What the outbox says of a record: every column of the form is in it, and no secret is in either.
    #[test]
    fn events_have_every_column_of_the_form() {
        let definitions = Definitions::builtin().unwrap();
        let (forms, now) = (definitions.lake_forms(), SystemClock.now());
        for def in definitions.iter() {
            let cell = |field: &FieldDef| match field.visibility {
                Visibility::Secret => Cell::Secret,
                Visibility::Personal => Cell::Personal { masked: Some("*".into()), token: Some("t".into()) },
                Visibility::Public | Visibility::Internal => Cell::Clear(None),
            };
            let record = StoredRecord {
                id: "r".into(),
                version: 1,
                state: def.initial_state.clone(),
                created_at: now,
                created_by: "a".into(),
                updated_at: now,
                updated_by: "a".into(),
                contested: None,
                cells: def.fields.values().map(|field| (field.name.clone(), cell(field))).collect(),
            };
            let (event, form) = (record.for_lake(def), forms.of(&def.id).unwrap());
            let missing: Vec<_> =
                form.columns.iter().filter(|column| !event.contains_key(&column.name)).collect();
            assert!(missing.is_empty(), "{}: {missing:?}", def.id);
            for secret in def.fields.values().filter(|field| field.visibility == Visibility::Secret) {
                assert!(form.column(&secret.name).is_none() && !event.contains_key(&secret.name));
            }
        }
    }
}
