//! `pujiang check`: validates every definition of every crate and the references between them, and lists all
//! errors at once as `file:line:col: key: what to do`.

mod references;
mod rooms;
mod scan;

use std::path::Path;

use super::args::CheckArgs;
use super::{CliError, Verdict, output};

/// One thing wrong with one definition file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// File, below the root of the definitions.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Column, from 1.
    pub col: usize,
    /// Key at fault.
    pub key: String,
    /// What to do.
    pub message: String,
}

impl Finding {
    /// `indicators` of `tile.indicators`: two checks may name a key with and without its section.
    fn last_key(&self) -> &str {
        self.key.rsplit('.').next().unwrap_or_default()
    }
}

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let key = if self.key.is_empty() { "-" } else { &self.key };
        write!(f, "{}:{}:{}: {}: {}", self.file, self.line, self.col, key, self.message)
    }
}

/// Prints every finding; no finding is the answer yes.
pub fn run(args: &CheckArgs) -> Result<Verdict, CliError> {
    let findings = match &args.definitions {
        Some(root) if !root.is_dir() => {
            return Err(CliError::usage(format!(
                "没有目录 {}，请用 --definitions 指定定义所在的目录",
                root.display()
            )));
        }
        Some(root) => tree(root),
        None => builtin(),
    };
    if findings.is_empty() {
        output::complain("全部定义正确");
        return Ok(Verdict::Yes);
    }
    let lines: Vec<String> = findings.iter().map(Finding::to_string).collect();
    output::say(&lines.join("\n"))?;
    output::complain(&format!("共 {} 处错误", findings.len()));
    Ok(Verdict::No)
}

/// Everything wrong with the definitions built into this program.
pub fn builtin() -> Vec<Finding> {
    finished(rooms::builtin())
}

/// Everything wrong with the definitions under a root.
pub fn tree(root: &Path) -> Vec<Finding> {
    let mut findings = rooms::tree(root);
    findings.extend(references::tree(root));
    finished(findings)
}

/// In the order of files and lines; what two checks found at one place is said once.
fn finished(mut findings: Vec<Finding>) -> Vec<Finding> {
    findings.sort();
    findings.dedup_by(|a, b| {
        (&a.file, a.line, a.col) == (&b.file, b.line, b.col) && a.last_key() == b.last_key()
    });
    findings
}
