//! Where definitions come from: what is built in or a whole tree, and a folder laid over it.

use std::path::{Path, PathBuf};

use rust_embed::RustEmbed;

use super::rooms::{Presence, Room};
use super::sources::Sources;

/// What the folder over the definitions is called in errors, and in a data folder.
const OVER: &str = "definitions/";

/// Where definitions come from.
#[derive(Debug, Clone, Default)]
pub struct Layers {
    tree: Option<PathBuf>,
    over: Option<PathBuf>,
}

impl Layers {
    /// What is built into the program.
    #[must_use]
    pub fn builtin() -> Self {
        Self::default()
    }

    /// A tree with the folders of all rooms, in place of what is built in.
    #[must_use]
    pub fn tree(root: &Path) -> Self {
        Self { tree: Some(root.to_owned()), over: None }
    }

    /// These with a folder over them, arranged like a tree. It need not be there.
    #[must_use]
    pub fn over(self, folder: &Path) -> Self {
        Self { over: Some(folder.to_owned()), ..self }
    }

    /// The files of a room; `E` are those built in.
    #[must_use]
    pub fn sources<E: RustEmbed>(&self, room: &Room) -> Sources {
        let base = match &self.tree {
            Some(root) if room.presence == Presence::Required && !root.join(room.folder).is_dir() => {
                Sources::missing(room)
            }
            Some(root) => Sources::folder(root, room, ""),
            None => Sources::embedded::<E>(room),
        };
        match &self.over {
            Some(folder) => base.overlaid(Sources::folder(folder, room, OVER), room),
            None => base,
        }
    }

    /// A file that belongs to a definition, such as a template: the uppermost there is. `folder` is that below a root, `E` are
    /// those built in, which also serve a tree that has none.
    #[must_use]
    pub fn beside<E: RustEmbed>(&self, folder: &str, name: &str) -> Option<String> {
        let own = [&self.over, &self.tree].into_iter().flatten();
        let found = own.filter_map(|root| std::fs::read_to_string(root.join(folder).join(name)).ok()).next();
        found.or_else(|| String::from_utf8(E::get(name)?.data.into_owned()).ok())
    }
}
