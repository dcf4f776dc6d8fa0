//! Printing: answers to standard output, everything else to standard error.
//! The only place of the crate that writes to the terminal.

use std::io::Write;

use super::CliError;

/// Prints an answer. A reader that went away (`| head`) is no error.
pub fn say(text: &str) -> Result<(), CliError> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.write_all(b"\n")).and_then(|()| out.flush()) {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        other => other.map_err(|source| CliError::io("写出结果", source)),
    }
}

/// Prints a message beside the answer.
pub fn complain(text: &str) {
    // Nobody is left to tell when standard error is closed.
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}
