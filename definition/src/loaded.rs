//! What loading a room gave: its definitions, and everything that is wrong with them.

use std::collections::BTreeSet;

use super::document::read;
use super::error::{DefinitionError, Places};
use super::reference::Reference;
use super::section::Section;
use super::sources::{SourceFile, Sources};

/// What loading a room gave. The definitions are meant to be used only where there are no errors; beside errors they serve
/// to find more of them.
#[derive(Debug, Clone)]
pub struct Loaded<T> {
    /// The definitions.
    pub definitions: T,
    /// Ids that have a file, even a broken one.
    pub ids: BTreeSet<String>,
    /// The definitions of this and other rooms that are named.
    pub references: Vec<Reference>,
    /// Every mistake of every file.
    pub errors: Vec<DefinitionError>,
}

impl<T> Loaded<T> {
    /// The definitions if nothing is wrong with them.
    ///
    /// # Errors
    /// Every mistake of every file, in the order of files and lines. References are not followed.
    pub fn finished(mut self) -> Result<T, Vec<DefinitionError>> {
        self.errors.sort();
        if self.errors.is_empty() { Ok(self.definitions) } else { Err(self.errors) }
    }

    /// The same with the definitions in another form; `change` may find more mistakes.
    pub fn map<U>(self, change: impl FnOnce(T, &mut Vec<DefinitionError>) -> U) -> Loaded<U> {
        let Self { definitions, ids, references, mut errors } = self;
        let definitions = change(definitions, &mut errors);
        Loaded { definitions, ids, references, errors }
    }
}

/// Reads every file of a room, in the order of ids. A definition comes with the places of its keys, also when its file has
/// mistakes, if `fill` could make one.
pub fn read_all<T>(
    sources: &Sources,
    mut fill: impl FnMut(&SourceFile, &Section<'_>) -> Option<T>,
) -> Loaded<Vec<(T, Places)>> {
    let mut loaded = Loaded {
        definitions: Vec::new(),
        ids: sources.ids(),
        references: Vec::new(),
        errors: sources.errors().to_vec(),
    };
    for file in sources.files() {
        let document = read(file, |root| fill(file, root));
        loaded.definitions.extend(document.value.map(|value| (value, document.places)));
        loaded.references.extend(document.references);
        loaded.errors.extend(document.errors);
    }
    loaded
}
