//! What a person may see, worked out a second time: a naive row filter that knows nothing of `DataScope`. It reads
//! rows one by one and compares texts; the engine under test chooses files and plans.

use std::collections::BTreeSet;

use arrow::array::{Array, BooleanArray, RecordBatch, StringArray};
use arrow::compute::filter_record_batch;
use pujiang_security::Assignment;
use pujiang_warehouse::ScopeColumns;

/// A grant as the tests write it down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grant {
    City,
    District(&'static str),
    Street(&'static str),
    Organization(&'static str),
    Person(&'static str),
}

impl Grant {
    /// The stored text of the grant.
    pub fn text(self) -> String {
        match self {
            Self::City => "city".into(),
            Self::District(code) => code.into(),
            Self::Street(code) => format!("street:{code}"),
            Self::Organization(id) => format!("organization:{id}"),
            Self::Person(id) => format!("person:{id}"),
        }
    }

    /// The same as the platform's own assignment.
    pub fn assignment(self) -> Assignment {
        Assignment::parse(&self.text()).unwrap()
    }
}

/// Columns of a table that say whose a row is, finer than by district. Written down here once more on purpose: a
/// definition that loses one of them must not take the expectation with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Owners {
    pub table: &'static str,
    pub street: Option<&'static str>,
    pub organization: Option<&'static str>,
    pub person: Option<&'static str>,
}

/// All tables with such columns; a table that is not here shows nothing to a finer grant.
pub const OWNERS: [Owners; 8] = [
    owned("benefit_service", Some("street_code"), Some("org_id"), None),
    owned("benefit_transaction", Some("street_code"), Some("org_id"), Some("person_id")),
    owned("card_holder", Some("street_code"), None, Some("person_id")),
    owned("merchant_profile", Some("street_code"), Some("org_id"), None),
    owned("organization", Some("street_code"), Some("id"), None),
    owned("person", Some("street_code"), None, Some("id")),
    owned("preferential_card", Some("street_code"), None, Some("person_id")),
    owned("service_point", Some("street_code"), Some("org_id"), None),
];

const fn owned(
    table: &'static str,
    street: Option<&'static str>,
    organization: Option<&'static str>,
    person: Option<&'static str>,
) -> Owners {
    Owners { table, street, organization, person }
}

/// The owners of a table.
pub fn owners(table: &str) -> Option<&'static Owners> {
    OWNERS.iter().find(|owners| owners.table == table)
}

/// The units below an organisation, itself included, from rows of (unit, the unit above).
pub fn family(root: &str, above: &[(String, Option<String>)]) -> BTreeSet<String> {
    let mut family = BTreeSet::from([root.to_owned()]);
    loop {
        let more: Vec<String> = above
            .iter()
            .filter(|(unit, parent)| {
                !family.contains(unit) && parent.as_ref().is_some_and(|parent| family.contains(parent))
            })
            .map(|(unit, _)| unit.clone())
            .collect();
        if more.is_empty() {
            return family;
        }
        family.extend(more);
    }
}

/// Texts of a column; empty where it is null. None if the table has no such column.
pub fn texts(batch: &RecordBatch, column: &str) -> Option<Vec<Option<String>>> {
    let values = batch.column_by_name(column)?.as_any().downcast_ref::<StringArray>()?;
    Some((0..values.len()).map(|row| values.is_valid(row).then(|| values.value(row).to_owned())).collect())
}

/// The rows of a district table that any of the grants shows.
pub fn visible(
    table: &str,
    batch: &RecordBatch,
    grants: &[Grant],
    above: &[(String, Option<String>)],
) -> RecordBatch {
    let owners = owners(table);
    let of = |pick: fn(&Owners) -> Option<&'static str>| {
        owners.and_then(pick).and_then(|column| texts(batch, column)).unwrap_or_default()
    };
    let district = texts(batch, "district_code").unwrap();
    let (street, organization, person) = (of(|o| o.street), of(|o| o.organization), of(|o| o.person));
    let is = |values: &[Option<String>], row: usize, wanted: &str| {
        values.get(row).is_some_and(|value| value.as_deref() == Some(wanted))
    };
    let mut keep = vec![false; batch.num_rows()];
    for grant in grants {
        let units = match grant {
            Grant::Organization(id) => family(id, above),
            _ => BTreeSet::new(),
        };
        for (row, keep) in keep.iter_mut().enumerate() {
            *keep |= match grant {
                Grant::City => true,
                Grant::District(code) => is(&district, row, code),
                Grant::Street(code) => is(&street, row, code),
                Grant::Organization(_) => {
                    organization.get(row).is_some_and(|unit| unit.as_ref().is_some_and(|u| units.contains(u)))
                }
                Grant::Person(id) => is(&person, row, id),
            };
        }
    }
    filter_record_batch(batch, &BooleanArray::from(keep)).unwrap()
}

/// The definitions say the same as the list above; a change of one is a change of both.
#[test]
fn the_definitions_name_these_owners() {
    let text = |column: Option<&str>| column.unwrap_or("-").to_owned();
    let catalog = crate::lake_tables::catalog();
    let owned = catalog.tables().filter(|table| table.scope != ScopeColumns::default());
    let defined: Vec<_> = owned
        .map(|table| {
            let of = |column: &Option<String>| text(column.as_deref());
            let scope = &table.scope;
            (table.id.clone(), of(&scope.street), of(&scope.organization), of(&scope.person))
        })
        .collect();
    let listed: Vec<_> = OWNERS
        .iter()
        .map(|owners| {
            (owners.table.to_owned(), text(owners.street), text(owners.organization), text(owners.person))
        })
        .collect();
    assert_eq!(defined, listed, "transactional/resources and warehouse/tables");
}
