//! One reading for all questions that want it at the same time. Of a scope finer than a district partial aggregates are
//! added up from rows, a scan each time, and the tiles of a board ask for the same ones. What is shared lives as long as
//! a question that uses it: a frame holds the snapshots of its session, and files that left them wait for it to go.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use datafusion::dataframe::DataFrame;
use pujiang_warehouse::{AccessFingerprint, RollupSpec, ScopedSession};
use tokio::sync::OnceCell;

use super::source::{Rollup, Rollups};

type Slot = OnceCell<DataFrame>;

/// What a reading depends on: who sees it, on which version of its table, and what is read.
type Key = (AccessFingerprint, String, RollupSpec);

/// The readings of questions under way.
#[derive(Default)]
pub(super) struct UnderWay {
    slots: Mutex<HashMap<Key, Weak<Slot>>>,
    taken_over: AtomicU64,
}

impl UnderWay {
    pub(super) fn taken_over(&self) -> u64 {
        self.taken_over.load(Ordering::Relaxed)
    }

    fn slot(&self, key: Key) -> Arc<Slot> {
        // Nothing panics while holding it.
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(slot) = slots.get(&key).and_then(Weak::upgrade) {
            self.taken_over.fetch_add(1, Ordering::Relaxed);
            return slot;
        }
        slots.retain(|_, slot| slot.strong_count() > 0);
        let slot = Arc::new(Slot::new());
        slots.insert(key, Arc::downgrade(&slot));
        slot
    }
}

/// A session whose readings are shared with those of equal sessions. Keeps what it read to its end, so that the next
/// part of its question finds it, too.
pub(super) struct Shared<'s> {
    session: &'s ScopedSession,
    under_way: &'s UnderWay,
    held: Mutex<Vec<Arc<Slot>>>,
}

impl<'s> Shared<'s> {
    pub(super) fn new(session: &'s ScopedSession, under_way: &'s UnderWay) -> Self {
        Self { session, under_way, held: Mutex::default() }
    }
}

impl Rollups for Shared<'_> {
    fn rollup<'a>(&'a self, spec: &'a RollupSpec) -> Rollup<'a> {
        Box::pin(async move {
            // Of whole districts they lie ready beside the files.
            if !self.session.scope().is_finer() {
                return self.session.rollup(spec).await;
            }
            let version = self.session.data_version(&[&spec.table]);
            let slot = self.under_way.slot((self.session.fingerprint().clone(), version, spec.clone()));
            self.held.lock().unwrap_or_else(PoisonError::into_inner).push(slot.clone());
            slot.get_or_try_init(|| self.session.rollup(spec)).await.cloned()
        })
    }
}
