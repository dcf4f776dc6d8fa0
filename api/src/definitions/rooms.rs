//! Which definitions of which room differ between two sets: a pure function of the ids there are and of what the files laid
//! over the built-in ones say.

use std::collections::{BTreeMap, BTreeSet};

use pujiang_definition::{FileChange, Overlay, ROOMS, Says, TEMPLATES, differences};

use super::DefinitionSet;

/// What happens to a definition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum IdChange {
    /// It is new, or on again.
    Added,
    /// It says something else.
    Changed,
    /// Its file is gone.
    Removed,
    /// It is switched off.
    SwitchedOff,
}

impl IdChange {
    /// Stable name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Changed => "changed",
            Self::Removed => "removed",
            Self::SwitchedOff => "switched_off",
        }
    }

    /// In words.
    pub fn title(self) -> &'static str {
        match self {
            Self::Added => "新增",
            Self::Changed => "修改",
            Self::Removed => "删除",
            Self::SwitchedOff => "停用",
        }
    }
}

/// The definitions of one room that differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoomChanges {
    /// Folder of the room below a root of definitions.
    pub folder: &'static str,
    /// What one of its definitions is called in Chinese.
    pub thing: &'static str,
    /// Ids and what happens to them, in the order of the ids.
    pub changes: Vec<(String, IdChange)>,
}

/// The rooms in which something differs, templates of reports last.
pub fn changes(older: (&DefinitionSet, &Overlay), newer: (&DefinitionSet, &Overlay)) -> Vec<RoomChanges> {
    let none = BTreeSet::new();
    let mut rooms: Vec<RoomChanges> = ROOMS
        .iter()
        .map(|room| {
            let ids = |set: &'_ DefinitionSet| set.ids.get(room.folder).unwrap_or(&none).clone();
            let changes = of_room(&ids(older.0), &older.1.says(room), &ids(newer.0), &newer.1.says(room));
            RoomChanges { folder: room.folder, thing: room.thing, changes }
        })
        .collect();
    let below = format!("{TEMPLATES}/");
    let template = |one: pujiang_definition::FileDifference| {
        let change = match one.change {
            FileChange::Added => IdChange::Added,
            FileChange::Changed => IdChange::Changed,
            FileChange::Removed => IdChange::Removed,
        };
        Some((one.file.strip_prefix(&below)?.to_owned(), change))
    };
    let templates = differences(older.1, newer.1).into_iter().filter_map(template).collect();
    rooms.push(RoomChanges { folder: TEMPLATES, thing: "报表模板", changes: templates });
    rooms.retain(|room| !room.changes.is_empty());
    rooms
}

fn of_room(
    older: &BTreeSet<String>,
    said: &BTreeMap<String, Says>,
    newer: &BTreeSet<String>,
    says: &BTreeMap<String, Says>,
) -> Vec<(String, IdChange)> {
    let change = |id: &String| {
        Some(match (older.contains(id), newer.contains(id)) {
            (false, _) => IdChange::Added,
            (true, false) if says.get(id) == Some(&Says::Off) => IdChange::SwitchedOff,
            (true, false) => IdChange::Removed,
            // What is not laid over is built in, and the same on both sides.
            (true, true) if said.get(id) == says.get(id) => return None,
            (true, true) => IdChange::Changed,
        })
    };
    older.union(newer).filter_map(|id| Some((id.clone(), change(id)?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_id_that_differs_is_told_with_what_happens_to_it() {
        let ids = |ids: &str| ids.split(' ').map(str::to_owned).collect::<BTreeSet<_>>();
        let text = |text: &str| Says::Text(text.to_owned());
        let says = |says: Vec<(&str, Says)>| {
            says.into_iter().map(|(id, says)| (id.to_owned(), says)).collect::<BTreeMap<_, _>>()
        };
        let found = of_room(
            &ids("builtin off own same shadowed"),
            &says(vec![("own", text("1")), ("same", text("1"))]),
            &ids("builtin new same shadowed"),
            &says(vec![("new", text("1")), ("off", Says::Off), ("same", text("1")), ("shadowed", text("2"))]),
        );
        let found: Vec<(&str, IdChange)> = found.iter().map(|(id, change)| (id.as_str(), *change)).collect();
        assert_eq!(
            found,
            [
                ("new", IdChange::Added),
                ("off", IdChange::SwitchedOff),
                ("own", IdChange::Removed),
                ("shadowed", IdChange::Changed),
            ]
        );
    }
}
