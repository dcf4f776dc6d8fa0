//! What definitions say about definitions of other rooms, written down while they are read, so that a reference that leads
//! nowhere is found even in a file with other mistakes.

use std::collections::{BTreeMap, BTreeSet};

use super::error::DefinitionError;
use super::rooms::Room;

/// A place in a file that names a definition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// Room of the definition named.
    pub room: Room,
    /// Its id.
    pub id: String,
    /// Where it is named; `message` is empty.
    pub place: DefinitionError,
}

/// The ids there are, by room.
#[derive(Debug, Clone, Default)]
pub struct Known {
    by_room: BTreeMap<&'static str, BTreeSet<String>>,
}

impl Known {
    /// Adds the ids of a room. A room without any is missing, which is said once and not at every reference to it.
    pub fn add(&mut self, room: &Room, ids: &BTreeSet<String>) {
        if !ids.is_empty() {
            self.by_room.entry(room.folder).or_default().extend(ids.iter().cloned());
        }
    }

    /// Whether a definition may be referred to.
    #[must_use]
    pub fn has(&self, room: &Room, id: &str) -> bool {
        self.by_room.get(room.folder).is_none_or(|ids| ids.contains(id))
    }

    /// Every reference that leads nowhere.
    pub fn dangling<'r>(
        &'r self,
        references: impl IntoIterator<Item = &'r Reference>,
    ) -> impl Iterator<Item = DefinitionError> {
        references.into_iter().filter(|one| !self.has(&one.room, &one.id)).map(|one| {
            let Room { thing, folder, .. } = one.room;
            let message = format!("没有{thing}“{}”，请改名或在 {folder} 下补上定义", one.id);
            DefinitionError { message, ..one.place.clone() }
        })
    }
}
