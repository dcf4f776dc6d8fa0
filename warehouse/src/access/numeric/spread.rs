//! Variance and standard deviation of decimals and whole numbers, exact and with PostgreSQL's digits. The engine measures them with
//! floats, which keep sixteen digits of the values: of numbers that lie far from zero and near each other nothing was
//! left. Floats are left to the engine.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BinaryArray};
use arrow::datatypes::{DataType, Decimal128Type, Decimal256Type, Field, FieldRef, Int64Type, i256};
use datafusion::common::{ScalarValue, exec_err, not_impl_err, plan_err};
use datafusion::error::Result;
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::{
    Accumulator, AggregateUDF, AggregateUDFImpl, GroupsAccumulator, Signature, Volatility,
};
use num_bigint::BigInt;

use super::arithmetic::as_decimal;
use super::number::{GROUP, Number, SIGNIFICANT, WIDE_SCALE, wide};

/// The functions, each in front of the engine's of the same name.
pub(in crate::access) fn spreads(engine: impl Fn(&str) -> Option<Arc<AggregateUDF>>) -> Vec<AggregateUDF> {
    let all = [
        ("var_samp", Of::Sample, Measure::Variance),
        ("var_pop", Of::All, Measure::Variance),
        ("stddev", Of::Sample, Measure::Deviation),
        ("stddev_pop", Of::All, Measure::Deviation),
    ];
    let made = all.into_iter().filter_map(|(name, of, measure)| {
        let signature = Signature::user_defined(Volatility::Immutable);
        Some(AggregateUDF::from(Spread { inner: engine(name)?, of, measure, signature }))
    });
    made.collect()
}

/// What the values are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Of {
    Sample,
    All,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Measure {
    Variance,
    Deviation,
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Spread {
    inner: Arc<AggregateUDF>,
    of: Of,
    measure: Measure,
    signature: Signature,
}

impl AggregateUDFImpl for Spread {
    fn name(&self) -> &str {
        self.inner.name()
    }

    fn aliases(&self) -> &[String] {
        self.inner.aliases()
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        match types {
            [DataType::Null] => Ok(vec![DataType::Float64]),
            [kind] if kind.is_floating() => Ok(vec![DataType::Float64]),
            [kind] => match as_decimal(kind) {
                Some(decimal) => Ok(vec![decimal]),
                None => plan_err!("{} 需要一个数，得到的是 {kind}", self.name()),
            },
            _ => plan_err!("{} 需要一个参数", self.name()),
        }
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        match types {
            [kind] if kind.is_decimal() => Ok(wide()),
            _ => Ok(DataType::Float64),
        }
    }

    fn accumulator(&self, args: AccumulatorArgs) -> Result<Box<dyn Accumulator>> {
        let Some(scale) = scale_of(args.expr_fields) else { return self.inner.accumulator(args) };
        if args.is_distinct {
            return not_impl_err!("{}(DISTINCT …)；请先在子查询里用 SELECT DISTINCT", self.name());
        }
        Ok(Box::new(Moments { scale, of: self.of, measure: self.measure, ..Moments::default() }))
    }

    fn state_fields(&self, args: StateFieldsArgs) -> Result<Vec<FieldRef>> {
        if scale_of(args.input_fields).is_none() {
            return self.inner.state_fields(args);
        }
        let field = |what: &str, kind| Arc::new(Field::new(format!("{}[{what}]", args.name), kind, false));
        Ok(vec![
            field("count", DataType::Int64),
            field("sum", DataType::Binary),
            field("squares", DataType::Binary),
        ])
    }

    fn groups_accumulator_supported(&self, args: AccumulatorArgs) -> bool {
        scale_of(args.expr_fields).is_none() && self.inner.groups_accumulator_supported(args)
    }

    fn create_groups_accumulator(&self, args: AccumulatorArgs) -> Result<Box<dyn GroupsAccumulator>> {
        self.inner.create_groups_accumulator(args)
    }
}

/// Digits behind the point of the values; none of floats.
fn scale_of(fields: &[FieldRef]) -> Option<i8> {
    match fields.first().map(|field| field.data_type()) {
        Some(DataType::Decimal128(_, scale) | DataType::Decimal256(_, scale)) => Some(*scale),
        _ => None,
    }
}

/// Count, sum and sum of squares of whole numbers: the values without their points.
#[derive(Debug)]
struct Moments {
    scale: i8,
    of: Of,
    measure: Measure,
    count: i64,
    sum: BigInt,
    squares: BigInt,
}

impl Default for Moments {
    fn default() -> Self {
        Self {
            scale: 0,
            of: Of::Sample,
            measure: Measure::Variance,
            count: 0,
            sum: BigInt::ZERO,
            squares: BigInt::ZERO,
        }
    }
}

impl Moments {
    /// Those of the values of a batch alone.
    fn of_batch(array: &ArrayRef) -> Result<(i64, BigInt, BigInt)> {
        let (mut sum, mut squares) = (BigInt::ZERO, BigInt::ZERO);
        let count = array.len() - array.null_count();
        if let Some(decimals) = array.as_primitive_opt::<Decimal128Type>() {
            // A batch of sums fits into twice the width; squares soon do not.
            let (mut near, mut near_squares) = (i256::ZERO, i256::ZERO);
            for value in decimals.iter().flatten().map(i256::from_i128) {
                near = near.wrapping_add(value);
                match value.checked_mul(value).and_then(|square| near_squares.checked_add(square)) {
                    Some(added) => near_squares = added,
                    None => {
                        squares += big(near_squares) + big(value) * big(value);
                        near_squares = i256::ZERO;
                    }
                }
            }
            sum += big(near);
            squares += big(near_squares);
        } else if let Some(decimals) = array.as_primitive_opt::<Decimal256Type>() {
            for value in decimals.iter().flatten().map(big) {
                squares += &value * &value;
                sum += value;
            }
        } else {
            return plan_err!("the spread of {} is not worked out here", array.data_type());
        }
        Ok((i64::try_from(count).unwrap_or(i64::MAX), sum, squares))
    }

    fn spread(&self) -> Result<Option<i256>> {
        let others = match self.of {
            Of::Sample => self.count - 1,
            Of::All => self.count,
        };
        if others < 1 {
            return Ok(None);
        }
        let upper = BigInt::from(self.count) * &self.squares - &self.sum * &self.sum;
        if upper <= BigInt::ZERO {
            return Ok(Some(i256::ZERO));
        }
        let lower = BigInt::from(self.count) * BigInt::from(others);
        let doubled = 2 * i32::from(self.scale);
        // Decimals of variable scale have the zeros that fill up, too: those say nothing about the digits worth giving.
        let least = if self.scale == WIDE_SCALE { 0 } else { doubled };
        let scale = quotient_scale(&upper, doubled, &lower).max(least).clamp(0, i32::from(WIDE_SCALE));
        let variance = match scale - doubled {
            more @ 0.. => rounded(&(upper * power(more)), &lower),
            fewer => rounded(&upper, &(lower * power(-fewer))),
        };
        let digits = match self.measure {
            Measure::Variance => variance,
            // One digit more, to round by.
            Measure::Deviation => rounded(&(variance * power(scale + 2)).sqrt(), &BigInt::from(10)),
        };
        let number = i256::from_string(&digits.to_string())
            .and_then(|digits| Number { digits, scale }.at_scale(i32::from(WIDE_SCALE)).ok());
        match number {
            Some(number) => Ok(Some(number.digits)),
            None => exec_err!("numeric overflow: the spread of the values has too many digits"),
        }
    }
}

impl Accumulator for Moments {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        for array in values {
            let (count, sum, squares) = Self::of_batch(array)?;
            self.count += count;
            self.sum += sum;
            self.squares += squares;
        }
        Ok(())
    }

    fn retract_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        for array in values {
            let (count, sum, squares) = Self::of_batch(array)?;
            self.count -= count;
            self.sum -= sum;
            self.squares -= squares;
        }
        Ok(())
    }

    fn supports_retract_batch(&self) -> bool {
        true
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        let [counts, sums, squares] = states else { return plan_err!("a spread has three parts") };
        self.count += counts.as_primitive::<Int64Type>().iter().flatten().sum::<i64>();
        let added =
            |array: &BinaryArray| array.iter().flatten().map(BigInt::from_signed_bytes_le).sum::<BigInt>();
        self.sum += added(sums.as_binary::<i32>());
        self.squares += added(squares.as_binary::<i32>());
        Ok(())
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        let bytes = |number: &BigInt| ScalarValue::Binary(Some(number.to_signed_bytes_le()));
        Ok(vec![ScalarValue::from(self.count), bytes(&self.sum), bytes(&self.squares)])
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        let DataType::Decimal256(precision, scale) = wide() else { return plan_err!("no type of quotients") };
        Ok(ScalarValue::Decimal256(self.spread()?, precision, scale))
    }

    fn size(&self) -> usize {
        let bytes = |number: &BigInt| usize::try_from(number.bits() / 8).unwrap_or(usize::MAX);
        size_of_val(self) + bytes(&self.sum) + bytes(&self.squares)
    }
}

fn big(number: i256) -> BigInt {
    match number.to_i128() {
        Some(near) => BigInt::from(near),
        None => BigInt::from_signed_bytes_le(&number.to_le_bytes()),
    }
}

/// 10^`exponent`, which is not below zero.
fn power(exponent: i32) -> BigInt {
    BigInt::from(10).pow(exponent.unsigned_abs())
}

/// The quotient of two numbers above zero, halves up.
fn rounded(upper: &BigInt, lower: &BigInt) -> BigInt {
    (upper * 2 + lower) / (lower * 2)
}

/// Digits behind the point with which the quotient of `upper` · 10^-`scale` and `lower` has the significant ones.
fn quotient_scale(upper: &BigInt, scale: i32, lower: &BigInt) -> i32 {
    let ((weight, first), (other_weight, other_first)) = (group(upper, scale), group(lower, 0));
    let weight = weight - other_weight - i32::from(first <= other_first);
    SIGNIFICANT - weight * GROUP
}

/// Exponent of the first group of four digits, and that group.
fn group(digits: &BigInt, scale: i32) -> (i32, u32) {
    let digits = digits.to_string();
    let exponent = i32::try_from(digits.len()).unwrap_or(i32::MAX) - 1 - scale;
    let kept = usize::try_from(exponent.rem_euclid(GROUP)).unwrap_or(0) + 1;
    let first: String = digits.chars().chain(std::iter::repeat('0')).take(kept).collect();
    (exponent.div_euclid(GROUP), first.parse().unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::Decimal128Array;

    fn spread(values: &[i128], scale: i8, of: Of, measure: Measure) -> Option<String> {
        let array =
            Decimal128Array::from(values.to_vec()).with_precision_and_scale(38, scale).expect("decimals");
        let array: ArrayRef = Arc::new(array);
        let (mut whole, mut merged) =
            (Moments { scale, of, measure, ..Moments::default() }, Moments::default());
        whole.update_batch(&[array.clone(), array.slice(0, 1)]).expect("added");
        whole.retract_batch(&[array.slice(0, 1)]).expect("taken away");
        let state = whole.state().expect("state").into_iter().map(|value| value.to_array().expect("array"));
        merged.merge_batch(&state.collect::<Vec<_>>()).expect("merged");
        assert_eq!((merged.count, &merged.sum, &merged.squares), (whole.count, &whole.sum, &whole.squares));
        let digits = whole.spread().expect("fits")?;
        Some(Number::of_column(digits, WIDE_SCALE).to_string())
    }

    /// What PostgreSQL 15 answers.
    #[test]
    fn spreads_have_postgresqls_digits() {
        use Measure::{Deviation, Variance};
        for (values, scale, of, measure, expected) in [
            (&[1, 2, 3, 4][..], 0, Of::Sample, Variance, Some("1.6666666666666667")),
            (&[1, 2, 3, 4], 0, Of::All, Variance, Some("1.2500000000000000")),
            (&[1, 2, 3, 4], 0, Of::Sample, Deviation, Some("1.2909944487358056")),
            (&[150, 250], 2, Of::Sample, Deviation, Some("0.70710678118654752440")),
            (&[5], 0, Of::Sample, Variance, None),
            (&[5], 0, Of::All, Variance, Some("0.00000000000000000000")),
            (
                &[1_234_567_890_123_456_789_012, 1_234_567_890_123_456_789_112],
                2,
                Of::Sample,
                Variance,
                Some("0.50000000000000000000"),
            ),
        ] {
            assert_eq!(spread(values, scale, of, measure).as_deref(), expected, "{values:?}");
        }
    }
}
