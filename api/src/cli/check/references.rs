//! References between definitions of different rooms under a root: board, report, comparison → indicator, indicator and
//! feed → table. An id is a file name, so a broken file is still something one can refer to.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::Finding;
use super::scan;

/// Where each room keeps its definitions.
pub const RESOURCES: &str = "transactional/resources";
/// Feeds.
pub const FEEDS: &str = "ingest/feeds";
/// Lake tables.
pub const TABLES: &str = "warehouse/tables";
/// Indicators.
pub const INDICATORS: &str = "metrics/indicators";
/// Comparisons.
pub const COMPARISONS: &str = "metrics/comparisons";
/// Reports.
pub const REPORTS: &str = "reports/definitions";
/// Boards.
pub const BOARDS: &str = "dashboards/boards";

/// One kind of reference.
struct Reference {
    from: &'static str,
    keys: &'static [&'static str],
    to: &'static str,
    thing: &'static str,
}

const REFERENCES: [Reference; 5] = [
    Reference { from: BOARDS, keys: &["indicators"], to: INDICATORS, thing: "指标" },
    Reference { from: REPORTS, keys: &["indicators", "indicator"], to: INDICATORS, thing: "指标" },
    Reference { from: COMPARISONS, keys: &["indicator", "persons"], to: INDICATORS, thing: "指标" },
    Reference { from: INDICATORS, keys: &["table"], to: TABLES, thing: "数据表" },
    Reference { from: FEEDS, keys: &["table"], to: TABLES, thing: "数据表" },
];

/// Every reference that leads nowhere.
pub fn tree(root: &Path) -> Vec<Finding> {
    let mut findings = Vec::new();
    for reference in &REFERENCES {
        // A room that is missing altogether is reported by its loader; its ids are not all dangling besides.
        if !root.join(reference.to).is_dir() {
            continue;
        }
        let known: BTreeSet<String> =
            definitions(&root.join(reference.to)).iter().filter_map(|path| stem(path)).collect();
        for path in definitions(&root.join(reference.from)) {
            let Ok(text) = std::fs::read_to_string(&path) else { continue };
            for found in scan::texts(&text, reference.keys) {
                if !known.contains(&found.value) {
                    findings.push(Finding {
                        file: below(root, &path),
                        line: found.line,
                        col: found.col,
                        key: found.key,
                        message: format!(
                            "没有{}“{}”，请改名或在 {} 下补上定义",
                            reference.thing, found.value, reference.to
                        ),
                    });
                }
            }
        }
    }
    findings
}

/// Definition files below a folder, case files left out.
fn definitions(dir: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![dir.to_path_buf()];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else { continue };
        for path in entries.flatten().map(|entry| entry.path()) {
            let name = path.to_string_lossy().into_owned();
            if path.is_dir() {
                folders.push(path);
            } else if name.ends_with(".toml") && !name.ends_with(".case.toml") {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}

fn stem(path: &Path) -> Option<String> {
    path.file_stem().map(|stem| stem.to_string_lossy().into_owned())
}

/// The file as the report names it.
pub fn below(root: &Path, path: &Path) -> String {
    path.strip_prefix(root).unwrap_or(path).to_string_lossy().replace('\\', "/")
}
