//! A latency histogram with fixed buckets.

use std::fmt::Write as _;
use std::time::Duration;

const BOUNDS: [f64; 11] = [0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];

/// Counts of durations up to each bound.
#[derive(Debug, Default)]
pub struct Histogram {
    buckets: [u64; BOUNDS.len()],
    count: u64,
    sum: f64,
}

impl Histogram {
    /// Adds one duration.
    pub fn record(&mut self, took: Duration) {
        let seconds = took.as_secs_f64();
        self.count += 1;
        self.sum += seconds;
        for (bucket, bound) in self.buckets.iter_mut().zip(BOUNDS) {
            if seconds <= bound {
                *bucket += 1;
            }
        }
    }

    /// Writes bucket, sum and count lines.
    pub fn render(&self, text: &mut String, name: &str, route: &str) {
        for (bucket, bound) in self.buckets.iter().zip(BOUNDS) {
            let _ = writeln!(text, "{name}_bucket{{route=\"{route}\",le=\"{bound}\"}} {bucket}");
        }
        let _ = writeln!(text, "{name}_bucket{{route=\"{route}\",le=\"+Inf\"}} {}", self.count);
        let _ = writeln!(text, "{name}_sum{{route=\"{route}\"}} {}", self.sum);
        let _ = writeln!(text, "{name}_count{{route=\"{route}\"}} {}", self.count);
    }
}
