//! Bounds of memory in layers: a query within its principal, the principal within the process. What does not fit is
//! spilled or refused by the operator that asked; one query cannot starve the others.

use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use datafusion::error::{DataFusionError, Result};
use datafusion::execution::memory_pool::{MemoryConsumer, MemoryLimit, MemoryPool, MemoryReservation};

/// Memory all queries of a process may use together.
pub(super) const PROCESS: usize = 1536 << 20;
/// Memory the queries of one principal may use together.
const PRINCIPAL: usize = 1 << 30;
/// Memory one query may use: what the largest join of TPC-H at scale 1 needs without spilling.
const QUERY: usize = 768 << 20;

/// A part of another pool with a bound of its own.
#[derive(Debug)]
pub(super) struct BoundedPool {
    name: &'static str,
    limit: usize,
    used: AtomicUsize,
    within: Arc<dyn MemoryPool>,
}

impl BoundedPool {
    fn new(name: &'static str, limit: usize, within: Arc<dyn MemoryPool>) -> Self {
        Self { name, limit, used: AtomicUsize::new(0), within }
    }

    /// The pool of one query of a principal.
    pub fn for_query(principal: &Arc<BoundedPool>) -> Arc<dyn MemoryPool> {
        Arc::new(Self::new("query", QUERY, principal.clone()))
    }
}

impl fmt::Display for BoundedPool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}(limit: {})", self.name, self.limit)
    }
}

impl MemoryPool for BoundedPool {
    fn name(&self) -> &str {
        self.name
    }

    fn register(&self, consumer: &MemoryConsumer) {
        self.within.register(consumer);
    }

    fn unregister(&self, consumer: &MemoryConsumer) {
        self.within.unregister(consumer);
    }

    fn grow(&self, reservation: &MemoryReservation, additional: usize) {
        self.used.fetch_add(additional, Ordering::Relaxed);
        self.within.grow(reservation, additional);
    }

    fn shrink(&self, reservation: &MemoryReservation, shrink: usize) {
        self.used.fetch_sub(shrink, Ordering::Relaxed);
        self.within.shrink(reservation, shrink);
    }

    fn try_grow(&self, reservation: &MemoryReservation, additional: usize) -> Result<()> {
        let fits = |used: usize| used.checked_add(additional).filter(|sum| *sum <= self.limit);
        if self.used.fetch_update(Ordering::Relaxed, Ordering::Relaxed, fits).is_err() {
            return Err(DataFusionError::ResourcesExhausted(format!("memory of a {} is used up", self.name)));
        }
        self.within.try_grow(reservation, additional).inspect_err(|_| {
            self.used.fetch_sub(additional, Ordering::Relaxed);
        })
    }

    fn reserved(&self) -> usize {
        self.used.load(Ordering::Relaxed)
    }

    fn memory_limit(&self) -> MemoryLimit {
        MemoryLimit::Finite(self.limit)
    }
}

/// The pools of the principals that have queries running.
#[derive(Debug, Default)]
pub(super) struct PrincipalPools {
    running: Mutex<HashMap<String, Weak<BoundedPool>>>,
}

impl PrincipalPools {
    /// The pool of an account; all its sessions share it.
    pub fn of(&self, account: &str, process: &Arc<dyn MemoryPool>) -> Arc<BoundedPool> {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(pool) = running.get(account).and_then(Weak::upgrade) {
            return pool;
        }
        // Pools of accounts that went away are dropped when a new one comes.
        running.retain(|_, pool| pool.strong_count() > 0);
        let pool = Arc::new(BoundedPool::new("principal", PRINCIPAL, process.clone()));
        running.insert(account.to_owned(), Arc::downgrade(&pool));
        pool
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use datafusion::execution::memory_pool::GreedyMemoryPool;

    #[test]
    fn a_query_a_principal_and_the_process_each_have_a_bound() {
        let process: Arc<dyn MemoryPool> = Arc::new(GreedyMemoryPool::new(PROCESS));
        let pools = PrincipalPools::default();
        let (a, b) = (pools.of("a", &process), pools.of("b", &process));
        let c = pools.of("c", &process);
        assert!(Arc::ptr_eq(&a, &pools.of("a", &process)));
        let reserve = |principal: &Arc<BoundedPool>| {
            MemoryConsumer::new("test").register(&BoundedPool::for_query(principal))
        };
        let first = reserve(&a);
        assert!(first.try_grow(QUERY + 1).is_err());
        assert!(first.try_grow(QUERY).is_ok());
        let second = reserve(&a);
        assert!(second.try_grow(QUERY).is_err(), "the principal's bound");
        assert!(second.try_grow(PRINCIPAL - QUERY).is_ok());
        let rest = PROCESS - PRINCIPAL;
        let third = reserve(&b);
        assert!(third.try_grow(rest).is_ok(), "another principal has its own");
        let fourth = reserve(&c);
        assert!(fourth.try_grow(1).is_err(), "the process's bound");
        drop((first, second));
        assert_eq!((a.reserved(), process.reserved()), (0, rest));
        assert!(fourth.try_grow(QUERY).is_ok());
        drop((a, b, c));
        pools.of("d", &process);
        assert_eq!(pools.running.lock().expect("pools").len(), 3, "those with queries stay");
    }
}
