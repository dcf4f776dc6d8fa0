//! The files of a Delta log. Checkpoints hold what the entries before them say; entries no snapshot in reach needs go.

use std::path::Path;

/// Versions before the newest that stay readable from the log, and whose notes can be looked up.
const VERSIONS_KEPT: i64 = 100;

/// Removes entries and checkpoints older than the newest checkpoint from which all kept versions can be read. How many.
pub(crate) fn tidy(log: &Path, newest: i64) -> usize {
    let names: Vec<String> = std::fs::read_dir(log)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    let checkpoints =
        names.iter().filter(|name| name.contains(".checkpoint.")).filter_map(|name| version(name));
    let Some(first) = checkpoints.filter(|version| *version <= newest - VERSIONS_KEPT).max() else {
        return 0;
    };
    let old = names.iter().filter(|name| version(name).is_some_and(|version| version < first));
    old.filter(|name| std::fs::remove_file(log.join(name)).is_ok()).count()
}

/// `00000000000000000050.json`, `00000000000000000050.checkpoint.parquet`; other files have none.
fn version(name: &str) -> Option<i64> {
    let (digits, _) = name.split_once('.')?;
    (digits.len() == 20).then(|| digits.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_kept_versions_need_stays() {
        let folder = tempfile::tempdir().unwrap();
        let put = |name: &str| std::fs::write(folder.path().join(name), "").unwrap();
        (0..=260).for_each(|version| put(&format!("{version:020}.json")));
        [50, 100, 150, 200, 250].iter().for_each(|version| put(&format!("{version:020}.checkpoint.parquet")));
        put("_last_checkpoint");
        assert_eq!(tidy(folder.path(), 260), 152, "150 entries, the checkpoints 50 and 100");
        assert_eq!(tidy(folder.path(), 260), 0);
        let mut left: Vec<_> =
            std::fs::read_dir(folder.path()).unwrap().flatten().map(|e| e.file_name()).collect();
        left.sort();
        assert_eq!(left.len(), 111 + 3 + 1);
        assert_eq!(left[0], "00000000000000000150.checkpoint.parquet");
        let other = tempfile::tempdir().unwrap();
        std::fs::write(other.path().join(format!("{:020}.json", 0)), "").unwrap();
        assert_eq!(tidy(other.path(), 500), 0, "without a checkpoint nothing can go");
    }
}
