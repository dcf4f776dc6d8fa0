//! How large a plan may be before anything optimises it. The optimizer writes what a column is in its place wherever a filter goes
//! through a projection, so that fifteen levels of `x + x` made gigabytes on a thread that nothing can interrupt; a name of
//! WITH is read once for each time it is said, so that eleven levels of a join with itself read a table two thousand times.

use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion, TreeNodeVisitor};
use datafusion::common::{DFSchema, plan_err};
use datafusion::error::Result;
use datafusion::logical_expr::{Expr, LogicalPlan};

/// Scans of a plan.
const MOST_SCANS: usize = 128;
/// Joins of a plan.
const MOST_JOINS: usize = 32;
/// Parts of all conditions, with every column written as what it is worked out from.
const MOST_PARTS: u64 = 20_000;

/// Refuses a larger one.
pub(super) fn check(plan: &LogicalPlan) -> Result<()> {
    let mut size = Size::default();
    plan.visit(&mut size)?;
    match size {
        Size { scans, .. } if scans > MOST_SCANS => plan_err!(
            "这条语句要读表 {scans} 次，最多 {MOST_SCANS} 次；WITH 里的子查询每引用一次就读一次，请减少引用"
        ),
        Size { joins, .. } if joins > MOST_JOINS => plan_err!(
            "这条语句有 {joins} 个连接，最多 {MOST_JOINS} 个；WITH 里的子查询每引用一次就计一次，请减少引用"
        ),
        Size { parts, .. } if parts > MOST_PARTS => {
            plan_err!("条件里的列层层由别的列算出，展开后太长；请减少 WITH 或子查询的层数，或每层引用的次数")
        }
        _ => Ok(()),
    }
}

/// What was found, and for the plans just left how many parts each of their columns is worked out from.
#[derive(Default)]
struct Size {
    scans: usize,
    joins: usize,
    parts: u64,
    columns: Vec<Vec<u64>>,
}

impl<'n> TreeNodeVisitor<'n> for Size {
    type Node = LogicalPlan;

    fn f_up(&mut self, node: &'n LogicalPlan) -> Result<TreeNodeRecursion> {
        let inputs = node.inputs();
        let below: Vec<Vec<u64>> = self.columns.split_off(self.columns.len().saturating_sub(inputs.len()));
        let parts_of = |expr: &Expr| {
            let sides = inputs
                .iter()
                .zip(&below)
                .map(|(input, columns)| (input.schema().as_ref(), columns.as_slice()));
            parts(expr, &sides.collect::<Vec<_>>())
        };
        let columns = match node {
            LogicalPlan::Projection(projection) => projection.expr.iter().map(parts_of).collect(),
            LogicalPlan::Aggregate(aggregate) => aggregate.group_expr.iter().map(parts_of).collect(),
            LogicalPlan::Union(_) => below.into_iter().reduce(larger).unwrap_or_default(),
            LogicalPlan::Filter(filter) => {
                self.parts = self.parts.saturating_add(parts_of(&filter.predicate));
                below.into_iter().flatten().collect()
            }
            LogicalPlan::Join(join) => {
                self.joins += 1;
                let keys = join.on.iter().flat_map(|(left, right)| [left, right]);
                let conditions = keys.chain(&join.filter).map(parts_of).fold(0, u64::saturating_add);
                self.parts = self.parts.saturating_add(conditions);
                below.into_iter().flatten().collect()
            }
            LogicalPlan::TableScan(_) => {
                self.scans += 1;
                vec![]
            }
            _ => below.into_iter().flatten().collect(),
        };
        let mut columns: Vec<u64> = columns;
        // What a node adds by itself is a column of its own.
        columns.resize(node.schema().fields().len(), 1);
        self.columns.push(columns);
        node.apply_subqueries(|asked| {
            let depth = self.columns.len();
            asked.visit(self)?;
            self.columns.truncate(depth);
            Ok(TreeNodeRecursion::Continue)
        })
    }
}

fn larger(one: Vec<u64>, other: Vec<u64>) -> Vec<u64> {
    one.into_iter().zip(other).map(|(one, other)| one.max(other)).collect()
}

/// Parts of an expression over some inputs.
fn parts(expr: &Expr, inputs: &[(&DFSchema, &[u64])]) -> u64 {
    let mut found = 0_u64;
    // Nothing in it can fail.
    let _ = expr.apply(|part| {
        let worth = match part {
            Expr::Column(column) => inputs
                .iter()
                .find_map(|(schema, columns)| columns.get(schema.maybe_index_of_column(column)?).copied()),
            _ => None,
        };
        found = found.saturating_add(worth.unwrap_or(1));
        Ok(TreeNodeRecursion::Continue)
    });
    found
}
