//! What a crowd measured.

use std::time::Duration;

use serde_json::json;

/// Counts and times of one way of asking.
#[derive(Debug, Default)]
pub struct Figures {
    /// Microseconds from sending a question to the end of its answer.
    pub took: Vec<u32>,
    /// Answers that were not the expected ones.
    pub wrong: usize,
    /// Answers that said nothing had changed.
    pub unchanged: usize,
    /// Wall time.
    pub elapsed: Duration,
    /// Processor time of the generator itself.
    pub own: Duration,
}

impl Figures {
    /// Adds what another client measured.
    pub fn merge(&mut self, other: Self) {
        self.took.extend(other.took);
        self.wrong += other.wrong;
        self.unchanged += other.unchanged;
    }

    fn quantile(sorted: &[u32], share: f64) -> f64 {
        let at = ((sorted.len() as f64 * share) as usize).min(sorted.len().saturating_sub(1));
        sorted.get(at).map_or(0.0, |micros| f64::from(*micros) / 1000.0)
    }

    /// One JSON line; times in milliseconds.
    pub fn line(mut self, manner: &str, clients: usize) -> String {
        self.took.sort_unstable();
        let seconds = self.elapsed.as_secs_f64();
        json!({
            "manner": manner,
            "clients": clients,
            "requests": self.took.len(),
            "per_second": (self.took.len() as f64 / seconds).round(),
            "p50": Self::quantile(&self.took, 0.50),
            "p95": Self::quantile(&self.took, 0.95),
            "p99": Self::quantile(&self.took, 0.99),
            "max": Self::quantile(&self.took, 1.0),
            "wrong": self.wrong,
            "unchanged": self.unchanged,
            "own_cores": (self.own.as_secs_f64() / seconds * 100.0).round() / 100.0,
        })
        .to_string()
    }
}

/// Processor time of this process so far.
pub fn own_time() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    // After the name in parentheses; user and system time are the 14th and 15th fields, in hundredths of a second.
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks: u64 = [11, 12].iter().map(|at| fields[*at].parse::<u64>().unwrap()).sum();
    Duration::from_millis(ticks * 10)
}
