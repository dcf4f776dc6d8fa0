//! An answer on its way out, batch by batch. The engine works only while a batch is asked for and a turn is held; the
//! end is given to whoever asked only after the audit entry is stored.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use futures::{FutureExt, StreamExt};
use pujiang_warehouse::{AnswerStream, WarehouseError};

use super::governor::{Standing, Turn};
use super::record::Record;
use super::{Ending, Held, Interrupt, Refusal, SqlService};

/// An answer being given. Dropped before its end, it is noted as partial.
pub struct Answering {
    service: SqlService,
    stream: Option<AnswerStream>,
    schema: SchemaRef,
    record: Option<Record>,
    turn: Option<Turn>,
    left: Duration,
    patience: Duration,
    interrupt: Interrupt,
    /// Room of the batch that was given last; whoever has it reads it, or keeps it in memory.
    held: Option<Held>,
    open: Option<Arc<()>>,
}

/// A planned question whose rows begin to come.
pub(super) struct Begun {
    pub(super) stream: AnswerStream,
    pub(super) turn: Turn,
    /// How long it may work in all.
    pub(super) patience: Duration,
    /// How much of that is left.
    pub(super) left: Duration,
    pub(super) interrupt: Interrupt,
    pub(super) open: Arc<()>,
}

impl Answering {
    pub(super) fn new(service: SqlService, record: Record, begun: Begun) -> Self {
        let Begun { stream, turn, patience, left, interrupt, open } = begun;
        Self {
            service,
            schema: stream.schema.clone(),
            stream: Some(stream),
            record: Some(record),
            turn: Some(turn),
            left,
            patience,
            interrupt,
            held: None,
            open: Some(open),
        }
    }

    /// Columns.
    pub fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// Gives the turn back until rows are asked for.
    pub fn pause(&mut self) {
        self.turn = None;
    }

    /// The next rows; none after the last, when the question stands in the audit log. The rows before them are given up by
    /// then: their room is free.
    pub async fn next(&mut self) -> Option<Result<RecordBatch, Refusal>> {
        self.stream.as_ref()?;
        self.held = None;
        let batch = self.batch().await.and_then(|batch| self.keep(batch));
        self.turn = None;
        match batch {
            Ok(Some(batch)) => {
                if let Some(record) = &mut self.record {
                    record.rows += batch.num_rows() as u64;
                }
                Some(Ok(batch))
            }
            Ok(None) => self.end(Ending::Done).await.err().map(Err),
            Err(refusal) => {
                // The first error is the one to tell; a log that fails on top of it has written its own line.
                let _ = self.end(refusal.ending()).await;
                Some(Err(refusal))
            }
        }
    }

    /// Takes room for rows that are about to be given.
    fn keep(&mut self, batch: Option<RecordBatch>) -> Result<Option<RecordBatch>, Refusal> {
        if let (Some(batch), Some(record)) = (&batch, &self.record) {
            self.held = Some(self.service.unread().take(record.account(), batch.get_array_memory_size())?);
        }
        Ok(batch)
    }

    async fn batch(&mut self) -> Result<Option<RecordBatch>, Refusal> {
        let Self { service, stream, record, turn, left, patience, interrupt, .. } = self;
        let (Some(stream), Some(record)) = (stream.as_mut(), record.as_ref()) else { return Ok(None) };
        if turn.is_none() {
            let wait = service.governor().turn(record.account(), Standing::Begun);
            *turn = Some(tokio::select! {
                () = interrupt.wished() => return Err(Refusal::Cancelled),
                turn = wait => turn.map_err(|_| Refusal::Busy)?,
            });
        }
        let begun = Instant::now();
        let next = tokio::select! {
            biased;
            () = interrupt.wished() => Err(Refusal::Cancelled),
            next = AssertUnwindSafe(stream.stream.next()).catch_unwind() => next.map_err(|_| Refusal::Panicked),
            () = tokio::time::sleep(*left) => Err(Refusal::TimedOut { seconds: patience.as_secs() }),
        }?;
        *left = left.saturating_sub(begun.elapsed());
        match next {
            Some(Ok(batch)) => Ok(Some(batch)),
            Some(Err(error)) => Err(Refusal::from(WarehouseError::from_engine(error))),
            None => Ok(None),
        }
    }

    /// Frees what the engine holds, then writes the entry.
    async fn end(&mut self, ending: Ending) -> Result<(), Refusal> {
        self.stream = None;
        self.turn = None;
        self.open = None;
        match self.record.take() {
            Some(record) => self.service.note(&record, ending).await,
            None => Ok(()),
        }
    }
}

impl Drop for Answering {
    fn drop(&mut self) {
        self.stream = None;
        self.turn = None;
        let (Some(record), Ok(runtime)) = (self.record.take(), tokio::runtime::Handle::try_current()) else {
            return;
        };
        let service = self.service.clone();
        let ending = if self.interrupt.is_wished() { Ending::Cancelled } else { Ending::Partial };
        runtime.spawn(async move {
            // Nobody is left to be told; the writer has logged why.
            let _ = service.note(&record, ending).await;
        });
    }
}
