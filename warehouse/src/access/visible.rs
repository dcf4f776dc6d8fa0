//! What one person sees of the lake's tables, in words: for completion, documentation and `why`. Hidden columns are absent.

use pujiang_security::{Principal, Treatment};

use super::door::Door;
use crate::definition::{ColumnType, TableKind, Visibility};

/// A table a person can ask.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VisibleTable {
    /// SQL name.
    pub id: String,
    /// Chinese title.
    pub title: String,
    /// What a row is.
    pub description: String,
    /// Layer the table belongs to.
    pub layer: String,
    /// District or reference.
    pub kind: TableKind,
    /// Columns in declared order, without hidden ones.
    pub columns: Vec<VisibleColumn>,
}

/// A column a person can ask.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VisibleColumn {
    /// SQL name.
    pub name: String,
    /// Chinese title.
    pub title: String,
    /// Type.
    pub kind: ColumnType,
    /// Who may see it in general.
    pub visibility: Visibility,
    /// Whether a row may leave it empty.
    pub nullable: bool,
    /// How this person sees it.
    pub treatment: Treatment,
}

impl Door {
    /// The tables and columns this principal can ask for.
    pub fn visible_catalog(&self, principal: &Principal) -> Vec<VisibleTable> {
        let view = self.seen(principal).view;
        let tables = view.tables.values().map(|table| {
            let columns = table.columns.iter().filter_map(|seen| {
                let def = table.def.column(&seen.name)?;
                Some(VisibleColumn {
                    name: def.name.clone(),
                    title: def.title.clone(),
                    kind: def.kind,
                    visibility: def.visibility,
                    nullable: def.nullable,
                    treatment: seen.treatment,
                })
            });
            VisibleTable {
                id: table.def.id.clone(),
                title: table.def.title.clone(),
                description: table.def.description.clone(),
                layer: table.def.layer.clone(),
                kind: table.def.kind,
                columns: columns.collect(),
            }
        });
        tables.collect()
    }
}
