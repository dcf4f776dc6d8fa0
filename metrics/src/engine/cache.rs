//! Answers that were computed already. The key holds everything an answer depends on (data versions, scope, question,
//! business date), so nothing is ever invalidated; old answers fall out when the bytes run out. Equal questions that
//! come at the same time are computed once. Whether the caller may ask at all is settled before the cache is looked at.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::NaiveDate;
use pujiang_security::DataScope;
use tokio::sync::OnceCell;

use crate::error::MetricsError;
use crate::query::MetricsAnswer;

/// Everything an answer depends on. The scope is a scope, not a text, so that no key can be made without one.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct CacheKey {
    scope: String,
    data_version: String,
    question: String,
    as_of: NaiveDate,
}

impl CacheKey {
    pub(super) fn new(scope: &DataScope, data_version: &str, question: String, as_of: NaiveDate) -> Self {
        Self { scope: scope.fingerprint(), data_version: data_version.to_owned(), question, as_of }
    }

    fn bytes(&self) -> usize {
        size_of::<Entry>()
            + size_of::<Self>()
            + self.scope.len()
            + self.data_version.len()
            + self.question.len()
    }
}

/// How the answer cache is doing, for the operator.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CacheFigures {
    /// Answers kept.
    pub entries: usize,
    /// Their bytes, estimated.
    pub bytes: usize,
    /// Questions whose answer was kept or being computed.
    pub hits: u64,
    /// Questions that had to be computed.
    pub misses: u64,
}

type Answer = Arc<OnceCell<Arc<MetricsAnswer>>>;

struct Entry {
    answer: Answer,
    bytes: usize,
    used: u64,
}

#[derive(Default)]
struct Entries {
    by_key: HashMap<CacheKey, Entry>,
    bytes: usize,
    uses: u64,
    misses: u64,
}

pub(super) struct AnswerCache {
    entries: Mutex<Entries>,
    limit: usize,
}

impl AnswerCache {
    pub(super) fn new(limit: usize) -> Self {
        Self { entries: Mutex::default(), limit }
    }

    /// The kept answer, or the computed one, which is kept if it did not fail. Whoever comes while it is being
    /// computed waits for the same result; if the first caller goes away, the next one goes on.
    pub(super) async fn answer<F>(
        &self,
        key: CacheKey,
        compute: F,
    ) -> Result<Arc<MetricsAnswer>, MetricsError>
    where
        F: Future<Output = Result<MetricsAnswer, MetricsError>>,
    {
        let slot = self.slot(&key);
        let answer = slot.get_or_try_init(|| async { compute.await.map(Arc::new) }).await?.clone();
        self.settle(&key, &answer);
        Ok(answer)
    }

    fn slot(&self, key: &CacheKey) -> Answer {
        let mut entries = self.lock();
        entries.uses += 1;
        let used = entries.uses;
        if let Some(entry) = entries.by_key.get_mut(key) {
            entry.used = used;
            return entry.answer.clone();
        }
        entries.misses += 1;
        let (answer, bytes) = (Answer::default(), key.bytes());
        entries.bytes += bytes;
        entries.by_key.insert(key.clone(), Entry { answer: answer.clone(), bytes, used });
        answer
    }

    fn settle(&self, key: &CacheKey, answer: &MetricsAnswer) {
        let mut entries = self.lock();
        let Some(entry) = entries.by_key.get_mut(key) else { return };
        let bytes = key.bytes() + size_of_answer(answer);
        let before = std::mem::replace(&mut entry.bytes, bytes);
        entries.bytes = entries.bytes - before + bytes;
        entries.shrink(self.limit);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Entries> {
        // A panic while holding the lock leaves counters that are at worst too large.
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn figures(&self) -> CacheFigures {
        let entries = self.lock();
        CacheFigures {
            entries: entries.by_key.len(),
            bytes: entries.bytes,
            hits: entries.uses - entries.misses,
            misses: entries.misses,
        }
    }
}

impl Entries {
    /// Lets the longest unused answers go. A hash map of a few hundred entries is searched faster than kept in order.
    fn shrink(&mut self, limit: usize) {
        while self.bytes > limit {
            let oldest = self.by_key.iter().min_by_key(|(_, entry)| entry.used).map(|(key, _)| key.clone());
            let Some(entry) = oldest.and_then(|key| self.by_key.remove(&key)) else { return };
            self.bytes -= entry.bytes;
        }
    }
}

fn size_of_answer(answer: &MetricsAnswer) -> usize {
    let value =
        |value: &serde_json::Value| size_of::<serde_json::Value>() + value.as_str().map_or(0, str::len);
    let rows: usize =
        answer.rows.iter().map(|row| size_of::<Vec<()>>() + row.iter().map(value).sum::<usize>()).sum();
    size_of::<MetricsAnswer>() + rows + answer.columns.len() * 128
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::error::Problem;
    use crate::query::ScopeView;

    fn key(version: &str) -> CacheKey {
        CacheKey {
            scope: "city".into(),
            data_version: version.into(),
            question: "q".into(),
            as_of: NaiveDate::default(),
        }
    }

    fn answer(rows: usize) -> MetricsAnswer {
        MetricsAnswer {
            columns: Vec::new(),
            rows: vec![vec!["a value of some length".into()]; rows],
            data_version: String::new(),
            scope: ScopeView { level: "city".into(), districts: Vec::new(), label: "全市".into() },
            filters: Default::default(),
            as_of: NaiveDate::default(),
            incomplete_from: None,
        }
    }

    #[tokio::test]
    async fn equal_questions_at_the_same_time_are_computed_once() {
        let (cache, computed) = (AnswerCache::new(1 << 20), AtomicUsize::new(0));
        let ask = || {
            cache.answer(key("t@1"), async {
                computed.fetch_add(1, Ordering::SeqCst);
                tokio::task::yield_now().await;
                Ok(answer(1))
            })
        };
        let (first, second, third) = tokio::join!(ask(), ask(), ask());
        assert!(first.is_ok() && second.is_ok() && third.is_ok());
        assert_eq!(computed.load(Ordering::SeqCst), 1);
        assert_eq!((cache.figures().hits, cache.figures().misses), (2, 1));
    }

    #[tokio::test]
    async fn another_data_version_is_another_answer_and_bytes_are_bounded() {
        let cache = AnswerCache::new(20_000);
        for version in 0..50 {
            let rows = cache
                .answer(key(&format!("t@{version}")), async { Ok(answer(100)) })
                .await
                .unwrap()
                .rows
                .len();
            assert_eq!(rows, 100);
        }
        let figures = cache.figures();
        assert!(figures.entries < 5 && figures.bytes <= 20_000, "{figures:?}");
    }

    #[tokio::test]
    async fn a_failure_is_not_kept() {
        let cache = AnswerCache::new(1 << 20);
        let problems = vec![Problem::new("time", "test", "test")];
        let failed = cache.answer(key("t@1"), async { Err(MetricsError::Invalid { problems }) }).await;
        assert!(failed.is_err());
        assert!(cache.answer(key("t@1"), async { Ok(answer(1)) }).await.is_ok());
    }
}
