//! Moving files of an inbox: never over another one, and never to a name the file system refuses.
//!
//! The folders of a feed say what is happening to a file, also after the process has died: `.reading` while its bytes are
//! unpacked and read, `.storing` while its rows go to the lake, `.set-aside` when the process died reading it, then
//! `.done` or `.refused`.

use std::ffi::{OsStr, OsString};
use std::io::{Error, ErrorKind};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use crate::error::IngestError;

/// While its bytes are read; found there later, it brought a process down.
pub(super) const READING: &str = ".reading";
/// While its rows are stored; found there later, it is loaded again.
pub(super) const STORING: &str = ".storing";
/// Not tried again by the server.
pub(super) const SET_ASIDE: &str = ".set-aside";

/// Bytes of a file name.
const LONGEST_NAME: usize = 255;
/// Files of one name in one folder; more than that is no accident.
const MOST_OF_A_NAME: usize = 100_000;

/// Moves a file into a folder under its name, or under the next free one. Returns where it is now; nothing when it is
/// gone.
pub(super) fn move_into(path: &Path, folder: &Path, name: &OsStr) -> Result<Option<PathBuf>, IngestError> {
    std::fs::create_dir_all(folder).map_err(IngestError::file("create", folder))?;
    for copy in 1..MOST_OF_A_NAME {
        let target = folder.join(numbered(name, copy));
        match move_to_free(path, &target) {
            Ok(()) => return Ok(Some(target)),
            Err(e) if e.kind() == ErrorKind::AlreadyExists => {}
            Err(e) if e.kind() == ErrorKind::NotFound && !path.exists() => return Ok(None),
            Err(e) => return Err(IngestError::file("move away", path)(e)),
        }
    }
    Err(IngestError::file("move away", path)(Error::from(ErrorKind::AlreadyExists)))
}

/// A rename that fails when the target is there. A link and its removal are that on every file system with links;
/// elsewhere the look before the rename must do.
fn move_to_free(path: &Path, target: &Path) -> std::io::Result<()> {
    match std::fs::hard_link(path, target) {
        Ok(()) => std::fs::remove_file(path),
        Err(e) if matches!(e.kind(), ErrorKind::AlreadyExists | ErrorKind::NotFound) => Err(e),
        Err(_) if target.try_exists()? => Err(Error::from(ErrorKind::AlreadyExists)),
        Err(_) => std::fs::rename(path, target),
    }
}

/// The name of the so-manieth file of a name: `day.csv`, `day~2.csv`. A long name is cut, its ending stays.
fn numbered(name: &OsStr, copy: usize) -> OsString {
    if copy < 2 {
        return name.to_owned();
    }
    let bytes = name.as_bytes();
    let dot = bytes.iter().rposition(|b| *b == b'.').filter(|at| *at > 0 && bytes.len() - at <= 16);
    let (stem, ending) = bytes.split_at(dot.unwrap_or(bytes.len()));
    let mark = format!("~{copy}");
    let mut stem = &stem[..stem.len().min(LONGEST_NAME - mark.len() - ending.len())];
    // Not in the middle of a character.
    while !stem.is_empty() && std::str::from_utf8(bytes).is_ok() && std::str::from_utf8(stem).is_err() {
        stem = &stem[..stem.len() - 1];
    }
    OsString::from_vec([stem, mark.as_bytes(), ending].concat())
}

/// The files in a folder of an inbox, by name; none when the folder is not there.
pub(super) fn files_in(folder: &Path) -> Result<Vec<PathBuf>, IngestError> {
    let fail = || IngestError::file("list", folder);
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(e) => return Err(fail()(e)),
    };
    let paths: Result<Vec<PathBuf>, _> =
        entries.map(|entry| entry.map(|e| e.path()).map_err(fail())).collect();
    let mut paths = paths?;
    paths.retain(|path| std::fs::symlink_metadata(path).is_ok_and(|meta| meta.is_file()));
    paths.sort();
    Ok(paths)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attack_16_files_of_one_long_name_all_find_a_place() {
        let folder = tempfile::tempdir().expect("folder");
        let (inbox, done) = (folder.path().join("in"), folder.path().join("done"));
        std::fs::create_dir(&inbox).expect("folder");
        for name in [format!("{}.csv", "x".repeat(250)), "市".repeat(84), "y".repeat(255), ".csv".to_owned()]
        {
            for copy in 0..3 {
                let path = inbox.join(&name);
                std::fs::write(&path, copy.to_string()).expect("write");
                let target = move_into(&path, &done, OsStr::new(&name)).expect("moved").expect("there");
                assert_eq!(std::fs::read_to_string(&target).expect("text"), copy.to_string());
                assert!(!path.exists());
                assert_eq!(target.extension(), path.extension(), "{target:?}");
            }
        }
        assert_eq!(files_in(&done).expect("files").len(), 12);
        assert_eq!(move_into(&inbox.join("gone"), &done, OsStr::new("gone")).expect("no error"), None);
        assert_eq!(numbered(OsStr::new("day.csv"), 2), "day~2.csv");
    }
}
