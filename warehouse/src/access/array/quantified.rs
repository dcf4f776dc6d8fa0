//! `any_of(op, x, array)` and `all_of(op, x, array)`: PostgreSQL's `x op ANY (array)` and `x op ALL (array)`, LIKE among
//! the operators. An array known when the statement is planned becomes a list the engine can push down; others are compared
//! element by element.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, ListArray, UInt64Array, new_null_array};
use arrow::buffer::NullBuffer;
use arrow::compute::kernels::{cmp, comparison};
use arrow::compute::take;
use arrow::datatypes::{DataType, Field};
use datafusion::common::{ScalarValue, plan_err};
use datafusion::error::Result;
use datafusion::logical_expr::expr::{InList, ScalarFunction};
use datafusion::logical_expr::simplify::{ExprSimplifyResult, SimplifyContext};
use datafusion::logical_expr::type_coercion::binary::comparison_coercion;
use datafusion::logical_expr::{
    ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility, lit,
};

use crate::access::numeric::compared_as;

/// Elements up to which an array is written out as a list.
const MOST_LISTED: usize = 2_000;

/// Both functions.
pub(in crate::access) fn quantified_functions() -> [ScalarUDF; 2] {
    [Quantifier::Any, Quantifier::All].map(|quantifier| {
        ScalarUDF::from(Quantified { quantifier, signature: Signature::user_defined(Volatility::Immutable) })
    })
}

/// Whether a call is one of them.
pub(in crate::access) fn is_quantified(call: &ScalarFunction) -> bool {
    matches!(call.func.name(), "any_of" | "all_of")
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Quantifier {
    Any,
    All,
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Quantified {
    quantifier: Quantifier,
    signature: Signature,
}

impl ScalarUDFImpl for Quantified {
    fn name(&self) -> &str {
        match self.quantifier {
            Quantifier::Any => "any_of",
            Quantifier::All => "all_of",
        }
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        let [_, value, array] = types else { return plan_err!("{} takes three arguments", self.name()) };
        let element = match array {
            DataType::List(field) | DataType::LargeList(field) | DataType::FixedSizeList(field, _) => {
                match (value, field.data_type()) {
                    (value, DataType::Null) => value.clone(),
                    (DataType::Null, element) => element.clone(),
                    (value, element) => {
                        match compared_as(value, element).or_else(|| comparison_coercion(value, element)) {
                            Some(common) => common,
                            None => return plan_err!("{value} 不能与 {element} 的数组比较"),
                        }
                    }
                }
            }
            // A text stands for an array of what it is compared with.
            text if text.is_string() || text.is_null() => value.clone(),
            other => return plan_err!("ANY 和 ALL 右边要是数组，这里是 {other}"),
        };
        let element = if element.is_null() { DataType::Utf8 } else { element };
        Ok(vec![DataType::Utf8, element.clone(), list_of(element)])
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Boolean)
    }

    fn simplify(&self, args: Vec<Expr>, _: &SimplifyContext) -> Result<ExprSimplifyResult> {
        let [op, value, array] = args.as_slice() else { return Ok(ExprSimplifyResult::Original(args)) };
        let negated = match (op, self.quantifier) {
            (op, Quantifier::Any) if *op == lit("=") => false,
            (op, Quantifier::All) if *op == lit("<>") => true,
            _ => return Ok(ExprSimplifyResult::Original(args)),
        };
        let Expr::Literal(ScalarValue::List(list), _) = array else {
            return Ok(ExprSimplifyResult::Original(args));
        };
        if list.is_null(0) || list.value(0).is_empty() || list.value(0).len() > MOST_LISTED {
            return Ok(ExprSimplifyResult::Original(args));
        }
        let elements = list.value(0);
        let elements = (0..elements.len()).map(|at| Ok(lit(ScalarValue::try_from_array(&elements, at)?)));
        let list = elements.collect::<Result<Vec<_>>>()?;
        Ok(ExprSimplifyResult::Simplified(Expr::InList(InList::new(Box::new(value.clone()), list, negated))))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let [ColumnarValue::Scalar(op), value, array] = args.args.as_slice() else {
            return plan_err!("{} takes an operator, a value and an array", self.name());
        };
        let op = op.try_as_str().flatten().unwrap_or_default().to_owned();
        let constant = [value, array].iter().all(|arg| matches!(arg, ColumnarValue::Scalar(_)));
        let rows = if constant { 1 } else { args.number_rows };
        let (values, lists) = (value.to_array(rows)?, array.to_array(rows)?);
        let answers = self.answers(&op, &values, lists.as_list::<i32>())?;
        Ok(match constant {
            true => ColumnarValue::Scalar(ScalarValue::try_from_array(&answers, 0)?),
            false => ColumnarValue::Array(Arc::new(answers)),
        })
    }
}

impl Quantified {
    /// Compares all elements of all rows at once, each with the value of its row, and sums up row by row.
    fn answers(&self, op: &str, values: &ArrayRef, lists: &ListArray) -> Result<BooleanArray> {
        let (mut rows, mut places) = (Vec::new(), Vec::new());
        for row in 0..lists.len() {
            if lists.is_null(row) {
                continue;
            }
            let (from, to) = (lists.value_offsets()[row], lists.value_offsets()[row + 1]);
            for place in from..to {
                rows.push(u64::try_from(row).unwrap_or(0));
                places.push(u64::try_from(place).unwrap_or(0));
            }
        }
        let left = take(values, &UInt64Array::from(rows.clone()), None)?;
        let right = match lists.values().data_type().is_null() {
            true => new_null_array(values.data_type(), rows.len()),
            false => take(lists.values(), &UInt64Array::from(places), None)?,
        };
        let compared = match op {
            "=" => cmp::eq(&left, &right),
            "<>" => cmp::neq(&left, &right),
            "<" => cmp::lt(&left, &right),
            "<=" => cmp::lt_eq(&left, &right),
            ">" => cmp::gt(&left, &right),
            ">=" => cmp::gt_eq(&left, &right),
            "LIKE" => comparison::like(&left, &right),
            "NOT LIKE" => comparison::nlike(&left, &right),
            "ILIKE" => comparison::ilike(&left, &right),
            "NOT ILIKE" => comparison::nilike(&left, &right),
            other => return plan_err!("{other} is no comparison"),
        }?;
        // ANY is decided by one that holds, ALL by one that does not; unknown beats what no element decided.
        let decides = self.quantifier == Quantifier::Any;
        let mut answers: Vec<Option<bool>> = vec![Some(!decides); lists.len()];
        for (row, holds) in rows.iter().zip(compared.iter()) {
            let answer = &mut answers[usize::try_from(*row).unwrap_or(0)];
            match holds {
                Some(holds) if holds == decides => *answer = Some(decides),
                None if *answer != Some(decides) => *answer = None,
                _ => {}
            }
        }
        let known: NullBuffer = (0..lists.len()).map(|row| lists.is_valid(row)).collect();
        let answers = answers.into_iter().zip(known.iter()).map(|(answer, known)| answer.filter(|_| known));
        Ok(answers.collect())
    }
}

fn list_of(element: DataType) -> DataType {
    DataType::List(Arc::new(Field::new_list_field(element, true)))
}
