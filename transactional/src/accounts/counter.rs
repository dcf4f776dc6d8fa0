//! Where log-ins stand in line. A hash costs a core for tens of milliseconds and 19 MiB: only so many are worked out at
//! once, only so many wait, and one address fills at most half of the line, so that a flood of guesses from somewhere
//! keeps nobody else out and costs no memory.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{AcquireError, Semaphore, SemaphorePermit};

/// Log-ins that wait, beyond those that are worked on.
const WAITING: usize = 64;

/// Log-ins of one address that wait or are worked on.
const PER_ADDRESS: usize = WAITING / 2;

/// The line. Cheap to clone.
#[derive(Clone)]
pub(super) struct Counter {
    work: Arc<Semaphore>,
    most: usize,
    line: Arc<Mutex<Line>>,
}

#[derive(Default)]
struct Line {
    all: usize,
    by_address: HashMap<String, usize>,
}

/// A place in the line, given back when dropped.
pub(super) struct Place {
    counter: Counter,
    address: Option<String>,
}

impl Counter {
    /// Works on one log-in fewer than the machine has cores: the others keep answering.
    pub(super) fn new() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self::with(cores.saturating_sub(1).max(1))
    }

    fn with(workers: usize) -> Self {
        Self { work: Arc::new(Semaphore::new(workers)), most: workers + WAITING, line: Arc::default() }
    }

    /// A place for a log-in from this address; none when the line is full.
    pub(super) fn enter(&self, address: Option<&str>) -> Option<Place> {
        let mut line = self.line.lock().unwrap_or_else(PoisonError::into_inner);
        if line.all >= self.most {
            return None;
        }
        if let Some(address) = address {
            let own = line.by_address.entry(address.to_owned()).or_default();
            if *own >= PER_ADDRESS {
                return None;
            }
            *own += 1;
        }
        line.all += 1;
        Some(Place { counter: self.clone(), address: address.map(str::to_owned) })
    }
}

impl Place {
    /// Waits until it is this log-in's turn to be worked on.
    pub(super) async fn turn(&self) -> Result<SemaphorePermit<'_>, AcquireError> {
        self.counter.work.acquire().await
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut line = self.counter.line.lock().unwrap_or_else(PoisonError::into_inner);
        line.all = line.all.saturating_sub(1);
        let Some(address) = &self.address else { return };
        if let Some(own) = line.by_address.get_mut(address) {
            *own -= 1;
            if *own == 0 {
                line.by_address.remove(address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn the_line_is_bounded_and_no_address_fills_it() {
        let counter = Counter::with(1);
        let mut places: Vec<Place> =
            (0..PER_ADDRESS).map(|_| counter.enter(Some("10.0.0.1")).expect("room")).collect();
        assert!(counter.enter(Some("10.0.0.1")).is_none(), "half of the line is left to others");
        places.extend((0..=PER_ADDRESS).map(|n| counter.enter(Some(&format!("10.0.1.{n}"))).expect("room")));
        assert!(counter.enter(Some("10.0.0.2")).is_none() && counter.enter(None).is_none());
        places.pop();
        places.push(counter.enter(None).expect("room again"));
        drop(places);
        let line = counter.line.lock().expect("line");
        assert!(line.all == 0 && line.by_address.is_empty());
    }

    #[tokio::test]
    async fn no_more_are_worked_on_than_there_are_workers() {
        let counter = Counter::with(1);
        let (first, second) = (counter.enter(None).expect("room"), counter.enter(None).expect("room"));
        let turn = first.turn().await.expect("turn");
        assert!(tokio::time::timeout(Duration::from_millis(20), second.turn()).await.is_err());
        drop(turn);
        assert!(tokio::time::timeout(Duration::from_millis(20), second.turn()).await.is_ok());
    }
}
