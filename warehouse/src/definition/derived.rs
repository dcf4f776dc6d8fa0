//! The table that follows from a resource: from the form in which its records come, without a file. How a file changes it is
//! `difference`'s.

use std::collections::BTreeMap;

use pujiang_definition::{LakeColumn, LakeForm, LakeForms, LakePart, LakeValueKind, LakeVisibility};

use super::{ColumnDef, ColumnType, Origin, ScopeColumns, TableDef, TableKind, Visibility};

/// Layer of tables that no folder puts in one.
const LAYER: &str = "resources";

/// The table of a form.
pub(super) fn table(form: &LakeForm) -> TableDef {
    let of = |part: LakePart| form.columns.iter().find(|c| c.part == part).map(|c| c.name.clone());
    let kind = match of(LakePart::District) {
        Some(_) => TableKind::District,
        None => TableKind::Reference,
    };
    TableDef {
        id: form.resource.clone(),
        title: form.title.clone(),
        description: form.description.clone(),
        layer: LAYER.to_owned(),
        kind,
        key: of(LakePart::Key).unwrap_or_default(),
        version: of(LakePart::Version),
        // Nobody asks reference data about a month.
        time: of(LakePart::Made).filter(|_| kind == TableKind::District),
        columns: form.columns.iter().map(column).collect(),
        scope: ScopeColumns {
            street: form.owners.street.clone(),
            organization: form.owners.organization.clone(),
            person: form.owners.person.clone(),
        },
        parent: form.parent.clone(),
        masks: BTreeMap::new(),
        origin: Some(Origin { resource: form.resource.clone(), fields: BTreeMap::new() }),
    }
}

fn column(column: &LakeColumn) -> ColumnDef {
    ColumnDef {
        name: column.name.clone(),
        title: column.title.clone(),
        kind: match column.kind {
            LakeValueKind::Text => ColumnType::Text,
            LakeValueKind::Integer => ColumnType::Integer,
            LakeValueKind::Decimal { precision, scale } => {
                ColumnType::Decimal(precision, i8::try_from(scale).unwrap_or(i8::MAX))
            }
            LakeValueKind::Boolean => ColumnType::Boolean,
            LakeValueKind::Date => ColumnType::Date,
            LakeValueKind::Timestamp => ColumnType::Timestamp,
        },
        visibility: visibility(column.visibility),
        // A record of before a field was there has nothing in it, however much it is required today.
        nullable: matches!(column.part, LakePart::Made | LakePart::Changed | LakePart::Value),
        bookkeeping: column.part == LakePart::Changed,
    }
}

fn visibility(visibility: LakeVisibility) -> Visibility {
    match visibility {
        LakeVisibility::Public => Visibility::Public,
        LakeVisibility::Internal => Visibility::Internal,
        LakeVisibility::Personal => Visibility::Personal,
    }
}

/// Gives the table of state events a column for everything a resource counts its stock by. Where several resources count by
/// the same name, the strictest of them says who may see it.
pub(super) fn count_by(states: &mut TableDef, forms: &LakeForms) {
    let mut wanted: BTreeMap<&str, &LakeColumn> = BTreeMap::new();
    for form in forms.all() {
        for column in form.stock.iter().flatten().filter_map(|name| form.column(name)) {
            let kept = wanted.entry(&column.name).or_insert(column);
            if column.visibility > kept.visibility {
                *kept = column;
            }
        }
    }
    for by in wanted.into_values() {
        if states.column(&by.name).is_none() {
            states.columns.push(column(by));
        }
    }
}
