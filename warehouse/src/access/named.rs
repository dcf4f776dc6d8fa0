//! Pushing filters into scans only where columns can be told apart by their names. The engine's rule carries a filter
//! through an operator by the names of its columns; above a join whose sides share a name it may end in the wrong side's
//! scan, and rows are lost (apache/datafusion#25262, #25263). Nor are filters pushed that a top list finds while it runs and
//! whose keys are computed: one of a column of the files and one of the folders is asked of the files alone, and fails.
//! Subtrees without such a node are left to the rule as before.

use std::collections::HashSet;
use std::sync::Arc;

use datafusion::common::config::ConfigOptions;
use datafusion::error::Result;
use datafusion::physical_expr::expressions::Column;
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::execution_plan::replace_children_if_necessary;
use datafusion::physical_plan::sorts::sort::SortExec;

/// Names of the engine's rules this guards: filters of the statement, and filters found while running.
const GUARDED: [&str; 2] = ["FilterPushdown", "FilterPushdown(Post)"];

/// The engine's rules with those that push filters guarded.
pub(super) fn guarded(
    rules: Vec<Arc<dyn PhysicalOptimizerRule + Send + Sync>>,
) -> Vec<Arc<dyn PhysicalOptimizerRule + Send + Sync>> {
    let guard = |rule: Arc<dyn PhysicalOptimizerRule + Send + Sync>| match GUARDED.contains(&rule.name()) {
        true => Arc::new(WhereNamesAreUnique(rule)) as Arc<dyn PhysicalOptimizerRule + Send + Sync>,
        false => rule,
    };
    rules.into_iter().map(guard).collect()
}

#[derive(Debug)]
struct WhereNamesAreUnique(Arc<dyn PhysicalOptimizerRule + Send + Sync>);

impl WhereNamesAreUnique {
    /// Hands the largest subtrees without an unsafe node to the rule.
    fn push(&self, plan: Arc<dyn ExecutionPlan>, config: &ConfigOptions) -> Result<Arc<dyn ExecutionPlan>> {
        if is_safe(&plan) {
            return self.0.optimize(plan, config);
        }
        let children = plan.children().into_iter().cloned();
        let pushed = children.map(|child| self.push(child, config)).collect::<Result<_>>()?;
        replace_children_if_necessary(plan, pushed)
    }
}

impl PhysicalOptimizerRule for WhereNamesAreUnique {
    fn optimize(
        &self,
        plan: Arc<dyn ExecutionPlan>,
        config: &ConfigOptions,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        self.push(plan, config)
    }

    fn name(&self) -> &str {
        self.0.name()
    }

    fn schema_check(&self) -> bool {
        self.0.schema_check()
    }
}

/// Whether every node of the subtree gives columns of different names, and none is a top list by computed keys.
fn is_safe(plan: &Arc<dyn ExecutionPlan>) -> bool {
    let mut names = HashSet::new();
    plan.schema().fields().iter().all(|field| names.insert(field.name().clone()))
        && !is_computed_top(plan)
        && plan.children().into_iter().all(is_safe)
}

fn is_computed_top(plan: &Arc<dyn ExecutionPlan>) -> bool {
    let Some(sort) = plan.downcast_ref::<SortExec>() else { return false };
    sort.fetch().is_some() && sort.expr().iter().any(|key| !key.expr.is::<Column>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::datatypes::{DataType, Field, Schema};
    use datafusion::physical_optimizer::optimizer::PhysicalOptimizer;
    use datafusion::physical_plan::empty::EmptyExec;
    use datafusion::physical_plan::limit::GlobalLimitExec;

    fn rows(names: &[&str]) -> Arc<dyn ExecutionPlan> {
        let fields: Vec<Field> = names.iter().map(|n| Field::new(*n, DataType::Int64, true)).collect();
        Arc::new(EmptyExec::new(Arc::new(Schema::new(fields))))
    }

    #[test]
    fn equal_names_anywhere_in_a_subtree_are_seen() {
        assert!(is_safe(&rows(&["id", "state"])));
        assert!(!is_safe(&rows(&["id", "state", "id"])));
        let above: Arc<dyn ExecutionPlan> = Arc::new(GlobalLimitExec::new(rows(&["id", "id"]), 0, Some(1)));
        assert!(!is_safe(&above));
    }

    #[test]
    fn both_rules_of_the_engine_are_guarded() {
        let rules = guarded(PhysicalOptimizer::default().rules);
        let of_engine = rules.iter().filter(|rule| GUARDED.contains(&rule.name()));
        let shown: Vec<String> = of_engine.map(|rule| format!("{rule:?}")).collect();
        assert_eq!(shown.len(), 2, "the engine renamed a rule: {rules:?}");
        assert!(shown.iter().all(|rule| rule.starts_with("WhereNamesAreUnique")), "{shown:?}");
    }
}
