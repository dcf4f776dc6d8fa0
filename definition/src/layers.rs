//! Where definitions come from: what is built in or a whole tree, and a folder laid over it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rust_embed::RustEmbed;

use super::error::DefinitionError;
use super::overlay::Overlay;
use super::rooms::{Presence, Room};
use super::sources::Sources;

/// Where definitions come from.
#[derive(Debug, Clone, Default)]
pub struct Layers {
    tree: Option<PathBuf>,
    over: Option<Arc<Overlay>>,
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

    /// These with a folder over them, arranged like a tree, as it is now. It need not be there.
    #[must_use]
    pub fn over(self, folder: &Path) -> Self {
        self.with(Arc::new(Overlay::read(folder)))
    }

    /// These with files over them.
    #[must_use]
    pub fn with(self, overlay: Arc<Overlay>) -> Self {
        Self { over: Some(overlay), ..self }
    }

    /// What is wrong with the files laid over as such; each room says what is wrong with its own.
    #[must_use]
    pub fn errors(&self) -> &[DefinitionError] {
        self.over.as_deref().map_or(&[], Overlay::errors)
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
            Some(overlay) => base.overlaid(overlay.sources(room), room),
            None => base,
        }
    }

    /// A file that belongs to a definition, such as a template: the uppermost there is. `folder` is that below a root, `E` are
    /// those built in, which also serve a tree that has none.
    #[must_use]
    pub fn beside<E: RustEmbed>(&self, folder: &str, name: &str) -> Option<String> {
        let file = format!("{folder}/{name}");
        let over = self.over.as_ref().and_then(|overlay| overlay.text(&file)).map(str::to_owned);
        let found = over.or_else(|| std::fs::read_to_string(self.tree.as_ref()?.join(file)).ok());
        found.or_else(|| String::from_utf8(E::get(name)?.data.into_owned()).ok())
    }
}
