//! `array_agg` and `string_agg` over a window, counted against the memory of their query. Each row has a list of its own, so
//! that the lists of ten thousand rows hold fifty million values; the engine makes them all before it gives a row on, and asks no pool.
//! The operator tells the list maker, for as long as it works, which query pays.

use std::cell::RefCell;
use std::hash::Hash;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use arrow::array::{Array, ArrayRef};
use arrow::datatypes::{DataType, FieldRef};
use arrow::record_batch::RecordBatch;
use datafusion::common::ScalarValue;
use datafusion::error::Result;
use datafusion::execution::memory_pool::{MemoryConsumer, MemoryReservation};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::planner::{ExprPlanner, PlannerResult, RawWindowExpr};
use datafusion::logical_expr::{
    Accumulator, AggregateUDF, AggregateUDFImpl, Signature, WindowFunctionDefinition,
};
use datafusion::physical_plan::ExecutionPlan;
use futures::stream::BoxStream;
use futures::{Stream, StreamExt};

use super::batch_bound::bytes;
use super::watch::{Watch, WatchExec};

/// Aggregates whose values grow with the rows of a window.
const GATHERING: [&str; 2] = ["array_agg", "string_agg"];

/// Copies of a value while the column is put together.
const COPIES: usize = 2;

/// Bytes that say where an element begins and how long it is.
const ELEMENT: usize = 16;

thread_local! {
    /// Who pays for what is gathered on this thread now.
    static PAYING: RefCell<Option<MemoryReservation>> = const { RefCell::new(None) };
}

/// Puts the counted function in the place of the engine's in windows.
#[derive(Debug)]
pub(super) struct WindowLists;

impl ExprPlanner for WindowLists {
    fn plan_window(&self, mut expr: RawWindowExpr) -> Result<PlannerResult<RawWindowExpr>> {
        if let WindowFunctionDefinition::AggregateUDF(function) = &expr.func_def
            && GATHERING.contains(&function.name())
        {
            let counted = AggregateUDF::from(Gathered { inner: function.clone() });
            expr.func_def = WindowFunctionDefinition::AggregateUDF(Arc::new(counted));
        }
        Ok(PlannerResult::Original(expr))
    }
}

/// The engine's function, whose values are counted. It has no reverse: read the other way round a list is another one.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Gathered {
    inner: Arc<AggregateUDF>,
}

impl AggregateUDFImpl for Gathered {
    fn name(&self) -> &str {
        self.inner.name()
    }

    fn signature(&self) -> &Signature {
        self.inner.signature()
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        self.inner.return_type(types)
    }

    fn state_fields(&self, args: StateFieldsArgs) -> Result<Vec<FieldRef>> {
        self.inner.state_fields(args)
    }

    fn accumulator(&self, args: AccumulatorArgs) -> Result<Box<dyn Accumulator>> {
        Ok(Box::new(Counted { inner: self.inner.accumulator(args)?, rows: 0 }))
    }

    fn supports_null_handling_clause(&self) -> bool {
        self.inner.supports_null_handling_clause()
    }
}

/// Bytes of a value, of texts by their letters: short ones share buffers, of which each text would count the whole.
fn weight(value: &ScalarValue) -> Result<usize> {
    Ok(match value {
        ScalarValue::List(list) => ELEMENT * list.values().len() + bytes(list.values())?,
        other => other.size(),
    })
}

#[derive(Debug)]
struct Counted {
    inner: Box<dyn Accumulator>,
    /// Rows that came since the last value. Where they came at once, the value is written for each of them.
    rows: usize,
}

impl Accumulator for Counted {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        self.rows = self.rows.saturating_add(values.first().map_or(0, |column| column.len()));
        self.inner.update_batch(values)
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        let value = self.inner.evaluate()?;
        let written = std::mem::take(&mut self.rows).max(1);
        PAYING.with_borrow_mut(|paying| match paying {
            Some(paying) => paying.try_grow(weight(&value)?.saturating_mul(COPIES * written)),
            None => Ok(()),
        })?;
        Ok(value)
    }

    fn size(&self) -> usize {
        self.inner.size()
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        self.inner.state()
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        self.inner.merge_batch(states)
    }

    fn retract_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        self.inner.retract_batch(values)
    }

    fn supports_retract_batch(&self) -> bool {
        self.inner.supports_retract_batch()
    }
}

/// See the module.
#[derive(Debug, Clone, Copy)]
struct Paying;

/// The operator of windows, whose lists its query pays for.
pub(super) fn paying(window: Arc<dyn ExecutionPlan>) -> Arc<dyn ExecutionPlan> {
    Arc::new(WatchExec::new(window, Paying))
}

/// Whether an operator works out windows.
pub(super) fn is_window(operator: &str) -> bool {
    matches!(operator, "WindowAggExec" | "BoundedWindowAggExec")
}

impl Watch for Paying {
    const NAME: &'static str = "WindowListsExec";

    fn renewed(&self) -> Self {
        *self
    }

    fn watched(
        &self,
        rows: SendableRecordBatchStream,
        context: &TaskContext,
    ) -> BoxStream<'static, Result<RecordBatch>> {
        let reservation = MemoryConsumer::new(Self::NAME).register(context.memory_pool());
        Paid { input: rows, reservation: Some(reservation) }.boxed()
    }
}

struct Paid {
    input: SendableRecordBatchStream,
    /// Here between two pieces of work, on the thread during one.
    reservation: Option<MemoryReservation>,
}

/// While one query pays. Another one's window below may pay in between, and a panic may end it.
struct Turn {
    before: Option<MemoryReservation>,
}

impl Drop for Turn {
    fn drop(&mut self) {
        PAYING.set(self.before.take());
    }
}

impl Stream for Paid {
    type Item = Result<RecordBatch>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let turn = Turn { before: PAYING.replace(self.reservation.take()) };
        let next = self.input.as_mut().poll_next(context);
        self.reservation = PAYING.take();
        drop(turn);
        // What was given on is the next operator's to count.
        if let (Poll::Ready(_), Some(reservation)) = (&next, &self.reservation) {
            reservation.free();
        }
        next
    }
}
