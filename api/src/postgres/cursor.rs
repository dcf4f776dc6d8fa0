//! An answer whose rows are taken a few at a time: by FETCH from a named cursor. Between two takings the engine rests
//! and no turn is held.

use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use futures::{Stream, StreamExt, stream};
use pgwire::api::results::QueryResponse;
use pgwire::error::{PgWireError, PgWireResult};
use pgwire::messages::data::DataRow;
use tokio::sync::{Mutex, OwnedMutexGuard};

use super::command::Hold;
use super::encode::Shape;
use super::failure::Failure;
use crate::sql::Answering;

/// Rows that are written at a time.
const AT_ONCE: usize = 256;

/// A named cursor. Clones are the same cursor.
#[derive(Clone)]
pub struct Cursor {
    hold: Hold,
    schema: SchemaRef,
    rows: Arc<Mutex<Left>>,
}

/// Rows not yet taken.
struct Left {
    answering: Answering,
    batch: Option<RecordBatch>,
    ended: Ended,
}

/// Whether an error has ended it: no rows are left then, but not because all were given.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ended {
    No,
    ByError,
}

impl Cursor {
    /// Over an answer.
    pub fn new(mut answering: Answering, hold: Hold) -> Self {
        answering.pause();
        let schema = answering.schema().clone();
        Self { hold, schema, rows: Arc::new(Mutex::new(Left { answering, batch: None, ended: Ended::No })) }
    }

    /// How long it lives.
    pub fn hold(&self) -> Hold {
        self.hold
    }

    /// Columns.
    pub fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// The next rows, or all that are left.
    pub async fn fetch(&self, most: Option<usize>, shape: Shape) -> QueryResponse {
        let shape = Arc::new(shape);
        let left = self.rows.clone().lock_owned().await;
        let fields = shape.fields();
        let batches = stream::unfold((left, most.unwrap_or(usize::MAX)), |(mut left, most)| async move {
            let next = Left::take(&mut left, most).await?;
            let taken = next.as_ref().map_or(0, RecordBatch::num_rows);
            Some((next, (left, most - taken)))
        });
        let mut response = QueryResponse::new(fields, rows_of(batches, shape));
        response.set_command_tag("FETCH");
        response
    }

    /// Skips rows; how many there were.
    pub async fn skip(&self, most: Option<usize>) -> Result<usize, Failure> {
        let mut left = self.rows.clone().lock_owned().await;
        let (mut wanted, mut skipped) = (most.unwrap_or(usize::MAX), 0);
        while let Some(batch) = Left::take(&mut left, wanted).await {
            let rows = batch?.num_rows();
            (wanted, skipped) = (wanted - rows, skipped + rows);
        }
        Ok(skipped)
    }
}

impl Left {
    async fn take(left: &mut OwnedMutexGuard<Self>, most: usize) -> Option<Result<RecordBatch, Failure>> {
        if most == 0 {
            return None;
        }
        if left.ended == Ended::ByError {
            return Some(Err(Failure::error("34000", "这个游标已因出错关闭，请重新声明。")));
        }
        let batch = loop {
            match left.batch.take() {
                Some(batch) if batch.num_rows() > 0 => break batch,
                _ => match left.answering.next().await? {
                    Ok(batch) => left.batch = Some(batch),
                    Err(refusal) => {
                        left.ended = Ended::ByError;
                        return Some(Err(Failure::from(refusal)));
                    }
                },
            }
        };
        let rows = batch.num_rows().min(most);
        if rows < batch.num_rows() {
            left.batch = Some(batch.slice(rows, batch.num_rows() - rows));
        }
        Some(Ok(batch.slice(0, rows)))
    }
}

/// A whole answer as a response of the protocol.
pub fn response(answering: Answering, shape: Shape) -> QueryResponse {
    let shape = Arc::new(shape);
    let fields = shape.fields();
    let batches = stream::unfold(answering, |mut answering| async move {
        let next = answering.next().await?;
        Some((next.map_err(Failure::from), answering))
    });
    QueryResponse::new(fields, rows_of(batches, shape))
}

fn rows_of(
    batches: impl Stream<Item = Result<RecordBatch, Failure>> + Send + 'static,
    shape: Arc<Shape>,
) -> impl Stream<Item = PgWireResult<DataRow>> + Send + 'static {
    batches.flat_map(move |batch| match batch {
        Ok(batch) => written(batch, shape.clone()).left_stream(),
        Err(failure) => stream::iter([Err(PgWireError::from(failure))]).right_stream(),
    })
}

/// The rows of a batch, a few at a time: a column that is cast may be many times as large as what it was cast from, and
/// only the batch itself is counted as held.
fn written(
    batch: RecordBatch,
    shape: Arc<Shape>,
) -> impl Stream<Item = PgWireResult<DataRow>> + Send + 'static {
    let starts = (0..batch.num_rows()).step_by(AT_ONCE);
    stream::iter(starts).flat_map(move |start| {
        let few = batch.slice(start, AT_ONCE.min(batch.num_rows() - start));
        match shape.rows(&few) {
            Ok(rows) => stream::iter(rows).left_stream(),
            Err(failure) => stream::iter([Err(PgWireError::from(failure))]).right_stream(),
        }
    })
}
