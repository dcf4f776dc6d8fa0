//! Which file it is and what shows that somebody writes it: compared before and after, never trusted by name alone.

use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::{Duration, Instant, SystemTime};

/// A file as it was at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stamp {
    device: u64,
    inode: u64,
    pub size: u64,
    pub modified: SystemTime,
}

impl Stamp {
    pub fn of(meta: &Metadata) -> Self {
        Self {
            device: meta.dev(),
            inode: meta.ino(),
            size: meta.len(),
            modified: meta.modified().unwrap_or(SystemTime::UNIX_EPOCH),
        }
    }

    /// The regular file at a path; nothing when there is none.
    pub fn at(path: &Path) -> Option<Self> {
        let meta = std::fs::symlink_metadata(path).ok()?;
        meta.is_file().then(|| Self::of(&meta))
    }

    /// Whether nobody has written for so long: by the file's own clock, or since it was first seen like this.
    pub fn is_quiet(&self, since: Instant, settle: Duration) -> bool {
        since.elapsed() >= settle
            || SystemTime::now().duration_since(self.modified).is_ok_and(|age| age >= settle)
    }

    /// Whether a process of this machine that we may look at has the file open for writing. A transfer that waits for
    /// its network writes nothing for a long time and is not done.
    pub fn is_being_written(&self) -> bool {
        let Ok(processes) = std::fs::read_dir("/proc") else { return false };
        processes
            .flatten()
            .filter(|p| p.file_name().to_string_lossy().bytes().all(|b| b.is_ascii_digit()))
            .any(|process| {
                let Ok(handles) = std::fs::read_dir(process.path().join("fd")) else { return false };
                handles.flatten().any(|handle| {
                    let same = std::fs::metadata(handle.path())
                        .is_ok_and(|meta| (meta.dev(), meta.ino()) == (self.device, self.inode));
                    same && writes(&process.path().join("fdinfo").join(handle.file_name()))
                })
            })
    }
}

/// Whether the system's note about a handle says that it may write.
fn writes(note: &Path) -> bool {
    let Ok(text) = std::fs::read_to_string(note) else { return false };
    let flags = text.lines().find_map(|line| line.strip_prefix("flags:"));
    flags.and_then(|octal| u32::from_str_radix(octal.trim(), 8).ok()).is_some_and(|flags| flags & 0b11 != 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    #[test]
    fn attack_8_a_replaced_a_grown_and_an_open_file_are_told_apart() {
        let folder = tempfile::tempdir().expect("folder");
        let (path, other) = (folder.path().join("a"), folder.path().join("b"));
        std::fs::write(&path, "1").expect("write");
        let first = Stamp::at(&path).expect("stamp");
        assert_eq!(Stamp::at(&path), Some(first));
        assert!(!first.is_quiet(Instant::now(), Duration::from_secs(60)));
        std::fs::write(&other, "1").expect("write");
        std::fs::rename(&other, &path).expect("rename");
        assert_ne!(Stamp::at(&path), Some(first));
        if cfg!(target_os = "linux") {
            assert!(!Stamp::at(&path).expect("stamp").is_being_written());
            let mut open = std::fs::File::options().append(true).open(&path).expect("open");
            open.write_all(b"2").expect("write");
            assert!(Stamp::at(&path).expect("stamp").is_being_written());
            let _reader = std::fs::File::open(&path).expect("open");
            drop(open);
            assert!(!Stamp::at(&path).expect("stamp").is_being_written());
        }
    }
}
