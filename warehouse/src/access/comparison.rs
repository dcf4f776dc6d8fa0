//! Partial aggregates of all districts, for comparisons that are declared by definition: a district beside the city. It
//! is no flag on a session and gives no rows; what of the aggregates may be shown is for the declaration to decide.

use std::collections::BTreeMap;
use std::sync::Arc;

use datafusion::prelude::DataFrame;
use futures::FutureExt;
use futures::future::BoxFuture;
use pujiang_security::Principal;

use super::door::{Door, store_url};
use super::{rollup, session};
use crate::definition::TableKind;
use crate::delta::Snapshot;
use crate::error::WarehouseError;
use crate::rollup::RollupSpec;

/// Get one from [`Door::comparison`].
pub struct ComparisonReader {
    door: Door,
    account: String,
    fingerprint: String,
    columns: Arc<super::view::View>,
    snapshots: BTreeMap<String, Arc<Snapshot>>,
}

impl ComparisonReader {
    pub(super) fn new(door: Door, principal: &Principal) -> Self {
        let snapshots = door.tables.iter().map(|(id, t)| (id.clone(), t.snapshot())).collect();
        Self {
            account: principal.account().to_owned(),
            fingerprint: principal.scope().fingerprint(),
            columns: door.seen(principal).view,
            snapshots,
            door,
        }
    }

    /// Partial aggregates of every district as a plan to build on: `district_code`, `day`, the dimensions, the measures.
    /// Rows of the city as a whole are included. Columns the person does not see in clear are refused as in a session.
    pub fn rollup<'a>(&'a self, spec: &'a RollupSpec) -> BoxFuture<'a, Result<DataFrame, WarehouseError>> {
        async move {
            let unknown = || WarehouseError::UnknownTable(spec.table.clone());
            let view = self.columns.tables.get(&spec.table).ok_or_else(unknown)?;
            let snapshot = self.snapshots.get(&spec.table).ok_or_else(unknown)?;
            if !rollup::from_side_files(view, spec, false)? {
                let treated = |c: &&String| {
                    view.def.masks.contains_key(*c) && !view.all_clear([c.as_str()].into_iter())
                };
                let column = spec.dimensions.iter().find(treated).cloned().unwrap_or_default();
                return Err(WarehouseError::HiddenColumn { table: spec.table.clone(), column });
            }
            tracing::info!(
                account = %self.account, scope = %self.fingerprint, table.id = %spec.table,
                "aggregates of all districts read for a declared comparison"
            );
            let files = snapshot
                .files
                .iter()
                .filter(|file| {
                    !file.is_tombstones()
                        && (view.def.kind == TableKind::Reference || file.district.is_some())
                })
                .cloned()
                .collect();
            let context = || self.door.empty_context();
            let partials = Box::pin(self.door.rollups.provider(
                &context,
                &view.def,
                store_url(&spec.table)?,
                files,
                spec,
            ))
            .await?;
            self.door.empty_context().read_table(partials).map_err(WarehouseError::from_engine)
        }
        .boxed()
    }

    /// The data version of an answer that read these tables.
    pub fn data_version(&self, tables: &[&str]) -> String {
        session::data_version(tables, |table| self.snapshots.get(table).map(|s| s.version))
    }
}

impl std::fmt::Debug for ComparisonReader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ComparisonReader({})", self.account)
    }
}
