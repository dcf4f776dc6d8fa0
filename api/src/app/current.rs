//! The application of this moment: another one takes its place when a new set of definitions is taken up. Whoever took one
//! keeps it to the end of what is under way.

use std::sync::{Arc, PoisonError, RwLock};

use super::App;

/// A place where the present application is found. Cheap to clone; all clones see the same.
#[derive(Clone)]
pub struct Current(Arc<RwLock<Arc<App>>>);

impl Current {
    /// The application of now, to be kept for one piece of work.
    pub fn app(&self) -> Arc<App> {
        // What is behind the lock is one pointer, whole at all times.
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn set(&self, next: Arc<App>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = next;
    }
}

impl From<Arc<App>> for Current {
    fn from(app: Arc<App>) -> Self {
        Self(Arc::new(RwLock::new(app)))
    }
}
