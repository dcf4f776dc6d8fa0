//! Whose turn it is. A machine answers a few questions at a time; who has many waiting does not keep others from asking.
//! A turn is held while the engine works, not while a client reads: a slow reader blocks nobody. Nor do long questions: one
//! that works for seconds goes on beside the turns, and a short one shares the processor with it instead of waiting for its end.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::Instant;

/// Questions of one account that work at the same time.
const PER_ACCOUNT: usize = 2;

/// Questions of one account that wait; more are a runaway program.
const WAITING: usize = 16;

/// Turns a machine has at least. One account holds two: with fewer than four it could hold all.
const FEWEST: usize = 4;

/// What works longer than this is a long question.
const LONG: Duration = Duration::from_secs(2);

/// Long questions that go on beside the turns; more of them keep their turns.
const BESIDE: usize = 16;

/// Hands out turns, one account after the other. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Governor {
    queue: Arc<Mutex<Queue>>,
}

/// Too many questions of this account are waiting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Busy;

/// Whether a question may be sent away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It has just come.
    New,
    /// Part of its answer is given already: it waits as long as it takes.
    Begun,
}

#[derive(Debug)]
struct Queue {
    turns: usize,
    /// How long a question may work and be a short one.
    long: Duration,
    /// Turns that are held, oldest first.
    working: Vec<Held>,
    /// Long questions beside the turns.
    beside: Vec<u64>,
    given: u64,
    accounts: HashMap<String, Account>,
    /// Accounts with somebody waiting, in the order they are served.
    ring: VecDeque<String>,
}

#[derive(Debug)]
struct Held {
    number: u64,
    since: Instant,
}

#[derive(Debug, Default)]
struct Account {
    working: usize,
    waiting: VecDeque<oneshot::Sender<Turn>>,
}

/// The right to let the engine work; given back when dropped.
#[derive(Debug)]
pub struct Turn {
    governor: Governor,
    account: String,
    number: u64,
}

impl Governor {
    /// As many turns as the machine has cores.
    pub fn new() -> Self {
        let cores = std::thread::available_parallelism().map_or(FEWEST, usize::from);
        Self::with(cores.max(FEWEST), LONG)
    }

    fn with(turns: usize, long: Duration) -> Self {
        let queue = Queue {
            turns,
            long,
            working: Vec::new(),
            beside: Vec::new(),
            given: 0,
            accounts: HashMap::new(),
            ring: VecDeque::new(),
        };
        Self { queue: Arc::new(Mutex::new(queue)) }
    }

    /// Waits for a turn of this account.
    pub async fn turn(&self, account: &str, standing: Standing) -> Result<Turn, Busy> {
        let (mut wait, long) = {
            let mut queue = self.lock();
            if queue.is_free(account) {
                let number = queue.take(account);
                return Ok(self.given(account, number));
            }
            (queue.wait(account, standing)?, queue.long)
        };
        loop {
            // Who waits looks whether questions have become long: nobody else needs to know.
            self.hand_out();
            if let Ok(turn) = tokio::time::timeout(long / 4, &mut wait).await {
                // The sender is dropped only with the queue itself, that is with the process.
                return turn.map_err(|_| Busy);
            }
        }
    }

    /// Lets long questions go on beside the turns, and gives free turns to whoever is next.
    fn hand_out(&self) {
        let next = {
            let mut queue = self.lock();
            queue.set_long_aside(Instant::now());
            queue.next()
        };
        for (account, number, waiting) in next {
            // Nobody waits there any more: the turn comes back by its own drop and goes on to the next.
            drop(waiting.send(self.given(&account, number)));
        }
    }

    /// Questions that wait, of all accounts.
    pub fn waiting(&self) -> usize {
        self.lock().accounts.values().map(|account| account.waiting.len()).sum()
    }

    fn given(&self, account: &str, number: u64) -> Turn {
        Turn { governor: self.clone(), account: account.to_owned(), number }
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        // Only numbers and senders are inside; a panic elsewhere leaves them usable.
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.governor.lock().give_back(&self.account, self.number);
        self.governor.hand_out();
    }
}

impl Queue {
    fn is_free(&self, account: &str) -> bool {
        let own = self.accounts.get(account);
        // Whoever waits already was here first, unless it waits for its own account's limit.
        let ahead = self.ring.iter().any(|name| self.may_work(name));
        self.working.len() < self.turns
            && !ahead
            && own.is_none_or(|own| own.working < PER_ACCOUNT && own.waiting.is_empty())
    }

    fn may_work(&self, account: &str) -> bool {
        self.accounts.get(account).is_some_and(|account| account.working < PER_ACCOUNT)
    }

    /// The number of the turn that is taken.
    fn take(&mut self, account: &str) -> u64 {
        self.given += 1;
        self.working.push(Held { number: self.given, since: Instant::now() });
        self.accounts.entry(account.to_owned()).or_default().working += 1;
        self.given
    }

    fn set_long_aside(&mut self, now: Instant) {
        while self.beside.len() < BESIDE
            && self.working.first().is_some_and(|held| now.duration_since(held.since) >= self.long)
        {
            self.beside.push(self.working.remove(0).number);
        }
    }

    fn wait(&mut self, name: &str, standing: Standing) -> Result<oneshot::Receiver<Turn>, Busy> {
        let account = self.accounts.entry(name.to_owned()).or_default();
        account.waiting.retain(|sender| !sender.is_closed());
        if standing == Standing::New && account.waiting.len() >= WAITING {
            return Err(Busy);
        }
        let (sender, receiver) = oneshot::channel();
        account.waiting.push_back(sender);
        if !self.ring.iter().any(|waiting| waiting == name) {
            self.ring.push_back(name.to_owned());
        }
        Ok(receiver)
    }

    fn give_back(&mut self, name: &str, number: u64) {
        self.working.retain(|held| held.number != number);
        self.beside.retain(|held| *held != number);
        if let Some(account) = self.accounts.get_mut(name) {
            account.working = account.working.saturating_sub(1);
            if account.working == 0 && account.waiting.is_empty() {
                self.accounts.remove(name);
            }
        }
    }

    /// Takes free turns for whoever is next; they are sent when the lock is free again.
    fn next(&mut self) -> Vec<(String, u64, oneshot::Sender<Turn>)> {
        let mut given = Vec::new();
        while self.working.len() < self.turns {
            let Some(at) = self.ring.iter().position(|name| self.may_work(name)) else { break };
            let Some(name) = self.ring.remove(at) else { break };
            let Some(account) = self.accounts.get_mut(&name) else { continue };
            let Some(sender) = account.waiting.pop_front() else { continue };
            if !account.waiting.is_empty() {
                self.ring.push_back(name.clone());
            }
            let number = self.take(&name);
            given.push((name, number, sender));
        }
        given
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    /// What is long enough in a test.
    const SHORT: Duration = Duration::from_millis(60);

    impl Governor {
        fn with_turns(turns: usize) -> Self {
            Self::with(turns, LONG)
        }
    }

    async fn soon<F: Future>(future: F) -> Option<F::Output> {
        tokio::time::timeout(Duration::from_millis(20), future).await.ok()
    }

    #[tokio::test]
    async fn an_account_works_on_two_at_a_time_and_others_are_not_kept_waiting() {
        let governor = Governor::with_turns(4);
        let first = governor.turn("a", Standing::New).await.expect("turn");
        let _second = governor.turn("a", Standing::New).await.expect("turn");
        assert!(soon(governor.turn("a", Standing::New)).await.is_none(), "a third of one account waits");
        let _other =
            soon(governor.turn("b", Standing::New)).await.expect("another account works").expect("turn");
        drop(first);
        assert!(soon(governor.turn("a", Standing::New)).await.is_some(), "its own turn came back");
    }

    #[tokio::test]
    async fn accounts_take_turns_whoever_has_more_waiting() {
        let governor = Governor::with_turns(1);
        let held = governor.turn("x", Standing::New).await.expect("turn");
        let (sender, mut served) = tokio::sync::mpsc::unbounded_channel();
        for (number, name) in ["a", "a", "a", "b"].into_iter().enumerate() {
            let (own, sender) = (governor.clone(), sender.clone());
            tokio::spawn(async move {
                let _turn = own.turn(name, Standing::New).await.expect("turn");
                sender.send(name).expect("sent");
            });
            while governor.waiting() <= number {
                tokio::task::yield_now().await;
            }
        }
        drop(held);
        let mut order = Vec::new();
        for _ in 0..4 {
            order.push(served.recv().await.expect("served"));
        }
        assert_eq!(order, ["a", "b", "a", "a"]);
        assert_eq!(governor.waiting(), 0);
    }

    #[tokio::test]
    async fn long_questions_keep_nobody_waiting_and_still_count_for_their_account() {
        let governor = Governor::with(2, SHORT);
        let _long = [
            governor.turn("a", Standing::New).await.expect("turn"),
            governor.turn("a", Standing::New).await.expect("turn"),
        ];
        let begun = Instant::now();
        let short = governor.turn("b", Standing::New).await.expect("turn");
        assert!(begun.elapsed() >= SHORT, "{:?}", begun.elapsed());
        let _other = governor.turn("c", Standing::New).await.expect("turn");
        assert!(soon(governor.turn("a", Standing::New)).await.is_none(), "it works on two already");
        drop(short);
        assert!(soon(governor.turn("d", Standing::New)).await.is_some());
    }

    #[tokio::test]
    async fn no_more_than_a_bound_goes_on_beside_the_turns() {
        let governor = Governor::with(1, SHORT);
        let mut long = Vec::new();
        for number in 0..=BESIDE {
            long.push(governor.turn(&format!("account {number}"), Standing::New).await.expect("turn"));
        }
        let waits = tokio::time::timeout(10 * SHORT, governor.turn("x", Standing::New)).await;
        assert!(waits.is_err(), "all places beside are taken");
        drop(long.remove(0));
        assert!(tokio::time::timeout(LONG, governor.turn("y", Standing::New)).await.is_ok());
    }

    #[tokio::test]
    async fn too_many_waiting_are_sent_away_and_those_who_left_do_not_count() {
        let governor = Governor::with_turns(1);
        let held = governor.turn("x", Standing::New).await.expect("turn");
        let mut waiting: Vec<_> = (0..WAITING).map(|_| Box::pin(governor.turn("a", Standing::New))).collect();
        for wait in &mut waiting {
            assert!(soon(wait).await.is_none());
        }
        assert_eq!(soon(governor.turn("a", Standing::New)).await.map(|turn| turn.err()), Some(Some(Busy)));
        assert!(soon(governor.turn("a", Standing::Begun)).await.is_none(), "one that has begun waits");
        drop(waiting);
        assert!(soon(governor.turn("a", Standing::New)).await.is_none(), "room again");
        drop(held);
        assert!(soon(governor.turn("b", Standing::New)).await.is_some(), "turns of those who left go on");
    }
}
