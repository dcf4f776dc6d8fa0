//! The mark of tables that came from this room, and the alarm: every scan of a statement's plan, sub-queries included,
//! must bear the mark of the session it runs in. The catalog already offers nothing else; should a later change open
//! a way round it, the alarm stops the statement.

use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use async_trait::async_trait;
use datafusion::catalog::Session;
use datafusion::catalog::cte_worktable::CteWorkTable;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::config::ConfigOptions;
use datafusion::datasource::{TableProvider, TableType, source_as_provider};
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::{Expr, LogicalPlan, TableProviderFilterPushDown};
use datafusion::optimizer::AnalyzerRule;
use datafusion::physical_plan::ExecutionPlan;

/// Where a table comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    /// Made for one session from its scope.
    Session(u64),
    /// The same for everybody, without rows of the lake: system catalogs, number series.
    Constant,
}

/// A table this room gave out. It hands on schema, filters and scans and nothing else: no statistics, no plan of a
/// view, no writing.
#[derive(Debug)]
pub(super) struct Admitted {
    table: Arc<dyn TableProvider>,
    origin: Origin,
    /// How a function that stands as a table was called.
    call: Option<String>,
}

impl Admitted {
    /// The table with its mark.
    pub fn of(table: Arc<dyn TableProvider>, origin: Origin) -> Arc<dyn TableProvider> {
        Arc::new(Self { table, origin, call: None })
    }

    /// The table a call gave, with its mark.
    pub fn called(table: Arc<dyn TableProvider>, origin: Origin, call: String) -> Arc<dyn TableProvider> {
        Arc::new(Self { table, origin, call: Some(call) })
    }

    /// How it was called; none of what is no function.
    pub fn call(&self) -> Option<&str> {
        self.call.as_deref()
    }
}

#[async_trait]
impl TableProvider for Admitted {
    fn schema(&self) -> SchemaRef {
        self.table.schema()
    }

    fn table_type(&self) -> TableType {
        self.table.table_type()
    }

    fn supports_filters_pushdown(&self, filters: &[&Expr]) -> Result<Vec<TableProviderFilterPushDown>> {
        self.table.supports_filters_pushdown(filters)
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        self.table.scan(state, projection, filters, limit).await
    }
}

/// A scan that did not come from this session.
#[derive(Debug, thiserror::Error)]
#[error("the plan reads {table}, which this session did not give out")]
pub(super) struct AccessAlarm {
    table: String,
}

/// Sounds when a plan reads a table that is not of the session.
pub(super) fn check(plan: &LogicalPlan, session: u64) -> Result<()> {
    plan.apply_with_subqueries(|node| {
        let LogicalPlan::TableScan(scan) = node else { return Ok(TreeNodeRecursion::Continue) };
        let provider = source_as_provider(&scan.source)?;
        // The rows a recursive query made itself in the round before.
        if provider.is::<CteWorkTable>() {
            return Ok(TreeNodeRecursion::Continue);
        }
        let origin = provider.downcast_ref::<Admitted>().map(|admitted| admitted.origin);
        if matches!(origin, Some(Origin::Constant)) || origin == Some(Origin::Session(session)) {
            return Ok(TreeNodeRecursion::Continue);
        }
        tracing::error!(table = %scan.table_name, "access alarm: a plan reads a table its session did not give out; the statement was stopped");
        Err(DataFusionError::External(Box::new(AccessAlarm { table: scan.table_name.to_string() })))
    })?;
    Ok(())
}

/// The alarm as a rule of a session: it also meets plans that are not run through our own calls.
#[derive(Debug)]
pub(super) struct Alarm {
    pub session: u64,
}

impl AnalyzerRule for Alarm {
    fn analyze(&self, plan: LogicalPlan, _: &ConfigOptions) -> Result<LogicalPlan> {
        check(&plan, self.session).map(|()| plan)
    }

    fn name(&self) -> &str {
        "access_alarm"
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::datatypes::{DataType, Field, Schema};
    use datafusion::datasource::{MemTable, provider_as_source};
    use datafusion::logical_expr::{LogicalPlanBuilder, col, in_subquery};

    fn scan(name: &str, origin: Option<Origin>) -> LogicalPlanBuilder {
        let schema = Arc::new(Schema::new(vec![Field::new("n", DataType::Int64, true)]));
        let table: Arc<dyn TableProvider> = Arc::new(MemTable::try_new(schema, vec![vec![]]).expect("table"));
        let table = match origin {
            Some(origin) => Admitted::of(table, origin),
            None => table,
        };
        LogicalPlanBuilder::scan(name, provider_as_source(table), None).expect("scan")
    }

    #[test]
    fn every_scan_must_bear_the_mark_of_the_session() {
        let passes = |origin: Option<Origin>| {
            let plan = scan("t", origin).build().expect("plan");
            let inside = scan("u", Some(Origin::Session(1)))
                .filter(in_subquery(col("u.n"), Arc::new(plan.clone())))
                .and_then(LogicalPlanBuilder::build)
                .expect("plan");
            assert_eq!(check(&plan, 1).is_ok(), check(&inside, 1).is_ok(), "sub-queries are looked at, too");
            check(&plan, 1).is_ok()
        };
        assert!(passes(Some(Origin::Session(1))));
        assert!(passes(Some(Origin::Constant)));
        assert!(!passes(Some(Origin::Session(2))), "of another session");
        assert!(!passes(None), "not from this room");
    }
}
