//! The files that lie over the built-in definitions, read once: what is checked is what is kept and what is worked by,
//! whatever happens to the folder meanwhile.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::Path;

use super::error::DefinitionError;
use super::listing::{Listed, is_left_behind, listed};
use super::rooms::{ROOMS, Room, TEMPLATES};
use super::sources::{CASE, Sources};
use super::switch::{self, Switch};

/// What the folder is called in errors, and in a data folder.
const PREFIX: &str = "definitions/";
/// Bytes of all files together.
const LARGEST: usize = 16 << 20;
/// A template is `<id>/main.typ`.
const TEMPLATE: &str = ".typ";
/// How far down files are looked for that lie in no room.
const DEEPEST: usize = 4;

/// Definition files and templates by their names below the folder.
#[derive(Debug, Clone, Default)]
pub struct Overlay {
    /// Each with its text or why there is none.
    files: BTreeMap<String, Result<String, String>>,
    /// What is wrong with the folders of rooms.
    folders: Vec<DefinitionError>,
    /// What is wrong with files of no room.
    errors: Vec<DefinitionError>,
}

impl Overlay {
    /// Everything below a folder that is arranged like a tree. It need not be there. Mistakes come with the sources of the
    /// rooms and with [`Overlay::errors`].
    #[must_use]
    pub fn read(folder: &Path) -> Self {
        let mut overlay = Self::default();
        for room in &ROOMS {
            let Listed { files, errors } = listed(folder, room.folder, room.depth(), PREFIX);
            let files = files.into_iter().filter(|(name, _)| !name.ends_with(CASE));
            overlay.files.extend(files.map(|(name, text)| (format!("{}/{name}", room.folder), text)));
            overlay.folders.extend(errors);
        }
        let Listed { files, errors } = listed(folder, TEMPLATES, 1, PREFIX);
        overlay.errors.extend(errors);
        for (name, text) in files.into_iter().filter(|(name, _)| name.ends_with(TEMPLATE)) {
            let name = format!("{TEMPLATES}/{name}");
            if let Err(message) = &text {
                overlay.errors.push(DefinitionError::of_file(&format!("{PREFIX}{name}"), message));
            }
            overlay.files.insert(name, text);
        }
        overlay.errors.extend(strays(folder, "", 0));
        let bytes: usize = overlay.texts().map(|(name, text)| name.len() + text.len()).sum();
        if bytes > LARGEST {
            let message = format!("全部文件共 {} MiB，最多 {} MiB", bytes >> 20, LARGEST >> 20);
            overlay.errors.push(DefinitionError::of_file(PREFIX.trim_end_matches('/'), message));
        }
        overlay
    }

    /// Files that were kept, by their names below the folder.
    #[must_use]
    pub fn of(files: BTreeMap<String, String>) -> Self {
        Self { files: files.into_iter().map(|(name, text)| (name, Ok(text))).collect(), ..Self::default() }
    }

    /// The files that could be read.
    pub fn texts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.files.iter().filter_map(|(name, text)| Some((name.as_str(), text.as_deref().ok()?)))
    }

    /// The text of a file.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.files.get(name)?.as_deref().ok()
    }

    /// What is wrong with files that belong to no room.
    #[must_use]
    pub fn errors(&self) -> &[DefinitionError] {
        &self.errors
    }

    /// The files of a room.
    #[must_use]
    pub fn sources(&self, room: &Room) -> Sources {
        let below = format!("{}/", room.folder);
        let own = |name: &str| name.strip_prefix(&below).map(str::to_owned);
        let files = self.files.iter().filter_map(|(name, text)| Some((own(name)?, text.clone())));
        let shown = format!("{PREFIX}{}", room.folder);
        let errors = self.folders.iter().filter(|error| error.file.starts_with(&shown)).cloned();
        Sources::listed(room, PREFIX, Listed { files: files.collect(), errors: errors.collect() })
    }

    /// What these files say about the definitions of a room, by id.
    #[must_use]
    pub fn says(&self, room: &Room) -> BTreeMap<String, Says> {
        let sources = self.sources(room);
        let say = |file: &super::SourceFile| match switch::read(file) {
            Switch::Off => Says::Off,
            Switch::Absent | Switch::Wrong(_) => Says::Text(file.text.clone()),
        };
        sources.files().map(|file| (file.id.clone(), say(file))).collect()
    }

    /// Makes a folder hold these definition files and templates and no others; case files and what belongs to no room stay.
    /// Each file is there whole or not at all.
    ///
    /// # Errors
    /// A file cannot be written or removed.
    pub fn write(&self, folder: &Path) -> io::Result<()> {
        let present: BTreeSet<String> = Self::read(folder).files.into_keys().collect();
        for (name, text) in self.texts() {
            let path = folder.join(name);
            if let Some(parent) = path.parent() {
                fs::create_dir_all(parent)?;
            }
            let file = path.file_name().map(|file| file.to_string_lossy().into_owned()).unwrap_or_default();
            // Hidden, so that whoever reads the folder meanwhile does not take it for a definition.
            let draft = path.with_file_name(format!(".{file}.part"));
            fs::write(&draft, text)?;
            fs::rename(&draft, &path)?;
        }
        for name in present.iter().filter(|name| !self.files.contains_key(*name)) {
            fs::remove_file(folder.join(name))?;
        }
        Ok(())
    }
}

/// What a file over another says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Says {
    /// The definition.
    Text(String),
    /// That the definition below is off.
    Off,
}

/// Definition files that lie in no room: nobody would ever read them, and whoever wrote them would wonder.
fn strays(root: &Path, below: &str, depth: usize) -> Vec<DefinitionError> {
    let folder = if below.is_empty() { root.to_owned() } else { root.join(below) };
    let known = |name: &str| ROOMS.iter().map(|room| room.folder).chain([TEMPLATES]).any(|room| room == name);
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = if below.is_empty() { name.clone() } else { format!("{below}/{name}") };
        if is_left_behind(&name) || known(&path) {
            continue;
        }
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            if depth < DEEPEST {
                found.extend(strays(root, &path, depth + 1));
            }
        } else if name.ends_with(".toml") {
            let rooms: Vec<&str> = ROOMS.iter().map(|room| room.folder).collect();
            let message = format!("不在任何定义目录下，不会生效；请移到下列目录之一：{}", rooms.join("、"));
            found.push(DefinitionError::of_file(&format!("{PREFIX}{path}"), message));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rooms::{BOARDS, INDICATORS};

    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a folder");
        for (name, text) in files {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().expect("a parent")).expect("made");
            fs::write(path, text).expect("written");
        }
        folder
    }

    #[test]
    fn what_is_read_once_is_used_whatever_happens_to_the_folder() {
        let folder = folder(&[
            ("dashboards/boards/a.toml", "n = 1"),
            ("metrics/indicators/x/X-1.toml", "off = true"),
            ("metrics/indicators/x/X-1.case.toml", "n = 3"),
            ("reports/templates/r/main.typ", "= 标题"),
            ("metrics/indicatos/x/X-2.toml", "n = 2"),
            ("README.md", ""),
        ]);
        let overlay = Overlay::read(folder.path());
        fs::remove_dir_all(folder.path().join("dashboards")).expect("removed");
        let names: Vec<&str> = overlay.texts().map(|(name, _)| name).collect();
        assert_eq!(
            names,
            ["dashboards/boards/a.toml", "metrics/indicators/x/X-1.toml", "reports/templates/r/main.typ"]
        );
        assert_eq!(overlay.says(&BOARDS)["a"], Says::Text("n = 1".to_owned()));
        assert_eq!(overlay.says(&INDICATORS)["X-1"], Says::Off);
        let errors: Vec<String> = overlay.errors().iter().map(ToString::to_string).collect();
        assert_eq!(errors.len(), 1, "{errors:?}");
        assert!(
            errors[0].starts_with("definitions/metrics/indicatos/x/X-2.toml:1:1: -: 不在任何"),
            "{errors:?}"
        );
    }

    #[test]
    fn a_folder_is_brought_to_what_was_kept() {
        let folder = folder(&[
            ("dashboards/boards/a.toml", "n = 1"),
            ("dashboards/boards/b.toml", "n = 1"),
            ("dashboards/boards/b.case.toml", "n = 1"),
            ("README.md", "stays"),
        ]);
        let kept = BTreeMap::from([
            ("dashboards/boards/a.toml".to_owned(), "n = 2".to_owned()),
            ("metrics/indicators/x/X-1.toml".to_owned(), "n = 3".to_owned()),
        ]);
        let overlay = Overlay::of(kept.clone());
        overlay.write(folder.path()).expect("written");
        let again = Overlay::read(folder.path());
        let texts: BTreeMap<String, String> =
            again.texts().map(|(name, text)| (name.to_owned(), text.to_owned())).collect();
        assert_eq!(texts, kept);
        assert!(folder.path().join("dashboards/boards/b.case.toml").exists());
        assert!(folder.path().join("README.md").exists());
    }
}
