//! The rows a join looks up or a list is taken apart of, in parts that take a moment each. Of one batch an operator may make
//! millions of pairs before it looks up: a semi join of rows with few keys gives none of them on, so that nothing yields, no
//! deadline is heard and a worker of the process is gone for minutes. How many rows a part has follows from how long the
//! operator took for the one before.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use arrow::record_batch::RecordBatch;
use datafusion::error::Result;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_plan::ExecutionPlan;
use futures::stream::BoxStream;
use futures::{Stream, StreamExt};

use super::watch::{Watch, WatchExec};

/// Rows of the first part.
const FIRST: usize = 64;
/// Rows of the smallest and of the largest part.
const FEWEST: usize = 4;
const MOST: usize = 1 << 16;
/// Parts that take longer are made smaller.
const LONG: Duration = Duration::from_millis(40);
/// Parts that take less are made larger.
const SHORT: Duration = Duration::from_millis(4);
/// After so long without a pause others have their turn.
const TURN: Duration = Duration::from_millis(20);

/// See the module.
#[derive(Debug, Clone, Copy)]
struct Paced;

/// The input in parts.
pub(super) fn paced(input: Arc<dyn ExecutionPlan>) -> Arc<dyn ExecutionPlan> {
    Arc::new(WatchExec::new(input, Paced))
}

impl Watch for Paced {
    const NAME: &'static str = "PacedExec";

    fn renewed(&self) -> Self {
        *self
    }

    fn watched(
        &self,
        rows: SendableRecordBatchStream,
        _: &TaskContext,
    ) -> BoxStream<'static, Result<RecordBatch>> {
        Parts { input: rows, rest: None, rows: FIRST, handed: None, paused: Instant::now() }.boxed()
    }
}

struct Parts {
    input: SendableRecordBatchStream,
    /// What of a batch was not handed on yet.
    rest: Option<RecordBatch>,
    /// Rows of the next part.
    rows: usize,
    /// When the last part was handed on.
    handed: Option<Instant>,
    /// When others had their turn last.
    paused: Instant,
}

impl Parts {
    fn part_of(&mut self, batch: RecordBatch) -> RecordBatch {
        let rows = batch.num_rows();
        if rows <= self.rows {
            return batch;
        }
        self.rest = Some(batch.slice(self.rows, rows - self.rows));
        batch.slice(0, self.rows)
    }
}

/// Rows of the next part, after one of so many that took so long.
fn next_rows(rows: usize, took: Duration) -> usize {
    match took {
        took if took > LONG => (rows / 4).max(FEWEST),
        took if took < SHORT => (rows * 2).min(MOST),
        _ => rows,
    }
}

impl Stream for Parts {
    type Item = Result<RecordBatch>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let now = Instant::now();
        if let Some(handed) = self.handed.take() {
            self.rows = next_rows(self.rows, now.duration_since(handed));
        }
        if now.duration_since(self.paused) > TURN {
            self.paused = now;
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        let batch = match self.rest.take() {
            Some(rest) => rest,
            None => {
                let next = self.input.as_mut().poll_next(context);
                if next.is_pending() {
                    self.paused = now;
                }
                match ready!(next) {
                    Some(Ok(batch)) => batch,
                    other => return Poll::Ready(other),
                }
            }
        };
        let part = self.part_of(batch);
        self.handed = Some(Instant::now());
        Poll::Ready(Some(Ok(part)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::Int64Array;
    use arrow::datatypes::{DataType, Field, Schema};
    use datafusion::physical_plan::stream::RecordBatchStreamAdapter;

    #[tokio::test]
    async fn parts_are_the_rows_in_their_order() {
        let schema = Arc::new(Schema::new(vec![Field::new("n", DataType::Int64, false)]));
        let batch = |from: i64, to: i64| {
            let numbers = Int64Array::from_iter_values(from..to);
            RecordBatch::try_new(schema.clone(), vec![Arc::new(numbers)])
        };
        let batches = vec![batch(0, 8192), batch(8192, 8192), batch(8192, 9000)];
        let batches = futures::stream::iter(batches.into_iter().map(|batch| batch.map_err(Into::into)));
        let input: SendableRecordBatchStream =
            Box::pin(RecordBatchStreamAdapter::new(schema.clone(), batches));
        let parts = Parts { input, rest: None, rows: FIRST, handed: None, paused: Instant::now() };
        let parts: Vec<RecordBatch> = parts.map(|part| part.expect("rows")).collect().await;
        assert_eq!(parts[0].num_rows(), FIRST);
        assert!(parts.len() > 3);
        let all = arrow::compute::concat_batches(&schema, &parts).expect("one batch");
        assert_eq!(all.column(0).as_ref(), &Int64Array::from_iter_values(0..9000));
    }

    #[test]
    fn parts_shrink_when_they_take_long_and_grow_when_they_do_not() {
        assert_eq!(next_rows(8192, Duration::from_secs(3)), 2048);
        assert_eq!(next_rows(FEWEST, Duration::from_secs(3)), FEWEST);
        assert_eq!(next_rows(16, Duration::from_micros(3)), 32);
        assert_eq!(next_rows(MOST, Duration::from_micros(3)), MOST);
        assert_eq!(next_rows(64, Duration::from_millis(10)), 64);
    }
}
