//! The files below a folder with their texts, within bounds, and what cannot be read. What they mean is not known here.

use std::fs;
use std::io::Read as _;
use std::path::Path;

use super::error::DefinitionError;

/// A definition is written by hand: what is longer is something else.
const LARGEST: u64 = 1 << 20;
/// Files of one folder.
const MOST: usize = 5_000;

/// What lies below a folder.
#[derive(Debug, Default)]
pub(crate) struct Listed {
    /// Names below the folder in their order, each with the text or why there is none.
    pub(crate) files: Vec<(String, Result<String, String>)>,
    /// What is wrong with the folder itself.
    pub(crate) errors: Vec<DefinitionError>,
}

/// The files of `folder` below `root`, shown as below `prefix`; `depth` is how many folders lie between. A folder that is
/// not there has no files.
pub(crate) fn listed(root: &Path, folder: &str, depth: usize, prefix: &str) -> Listed {
    let shown = format!("{prefix}{folder}");
    let mut found = Listed::default();
    let mut names = Vec::new();
    let at = root.join(folder);
    if fs::symlink_metadata(&at).is_ok_and(|kind| kind.is_symlink()) {
        found.errors.push(DefinitionError::of_file(&shown, "是链接，不会读取；请放入目录本身".to_owned()));
    } else if at.is_dir() {
        walk(&at, "", depth, &mut names, &mut |name, cause| {
            let file = format!("{shown}/{name}");
            let message = format!("无法读取目录：{cause}");
            found.errors.push(DefinitionError::of_file(file.trim_end_matches('/'), message));
        });
    }
    names.sort();
    if names.len() > MOST {
        let message = format!("这里有 {} 个文件，最多 {MOST} 个", names.len());
        found.errors.push(DefinitionError::of_file(&shown, message));
        // Which of them are meant nobody knows.
        names.clear();
    }
    found.files = names
        .into_iter()
        .map(|name| {
            let content = bounded(&at.join(&name)).and_then(text);
            (name, content)
        })
        .collect();
    found
}

/// The text of a file's bytes.
pub(crate) fn text(bytes: Vec<u8>) -> Result<String, String> {
    String::from_utf8(bytes).map_err(|_| "不是 UTF-8 文本，请另存为 UTF-8".to_owned())
}

/// Whether editors and file managers leave such files behind.
pub(crate) fn is_left_behind(name: &str) -> bool {
    name.starts_with('.') || name.ends_with('~')
}

/// Names of the files below a folder, as far down as definitions lie and one level further, where they are in the wrong place.
fn walk(
    folder: &Path,
    below: &str,
    depth: usize,
    files: &mut Vec<String>,
    unreadable: &mut dyn FnMut(&str, std::io::Error),
) {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(cause) => return unreadable(below, cause),
    };
    for entry in entries {
        let entry = match entry {
            Ok(entry) => entry,
            Err(cause) => return unreadable(below, cause),
        };
        let name = entry.file_name().to_string_lossy().into_owned();
        if is_left_behind(&name) {
            continue;
        }
        let name = if below.is_empty() { name } else { format!("{below}/{name}") };
        // What links lead to is not looked at here, whether it is a folder or a file.
        if !entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            files.push(name);
        } else if below.matches('/').count() <= depth {
            walk(&entry.path(), &name, depth, files, unreadable);
        }
    }
}

fn bounded(path: &Path) -> Result<Vec<u8>, String> {
    // A pipe would be waited for, and a link leads out of the folder that is kept.
    match fs::symlink_metadata(path) {
        Ok(found) if found.is_file() => {}
        Ok(_) => return Err("不是普通文件（是链接、管道或设备），不会读取；请放入文件本身".to_owned()),
        Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => {
            return Err("读不到这个文件；文件名须是 UTF-8".to_owned());
        }
        Err(cause) => return Err(format!("无法读取：{cause}")),
    }
    let read = || {
        let mut content = Vec::new();
        fs::File::open(path)?.take(LARGEST + 1).read_to_end(&mut content)?;
        Ok::<_, std::io::Error>(content)
    };
    match read() {
        Ok(content) if content.len() as u64 > LARGEST => {
            Err(format!("文件超过 {} KiB，不像是定义文件", LARGEST >> 10))
        }
        Ok(content) => Ok(content),
        Err(cause) => Err(format!("无法读取：{cause}")),
    }
}
