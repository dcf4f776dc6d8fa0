//! Who else has the lake open: every process holds a shared lock on one file as long as it may read or write. Only who is
//! alone may remove at once what the newest snapshots do not name; beside others, only what is old for everybody.

use std::fs::{File, OpenOptions};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use crate::error::WarehouseError;

/// The file below the lake's folder. Its content is of no interest.
const NAME: &str = "_open.lock";

/// The shared lock of this lake; given back when dropped, also by a process that is killed.
#[derive(Debug)]
pub(crate) struct LakeLock {
    file: Mutex<File>,
}

impl LakeLock {
    /// Takes the shared lock. Waits only while another process removes what nobody reads.
    pub(crate) fn share(root: &Path) -> Result<Self, WarehouseError> {
        let path = root.join(NAME);
        let fail = |source| WarehouseError::Folder { path: path.display().to_string(), source };
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .open(&path)
            .map_err(fail)?;
        file.lock_shared().map_err(fail)?;
        Ok(Self { file: Mutex::new(file) })
    }

    /// Does the work if no other process has the lake open; those that come meanwhile wait.
    pub(crate) fn alone<T>(&self, work: impl FnOnce() -> T) -> Option<T> {
        let file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let done = file.try_lock().is_ok().then(work);
        // A lock that could not be made exclusive may have been lost on the way.
        if let Err(error) = file.lock_shared() {
            tracing::error!(error = %error, "the lock of the lake cannot be taken again");
        }
        done
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_one_is_alone() {
        let folder = tempfile::tempdir().unwrap();
        let first = LakeLock::share(folder.path()).unwrap();
        assert_eq!(first.alone(|| 1), Some(1));
        let second = LakeLock::share(folder.path()).unwrap();
        assert_eq!((first.alone(|| 1), second.alone(|| 2)), (None, None));
        drop(second);
        assert_eq!((first.alone(|| 1), first.alone(|| 3)), (Some(1), Some(3)));
    }
}
