//! What answers hold that nobody has read yet: batches of open portals and cursors, bodies on their way. Clients that do
//! not read cost memory which no pool of the engine sees; here it is counted, for each account and for all.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::Refusal;

/// How many bytes unread answers may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnreadBounds {
    /// Of one account.
    pub per_account: usize,
    /// Of all together.
    pub all: usize,
}

/// The budget. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Unread {
    bounds: UnreadBounds,
    taken: Arc<Mutex<Taken>>,
}

#[derive(Debug, Default)]
struct Taken {
    all: usize,
    by_account: HashMap<String, usize>,
}

/// A part of the budget, given back when dropped.
#[derive(Debug)]
pub struct Held {
    budget: Unread,
    account: String,
    bytes: usize,
}

impl Unread {
    /// Nothing is held.
    pub fn new(bounds: UnreadBounds) -> Self {
        Self { bounds, taken: Arc::default() }
    }

    /// Takes bytes for an answer of this account; refused at once when they are spent, because those who hold them may
    /// be the very ones who would have to wait.
    pub fn take(&self, account: &str, bytes: usize) -> Result<Held, Refusal> {
        let UnreadBounds { per_account, all } = self.bounds;
        if bytes > per_account.min(all) {
            return Err(Refusal::TooLarge);
        }
        let mut taken = self.lock();
        let own = taken.by_account.get(account).copied().unwrap_or(0);
        if own + bytes > per_account {
            return Err(Refusal::Unread);
        }
        if taken.all + bytes > all {
            return Err(Refusal::UnreadByAll);
        }
        taken.all += bytes;
        *taken.by_account.entry(account.to_owned()).or_default() += bytes;
        Ok(Held { budget: self.clone(), account: account.to_owned(), bytes })
    }

    /// Bytes held now.
    pub fn held(&self) -> usize {
        self.lock().all
    }

    fn lock(&self) -> MutexGuard<'_, Taken> {
        // Only numbers are inside; a panic elsewhere leaves them usable.
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let mut taken = self.budget.lock();
        taken.all = taken.all.saturating_sub(self.bytes);
        if let Some(own) = taken.by_account.get_mut(&self.account) {
            *own = own.saturating_sub(self.bytes);
            if *own == 0 {
                taken.by_account.remove(&self.account);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_account_has_a_part_and_all_have_a_whole() {
        let budget = Unread::new(UnreadBounds { per_account: 10, all: 15 });
        let first = budget.take("a", 6).expect("room");
        assert!(matches!(budget.take("a", 5), Err(Refusal::Unread)));
        assert!(matches!(budget.take("b", 11), Err(Refusal::TooLarge)));
        let second = budget.take("b", 9).expect("room");
        assert!(matches!(budget.take("c", 1), Err(Refusal::UnreadByAll)));
        drop(first);
        let third = budget.take("c", 6).expect("room again");
        assert_eq!(budget.held(), 15);
        drop((second, third));
        assert_eq!(budget.held(), 0);
        assert!(budget.lock().by_account.is_empty());
    }
}
