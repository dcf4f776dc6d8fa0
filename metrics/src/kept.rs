//! Answers that were computed already. The key holds everything an answer depends on (what the caller may see, data
//! versions, question, business date), so nothing is ever invalidated. Answers of older data are dropped now and then, and
//! those unused longest fall out when the bytes run out. Equal questions that come at the same time are computed once.
//! Whether the caller may ask at all is settled before a keeper is asked.

use std::collections::{BTreeMap, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::NaiveDate;
use pujiang_warehouse::{AccessFingerprint, is_current};
use tokio::sync::OnceCell;

/// Everything an answer depends on. There is one maker, and it takes what the caller may see: no key without it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct KeptKey {
    access: AccessFingerprint,
    data_version: String,
    question: String,
    as_of: NaiveDate,
}

impl KeptKey {
    /// The key of one question on one state of the data, as this access sees it on this day.
    #[must_use]
    pub fn new(access: &AccessFingerprint, data_version: &str, question: String, as_of: NaiveDate) -> Self {
        Self { access: access.clone(), data_version: data_version.to_owned(), question, as_of }
    }

    /// The `ETag` of the answer: equal keys have equal tags. Programs of another version may answer differently.
    #[must_use]
    pub fn tag(&self) -> String {
        let half = |salt: u8| {
            let mut hasher = DefaultHasher::new();
            (salt, env!("CARGO_PKG_VERSION"), self).hash(&mut hasher);
            hasher.finish()
        };
        format!("\"{:016x}{:016x}\"", half(0), half(1))
    }

    fn bytes(&self) -> usize {
        // The fingerprint is shared by all keys of its access.
        size_of::<Self>() + self.data_version.len() + self.question.len()
    }
}

/// What can be kept says how much room it takes.
pub trait Weigh {
    /// Bytes, estimated.
    fn bytes(&self) -> usize;
}

/// How a keeper is doing, for the operator.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CacheFigures {
    /// Answers kept.
    pub entries: usize,
    /// Their bytes, estimated.
    pub bytes: usize,
    /// Questions whose answer was kept.
    pub hits: u64,
    /// Questions that waited for an equal one that was being computed.
    pub joined: u64,
    /// Questions that had to be computed.
    pub misses: u64,
    /// Answers that had to go because the bytes ran out.
    pub evicted: u64,
}

type Slot<V> = Arc<OnceCell<Arc<V>>>;

struct Entry<V> {
    slot: Slot<V>,
    bytes: usize,
    used: u64,
}

struct Entries<V> {
    by_key: HashMap<KeptKey, Entry<V>>,
    clock: u64,
    figures: CacheFigures,
}

/// Keeps answers up to a number of bytes.
pub struct Kept<V> {
    entries: Mutex<Entries<V>>,
    limit: usize,
}

impl<V: Weigh> Kept<V> {
    /// Keeps up to `limit` bytes.
    #[must_use]
    pub fn new(limit: usize) -> Self {
        let entries = Entries { by_key: HashMap::new(), clock: 0, figures: CacheFigures::default() };
        Self { entries: Mutex::new(entries), limit }
    }

    /// The kept answer, or the computed one, which is kept if it did not fail. Whoever comes while it is being
    /// computed waits for the same result; if the first caller goes away, the next one goes on.
    pub async fn answer<E, F>(&self, key: KeptKey, compute: F) -> Result<Arc<V>, E>
    where
        F: Future<Output = Result<V, E>>,
    {
        let slot = self.slot(&key);
        if let Some(ready) = slot.get() {
            return Ok(ready.clone());
        }
        let answer = slot.get_or_try_init(|| async { compute.await.map(Arc::new) }).await?.clone();
        self.settle(&key, &answer);
        Ok(answer)
    }

    /// Lets go what was read from older data: nobody can ask for it any more.
    pub fn forget_older(&self, newest: &BTreeMap<String, i64>) {
        let mut entries = self.lock();
        let mut freed = 0;
        entries.by_key.retain(|key, entry| {
            let stays = is_current(&key.data_version, newest);
            freed += if stays { 0 } else { entry.bytes };
            stays
        });
        entries.figures.bytes -= freed;
    }

    /// How it is doing.
    #[must_use]
    pub fn figures(&self) -> CacheFigures {
        let entries = self.lock();
        CacheFigures { entries: entries.by_key.len(), ..entries.figures }
    }

    fn slot(&self, key: &KeptKey) -> Slot<V> {
        let mut entries = self.lock();
        entries.clock += 1;
        let used = entries.clock;
        if let Some(entry) = entries.by_key.get_mut(key) {
            entry.used = used;
            let slot = entry.slot.clone();
            match slot.initialized() {
                true => entries.figures.hits += 1,
                false => entries.figures.joined += 1,
            }
            return slot;
        }
        entries.figures.misses += 1;
        let (slot, bytes) = (Slot::default(), size_of::<Entry<V>>() + key.bytes());
        entries.figures.bytes += bytes;
        entries.by_key.insert(key.clone(), Entry { slot: slot.clone(), bytes, used });
        entries.shrink(self.limit);
        slot
    }

    fn settle(&self, key: &KeptKey, answer: &V) {
        let mut entries = self.lock();
        let Some(entry) = entries.by_key.get_mut(key) else { return };
        let bytes = size_of::<Entry<V>>() + key.bytes() + answer.bytes();
        let before = std::mem::replace(&mut entry.bytes, bytes);
        entries.figures.bytes = entries.figures.bytes - before + bytes;
        // One huge answer must not push out all the small ones that are asked for every second.
        if bytes > self.limit / 4 {
            entries.forget(key);
        }
        entries.shrink(self.limit);
    }

    fn lock(&self) -> MutexGuard<'_, Entries<V>> {
        // A panic while holding the lock leaves counters that are at worst too large.
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<V> Entries<V> {
    /// Lets the answers unused longest go, an eighth of the room at once: looking for them is a walk over all.
    fn shrink(&mut self, limit: usize) {
        if self.figures.bytes <= limit {
            return;
        }
        let mut by_use: Vec<(u64, KeptKey)> =
            self.by_key.iter().map(|(key, entry)| (entry.used, key.clone())).collect();
        by_use.sort_unstable_by_key(|(used, _)| *used);
        for (_, key) in by_use {
            if self.figures.bytes <= limit - limit / 8 {
                break;
            }
            self.forget(&key);
        }
    }

    fn forget(&mut self, key: &KeptKey) {
        if let Some(entry) = self.by_key.remove(key) {
            self.figures.bytes -= entry.bytes;
            self.figures.evicted += 1;
        }
    }
}
