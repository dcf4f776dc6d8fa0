//! One file being read: its mistakes, the places of its keys, what it refers to. Serde would stop at the first mistake,
//! which is why this is not serde.

use std::cell::RefCell;
use std::ops::Range;

use toml::de::DeTable;

use super::error::{DefinitionError, Places};
use super::reference::Reference;
use super::rooms::Room;
use super::section::Section;
use super::sources::SourceFile;

/// What reading a file gave.
#[derive(Debug, Clone)]
pub struct Document<T> {
    /// The definition, if enough of it was there: also beside mistakes, so that more of them are found.
    pub value: Option<T>,
    /// Where its keys stand.
    pub places: Places,
    /// The definitions of other rooms it names.
    pub references: Vec<Reference>,
    /// Every mistake, in the order of the file.
    pub errors: Vec<DefinitionError>,
}

/// Reads a file; `fill` asks for the keys. A file that is no TOML gives its syntax errors and nothing else.
pub fn read<T>(file: &SourceFile, fill: impl FnOnce(&Section<'_>) -> Option<T>) -> Document<T> {
    let report = Report::new(&file.shown, &file.text);
    let (table, syntax) = DeTable::parse_recoverable(&file.text);
    for error in &syntax {
        report.add(error.span().unwrap_or(0..0), "", format!("TOML 语法错误：{}", error.message()));
    }
    let value = match syntax.is_empty() {
        true => {
            let root = Section::root(table.get_ref(), &report);
            let value = fill(&root);
            root.finish();
            value
        }
        false => None,
    };
    let Report { places, references, errors, .. } = report;
    let mut errors = errors.into_inner();
    errors.sort_by_key(|error| (error.line, error.col));
    Document { value, places: places.into_inner(), references: references.into_inner(), errors }
}

/// Collects what is found in one file.
pub(crate) struct Report<'t> {
    file: &'t str,
    text: &'t str,
    places: RefCell<Places>,
    references: RefCell<Vec<Reference>>,
    errors: RefCell<Vec<DefinitionError>>,
}

impl<'t> Report<'t> {
    pub(crate) fn new(file: &'t str, text: &'t str) -> Self {
        Self {
            file,
            text,
            places: RefCell::new(Places::new(file)),
            references: RefCell::default(),
            errors: RefCell::default(),
        }
    }

    pub(crate) fn error(
        &self,
        span: &Range<usize>,
        key: &str,
        message: impl Into<String>,
    ) -> DefinitionError {
        let (line, col) = self.place(span);
        DefinitionError { file: self.file.into(), line, col, key: key.into(), message: message.into() }
    }

    pub(crate) fn add(&self, span: Range<usize>, key: &str, message: impl Into<String>) {
        self.errors.borrow_mut().push(self.error(&span, key, message));
    }

    pub(crate) fn keep(&self, key: String, span: &Range<usize>) {
        self.places.borrow_mut().keep(key, self.place(span));
    }

    pub(crate) fn refer(&self, room: &Room, id: &str, span: &Range<usize>, key: &str) {
        let place = self.error(span, key, "");
        self.references.borrow_mut().push(Reference { room: *room, id: id.to_owned(), place });
    }

    fn place(&self, span: &Range<usize>) -> (usize, usize) {
        let before = self.text.get(..span.start).unwrap_or(self.text);
        let line = before.matches('\n').count() + 1;
        (line, before.chars().rev().take_while(|c| *c != '\n').count() + 1)
    }
}
