//! The definition files that a guide of `docs/how-to` shows, for tests that follow it.

use std::path::Path;

/// Names and texts, as they are to lie in the data folder: what a guide adds to a built-in file becomes that file with the
/// addition. Cases, fixtures and other files of the source tree are left out.
pub fn guide(name: &str) -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("repository");
    let read =
        |path: &Path| std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let text = read(&root.join("docs/how-to").join(format!("{name}.md")));
    let mut found = Vec::new();
    let mut fences = text.split("\n```");
    fences.next();
    // Every second part is inside a fence.
    for fence in fences.step_by(2) {
        let (info, body) = fence.split_once('\n').unwrap_or((fence, ""));
        let named = |key: &str| info.split_whitespace().find_map(|word| word.strip_prefix(key));
        let (path, before) = match (named("path="), named("append=")) {
            (Some(path), _) => (path, String::new()),
            (_, Some(path)) => (path, read(&root.join(path)) + "\n"),
            _ => continue,
        };
        let belongs = path.ends_with(".toml") && !path.ends_with(".case.toml") || path.ends_with(".typ");
        if belongs {
            found.push((path.to_owned(), format!("{before}{body}\n")));
        }
    }
    assert!(!found.is_empty(), "{name} shows no definition");
    found
}
