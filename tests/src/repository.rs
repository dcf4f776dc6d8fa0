//! The repository as the tests see it: where it is and which files belong to it.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context;

/// Root folder of the repository.
pub fn root() -> PathBuf {
    let tests = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    tests.parent().map_or(tests.clone(), Path::to_path_buf)
}

/// All files that are in version control or would be, relative to the root, sorted.
pub fn files() -> anyhow::Result<Vec<PathBuf>> {
    let listing = Command::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard", "-z"])
        .current_dir(root())
        .output()
        .context("git ls-files")?;
    anyhow::ensure!(listing.status.success(), "git ls-files: {}", String::from_utf8_lossy(&listing.stderr));
    let text = String::from_utf8(listing.stdout).context("names of files")?;
    let mut files: Vec<PathBuf> =
        text.split('\0').filter(|name| !name.is_empty()).map(PathBuf::from).collect();
    files.retain(|file| root().join(file).is_file());
    files.sort();
    files.dedup();
    Ok(files)
}

/// The files with one of the endings, each with its text.
pub fn texts(endings: &[&str]) -> anyhow::Result<Vec<(PathBuf, String)>> {
    let wanted = |file: &PathBuf| {
        file.extension().and_then(|ending| ending.to_str()).is_some_and(|ending| endings.contains(&ending))
    };
    files()?
        .into_iter()
        .filter(wanted)
        .map(|file| {
            let text = std::fs::read_to_string(root().join(&file));
            text.map(|text| (file.clone(), text)).with_context(|| format!("reading {}", file.display()))
        })
        .collect()
}
