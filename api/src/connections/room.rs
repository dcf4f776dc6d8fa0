//! Places for connections. Whoever has said nothing yet, or only half of it, gives way to a newcomer when all places are
//! taken, the oldest first: silent sockets, however many, never keep out those who speak. One address has a bound of its
//! own, so that it cannot take every place with connections that do work.

use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;

/// Silence that is no reason to give way: a line has to carry the first words.
const GRACE: Duration = Duration::from_secs(1);

/// How many connections there may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// In all.
    pub all: usize,
    /// From one address.
    pub per_address: usize,
}

/// The places of one listening socket. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Room {
    bounds: Bounds,
    grace: Duration,
    taken: Arc<Mutex<Taken>>,
}

#[derive(Debug, Default)]
struct Taken {
    next: u64,
    all: usize,
    by_address: HashMap<IpAddr, usize>,
    /// Those that may be asked to go, oldest first.
    waiting: BTreeMap<u64, Waiting>,
}

#[derive(Debug)]
struct Waiting {
    since: Instant,
    address: IpAddr,
    leave: CancellationToken,
}

impl Taken {
    /// Asks the oldest of those that wait to go and gives its place away.
    fn make_room(&mut self, from: Option<IpAddr>, grace: Duration) -> bool {
        let mut of = self.waiting.iter().filter(|(_, one)| from.is_none_or(|from| from == one.address));
        let oldest = of.next().filter(|(_, one)| one.since.elapsed() >= grace).map(|(id, _)| *id);
        let Some(gone) = oldest.and_then(|id| self.waiting.remove(&id)) else { return false };
        gone.leave.cancel();
        self.leave(gone.address);
        true
    }

    fn leave(&mut self, address: IpAddr) {
        self.all -= 1;
        if let Some(count) = self.by_address.get_mut(&address) {
            *count -= 1;
            if *count == 0 {
                self.by_address.remove(&address);
            }
        }
    }
}

impl Room {
    /// An empty room.
    pub fn new(bounds: Bounds) -> Self {
        Self { bounds, grace: GRACE, taken: Arc::default() }
    }

    /// A place for a connection from this address, at first waiting; none when all that could give way work.
    pub fn enter(&self, address: IpAddr) -> Option<Seat> {
        let mut taken = self.lock();
        let own = taken.by_address.get(&address).copied().unwrap_or(0);
        if own >= self.bounds.per_address && !taken.make_room(Some(address), self.grace) {
            return None;
        }
        if taken.all >= self.bounds.all && !taken.make_room(None, self.grace) {
            return None;
        }
        let id = taken.next;
        taken.next += 1;
        taken.all += 1;
        *taken.by_address.entry(address).or_default() += 1;
        let leave = CancellationToken::new();
        let waiting = Waiting { since: Instant::now(), address, leave: leave.clone() };
        taken.waiting.insert(id, waiting);
        drop(taken);
        Some(Seat { room: self.clone(), id: Mutex::new(id), address, leave })
    }

    /// Places taken now.
    pub fn taken(&self) -> usize {
        self.lock().all
    }

    fn lock(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One place, given back when dropped.
#[derive(Debug)]
pub struct Seat {
    room: Room,
    /// Its age among those that wait; a new one each time it begins to wait.
    id: Mutex<u64>,
    address: IpAddr,
    leave: CancellationToken,
}

impl Seat {
    /// Comes back when the place was given to somebody else.
    pub async fn given_away(&self) {
        self.leave.cancelled().await;
    }

    /// It works: nobody takes the place.
    pub fn works(&self) {
        self.room.lock().waiting.remove(&self.number());
    }

    /// It waits again, as the youngest of all that do.
    pub fn waits(&self) {
        let mut taken = self.room.lock();
        if self.leave.is_cancelled() {
            return;
        }
        let mut id = self.id.lock().unwrap_or_else(PoisonError::into_inner);
        taken.waiting.remove(&id);
        *id = taken.next;
        taken.next += 1;
        let (address, leave) = (self.address, self.leave.clone());
        taken.waiting.insert(*id, Waiting { since: Instant::now(), address, leave });
    }

    fn number(&self) -> u64 {
        *self.id.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let id = self.number();
        let mut taken = self.room.lock();
        // A place that was given away is counted as left already.
        if !self.leave.is_cancelled() {
            taken.waiting.remove(&id);
            taken.leave(self.address);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(last: u8) -> IpAddr {
        IpAddr::from([10, 0, 0, last])
    }

    fn room(all: usize, per_address: usize) -> Room {
        Room { grace: Duration::ZERO, ..Room::new(Bounds { all, per_address }) }
    }

    fn is_gone(seat: &Seat) -> bool {
        seat.leave.is_cancelled()
    }

    #[test]
    fn attack_5_the_silent_give_way_oldest_first() {
        let room = room(3, 3);
        let silent: Vec<Seat> = (0..3).map(|_| room.enter(address(1)).expect("room")).collect();
        silent[0].works();
        let newcomer = room.enter(address(2)).expect("somebody gives way");
        assert_eq!(silent.iter().map(is_gone).collect::<Vec<_>>(), [false, true, false]);
        newcomer.works();
        silent[2].works();
        assert!(room.enter(address(3)).is_none(), "all of them work");
        drop(silent);
        assert_eq!(room.taken(), 1);
        drop(newcomer);
        assert_eq!(room.taken(), 0);
        assert!(room.lock().by_address.is_empty() && room.lock().waiting.is_empty());
    }

    #[test]
    fn attack_4_one_address_does_not_take_every_place() {
        let room = room(10, 2);
        let own: Vec<Seat> = (0..2).map(|_| room.enter(address(1)).expect("room")).collect();
        own.iter().for_each(Seat::works);
        assert!(room.enter(address(1)).is_none());
        assert!(room.enter(address(2)).is_some(), "others have room");
        own[0].waits();
        let third = room.enter(address(1)).expect("its own idle one gives way");
        assert!(is_gone(&own[0]) && !is_gone(&own[1]) && !is_gone(&third));
        drop(own);
        assert_eq!(room.taken(), 1);
    }

    #[test]
    fn whoever_has_just_come_stays() {
        let room = Room::new(Bounds { all: 1, per_address: 1 });
        let first = room.enter(address(1)).expect("room");
        assert!(room.enter(address(2)).is_none() && !is_gone(&first));
    }

    #[test]
    fn whoever_waits_anew_is_the_youngest() {
        let room = room(2, 2);
        let (first, second) = (room.enter(address(1)).expect("room"), room.enter(address(1)).expect("room"));
        first.works();
        first.waits();
        let _third = room.enter(address(1)).expect("room");
        assert!(!is_gone(&first) && is_gone(&second));
    }
}
