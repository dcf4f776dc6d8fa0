//! A table cut to a scope and a view. For districts it is a list of data files, nothing more: rows of other districts
//! are not filtered out, they are never opened, so no predicate, statistic, error or EXPLAIN can leak them (invariant 2).
//! Finer grants and treated columns are applied above that list, beneath the barrier (docs/decisions/0006).

use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use async_trait::async_trait;
use datafusion::catalog::Session;
use datafusion::common::{Column, DFSchema};
use datafusion::datasource::{TableProvider, TableType};
use datafusion::error::Result;
use datafusion::execution::object_store::ObjectStoreUrl;
use datafusion::logical_expr::{Expr, Operator, TableProviderFilterPushDown};
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_expr::conjunction_opt;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::empty::EmptyExec;
use datafusion::physical_plan::filter::FilterExec;
use pujiang_security::{Pseudonymizer, Treatment};

use super::barrier::{BarrierExec, Holds};
use super::file_scan::{FileScan, scan_files};
use super::grants::{Reach, RowRule};
use super::view::TableView;
use crate::DISTRICT_COLUMN;
use crate::delta::DataFile;

/// The files of one table a session may open, and how it sees them.
#[derive(Debug)]
pub(crate) struct ScopedTable {
    view: Arc<TableView>,
    store: ObjectStoreUrl,
    files: Vec<Arc<DataFile>>,
    rows: Option<RowRule>,
    pseudonyms: Option<Pseudonymizer>,
}

impl ScopedTable {
    /// The table as far as a scope reaches.
    pub(super) fn new(
        view: Arc<TableView>,
        store: ObjectStoreUrl,
        reach: Reach,
        pseudonyms: Option<Pseudonymizer>,
    ) -> Self {
        Self { view, store, files: reach.files, rows: reach.rows, pseudonyms }
    }

    /// All rows of these files: for partial aggregates, which are cut to scopes file by file later.
    pub(crate) fn of_files(view: Arc<TableView>, store: ObjectStoreUrl, files: Vec<Arc<DataFile>>) -> Self {
        Self { view, store, files, rows: None, pseudonyms: None }
    }

    /// Whether a filter may be looked at by the scan: not where rows are held back, and not on treated columns.
    fn may_see(&self, filter: &Expr) -> bool {
        self.rows.is_none() && self.view.all_clear(filter.column_refs().iter().map(|c| c.name.as_str()))
    }

    /// The physical form of a predicate over the columns as they lie in the files.
    fn predicate(&self, state: &dyn Session, filter: &Expr) -> Result<Arc<dyn PhysicalExpr>> {
        let schema = DFSchema::try_from(self.view.physical.table_schema().as_ref().clone())?;
        state.create_physical_expr(strip_qualifiers(filter)?, &schema)
    }

    async fn scan_beneath(
        &self,
        state: &dyn Session,
        shown: &[usize],
        filters: &[Expr],
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let mut positions: Vec<usize> = Vec::new();
        let mut place = |position: usize| {
            positions.iter().position(|p| *p == position).unwrap_or_else(|| {
                positions.push(position);
                positions.len() - 1
            })
        };
        let columns: Vec<(usize, Treatment)> = shown
            .iter()
            .map(|i| (place(self.view.columns[*i].position), self.view.columns[*i].treatment))
            .collect();
        let schema = Arc::new(self.view.schema.project(shown)?);
        let physical = self.view.physical.table_schema();
        for column in self.rows.iter().flat_map(RowRule::columns) {
            place(physical.index_of(column)?);
        }
        // Our own rule decides what is beneath; filters of the statement come here only where no row is held back.
        let own = match &self.rows {
            Some(rule) => Some(self.predicate(state, &rule.predicate())?),
            None => conjunction_opt(filters.iter().filter_map(|f| self.predicate(state, f).ok())),
        };
        let files: Vec<&Arc<DataFile>> = self.files.iter().filter(|f| wanted(f, filters)).collect();
        let beneath: Arc<dyn ExecutionPlan> = match files.is_empty() {
            true => Arc::new(EmptyExec::new(Arc::new(physical.project(&positions)?))),
            false => {
                let (view, store) = (&self.view, &self.store);
                let scan = FileScan {
                    view,
                    store,
                    files: &files,
                    positions: &positions,
                    predicate: own,
                    limit: None,
                    state,
                };
                scan_files(scan).await?
            }
        };
        let (beneath, holds) = match &self.rows {
            None => (beneath, Holds::Columns),
            Some(rule) => {
                let schema = DFSchema::try_from(beneath.schema().as_ref().clone())?;
                let keep = state.create_physical_expr(rule.predicate(), &schema)?;
                let kept: Arc<dyn ExecutionPlan> = Arc::new(FilterExec::try_new(keep, beneath)?);
                (kept, Holds::Rows)
            }
        };
        let barrier =
            BarrierExec::new(&self.view.def.id, beneath, holds, columns, schema, self.pseudonyms.clone());
        Ok(Arc::new(barrier))
    }
}

/// Predicates come with the name or alias of the table; the files know bare columns.
fn strip_qualifiers(filter: &Expr) -> Result<Expr> {
    use datafusion::common::tree_node::{Transformed, TreeNode};
    let bare = |e: Expr| match e {
        Expr::Column(c) => Ok(Transformed::yes(Expr::Column(Column::from_name(c.name)))),
        other => Ok(Transformed::no(other)),
    };
    Ok(filter.clone().transform(bare)?.data)
}

/// Whether no filter of the form `district_code = 'x'` or `IN (…)` rules a file out.
fn wanted(file: &DataFile, filters: &[Expr]) -> bool {
    let Some(district) = file.district.as_deref() else { return true };
    let is_district = |e: &Expr| matches!(e, Expr::Column(c) if c.name == DISTRICT_COLUMN);
    let may_be = |e: &Expr| match e {
        Expr::Literal(v, _) => v.try_as_str().flatten().is_none_or(|wanted| wanted == district),
        _ => true,
    };
    filters.iter().all(|filter| match filter {
        Expr::BinaryExpr(b) if b.op == Operator::Eq && is_district(&b.left) => may_be(&b.right),
        Expr::BinaryExpr(b) if b.op == Operator::Eq && is_district(&b.right) => may_be(&b.left),
        Expr::InList(list) if !list.negated && is_district(&list.expr) => list.list.iter().any(may_be),
        _ => true,
    })
}

#[async_trait]
impl TableProvider for ScopedTable {
    fn schema(&self) -> SchemaRef {
        self.view.schema.clone()
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    fn supports_filters_pushdown(&self, filters: &[&Expr]) -> Result<Vec<TableProviderFilterPushDown>> {
        let support = |filter: &&Expr| match self.may_see(filter) {
            true => TableProviderFilterPushDown::Inexact,
            false => TableProviderFilterPushDown::Unsupported,
        };
        Ok(filters.iter().map(support).collect())
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let shown: Vec<usize> = match projection {
            Some(chosen) => chosen.clone(),
            None => (0..self.view.columns.len()).collect(),
        };
        tracing::trace!(table.id = %self.view.def.id, files = self.files.len(), "scan planned");
        // Refused already when the statement was planned; what came through all the same is not used.
        let filters: Vec<Expr> = filters.iter().filter(|f| self.may_see(f)).cloned().collect();
        let treated = shown.iter().any(|i| self.view.columns[*i].treatment != Treatment::Clear);
        if self.rows.is_some() || treated {
            return self.scan_beneath(state, &shown, &filters).await;
        }
        let files: Vec<&Arc<DataFile>> = self.files.iter().filter(|f| wanted(f, &filters)).collect();
        if files.is_empty() {
            return Ok(Arc::new(EmptyExec::new(Arc::new(self.view.schema.project(&shown)?))));
        }
        let positions: Vec<usize> = shown.iter().map(|i| self.view.columns[*i].position).collect();
        scan_files(FileScan {
            view: &self.view,
            store: &self.store,
            files: &files,
            positions: &positions,
            predicate: None,
            limit,
            state,
        })
        .await
    }
}
