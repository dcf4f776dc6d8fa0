//! Counters and histograms of the process in Prometheus text form.
//! What is counted is named in one enum; values of other crates are read when somebody asks.

mod histogram;
mod name;
mod panics;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Mutex;
use std::time::Duration;

use histogram::Histogram;
pub use name::Name;
pub use panics::{panics, watch_panics};

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Answered {
    method: String,
    route: String,
    status: u16,
}

#[derive(Debug, Default)]
struct Requests {
    answered: BTreeMap<Answered, u64>,
    durations: BTreeMap<String, Histogram>,
}

/// What the process counts about itself.
#[derive(Debug, Default)]
pub struct Telemetry {
    requests: Mutex<Requests>,
}

/// One value read from another crate at the moment of the scrape.
#[derive(Debug)]
pub struct Sample {
    /// Which series.
    pub name: Name,
    /// Labels in the order to print.
    pub labels: Vec<(&'static str, String)>,
    /// The value now.
    pub value: f64,
}

impl Telemetry {
    /// Counts one answered request; `route` is the pattern, never the path, so that ids stay out.
    pub fn observe(&self, method: &str, route: &str, status: u16, took: Duration) {
        // A poisoned lock only means a panic while counting; the counts are still numbers.
        let mut requests = self.requests.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let key = Answered { method: method.to_owned(), route: route.to_owned(), status };
        *requests.answered.entry(key).or_default() += 1;
        requests.durations.entry(route.to_owned()).or_default().record(took);
    }

    /// The exposition text: own counters, then the given samples.
    pub fn render(&self, samples: &[Sample]) -> String {
        let mut text = String::new();
        {
            let requests = self.requests.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            head(&mut text, Name::HttpRequests);
            for (key, count) in &requests.answered {
                line(
                    &mut text,
                    Name::HttpRequests.as_str(),
                    &[
                        ("method", key.method.clone()),
                        ("route", key.route.clone()),
                        ("status", key.status.to_string()),
                    ],
                    *count as f64,
                );
            }
            head(&mut text, Name::HttpDuration);
            for (route, histogram) in &requests.durations {
                histogram.render(&mut text, Name::HttpDuration.as_str(), route);
            }
        }
        let mut current = None;
        for sample in samples {
            if current != Some(sample.name) {
                head(&mut text, sample.name);
                current = Some(sample.name);
            }
            line(&mut text, sample.name.as_str(), &sample.labels, sample.value);
        }
        text
    }
}

fn head(text: &mut String, name: Name) {
    let _ = writeln!(text, "# HELP {} {}", name.as_str(), name.help());
    let _ = writeln!(text, "# TYPE {} {}", name.as_str(), name.kind());
}

fn line(text: &mut String, name: &str, labels: &[(&'static str, String)], value: f64) {
    text.push_str(name);
    if !labels.is_empty() {
        let labels: Vec<String> =
            labels.iter().map(|(key, value)| format!("{key}=\"{}\"", escape(value))).collect();
        let _ = write!(text, "{{{}}}", labels.join(","));
    }
    let _ = writeln!(text, " {value}");
}

fn escape(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_form() {
        let telemetry = Telemetry::default();
        telemetry.observe("GET", "/api/v1/boards", 200, Duration::from_millis(3));
        telemetry.observe("GET", "/api/v1/boards", 200, Duration::from_millis(300));
        let text = telemetry.render(&[Sample {
            name: Name::FeedLag,
            labels: vec![("feed", "bank".to_owned())],
            value: 1.5,
        }]);
        assert!(text.contains(
            "pujiang_http_requests_total{method=\"GET\",route=\"/api/v1/boards\",status=\"200\"} 2"
        ));
        assert!(text.contains(
            "pujiang_http_request_duration_seconds_bucket{route=\"/api/v1/boards\",le=\"0.005\"} 1"
        ));
        assert!(text.contains("pujiang_http_request_duration_seconds_count{route=\"/api/v1/boards\"} 2"));
        assert!(text.contains("pujiang_feed_lag_seconds{feed=\"bank\"} 1.5"));
    }
}
