//! Loading all boards: built in or from a folder, all or nothing, all errors of all files in one report.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use rust_embed::RustEmbed;

use super::definition::BoardDef;
use super::read::read;

#[derive(RustEmbed)]
#[folder = "../dashboards/boards/"]
#[allow_missing = true]
struct Builtin;

/// One thing wrong with one board file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct BoardDefinitionError {
    /// File below the boards folder.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Column, from 1.
    pub col: usize,
    /// Key the error is about.
    pub key: String,
    /// What to do.
    pub message: String,
}

impl fmt::Display for BoardDefinitionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: {}: {}", self.file, self.line, self.col, self.key, self.message)
    }
}

/// Where an indicator is named, for the check across definitions.
#[derive(Debug, Clone)]
pub struct IndicatorUse {
    /// Line, from 1.
    pub line: usize,
    /// Column, from 1.
    pub col: usize,
    /// The indicator.
    pub indicator: String,
    /// The dimension it is split by there.
    pub dimension: Option<String>,
}

/// All boards by id.
#[derive(Debug, Clone, Default)]
pub struct BoardDefinitions {
    boards: BTreeMap<String, BoardDef>,
    uses: Vec<(String, IndicatorUse)>,
}

impl BoardDefinitions {
    /// The boards built into the binary.
    pub fn builtin() -> Result<Self, Vec<BoardDefinitionError>> {
        let file =
            |name: &str| Builtin::get(name).map(|file| String::from_utf8_lossy(&file.data).into_owned());
        let (boards, errors) = Self::from_files(
            Builtin::iter().filter_map(|name| Some((name.to_string(), file(&name)?))).collect(),
        );
        if errors.is_empty() { Ok(boards) } else { Err(errors) }
    }

    /// The boards in a folder: what could be read, and everything that is wrong.
    pub fn read_from(dir: &Path) -> (Self, Vec<BoardDefinitionError>) {
        let mut files = Vec::new();
        let mut errors = Vec::new();
        match std::fs::read_dir(dir) {
            Err(error) => errors.push(plain("", format!("无法读取文件夹：{error}"))),
            Ok(entries) => {
                for path in entries.flatten().map(|entry| entry.path()) {
                    let name =
                        path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
                    match std::fs::read_to_string(&path) {
                        Ok(text) => files.push((name, text)),
                        Err(error) => errors.push(plain(&name, format!("无法读取：{error}"))),
                    }
                }
            }
        }
        let (boards, found) = Self::from_files(files);
        errors.extend(found);
        (boards, errors)
    }

    /// The board of that id.
    pub fn get(&self, id: &str) -> Option<&BoardDef> {
        self.boards.get(id)
    }

    /// Changes every board.
    pub(super) fn each(&mut self, change: impl FnMut(&mut BoardDef)) {
        self.boards.values_mut().for_each(change);
    }

    /// All boards in the order of their ids.
    pub fn iter(&self) -> impl Iterator<Item = &BoardDef> {
        self.boards.values()
    }

    /// Every place an indicator is named, with its file.
    pub fn uses(&self) -> &[(String, IndicatorUse)] {
        &self.uses
    }

    fn from_files(mut files: Vec<(String, String)>) -> (Self, Vec<BoardDefinitionError>) {
        files.sort();
        let mut definitions = Self::default();
        let mut errors = Vec::new();
        for (file, text) in &files {
            let Some(id) = file.strip_suffix(".toml") else {
                // Editors and version control leave dot files; anything else does not belong here.
                if !file.starts_with('.') {
                    errors.push(plain(file, "这里只放 .toml 看板定义，请移走这个文件".to_owned()));
                }
                continue;
            };
            let mut found = read(file, id, text);
            found.errors.sort();
            errors.append(&mut found.errors);
            definitions.uses.extend(found.uses.into_iter().map(|one| (file.clone(), one)));
            definitions.boards.insert(id.to_owned(), found.board);
        }
        (definitions, errors)
    }
}

fn plain(file: &str, message: String) -> BoardDefinitionError {
    BoardDefinitionError { file: file.to_owned(), line: 1, col: 1, key: String::new(), message }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn builtin_boards_load() {
        BoardDefinitions::builtin().unwrap_or_else(|errors| panic!("{errors:#?}"));
    }
}
