//! What the service counts about itself, for `/metrics`. Numbers only: no accounts, no texts.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use super::Channel;

/// How a question ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ending {
    /// All rows were given.
    Done,
    /// Some rows were given; whoever asked wanted no more.
    Partial,
    /// The account may not ask, or not this.
    Refused,
    /// Too many questions of this account were waiting, or too many answers unread.
    Busy,
    /// It worked too long.
    TimedOut,
    /// Whoever asked took it back.
    Cancelled,
    /// It could not be answered.
    Failed,
}

impl Ending {
    /// Stable name in the audit log and in counters.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Partial => "partial",
            Self::Refused => "refused",
            Self::Busy => "busy",
            Self::TimedOut => "timed_out",
            Self::Cancelled => "cancelled",
            Self::Failed => "failed",
        }
    }
}

/// Counters of the service.
#[derive(Debug, Default)]
pub struct Figures {
    ended: Mutex<BTreeMap<(Channel, Ending), u64>>,
    connections: AtomicU64,
}

impl Figures {
    pub(super) fn ended(&self, channel: Channel, ending: Ending) {
        // A poisoned lock only means a panic while counting; the counts are still numbers.
        let mut ended = self.ended.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        *ended.entry((channel, ending)).or_default() += 1;
    }

    /// Questions by channel and ending.
    pub fn questions(&self) -> Vec<(Channel, Ending, u64)> {
        let ended = self.ended.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        ended.iter().map(|((channel, ending), count)| (*channel, *ending, *count)).collect()
    }

    /// A client of the wire came.
    pub fn connected(&self) {
        self.connections.fetch_add(1, Ordering::Relaxed);
    }

    /// A client of the wire went.
    pub fn disconnected(&self) {
        self.connections.fetch_sub(1, Ordering::Relaxed);
    }

    /// Clients of the wire now.
    pub fn connections(&self) -> u64 {
        self.connections.load(Ordering::Relaxed)
    }
}
