//! Answers to SQL kept for people who see the same: under the plan itself, the versions of its tables and the access
//! fingerprint. A new commit changes the key, so nothing is invalidated; older answers go when the lake is tidied. Equal
//! questions at the same time are computed once. Only plans whose answer depends on nothing else are kept: no system tables,
//! no functions of time or person.

use std::collections::{BTreeMap, HashMap};
use std::hash::{Hash, Hasher};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::logical_expr::{Expr, LogicalPlan, Volatility};
use futures::future::BoxFuture;
use tokio::sync::OnceCell;

use super::fingerprint::AccessFingerprint;
use super::kept_version::is_current;
use super::query::{Answer, AnswerLimit, in_lake};
use super::subquery::MAYBE;
use crate::error::WarehouseError;

/// Bytes of answers and their plans kept; beyond, those unused longest go.
const KEPT: usize = 32 << 20;
/// What a step and an expression of a plan weigh, measured over a crowd's small questions (10 KiB a plan of four steps):
/// the plan is the key, and of a small answer most of the weight.
const STEP: usize = 2 << 10;
const EXPRESSION: usize = 256;
/// A larger answer is not kept.
const LARGEST: usize = 8 << 20;

/// From so many slots on, those nobody computes any more are looked for.
const MOST_SLOTS: usize = 20_000;

/// The key of an answer. Made by [`AnswerCache::key`] only, which demands the access fingerprint.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct AnswerKey {
    access: AccessFingerprint,
    data_version: String,
    limit: AnswerLimit,
    plan: Arc<LogicalPlan>,
    weight: usize,
    hash: u64,
}

impl Hash for AnswerKey {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.hash);
    }
}

/// Counters of the cache, for operators.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct AnswerCacheStatistics {
    /// Answers taken from the cache.
    pub hits: u64,
    /// Answers computed and kept.
    pub misses: u64,
    /// Answers that must not be kept: time, chance, system tables, explained plans.
    pub bypassed: u64,
    /// Answers dropped to make room.
    pub evicted: u64,
    /// Answers kept now.
    pub entries: usize,
    /// Their bytes.
    pub bytes: usize,
}

struct Slot {
    used: u64,
    bytes: usize,
    cell: Arc<OnceCell<Answer>>,
}

#[derive(Default)]
struct Kept {
    slots: HashMap<AnswerKey, Slot>,
    bytes: usize,
    clock: u64,
}

/// See the module.
#[derive(Default)]
pub(super) struct AnswerCache {
    kept: Mutex<Kept>,
    hits: AtomicU64,
    misses: AtomicU64,
    bypassed: AtomicU64,
    evicted: AtomicU64,
}

impl AnswerCache {
    /// The key of a plan's answer; none when the answer must not be kept.
    pub fn key(
        &self,
        access: &AccessFingerprint,
        plan: &LogicalPlan,
        limit: AnswerLimit,
        data_version: &str,
    ) -> Option<AnswerKey> {
        let weight = weight(plan)?;
        let mut hasher = std::hash::DefaultHasher::new();
        (access, plan, limit, data_version).hash(&mut hasher);
        Some(AnswerKey {
            access: access.clone(),
            data_version: data_version.to_owned(),
            limit,
            plan: Arc::new(plan.clone()),
            weight,
            hash: hasher.finish(),
        })
    }

    /// The answer under the key, computed once however many ask at the same time. An error is not kept: whoever waited
    /// tries anew.
    pub async fn get_or_compute<'a>(
        &self,
        key: Option<AnswerKey>,
        compute: impl Fn() -> BoxFuture<'a, Result<Answer, WarehouseError>>,
    ) -> Result<Answer, WarehouseError> {
        let Some(key) = key else {
            self.bypassed.fetch_add(1, Ordering::Relaxed);
            return compute().await;
        };
        let cell = self.slot(&key);
        if let Some(answer) = cell.get() {
            self.hits.fetch_add(1, Ordering::Relaxed);
            return Ok(answer.clone());
        }
        let mut computed = false;
        let answer = cell
            .get_or_try_init(|| {
                computed = true;
                compute()
            })
            .await;
        match (&answer, computed) {
            (Ok(answer), true) => {
                self.misses.fetch_add(1, Ordering::Relaxed);
                self.weigh(&key, &cell, key.weight + bytes(answer));
            }
            (Ok(_), false) => drop(self.hits.fetch_add(1, Ordering::Relaxed)),
            (Err(_), _) => self.drop_slot(&key, &cell),
        }
        answer.cloned()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn slot(&self, key: &AnswerKey) -> Arc<OnceCell<Answer>> {
        let mut kept = self.lock();
        kept.clock += 1;
        let clock = kept.clock;
        if kept.slots.len() > MOST_SLOTS {
            // Left behind by questions that were broken off.
            kept.slots.retain(|_, slot| slot.bytes > 0 || Arc::strong_count(&slot.cell) > 1);
        }
        let slot =
            kept.slots.entry(key.clone()).or_insert_with(|| Slot { used: 0, bytes: 0, cell: Arc::default() });
        slot.used = clock;
        slot.cell.clone()
    }

    /// Notes the size of an answer that has come, and makes room.
    fn weigh(&self, key: &AnswerKey, cell: &Arc<OnceCell<Answer>>, size: usize) {
        if size > LARGEST {
            return self.drop_slot(key, cell);
        }
        let mut kept = self.lock();
        let Some(slot) = kept.slots.get_mut(key).filter(|slot| Arc::ptr_eq(&slot.cell, cell)) else { return };
        slot.bytes = size;
        kept.bytes += size;
        while kept.bytes > KEPT {
            let ready =
                kept.slots.iter().filter(|(_, slot)| slot.bytes > 0).min_by_key(|(_, slot)| slot.used);
            let Some(oldest) = ready.map(|(key, _)| key.clone()) else { break };
            if let Some(gone) = kept.slots.remove(&oldest) {
                kept.bytes -= gone.bytes;
                self.evicted.fetch_add(1, Ordering::Relaxed);
            }
        }
    }

    fn drop_slot(&self, key: &AnswerKey, cell: &Arc<OnceCell<Answer>>) {
        let mut kept = self.lock();
        if kept.slots.get(key).is_some_and(|slot| Arc::ptr_eq(&slot.cell, cell))
            && let Some(gone) = kept.slots.remove(key)
        {
            kept.bytes -= gone.bytes;
        }
    }

    /// Drops answers nobody can ask for any more. Their plans hold the files they were read from.
    pub fn forget_older(&self, newest: &BTreeMap<String, i64>) {
        let mut kept = self.lock();
        kept.slots.retain(|key, _| is_current(&key.data_version, newest));
        kept.bytes = kept.slots.values().map(|slot| slot.bytes).sum();
    }

    pub fn statistics(&self) -> AnswerCacheStatistics {
        let kept = self.lock();
        let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        AnswerCacheStatistics {
            hits: count(&self.hits),
            misses: count(&self.misses),
            bypassed: count(&self.bypassed),
            evicted: count(&self.evicted),
            entries: kept.slots.len(),
            bytes: kept.bytes,
        }
    }
}

/// What an answer weighs without its plan.
fn bytes(answer: &Answer) -> usize {
    answer.batches.iter().map(arrow::array::RecordBatch::get_array_memory_size).sum::<usize>()
}

/// What a plan weighs that reads only tables of the lake, at least one, and calls only functions that always give the
/// same; none for every other. Never nothing, so that a weighed slot is told from one under way.
fn weight(plan: &LogicalPlan) -> Option<usize> {
    let (mut reads, mut steady, mut weight) = (false, true, 0);
    let walked = plan.apply_with_subqueries(|node| {
        weight += STEP;
        match node {
            LogicalPlan::TableScan(scan) => {
                reads = true;
                steady &= in_lake(&scan.table_name);
            }
            LogicalPlan::Explain(_) | LogicalPlan::Analyze(_) | LogicalPlan::DescribeTable(_) => {
                steady = false
            }
            LogicalPlan::Extension(_) => steady = false,
            _ => {}
        }
        node.apply_expressions(|expr| {
            expr.apply(|part| {
                weight += EXPRESSION;
                steady &= always_the_same(part);
                Ok(TreeNodeRecursion::Continue)
            })
        })
    });
    (walked.is_ok() && reads && steady).then_some(weight)
}

fn always_the_same(expr: &Expr) -> bool {
    let volatility = match expr {
        Expr::ScalarFunction(f) if f.func.name() == MAYBE => Volatility::Immutable,
        Expr::ScalarFunction(f) => f.func.signature().volatility,
        Expr::AggregateFunction(f) => f.func.signature().volatility,
        Expr::WindowFunction(f) => f.fun.signature().volatility,
        Expr::HigherOrderFunction(f) => f.func.signature().volatility,
        _ => Volatility::Immutable,
    };
    volatility == Volatility::Immutable
}
