//! The states a record went through, each with the moment it was entered.
//! From them come the current row, its version, and the events that stock figures are summed from.

use chrono::NaiveDateTime;

/// One entered state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entered {
    /// State code as the resource definition names it.
    pub state: &'static str,
    /// Shanghai wall clock.
    pub at: NaiveDateTime,
}

/// States in the order they were entered; never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lifecycle(Vec<Entered>);

impl Lifecycle {
    /// A record created in `state`.
    pub fn created(state: &'static str, at: NaiveDateTime) -> Self {
        Self(vec![Entered { state, at }])
    }

    /// The record goes on to `state`, unless that would be after `end` or before its last change.
    pub fn then(&mut self, state: &'static str, at: NaiveDateTime, end: NaiveDateTime) -> bool {
        let follows = at <= end && at >= self.last().at;
        if follows {
            self.0.push(Entered { state, at });
        }
        follows
    }

    /// The current state.
    pub fn last(&self) -> Entered {
        self.0[self.0.len() - 1]
    }

    /// When the record was created.
    pub fn created_at(&self) -> NaiveDateTime {
        self.0[0].at
    }

    /// When `state` was entered first.
    pub fn first(&self, state: &str) -> Option<NaiveDateTime> {
        self.0.iter().find(|entered| entered.state == state).map(|entered| entered.at)
    }

    /// Entering a state adds one to it and takes one from the state before.
    pub fn steps(&self) -> impl Iterator<Item = (Option<&'static str>, Entered)> + '_ {
        let before = std::iter::once(None).chain(self.0.iter().map(|entered| Some(entered.state)));
        before.zip(self.0.iter().copied())
    }
}
