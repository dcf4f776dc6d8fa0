//! Tells people what the demonstration is doing: a bar on a terminal, a line per step otherwise.
//! Written to standard error, so that answers on standard output stay clean.

use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

/// Progress of the whole preparation.
pub struct Progress {
    terminal: bool,
    started: Instant,
}

/// Progress of one step.
pub struct Step<'p> {
    progress: &'p Progress,
    title: &'static str,
    bar: ProgressBar,
    total: u64,
    done: u64,
    next_line: u64,
    started: Instant,
}

impl Progress {
    /// A bar if standard error is a terminal, plain lines if not.
    pub fn new() -> Self {
        Self { terminal: std::io::stderr().is_terminal(), started: Instant::now() }
    }

    /// Begins a step of `total` units of work.
    pub fn step(&self, title: &'static str, total: u64) -> Step<'_> {
        let bar = match self.terminal {
            true => ProgressBar::new(total),
            false => ProgressBar::hidden(),
        };
        if let Ok(style) =
            ProgressStyle::with_template("{msg:18} {bar:30} {human_pos}/{human_len} {elapsed} 剩余 {eta}")
        {
            bar.set_style(style);
        }
        bar.set_message(title);
        bar.enable_steady_tick(Duration::from_millis(200));
        Step { progress: self, title, bar, total, done: 0, next_line: total / 10, started: Instant::now() }
    }

    /// A line for people.
    pub fn say(&self, line: &str) {
        // Nobody is left to tell when standard error is closed.
        let _ = writeln!(std::io::stderr().lock(), "{line}");
    }

    /// Time since the preparation began.
    pub fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }
}

impl Step<'_> {
    /// `n` more units of work are done.
    pub fn advance(&mut self, n: u64) {
        self.done += n;
        self.bar.inc(n);
        if !self.progress.terminal && self.done >= self.next_line && self.done < self.total {
            self.progress.say(&format!("{} {}/{}", self.title, self.done, self.total));
            self.next_line = self.done + self.total / 10;
        }
    }

    /// The step is over.
    pub fn finish(self) {
        self.bar.finish_and_clear();
        let seconds = self.started.elapsed().as_secs_f64();
        self.progress.say(&format!("{} 完成：{} 条，{seconds:.1} 秒", self.title, self.done));
    }
}
