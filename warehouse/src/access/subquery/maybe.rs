//! A sub-query for one value has none when it has no row. The engine takes its column for one that is never NULL if its
//! values are not, and then folds `IS NULL` or trips over the NULL. The same comes of a constant, so that what stands here must
//! not be worked out beforehand.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::common::plan_err;
use datafusion::common::tree_node::Transformed;
use datafusion::error::Result;
use datafusion::logical_expr::{
    ColumnarValue, Expr, LogicalPlan, LogicalPlanBuilder, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF,
    ScalarUDFImpl, Signature, Subquery, Volatility,
};

/// Name of the function below: the same for the same, whatever it says of itself.
pub(in crate::access) const NAME: &str = "maybe";

/// The sub-query with a column that may be NULL, unless it has a row whatever it reads.
pub(super) fn may_be_empty(subquery: Subquery) -> Result<Transformed<Subquery>> {
    let schema = subquery.subquery.schema().clone();
    // What may be NULL now may be a constant later; of a sub-query that is joined a NULL comes with the join.
    let stays_null = schema.field(0).is_nullable() && !subquery.outer_ref_columns.is_empty();
    if stays_null || always_has_a_row(&subquery.subquery) {
        return Ok(Transformed::no(subquery));
    }
    let signature = Signature::any(1, Volatility::Volatile);
    let column = Expr::Column(schema.columns().remove(0));
    let maybe = ScalarUDF::from(Maybe(signature)).call(vec![column]).alias(schema.field(0).name().clone());
    let plan = LogicalPlanBuilder::from(subquery.subquery.as_ref().clone()).project(vec![maybe])?.build()?;
    Ok(Transformed::yes(Subquery { subquery: Arc::new(plan), ..subquery }))
}

fn always_has_a_row(plan: &LogicalPlan) -> bool {
    match plan {
        LogicalPlan::Projection(projection) => always_has_a_row(&projection.input),
        LogicalPlan::SubqueryAlias(alias) => always_has_a_row(&alias.input),
        LogicalPlan::Aggregate(aggregate) => aggregate.group_expr.is_empty(),
        _ => false,
    }
}

/// The value as it is; only that it may be NULL is said.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Maybe(Signature);

impl ScalarUDFImpl for Maybe {
    fn name(&self) -> &str {
        NAME
    }

    fn signature(&self) -> &Signature {
        &self.0
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        let [data_type] = types else { return plan_err!("maybe takes one argument") };
        Ok(data_type.clone())
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs) -> Result<FieldRef> {
        let [field] = args.arg_fields else { return plan_err!("maybe takes one argument") };
        Ok(Arc::new(Field::new(self.name(), field.data_type().clone(), true)))
    }

    fn invoke_with_args(&self, mut args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        match args.args.pop() {
            Some(value) => Ok(value),
            None => plan_err!("maybe takes one argument"),
        }
    }
}
