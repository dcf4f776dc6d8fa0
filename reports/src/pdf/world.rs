//! What the typesetter may see of the world: one template, the files made for this document, the fonts, the date of
//! the data. No disk, no network, no packages, no clock.

use std::collections::HashMap;
use std::sync::Arc;

use typst::diag::{FileError, FileResult, SourceDiagnostic};
use typst::foundations::{Bytes, Datetime, Duration};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, World, WorldExt};

use super::fonts::Fonts;

/// A document's own world.
pub struct ReportWorld<'a> {
    library: &'a LazyHash<Library>,
    fonts: Arc<Fonts>,
    main: Source,
    files: HashMap<FileId, Bytes>,
    today: Option<Datetime>,
}

/// Id of a file of the document.
///
/// # Errors
/// The name is no path.
pub fn file_id(name: &str) -> Result<FileId, String> {
    let path = VirtualPath::new(name).map_err(|e| format!("{name}: {e:?}"))?;
    Ok(RootedPath::new(VirtualRoot::Project, path).intern())
}

impl<'a> ReportWorld<'a> {
    /// A world of a template and named files.
    ///
    /// # Errors
    /// A name is no path.
    pub fn new(
        library: &'a LazyHash<Library>,
        fonts: Arc<Fonts>,
        main: Source,
        files: Vec<(String, Vec<u8>)>,
        today: Option<Datetime>,
    ) -> Result<Self, String> {
        let files = files
            .into_iter()
            .map(|(name, bytes)| Ok((file_id(&name)?, Bytes::new(bytes))))
            .collect::<Result<_, String>>()?;
        Ok(Self { library, fonts, main, files, today })
    }

    /// `main.typ:12: message (hint)`.
    pub fn explain(&self, diagnostic: &SourceDiagnostic) -> String {
        let line = self.range(diagnostic.span).and_then(|range| self.main.lines().byte_to_line(range.start));
        let place = line.map_or_else(|| "main.typ".to_owned(), |line| format!("main.typ:{}", line + 1));
        let hints: Vec<&str> = diagnostic.hints.iter().map(|hint| hint.v.as_str()).collect();
        match hints.is_empty() {
            true => format!("{place}: {}", diagnostic.message),
            false => format!("{place}: {} ({})", diagnostic.message, hints.join("; ")),
        }
    }
}

impl World for ReportWorld<'_> {
    fn library(&self) -> &LazyHash<Library> {
        self.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        self.fonts.book()
    }

    fn main(&self) -> FileId {
        self.main.id()
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        if id == self.main.id() {
            return Ok(self.main.clone());
        }
        Err(not_found(id))
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        self.files.get(&id).cloned().ok_or_else(|| not_found(id))
    }

    fn font(&self, index: usize) -> Option<Font> {
        self.fonts.face(index)
    }

    fn today(&self, _offset: Option<Duration>) -> Option<Datetime> {
        self.today
    }
}

fn not_found(id: FileId) -> FileError {
    FileError::NotFound(id.get().vpath().get_without_slash().into())
}
