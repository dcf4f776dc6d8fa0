//! Files that left a table, kept in mind until nobody of this process reads them any more: whoever reads holds the file's
//! own [`DataFile`], also beneath a running scan. What other processes read is not known here; see `lake_lock`.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use super::{DataFile, Snapshot};

/// The retired files of one table.
#[derive(Debug, Default)]
pub(crate) struct Retired {
    files: Mutex<Vec<Arc<DataFile>>>,
}

impl Retired {
    /// Notes what the older snapshot has and the newer one has not.
    pub(super) fn note(&self, older: &Snapshot, newer: &Snapshot) {
        let live: HashSet<&str> = newer.files.iter().map(|file| file.path.as_str()).collect();
        let gone = older.files.iter().filter(|file| !live.contains(file.path.as_str())).cloned();
        self.files.lock().unwrap_or_else(PoisonError::into_inner).extend(gone);
    }

    /// Paths of the files still read.
    pub(crate) fn paths(&self) -> Vec<String> {
        let files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        files.iter().map(|file| file.path.clone()).collect()
    }

    /// Takes out the files that nobody else holds.
    pub(crate) fn take_unread(&self) -> Vec<Arc<DataFile>> {
        let mut files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        let (unread, read) =
            std::mem::take(&mut *files).into_iter().partition(|file| Arc::strong_count(file) == 1);
        *files = read;
        unread
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str) -> Arc<DataFile> {
        Arc::new(DataFile::for_testing(path))
    }

    #[test]
    fn a_file_goes_when_its_last_reader_does() {
        let (a, b, c) = (file("a"), file("b"), file("c"));
        let older = Snapshot { version: 1, files: vec![a, b.clone()] };
        let newer = Snapshot { version: 2, files: vec![b, c] };
        let retired = Retired::default();
        retired.note(&older, &newer);
        let reading = older.files[0].clone();
        drop(older);
        assert!(retired.take_unread().is_empty(), "still read");
        drop(reading);
        let paths: Vec<String> = retired.take_unread().iter().map(|file| file.path.clone()).collect();
        assert_eq!(paths, ["a"]);
        assert!(retired.take_unread().is_empty(), "taken once");
    }
}
