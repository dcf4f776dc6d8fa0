//! The files of one room: found in a folder or built in, told apart by id, laid over each other. Nothing is read yet.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use rust_embed::RustEmbed;

use super::error::DefinitionError;
use super::listing::{Listed, listed, text};
use super::rooms::{Room, Shape};
use super::switch::{self, Switch};

/// Case files lie beside the definitions and belong to the tests.
pub(crate) const CASE: &str = ".case.toml";

/// One definition file, not yet read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceFile {
    /// As errors name it: below the root it came from.
    pub shown: String,
    /// Folder below the room; empty in rooms without areas.
    pub area: String,
    /// Name without folders and ending.
    pub id: String,
    /// Content.
    pub text: String,
}

/// The definition files of one room, by id, and what is wrong with the files themselves.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    files: BTreeMap<String, SourceFile>,
    broken: BTreeSet<String>,
    errors: Vec<DefinitionError>,
}

impl Sources {
    /// The files built into the program.
    #[must_use]
    pub fn embedded<E: RustEmbed>(room: &Room) -> Self {
        let mut found = Self::default();
        for name in E::iter() {
            let content = E::get(&name).map(|file| file.data.into_owned()).unwrap_or_default();
            found.take(room, &name, room.folder, text(content));
        }
        found
    }

    /// The files of a room below `root`, shown as below `prefix`. A room that has no folder has no files.
    #[must_use]
    pub fn folder(root: &Path, room: &Room, prefix: &str) -> Self {
        Self::listed(room, prefix, listed(root, room.folder, room.depth(), prefix))
    }

    /// The files of a room that were found, shown as below `prefix`.
    pub(crate) fn listed(room: &Room, prefix: &str, found: Listed) -> Self {
        let folder = format!("{prefix}{}", room.folder);
        let mut sources = Self { errors: found.errors, ..Self::default() };
        for (name, content) in found.files {
            sources.take(room, &name, &folder, content);
        }
        sources
    }

    /// Files from texts, each with its name below the room: stored sets and tests.
    #[must_use]
    pub fn texts<'t>(room: &Room, files: impl IntoIterator<Item = (&'t str, &'t str)>) -> Self {
        let mut found = Self::default();
        for (name, text) in files {
            found.take(room, name, room.folder, Ok(text.to_owned()));
        }
        found
    }

    /// These files with others over them: a file of the same id takes the place of the one below, whichever area it lies in,
    /// and one that says `off = true` and nothing else switches it off.
    #[must_use]
    pub fn overlaid(mut self, upper: Self, room: &Room) -> Self {
        self.errors.extend(upper.errors);
        self.broken.extend(upper.broken);
        for (id, file) in upper.files {
            match switch::read(&file) {
                Switch::Absent => {
                    self.broken.remove(&id);
                    self.files.insert(id, file);
                }
                Switch::Off if self.files.remove(&id).is_some() => {}
                Switch::Off => {
                    let message = format!("没有可停用的{}“{id}”，请删去此文件或改名", room.thing);
                    self.errors.push(DefinitionError::of_file(&file.shown, message));
                }
                Switch::Wrong(error) => self.errors.push(error),
            }
        }
        self
    }

    /// The files in the order of their ids.
    pub fn files(&self) -> impl Iterator<Item = &SourceFile> {
        self.files.values()
    }

    /// Ids that have a file, even one that cannot be read: what refers to them is no mistake.
    #[must_use]
    pub fn ids(&self) -> BTreeSet<String> {
        self.files.keys().chain(&self.broken).cloned().collect()
    }

    /// Notes that the room's folder is not there.
    pub(crate) fn missing(room: &Room) -> Self {
        let error =
            DefinitionError::of_file(room.folder, format!("没有这个目录，{}的定义应放在这里", room.thing));
        Self { errors: vec![error], ..Self::default() }
    }

    /// What is wrong with the files themselves.
    #[must_use]
    pub fn errors(&self) -> &[DefinitionError] {
        &self.errors
    }

    /// Puts a file where it belongs, or says why it does not.
    fn take(&mut self, room: &Room, name: &str, folder: &str, content: Result<String, String>) {
        if name.ends_with(CASE) {
            return;
        }
        let shown = format!("{folder}/{name}");
        let mut wrong = |message: String| self.errors.push(DefinitionError::of_file(&shown, message));
        let Some(stem) = name.strip_suffix(".toml") else {
            return wrong("这里只放 .toml 定义文件，请移走".to_owned());
        };
        let (area, id) = match (room.shape, stem.split_once('/')) {
            (Shape::Flat, None) => ("", stem),
            (Shape::Areas, Some((area, id))) if !id.contains('/') => (area, id),
            (Shape::Flat, _) => return wrong(format!("请直接放在 {} 下，不要再分目录", room.folder)),
            (Shape::Areas, _) => {
                return wrong(format!("请放在分类目录里：{}/<分类>/<编号>.toml", room.folder));
            }
        };
        match (content, self.files.get(id)) {
            (Err(message), _) => {
                wrong(message);
                self.broken.insert(id.to_owned());
            }
            (Ok(_), Some(other)) => {
                wrong(format!("{}“{id}”在 {} 中已有定义，请改名", room.thing, other.shown));
            }
            (Ok(text), None) => {
                let file = SourceFile { shown, area: area.to_owned(), id: id.to_owned(), text };
                self.files.insert(id.to_owned(), file);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::rooms::{BOARDS, INDICATORS};

    fn shown(sources: &Sources) -> Vec<String> {
        sources.errors().iter().map(ToString::to_string).collect()
    }

    fn ids(sources: &Sources) -> Vec<&str> {
        sources.files().map(|file| file.id.as_str()).collect()
    }

    #[test]
    fn files_are_told_apart_by_id_and_lie_where_they_belong() {
        let sources = Sources::texts(
            &INDICATORS,
            [
                ("a/X-1.toml", ""),
                ("b/X-1.toml", ""),
                ("X-2.toml", ""),
                ("a/b/X-3.toml", ""),
                ("a/X-1.case.toml", ""),
                ("a/x.md", ""),
            ],
        );
        assert_eq!(ids(&sources), ["X-1"]);
        assert_eq!(
            shown(&sources),
            [
                "metrics/indicators/b/X-1.toml:1:1: -: 指标“X-1”在 metrics/indicators/a/X-1.toml 中已有定义，请改名",
                "metrics/indicators/X-2.toml:1:1: -: 请放在分类目录里：metrics/indicators/<分类>/<编号>.toml",
                "metrics/indicators/a/b/X-3.toml:1:1: -: 请放在分类目录里：metrics/indicators/<分类>/<编号>.toml",
                "metrics/indicators/a/x.md:1:1: -: 这里只放 .toml 定义文件，请移走",
            ]
        );
        assert_eq!(shown(&Sources::texts(&BOARDS, [("a/x.toml", "")])).len(), 1);
    }

    #[test]
    fn a_folder_is_read_within_bounds_and_what_cannot_be_read_keeps_its_id() {
        let root = tempfile::tempdir().expect("a folder");
        let at = root.path().join(BOARDS.folder);
        fs::create_dir_all(at.join("deep/er")).expect("made");
        for (name, content) in [
            ("a.toml", &b"format = 1"[..]),
            ("b.toml", &[0xff, 0xfe]),
            ("c.toml", &vec![b'#'; (1 << 20) + 1]),
            (".a.toml.swp", b""),
            ("a.toml~", b""),
            ("deep/er/d.toml", b""),
        ] {
            fs::write(at.join(name), content).expect("written");
        }
        std::os::unix::fs::symlink(at.join("a.toml"), at.join("d.toml")).expect("linked");
        std::os::unix::net::UnixListener::bind(at.join("e.toml")).expect("a socket");
        let sources = Sources::folder(root.path(), &BOARDS, "definitions/");
        assert_eq!(ids(&sources), ["a"]);
        assert_eq!(sources.ids().into_iter().collect::<Vec<_>>(), ["a", "b", "c", "d", "e"]);
        let errors = shown(&sources);
        assert_eq!(errors.len(), 5, "{errors:?}");
        assert!(errors[2].contains("d.toml") && errors[2].contains("不是普通文件"), "{errors:?}");
        assert!(errors[0].starts_with("definitions/dashboards/boards/b.toml:1:1: -: 不是 UTF-8"));
        assert!(Sources::folder(&root.path().join("none"), &BOARDS, "").errors().is_empty());
    }

    #[test]
    fn a_file_over_another_replaces_it_or_switches_it_off() {
        let below = Sources::texts(&INDICATORS, [("a/X-1.toml", "n = 1"), ("a/X-2.toml", "n = 2")]);
        let upper = Sources::texts(
            &INDICATORS,
            [
                ("b/X-1.toml", "n = 3"),
                ("a/X-2.toml", "off = true"),
                ("a/X-3.toml", "off = true"),
                ("a/X-4.toml", "n = 4"),
                ("a/X-5.toml", "off = true\nn = 5"),
            ],
        );
        let both = below.overlaid(upper, &INDICATORS);
        let texts: Vec<&str> = both.files().map(|file| file.text.as_str()).collect();
        assert_eq!((ids(&both), texts), (vec!["X-1", "X-4"], vec!["n = 3", "n = 4"]));
        let errors = shown(&both);
        assert_eq!(errors.len(), 2, "{errors:?}");
        assert!(
            errors[0].contains("没有可停用的指标“X-3”") && errors[1].contains("X-5.toml:1:1: off"),
            "{errors:?}"
        );
    }
}
