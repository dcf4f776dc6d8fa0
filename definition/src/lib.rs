//! Definition files: where they lie, how they are laid over each other, and how they are read so that every mistake of every
//! file is named at once, by file, line and key. What a definition means is the business of the room that reads it.

mod document;
mod error;
mod layers;
mod loaded;
mod reference;
mod rooms;
mod section;
mod sources;
mod switch;

pub use document::{Document, read};
pub use error::{DefinitionError, Places};
pub use layers::Layers;
pub use loaded::{Loaded, read_all};
pub use reference::{Known, Reference};
pub use rooms::{
    BOARDS, COMPARISONS, FEEDS, INDICATORS, Presence, REPORTS, RESOURCES, ROLES, ROOMS, Room, Shape, TABLES,
    TEMPLATES,
};
pub use section::{At, Section};
pub use sources::{SourceFile, Sources};
