//! Definition files: where they lie, how they are laid over each other, and how they are read so that every mistake of every
//! file is named at once, by file, line and key. What a definition means is the business of the room that reads it; what one
//! room hands to another without knowing it is written down in `lake_form`.

mod difference;
mod document;
mod error;
mod lake_form;
mod layers;
mod listing;
mod loaded;
mod overlay;
mod reference;
mod rooms;
mod section;
mod sources;
mod switch;

pub use difference::{FileChange, FileDifference, differences};
pub use document::{Document, read};
pub use error::{DefinitionError, Places};
pub use lake_form::{LakeColumn, LakeForm, LakeForms, LakeOwners, LakePart, LakeValueKind, LakeVisibility};
pub use layers::Layers;
pub use loaded::{Loaded, read_all};
pub use overlay::{Overlay, Says};
pub use reference::{Known, Reference};
pub use rooms::{
    BOARDS, COMPARISONS, DIMENSIONS, FEEDS, INDICATORS, Presence, REPORTS, RESOURCES, ROLES, ROOMS, Room,
    Shape, TABLES, TEMPLATES,
};
pub use section::{At, Section};
pub use sources::{SourceFile, Sources};
