//! Who may be interrupted: a cancel request comes on a connection of its own and shows number and secret of another.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use pgwire::messages::startup::SecretKey;

use crate::sql::Interrupt;

/// Connections by number and secret.
#[derive(Debug, Default)]
pub struct Registry {
    known: Mutex<HashMap<(i32, Bytes), Interrupt>>,
}

/// A place in the registry; given up when dropped.
#[derive(Debug)]
pub struct Entry {
    registry: Arc<Registry>,
    key: (i32, Bytes),
}

impl Registry {
    /// Makes a connection known.
    pub fn enter(self: &Arc<Self>, number: i32, secret: &SecretKey, interrupt: Interrupt) -> Entry {
        let key = (number, secret.to_bytes());
        self.lock().insert(key.clone(), interrupt);
        Entry { registry: self.clone(), key }
    }

    /// Interrupts a connection. Who does not know the secret is not told that the number exists.
    pub fn interrupt(&self, number: i32, secret: &SecretKey) {
        if let Some(interrupt) = self.lock().get(&(number, secret.to_bytes())) {
            interrupt.wish();
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<(i32, Bytes), Interrupt>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        self.registry.lock().remove(&self.key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_secret_interrupts() {
        let registry = Arc::new(Registry::default());
        let interrupt = Interrupt::new();
        let entry = registry.enter(1, &SecretKey::I32(7), interrupt.clone());
        registry.interrupt(1, &SecretKey::I32(8));
        registry.interrupt(2, &SecretKey::I32(7));
        assert!(!interrupt.is_wished());
        registry.interrupt(1, &SecretKey::I32(7));
        assert!(interrupt.is_wished());
        interrupt.forget();
        drop(entry);
        registry.interrupt(1, &SecretKey::I32(7));
        assert!(!interrupt.is_wished(), "gone with the connection");
    }
}
