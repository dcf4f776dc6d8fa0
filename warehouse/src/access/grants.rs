//! A scope applied to a table: which of its files are worth opening, and which rows of them may be seen when a file
//! is not visible as a whole. Codes and ids become literals here; no text is ever spliced.

use std::collections::BTreeSet;
use std::sync::Arc;

use datafusion::common::{Column, ScalarValue};
use datafusion::logical_expr::{Expr, lit};
use pujiang_security::{DataScope, DistrictCode};

use crate::DISTRICT_COLUMN;
use crate::definition::{TableDef, TableKind};
use crate::delta::{DataFile, Snapshot};

/// A scope with its organisations resolved to everything below them.
#[derive(Debug, Clone)]
pub(super) struct Grants {
    pub scope: DataScope,
    /// The granted organisations and all below them.
    pub organizations: BTreeSet<String>,
}

/// What of a table a scope reaches.
#[derive(Debug)]
pub(super) struct Reach {
    pub files: Vec<Arc<DataFile>>,
    /// Present as soon as grants are finer than districts, whether or not a file needs it: what is done must not
    /// depend on rows that are not visible.
    pub rows: Option<RowRule>,
}

/// A row may be seen when one of these columns has one of these values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RowRule {
    any_of: Vec<(String, Vec<String>)>,
}

impl Grants {
    /// Cuts a table to the scope.
    pub fn reach(&self, def: &TableDef, snapshot: &Snapshot) -> Reach {
        if def.kind == TableKind::Reference {
            return Reach { files: snapshot.files.clone(), rows: None };
        }
        let rows = self.rule(def);
        let visible = |file: &&Arc<DataFile>| {
            // `parse` refuses the tombstone partition, so no scope can include it.
            let district = file.district.as_deref().and_then(|d| DistrictCode::parse(d).ok());
            district.is_some_and(|d| self.scope.allows(d) || (rows.is_some() && self.may_hold(def, d)))
        };
        Reach { files: snapshot.files.iter().filter(visible).cloned().collect(), rows }
    }

    /// Whether a district that is not visible as a whole may hold a visible row of the table.
    fn may_hold(&self, def: &TableDef, district: DistrictCode) -> bool {
        let street =
            def.scope.street.is_some() && self.scope.streets().iter().any(|s| s.district() == district);
        let organization = def.scope.organization.is_some() && !self.organizations.is_empty();
        let person = def.scope.person.is_some() && !self.scope.persons().is_empty();
        street || organization || person
    }

    /// The rule for rows, when the table has a column for one of the finer grants.
    pub fn rule(&self, def: &TableDef) -> Option<RowRule> {
        let finer: Vec<(String, Vec<String>)> = [
            (&def.scope.street, self.scope.streets().iter().map(|s| s.as_str().to_owned()).collect()),
            (&def.scope.organization, self.organizations.iter().cloned().collect::<Vec<_>>()),
            (&def.scope.person, self.scope.persons().iter().map(|p| p.as_str().to_owned()).collect()),
        ]
        .into_iter()
        .filter_map(|(column, values)| {
            Some((column.clone()?, values)).filter(|(_, values)| !values.is_empty())
        })
        .collect();
        if finer.is_empty() {
            return None;
        }
        let districts: Vec<String> = self.scope.districts().iter().map(|d| d.as_str().to_owned()).collect();
        let whole = Some((DISTRICT_COLUMN.to_owned(), districts)).filter(|(_, codes)| !codes.is_empty());
        Some(RowRule { any_of: whole.into_iter().chain(finer).collect() })
    }
}

impl RowRule {
    /// Columns the rule looks at.
    pub fn columns(&self) -> impl Iterator<Item = &str> {
        self.any_of.iter().map(|(column, _)| column.as_str())
    }

    /// The rule as a predicate of literals, which cannot fail on any row.
    pub fn predicate(&self) -> Expr {
        let one = |(column, values): &(String, Vec<String>)| {
            let list = values.iter().map(|v| lit(ScalarValue::Utf8View(Some(v.clone())))).collect();
            Expr::Column(Column::from_name(column)).in_list(list, false)
        };
        self.any_of.iter().map(one).reduce(Expr::or).unwrap_or_else(|| lit(false))
    }
}
