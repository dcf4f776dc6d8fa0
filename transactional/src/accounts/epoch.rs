//! A number that rises whenever it may have changed who may do what, so that callers can keep resolved sessions in
//! memory and still drop them the moment an assignment is revoked in this process.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::Accounts;

/// The number, shared by all clones of the accounts.
#[derive(Clone, Debug, Default)]
pub(super) struct Epoch(Arc<AtomicU64>);

/// Raises the epoch when dropped: after the commit, and also when a commit fails or is given up half-way, since then
/// nobody knows whether it was done.
pub(super) struct RaiseOnDrop(Epoch);

impl Drop for RaiseOnDrop {
    fn drop(&mut self) {
        self.0.0.fetch_add(1, Ordering::AcqRel);
    }
}

impl Accounts {
    /// The present epoch. Take it before asking for a session and keep the answer under it; an answer kept under
    /// another epoch is worth nothing. Changes made by other processes do not raise it.
    pub fn epoch(&self) -> u64 {
        self.epoch.0.load(Ordering::Acquire)
    }

    /// To be held, declared before the transaction, by whatever changes who may do what.
    pub(super) fn raise_epoch(&self) -> RaiseOnDrop {
        RaiseOnDrop(self.epoch.clone())
    }
}
