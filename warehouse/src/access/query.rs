//! Running statements of a session: plan, check, execute as a stream or collected under a bound. Every plan, also one
//! made by calls instead of text, goes through `gather` or `stream` and thus through the alarm and the memory bounds.

use std::collections::HashSet;
use std::sync::Arc;

use arrow::array::{Array, ArrayData, RecordBatch};
use arrow::datatypes::{DataType, SchemaRef};
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::common::{ParamValues, TableReference};
use datafusion::execution::SendableRecordBatchStream;
use datafusion::execution::context::SQLOptions;
use datafusion::logical_expr::{LogicalPlan, LogicalPlanBuilder};
use datafusion::optimizer::AnalyzerRule;
use datafusion::optimizer::analyzer::type_coercion::TypeCoercion;
use datafusion::physical_plan::execute_stream;
use datafusion::sql::parser::Statement as EngineStatement;
use datafusion::sql::sqlparser::ast::Statement;
use futures::future::BoxFuture;
use futures::{FutureExt, StreamExt};

use super::array::tell_types;
use super::called::{is_call, name_calls};
use super::join_keys::named_keys;
use super::lake_catalog::PUBLIC;
use super::numeric::FloatsFirst;
use super::plan_size;
use super::window_keys::bare_keys;
use super::wording::count_copies;
use super::yielding::yielding;
use super::{ScopedSession, admitted, constants, parse};
use crate::error::WarehouseError;

/// How much of an answer is gathered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct AnswerLimit {
    /// Rows at the most.
    pub rows: usize,
    /// Bytes after which nothing more is gathered.
    pub bytes: usize,
}

impl Default for AnswerLimit {
    fn default() -> Self {
        Self { rows: usize::MAX, bytes: usize::MAX }
    }
}

impl From<usize> for AnswerLimit {
    /// A bound of rows only.
    fn from(rows: usize) -> Self {
        Self { rows, ..Self::default() }
    }
}

/// Rows a query gave, with the versions they were read from.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Columns.
    pub schema: SchemaRef,
    /// Rows.
    pub batches: Vec<RecordBatch>,
    /// `table@version` of each table the query named.
    pub data_version: String,
    /// Tables the query named.
    pub tables: Vec<String>,
    /// Whether the bound of bytes cut it off.
    pub cut: bool,
}

/// Rows of a query as they come.
pub struct AnswerStream {
    /// Columns.
    pub schema: SchemaRef,
    /// Rows.
    pub stream: SendableRecordBatchStream,
    /// `table@version` of each table the query named.
    pub data_version: String,
    /// Tables the query named.
    pub tables: Vec<String>,
}

/// A statement that was planned and found to be read-only. It runs in the session that prepared it and in no other.
#[derive(Debug)]
pub struct Prepared {
    session: u64,
    plan: LogicalPlan,
    tables: Vec<String>,
}

impl Prepared {
    /// Columns of the answer. Their types are known once the branches of a CASE or the sides of a UNION were made equal;
    /// where parameters leave that open, they are those of the statement as it is written.
    pub fn schema(&self) -> SchemaRef {
        let options = ConfigOptions::default();
        let typed = FloatsFirst
            .analyze(self.plan.clone(), &options)
            .and_then(|plan| TypeCoercion::new().analyze(plan, &options));
        let schema = typed.as_ref().map_or_else(|_| self.plan.schema(), LogicalPlan::schema);
        Arc::new(schema.as_arrow().clone())
    }

    /// Parameters in the order `$1`, `$2` …, with the type the statement demands where it tells.
    pub fn parameters(&self) -> Vec<(String, Option<DataType>)> {
        let types = self.plan.get_parameter_types().unwrap_or_default();
        let mut named: Vec<(String, Option<DataType>)> = types.into_iter().collect();
        let number = |name: &str| name.trim_start_matches('$').parse::<u32>().unwrap_or(u32::MAX);
        named.sort_by(|a, b| number(&a.0).cmp(&number(&b.0)).then_with(|| a.0.cmp(&b.0)));
        named
    }

    /// Tables of the lake it reads, sorted.
    pub fn tables(&self) -> &[String] {
        &self.tables
    }

    pub(super) fn plan(&self) -> &LogicalPlan {
        &self.plan
    }
}

/// Batches gathered under a bound.
pub(super) struct Gathered {
    pub schema: SchemaRef,
    pub batches: Vec<RecordBatch>,
    pub cut: bool,
}

impl ScopedSession {
    /// Plans one statement. Whatever is not reading is refused here.
    pub fn prepare(&self, statement: Statement) -> BoxFuture<'_, Result<Prepared, WarehouseError>> {
        async move {
            if !reads(&statement) {
                return Err(WarehouseError::ReadOnly("这不是查询语句".into()));
            }
            let statement = EngineStatement::Statement(Box::new(statement));
            let plan = Box::pin(self.state.statement_to_plan(statement))
                .await
                .map_err(WarehouseError::from_engine)?;
            SQLOptions::new()
                .with_allow_ddl(false)
                .with_allow_dml(false)
                .with_allow_statements(false)
                .verify_plan(&plan)
                .map_err(|e| WarehouseError::ReadOnly(e.strip_backtrace()))?;
            let plan = completed(plan).map_err(WarehouseError::from_engine)?;
            Ok(Prepared { session: self.lake.session, tables: tables_of(&plan)?, plan })
        }
        .boxed()
    }

    /// Runs a prepared statement. Answers are never taken from the cache here.
    pub fn stream(
        &self,
        prepared: Prepared,
        parameters: ParamValues,
    ) -> BoxFuture<'_, Result<AnswerStream, WarehouseError>> {
        async move {
            let plan = self.bound(&prepared, parameters)?;
            let stream = Box::pin(self.run(plan)).await?;
            let data_version = self.version_of(&prepared.tables);
            Ok(AnswerStream { schema: stream.schema(), stream, data_version, tables: prepared.tables })
        }
        .boxed()
    }

    /// Runs one read-only statement.
    pub fn sql<'a>(&'a self, text: &'a str) -> BoxFuture<'a, Result<Answer, WarehouseError>> {
        self.sql_up_to(text, AnswerLimit::default())
    }

    /// Runs one read-only statement and stops gathering at the bound, so that no answer fills the memory. Equal
    /// questions of people who see the same are answered once per data version.
    pub fn sql_up_to<'a>(
        &'a self,
        text: &'a str,
        limit: impl Into<AnswerLimit>,
    ) -> BoxFuture<'a, Result<Answer, WarehouseError>> {
        let limit = limit.into();
        async move { self.answer(self.prepare(only(parse(text)?)?).await?, limit).await }.boxed()
    }

    /// Runs a prepared statement without parameters, through the cache.
    pub fn answer(
        &self,
        prepared: Prepared,
        limit: AnswerLimit,
    ) -> BoxFuture<'_, Result<Answer, WarehouseError>> {
        async move {
            let plan = self.bound(&prepared, ParamValues::List(Vec::new()))?;
            let plan = limited(plan, limit.rows)?;
            let data_version = self.version_of(&prepared.tables);
            let compute = || {
                let (plan, tables, data_version) =
                    (plan.clone(), prepared.tables.clone(), data_version.clone());
                async move {
                    let Gathered { schema, batches, cut } = self.gather(plan, limit).await?;
                    Ok(Answer { schema, batches, data_version, tables, cut })
                }
                .boxed()
            };
            let key = self.door.answers.key(&self.access, &plan, limit, &data_version);
            self.door.answers.get_or_compute(key, compute).await
        }
        .boxed()
    }

    /// Runs a plan and gathers its rows up to the bound.
    pub(super) async fn gather(
        &self,
        plan: LogicalPlan,
        limit: AnswerLimit,
    ) -> Result<Gathered, WarehouseError> {
        let mut stream = Box::pin(self.run(plan)).await?;
        let schema = stream.schema();
        let (mut batches, mut rows, mut bytes, mut cut) = (Vec::new(), 0_usize, 0_usize, false);
        let mut seen = HashSet::new();
        while let Some(batch) = stream.next().await {
            let batch = batch.map_err(WarehouseError::from_engine)?;
            let left = limit.rows - rows;
            if batch.num_rows() >= left {
                batches.push(batch.slice(0, left));
                break;
            }
            rows += batch.num_rows();
            bytes = bytes.saturating_add(held_anew(&batch, &mut seen));
            batches.push(batch);
            if bytes > limit.bytes {
                cut = true;
                break;
            }
        }
        Ok(Gathered { schema, batches, cut })
    }

    /// Optimises, sounds the alarm if need be, and starts a plan within the account's bounds of memory.
    async fn run(&self, plan: LogicalPlan) -> Result<SendableRecordBatchStream, WarehouseError> {
        let mut state = self.state.clone();
        state.mark_start_execution();
        plan_size::check(&plan).map_err(WarehouseError::from_engine)?;
        let optimized = state
            .optimize(&plan)
            .and_then(bare_keys)
            .and_then(named_keys)
            .map_err(WarehouseError::from_engine)?;
        admitted::check(&optimized, self.lake.session)
            .and_then(|()| constants::check(&optimized))
            .map_err(WarehouseError::from_engine)?;
        let physical = Box::pin(state.query_planner().create_physical_plan(&optimized, &state))
            .await
            .map_err(WarehouseError::from_engine)?;
        let physical = yielding(physical).map_err(WarehouseError::from_engine)?;
        execute_stream(physical, self.runtime.task(&state)).map_err(WarehouseError::from_engine)
    }

    fn bound(&self, prepared: &Prepared, parameters: ParamValues) -> Result<LogicalPlan, WarehouseError> {
        if prepared.session != self.lake.session {
            // Its tables are cut to the scope of another session, perhaps of another person.
            return Err(WarehouseError::ForeignStatement);
        }
        prepared.plan().clone().with_param_values(parameters).map_err(WarehouseError::from_engine)
    }

    fn version_of(&self, tables: &[String]) -> String {
        self.data_version(&tables.iter().map(String::as_str).collect::<Vec<_>>())
    }
}

/// What the engine's planner cannot know: which copy a row is, how tables were called, the types of parameters of our
/// own functions.
fn completed(plan: LogicalPlan) -> datafusion::error::Result<LogicalPlan> {
    count_copies(plan).and_then(name_calls).and_then(tell_types)
}

/// The one statement of a text.
fn only(statements: Vec<Statement>) -> Result<Statement, WarehouseError> {
    let number = statements.len();
    let mut statements = statements.into_iter();
    match (statements.next(), number) {
        (Some(statement), 1) => Ok(statement),
        _ => Err(WarehouseError::ReadOnly(format!("一次只能执行一条语句，这里有 {number} 条"))),
    }
}

/// Bytes of a batch in memory that no batch before it holds: slices of one array share its buffers.
pub(super) fn held_anew(batch: &RecordBatch, seen: &mut HashSet<usize>) -> usize {
    let mut left: Vec<ArrayData> = batch.columns().iter().map(|column| column.to_data()).collect();
    let mut bytes = 0;
    while let Some(array) = left.pop() {
        for buffer in array.buffers().iter().chain(array.nulls().map(|nulls| nulls.buffer())) {
            if seen.insert(buffer.data_ptr().as_ptr() as usize) {
                bytes += buffer.capacity();
            }
        }
        left.extend(array.child_data().iter().cloned());
    }
    bytes
}

/// Whether a statement is of a kind that reads. What it reads is checked on the plan.
fn reads(statement: &Statement) -> bool {
    match statement {
        Statement::Explain { statement, .. } => reads(statement),
        Statement::Query(_)
        | Statement::ExplainTable { .. }
        | Statement::ShowTables { .. }
        | Statement::ShowColumns { .. }
        | Statement::ShowFunctions { .. }
        | Statement::ShowVariable { .. } => true,
        _ => false,
    }
}

/// Bounds the rows in the plan itself, so that sorting and scanning stop early. An explained plan is a few rows, and
/// must stay the root of its plan.
fn limited(plan: LogicalPlan, rows: usize) -> Result<LogicalPlan, WarehouseError> {
    let whole =
        matches!(plan, LogicalPlan::Explain(_) | LogicalPlan::Analyze(_) | LogicalPlan::DescribeTable(_));
    if rows == usize::MAX || whole {
        return Ok(plan);
    }
    LogicalPlanBuilder::from(plan)
        .limit(0, Some(rows))
        .and_then(LogicalPlanBuilder::build)
        .map_err(WarehouseError::from_engine)
}

/// Tables of the lake a plan scans, sub-queries included.
fn tables_of(plan: &LogicalPlan) -> Result<Vec<String>, WarehouseError> {
    let mut tables = Vec::new();
    plan.apply_with_subqueries(|node| {
        if let LogicalPlan::TableScan(scan) = node
            && in_lake(&scan.table_name)
            && !is_call(scan)
        {
            tables.push(scan.table_name.table().to_owned());
        }
        Ok(TreeNodeRecursion::Continue)
    })
    .map_err(WarehouseError::from_engine)?;
    tables.sort_unstable();
    tables.dedup();
    Ok(tables)
}

/// Whether a scan is of the lake and not of a system catalog.
pub(super) fn in_lake(table: &TableReference) -> bool {
    table.schema().is_none_or(|schema| schema == PUBLIC)
}
