//! The rule of merging, without IO: of several incoming rows of a key one wins, and against what is
//! stored it inserts, replaces, deletes or is ignored.

use std::collections::HashMap;

/// What an incoming row wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wish {
    Upsert,
    Delete,
}

/// An incoming row: where it is and which version it claims.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Incoming {
    pub wish: Wish,
    pub version: i64,
    /// Position among all incoming rows of its kind: later rows win ties.
    pub row: usize,
}

/// What is stored under a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stored {
    Nothing,
    Live { version: i64, same_content: bool },
    Tombstone { version: i64 },
}

/// What to do with the winner of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    Insert,
    Replace,
    /// Leave a tombstone; the row was stored (`Remove`) or not (`Bury`).
    Remove,
    Bury,
    Older,
    Identical,
}

/// One winner per key and how many rows lost to a newer or an equal version.
pub(super) struct Resolved<'a> {
    pub winners: HashMap<&'a str, Incoming>,
    pub older: usize,
    pub identical: usize,
}

/// Picks the winner of each key: highest version; at equal versions a delete beats an upsert, else the
/// later row wins.
pub(super) fn resolve<'a>(rows: impl Iterator<Item = (&'a str, Incoming)>) -> Resolved<'a> {
    let mut resolved = Resolved { winners: HashMap::new(), older: 0, identical: 0 };
    for (key, row) in rows {
        let Some(held) = resolved.winners.get_mut(key) else {
            resolved.winners.insert(key, row);
            continue;
        };
        if row.version == held.version {
            resolved.identical += 1;
        } else {
            resolved.older += 1;
        }
        let beats = match row.version.cmp(&held.version) {
            std::cmp::Ordering::Greater => true,
            std::cmp::Ordering::Less => false,
            std::cmp::Ordering::Equal => match (row.wish, held.wish) {
                (Wish::Delete, Wish::Upsert) => true,
                (Wish::Upsert, Wish::Delete) => false,
                _ => row.row > held.row,
            },
        };
        if beats {
            *held = row;
        }
    }
    resolved
}

/// Decides one winner against what is stored.
pub(super) fn decide(row: Incoming, stored: Stored) -> Verdict {
    match (row.wish, stored) {
        (Wish::Upsert, Stored::Nothing) => Verdict::Insert,
        (Wish::Upsert, Stored::Live { version, same_content }) => {
            if row.version < version {
                Verdict::Older
            } else if row.version == version && same_content {
                Verdict::Identical
            } else {
                Verdict::Replace
            }
        }
        (Wish::Upsert, Stored::Tombstone { version }) => {
            if row.version > version {
                Verdict::Insert
            } else {
                Verdict::Older
            }
        }
        (Wish::Delete, Stored::Nothing) => Verdict::Bury,
        (Wish::Delete, Stored::Live { version, .. }) => {
            if row.version >= version {
                Verdict::Remove
            } else {
                Verdict::Older
            }
        }
        (Wish::Delete, Stored::Tombstone { version }) => {
            if row.version > version {
                Verdict::Bury
            } else {
                Verdict::Identical
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(wish: Wish, version: i64, row: usize) -> Incoming {
        Incoming { wish, version, row }
    }

    #[test]
    fn the_highest_version_wins_whatever_the_order() {
        use Wish::*;
        let check = |rows: &[(Wish, i64)], winner: usize, older: usize, identical: usize| {
            let all: Vec<Incoming> = rows.iter().enumerate().map(|(i, (w, v))| row(*w, *v, i)).collect();
            let resolved = resolve(all.iter().map(|r| ("k", *r)));
            assert_eq!(resolved.winners["k"], all[winner], "{rows:?}");
            assert_eq!((resolved.older, resolved.identical), (older, identical), "{rows:?}");
        };
        check(&[(Upsert, 1)], 0, 0, 0);
        check(&[(Upsert, 1), (Upsert, 2)], 1, 1, 0);
        check(&[(Upsert, 2), (Upsert, 1)], 0, 1, 0);
        check(&[(Upsert, 1), (Upsert, 1)], 1, 0, 1);
        check(&[(Delete, 2), (Upsert, 1), (Upsert, 3)], 2, 2, 0);
        check(&[(Upsert, 2), (Delete, 2)], 1, 0, 1);
        check(&[(Delete, 2), (Upsert, 2)], 0, 0, 1);
    }

    #[test]
    fn verdicts_against_the_store() {
        let live = |version, same_content| Stored::Live { version, same_content };
        let gone = |version| Stored::Tombstone { version };
        let check = |wish, version, stored, expected| {
            assert_eq!(decide(row(wish, version, 0), stored), expected, "{wish:?} {version} on {stored:?}");
        };
        check(Wish::Upsert, 1, Stored::Nothing, Verdict::Insert);
        check(Wish::Upsert, 2, live(1, false), Verdict::Replace);
        check(Wish::Upsert, 2, live(1, true), Verdict::Replace);
        check(Wish::Upsert, 1, live(1, true), Verdict::Identical);
        check(Wish::Upsert, 1, live(1, false), Verdict::Replace);
        check(Wish::Upsert, 1, live(2, false), Verdict::Older);
        check(Wish::Upsert, 2, gone(2), Verdict::Older);
        check(Wish::Upsert, 3, gone(2), Verdict::Insert);
        check(Wish::Delete, 1, Stored::Nothing, Verdict::Bury);
        check(Wish::Delete, 1, live(1, false), Verdict::Remove);
        check(Wish::Delete, 1, live(2, false), Verdict::Older);
        check(Wish::Delete, 2, gone(1), Verdict::Bury);
        check(Wish::Delete, 1, gone(1), Verdict::Identical);
    }
}
