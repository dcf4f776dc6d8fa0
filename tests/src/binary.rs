//! The real `pujiang` binary, as people run it.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use anyhow::Context;

/// Path of the binary: `PUJIANG_BIN`, else beside the test binary.
pub fn path() -> anyhow::Result<PathBuf> {
    if let Some(path) = std::env::var_os("PUJIANG_BIN") {
        return Ok(PathBuf::from(path));
    }
    let test = std::env::current_exe().context("own path")?;
    let profile = test.parent().and_then(Path::parent).context("folder of the build profile")?;
    let binary = profile.join("pujiang");
    anyhow::ensure!(binary.is_file(), "{} is missing; run: cargo build -p pujiang-api", binary.display());
    Ok(binary)
}

/// A command with its arguments, silent.
pub fn command(arguments: &[&str]) -> anyhow::Result<Command> {
    let mut command = Command::new(path()?);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    Ok(command)
}

/// The same under another program, such as one that sets limits.
pub fn command_within(program: &[&str], arguments: &[&str]) -> anyhow::Result<Command> {
    let [program, options @ ..] = program else { return command(arguments) };
    let mut command = Command::new(program);
    command.args(options).arg(path()?).args(arguments);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    Ok(command)
}

/// Runs it to its end, whatever that is.
pub fn run(arguments: &[&str]) -> anyhow::Result<Output> {
    command(arguments)?.output().with_context(|| format!("running pujiang {}", arguments.join(" ")))
}

/// Runs it and demands success; returns standard output.
pub fn ask(arguments: &[&str]) -> anyhow::Result<String> {
    let output = run(arguments)?;
    anyhow::ensure!(
        output.status.success(),
        "pujiang {}: {}\n{}",
        arguments.join(" "),
        output.status,
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).context("standard output")
}
