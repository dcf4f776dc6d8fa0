//! Finds and loads the one Chinese font family of the PDF, Regular and Bold, from the folders where systems keep
//! fonts or from `PUJIANG_FONT_DIR`. Loaded once per run and shared; nothing is downloaded or shipped.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use typst::foundations::Bytes;
use typst::text::{Font, FontBook, FontWeight};
use typst::utils::LazyHash;

/// Family name as the font files carry it; templates and charts ask for this one.
pub const FAMILY: &str = "Noto Sans CJK SC";
/// Names the folder to search instead of the system's.
pub const FONT_DIR_VARIABLE: &str = "PUJIANG_FONT_DIR";

const SYSTEM_DIRS: [&str; 3] = ["/usr/share/fonts", "/usr/local/share/fonts", "/Library/Fonts"];
/// Deep enough for `opentype/noto`, and bounded whatever links a folder holds.
const DEPTH: usize = 4;

/// The font could not be had.
#[derive(Debug, thiserror::Error)]
pub enum FontError {
    /// No file of the family.
    #[error(
        "没有找到字体“{FAMILY}”（常规与粗体），已查找：{}。请安装 Debian 软件包 fonts-noto-cjk，或用环境变量 {FONT_DIR_VARIABLE} 指定字体所在目录",
        searched.iter().map(|d| d.display().to_string()).collect::<Vec<_>>().join("、")
    )]
    NotFound {
        /// Folders searched.
        searched: Vec<PathBuf>,
    },
    /// A font file is there and cannot be read.
    #[error("reading font file {} failed", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Cause.
        #[source]
        source: std::io::Error,
    },
}

/// The loaded faces and the book the typesetter looks them up in.
#[derive(Debug)]
pub struct Fonts {
    book: LazyHash<FontBook>,
    faces: Vec<Font>,
}

impl Fonts {
    /// Loads the family from `PUJIANG_FONT_DIR` if set, else from the system's folders.
    ///
    /// # Errors
    /// The family is not there, or a file of it cannot be read.
    pub fn discover() -> Result<Self, FontError> {
        match std::env::var_os(FONT_DIR_VARIABLE).filter(|dir| !dir.is_empty()) {
            Some(dir) => Self::from_dirs(vec![dir.into()]),
            None => Self::from_dirs(SYSTEM_DIRS.iter().map(PathBuf::from).collect()),
        }
    }

    /// Loads the family from these folders and those inside.
    ///
    /// # Errors
    /// The family is not there, or a file of it cannot be read.
    pub fn from_dirs(dirs: Vec<PathBuf>) -> Result<Self, FontError> {
        let mut files = vec![];
        for dir in &dirs {
            candidates(dir, DEPTH, &mut files);
        }
        // One file per weight is enough; a sorted list makes the choice repeatable.
        files.sort();
        let mut faces: Vec<Font> = vec![];
        for path in files {
            let data =
                std::fs::read(&path).map_err(|source| FontError::Read { path: path.clone(), source })?;
            for face in Font::iter(Bytes::new(data)) {
                let info = face.info();
                if info.family == FAMILY && !faces.iter().any(|known| known.info().variant == info.variant) {
                    faces.push(face);
                }
            }
        }
        let has = |weight| faces.iter().any(|face| face.info().variant.weight == weight);
        if !(has(FontWeight::REGULAR) && has(FontWeight::BOLD)) {
            return Err(FontError::NotFound { searched: dirs });
        }
        Ok(Self { book: LazyHash::new(FontBook::from_fonts(&faces)), faces })
    }

    /// Characters of a text the family has no glyph for; they would print as empty boxes.
    #[must_use]
    pub fn missing(&self, text: &str) -> BTreeSet<char> {
        let Some(face) = self.faces.first() else { return BTreeSet::new() };
        let coverage = &face.info().coverage;
        text.chars().filter(|c| !c.is_control() && !coverage.contains(u32::from(*c))).collect()
    }

    pub(super) fn book(&self) -> &LazyHash<FontBook> {
        &self.book
    }

    pub(super) fn face(&self, index: usize) -> Option<Font> {
        self.faces.get(index).cloned()
    }
}

/// Files that by their name hold the Regular or Bold of the family. The name spares reading every font of a system.
fn candidates(dir: &Path, depth: usize, found: &mut Vec<PathBuf>) {
    // A folder that is not there or not readable holds no font; the error at the end lists what was searched.
    let Ok(entries) = std::fs::read_dir(dir) else { return };
    for path in entries.flatten().map(|entry| entry.path()) {
        if path.is_dir() {
            if depth > 0 {
                candidates(&path, depth - 1, found);
            }
            continue;
        }
        let name = path.file_name().and_then(|n| n.to_str()).unwrap_or_default();
        let family = name.starts_with("NotoSansCJK");
        let weight = name.contains("-Regular.") || name.contains("-Bold.");
        let kind = [".ttc", ".otc", ".otf", ".ttf"].iter().any(|end| name.ends_with(end));
        if family && weight && kind {
            found.push(path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_font_names_the_package_and_the_variable() {
        let empty = tempfile::tempdir().expect("a folder");
        let error = Fonts::from_dirs(vec![empty.path().into()]).expect_err("no font there");
        let text = error.to_string();
        assert!(
            text.contains("fonts-noto-cjk")
                && text.contains(FONT_DIR_VARIABLE)
                && text.contains(&empty.path().display().to_string()),
            "{text}"
        );
    }

    #[test]
    fn the_system_font_covers_chinese_and_arrows() {
        let fonts = Fonts::discover().expect("fonts-noto-cjk is installed");
        assert_eq!(fonts.faces.len(), 2);
        assert!(fonts.missing("社会优待月报 崇明区 ▲▼—■（）：；，。“”1,234.5% @").is_empty());
        assert_eq!(fonts.missing("ok \u{10FFFD}"), BTreeSet::from(['\u{10FFFD}']));
    }
}
