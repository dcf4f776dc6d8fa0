//! Entries about reading: many at the same moment, none with a transaction of its own. One task takes what has come in
//! meanwhile and commits it at once, so that two hundred readers wait for one write of the disk and not for two hundred.

use std::sync::Arc;

use tokio::sync::{mpsc, oneshot};

use super::{Entry, append_many};
use crate::clock::{Clock, Moment};
use crate::error::Error;
use crate::store::Store;

/// Entries that may wait; more callers wait for room.
const QUEUE: usize = 1024;

/// Most entries of one transaction.
const BATCH: usize = 500;

/// Writes entries in groups. Cheap to clone; all clones share one queue.
#[derive(Clone)]
pub struct AuditWriter {
    queue: mpsc::Sender<Message>,
    clock: Arc<dyn Clock>,
}

enum Message {
    Entry(Box<Waiting>),
    Stop(oneshot::Sender<()>),
}

struct Waiting {
    at: Moment,
    entry: Entry,
    done: oneshot::Sender<Result<(), Error>>,
}

impl AuditWriter {
    /// Starts the task of a store on the present runtime.
    pub fn start(store: Store, clock: Arc<dyn Clock>) -> Self {
        let (queue, incoming) = mpsc::channel(QUEUE);
        tokio::spawn(write_all(store, incoming));
        Self { queue, clock }
    }

    /// Writes an entry; comes back when it is durable. A caller that goes away meanwhile does not take it along.
    pub async fn record(&self, entry: Entry) -> Result<(), Error> {
        let (done, committed) = oneshot::channel();
        let waiting = Waiting { at: self.clock.now(), entry, done };
        self.queue.send(Message::Entry(Box::new(waiting))).await.map_err(|_| stopped())?;
        committed.await.map_err(|_| stopped())?
    }

    /// Writes what is waiting and ends the task; later entries are refused.
    pub async fn stop(&self) {
        let (done, stopped) = oneshot::channel();
        if self.queue.send(Message::Stop(done)).await.is_ok() {
            // An error means that another call has stopped it already.
            let _ = stopped.await;
        }
    }
}

fn stopped() -> Error {
    Error::Stopped { operation: "write an audit entry" }
}

async fn write_all(store: Store, mut incoming: mpsc::Receiver<Message>) {
    let mut messages = Vec::with_capacity(BATCH);
    while incoming.recv_many(&mut messages, BATCH).await > 0 {
        let mut batch = Vec::with_capacity(messages.len());
        let mut stop = None;
        for message in messages.drain(..) {
            match message {
                Message::Entry(waiting) => batch.push(*waiting),
                Message::Stop(done) => stop = Some(done),
            }
        }
        write_batch(&store, batch).await;
        if let Some(done) = stop {
            let _ = done.send(());
            return;
        }
    }
}

async fn write_batch(store: &Store, batch: Vec<Waiting>) {
    if batch.is_empty() {
        return;
    }
    if batch.len() > 1 {
        let entries = batch.iter().map(|waiting| (waiting.at, waiting.entry.clone())).collect();
        if commit(store, entries).await.is_ok() {
            for waiting in batch {
                let _ = waiting.done.send(Ok(()));
            }
            return;
        }
    }
    // An entry the database refuses must not take the others with it: each has its own try and its own error.
    for Waiting { at, entry, done } in batch {
        let _ = done.send(commit(store, vec![(at, entry)]).await);
    }
}

async fn commit(store: &Store, entries: Vec<(Moment, Entry)>) -> Result<(), Error> {
    let failed = |source| Error::Store { operation: "commit audit entries", source };
    let mut tx = store.begin_write().await.map_err(failed)?;
    append_many(&mut tx, entries).await?;
    tx.commit().await.map_err(failed)
}
