//! The record of a question that is answered whole. Whoever asks may go away meanwhile: a closed request drops the future
//! that answers it, and the question must stand in the audit log all the same.

use pujiang_transactional::Error as StoreError;

use super::record::Record;
use super::{Ending, Refusal, SqlService};

/// A question under way. Dropped before its end, it is noted as cancelled.
pub(super) struct Asking {
    service: SqlService,
    pub(super) record: Record,
    noted: Noted,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Noted {
    NotYet,
    Begun,
}

impl Asking {
    pub(super) fn new(service: SqlService, record: Record) -> Self {
        Self { service, record, noted: Noted::NotYet }
    }

    /// Writes the entry; comes back when it is stored.
    pub(super) async fn end(mut self, ending: Ending) -> Result<(), Refusal> {
        self.noted = Noted::Begun;
        let (service, record) = (self.service.clone(), self.record.clone());
        // A task of its own: whoever goes away while it is written does not take it along.
        let written = tokio::spawn(async move { service.note(&record, ending).await });
        let stopped = |_| Refusal::Audit(StoreError::Stopped { operation: "enter a query in the audit log" });
        written.await.map_err(stopped)?
    }
}

impl Drop for Asking {
    fn drop(&mut self) {
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        if self.noted == Noted::NotYet {
            let (service, record) = (self.service.clone(), self.record.clone());
            runtime.spawn(async move {
                // Nobody is left to be told; the writer has logged why.
                let _ = service.note(&record, Ending::Cancelled).await;
            });
        }
    }
}
