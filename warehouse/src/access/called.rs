//! What tells two calls of a function that stands as a table apart. The engine names both scans `generate_series()` and
//! compares scans by their names, so that one would be answered with the rows of the other: in one statement, and among
//! answers that are kept. Here a scan is named after its call and shows the engine's name to the rest of the statement.

use std::sync::Arc;

use datafusion::catalog::{TableFunctionArgs, TableFunctionImpl};
use datafusion::common::TableReference;
use datafusion::common::tree_node::Transformed;
use datafusion::datasource::{TableProvider, source_as_provider};
use datafusion::error::Result;
use datafusion::logical_expr::logical_plan::TableScanBuilder;
use datafusion::logical_expr::{LogicalPlan, SubqueryAlias, TableScan};
use datafusion::prelude::SessionContext;

use super::admitted::{Admitted, Origin};

/// Puts itself before every function that stands as a table. To be called when all are there.
pub(super) fn tell_calls_apart(context: &SessionContext) {
    let functions = context.state().table_functions().clone();
    for (name, function) in &functions {
        let called = Called { name: name.clone(), inner: function.function().clone() };
        context.register_udtf(name, Arc::new(called));
    }
}

/// A function whose tables know how they were called.
#[derive(Debug)]
struct Called {
    name: String,
    inner: Arc<dyn TableFunctionImpl>,
}

impl TableFunctionImpl for Called {
    fn call_with_args(&self, args: TableFunctionArgs) -> Result<Arc<dyn TableProvider>> {
        // With the types of the arguments: 1 and 1::bigint are two calls.
        let call = format!("{}({:?})", self.name, args.exprs());
        let table = self.inner.call_with_args(args)?;
        Ok(Admitted::called(table, Origin::Constant, call))
    }
}

/// Whether a scan is of a function that stands as a table.
pub(super) fn is_call(scan: &TableScan) -> bool {
    let provider = source_as_provider(&scan.source);
    provider.is_ok_and(|table| table.downcast_ref::<Admitted>().is_some_and(|table| table.call().is_some()))
}

/// Names scans after their calls.
pub(super) fn name_calls(plan: LogicalPlan) -> Result<LogicalPlan> {
    plan.transform_up_with_subqueries(|node| match node {
        LogicalPlan::TableScan(scan) => named(scan),
        other => Ok(Transformed::no(other)),
    })
    .map(|plan| plan.data)
}

fn named(scan: TableScan) -> Result<Transformed<LogicalPlan>> {
    let provider = source_as_provider(&scan.source)?;
    let Some(call) = provider.downcast_ref::<Admitted>().and_then(Admitted::call) else {
        return Ok(Transformed::no(LogicalPlan::TableScan(scan)));
    };
    let shown = scan.table_name.clone();
    let name = TableReference::bare(call.to_owned());
    if shown == name {
        return Ok(Transformed::no(LogicalPlan::TableScan(scan)));
    }
    let scan = TableScanBuilder::new(name, scan.source)
        .with_projection(scan.projection)
        .with_filters(scan.filters)
        .with_fetch(scan.fetch)
        .build()?;
    let alias = SubqueryAlias::try_new(Arc::new(LogicalPlan::TableScan(scan)), shown)?;
    Ok(Transformed::yes(LogicalPlan::SubqueryAlias(alias)))
}
