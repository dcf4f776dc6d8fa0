//! The wish to hear no more. One per connection: whatever it works on at that moment stops.

use std::sync::Arc;

use tokio::sync::watch;

/// Set by who wants a question stopped, looked at by who answers it. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Interrupt {
    wished: Arc<watch::Sender<bool>>,
}

impl Interrupt {
    /// Nobody wishes to stop.
    pub fn new() -> Self {
        Self { wished: Arc::new(watch::Sender::new(false)) }
    }

    /// Stops what is being answered now.
    pub fn wish(&self) {
        self.wished.send_replace(true);
    }

    /// Forgets a wish that came too late for the question before.
    pub fn forget(&self) {
        self.wished.send_replace(false);
    }

    /// Whether somebody wishes to stop.
    pub fn is_wished(&self) -> bool {
        *self.wished.borrow()
    }

    /// Returns when somebody wishes to stop.
    pub async fn wished(&self) {
        // The sender lives in `self`, so waiting cannot fail.
        let _ = self.wished.subscribe().wait_for(|wished| *wished).await;
    }
}

impl Default for Interrupt {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_wish_holds_until_forgotten() {
        let interrupt = Interrupt::new();
        interrupt.wish();
        interrupt.clone().wished().await;
        assert!(interrupt.is_wished());
        interrupt.forget();
        let waiting = tokio::time::timeout(std::time::Duration::from_millis(10), interrupt.wished());
        assert!(waiting.await.is_err());
    }
}
