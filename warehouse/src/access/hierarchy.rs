//! The hierarchy of organisations, read from the table whose definition has a `[tree]`, once per version of it.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use arrow::array::AsArray;
use pujiang_security::RecordId;

use crate::delta::{LakeTable, Snapshot, parquet_file};
use crate::error::WarehouseError;

/// Who is directly below whom.
#[derive(Debug, Default)]
pub(super) struct Hierarchy {
    below: HashMap<String, Vec<String>>,
}

/// Keeps the hierarchy of the newest version asked for.
#[derive(Default)]
pub(super) struct HierarchyCache {
    /// Held while reading, so that sessions of one moment read the table once.
    kept: tokio::sync::Mutex<Option<(i64, Arc<Hierarchy>)>>,
}

impl HierarchyCache {
    /// The hierarchy as of the table's newest snapshot, and that snapshot's version.
    pub async fn newest(&self, table: &LakeTable) -> Result<(Arc<Hierarchy>, i64), WarehouseError> {
        let mut kept = self.kept.lock().await;
        let snapshot = table.snapshot();
        if let Some((version, known)) = kept.as_ref().filter(|(version, _)| *version == snapshot.version) {
            return Ok((known.clone(), *version));
        }
        let read = Arc::new(Hierarchy::read(table, &snapshot).await?);
        *kept = Some((snapshot.version, read.clone()));
        Ok((read, snapshot.version))
    }
}

impl Hierarchy {
    async fn read(table: &LakeTable, snapshot: &Snapshot) -> Result<Self, WarehouseError> {
        let def = table.def().clone();
        let Some(parent) = def.parent.clone() else { return Ok(Self::default()) };
        let mut below: HashMap<String, Vec<String>> = HashMap::new();
        for file in snapshot.files.iter().filter(|f| !f.is_tombstones()) {
            let rows = parquet_file::read(table.store(), file, &[&def.key, &parent]).await?;
            let column = |name: &str| rows.column_by_name(name).and_then(|c| c.as_string_opt::<i32>());
            // A file written before the column existed knows no parents.
            let (Some(keys), Some(parents)) = (column(&def.key), column(&parent)) else { continue };
            for (key, parent) in keys.iter().zip(parents) {
                if let (Some(key), Some(parent)) = (key, parent) {
                    below.entry(parent.to_owned()).or_default().push(key.to_owned());
                }
            }
        }
        Ok(Self { below })
    }

    /// These organisations and everything below them. Ends on a circle, too.
    pub fn with_all_below(&self, granted: &BTreeSet<RecordId>) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        let mut waiting: Vec<&str> = granted.iter().map(RecordId::as_str).collect();
        while let Some(id) = waiting.pop() {
            if found.insert(id.to_owned()) {
                waiting.extend(self.below.get(id).into_iter().flatten().map(String::as_str));
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_below_is_found_also_in_a_circle() {
        let edges = [("a", "b"), ("a", "c"), ("c", "d"), ("x", "y"), ("y", "x")];
        let mut tree = Hierarchy::default();
        for (parent, child) in edges {
            tree.below.entry(parent.into()).or_default().push(child.into());
        }
        let below = |ids: &[&str]| {
            let granted = ids.iter().map(|id| RecordId::parse(id).expect("id")).collect();
            tree.with_all_below(&granted).into_iter().collect::<Vec<_>>().join("")
        };
        assert_eq!(below(&["a"]), "abcd");
        assert_eq!(below(&["c", "b"]), "bcd");
        assert_eq!(below(&["x"]), "xy");
        assert_eq!(below(&["unknown"]), "unknown");
        assert_eq!(below(&[]), "");
    }
}
