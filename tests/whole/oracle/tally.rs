//! What a run of the oracle asked: a comparison of empty answers with empty answers would prove nothing.

use std::collections::BTreeMap;
use std::fmt;

use super::channel::Channel;
use super::query::Asker;

/// One compared query; `rows` is empty where both sides failed.
#[derive(Debug, Clone, Copy)]
pub struct Asked {
    pub shape: &'static str,
    pub side: &'static str,
    pub channel: Channel,
    pub rows: Option<usize>,
}

/// Asked, filled, failed.
#[derive(Debug, Default, Clone, Copy)]
struct Counts(u64, u64, u64);

impl Counts {
    fn take(&mut self, asked: Asked) {
        self.0 += 1;
        match asked.rows {
            Some(0) => {}
            Some(_) => self.1 += 1,
            None => self.2 += 1,
        }
    }
}

/// Counts by what was asked, as whom and how.
#[derive(Debug, Default)]
pub struct Tally {
    all: Counts,
    by: BTreeMap<String, Counts>,
}

impl Tally {
    pub fn extend(&mut self, asked: Vec<Asked>) {
        for one in asked {
            self.all.take(one);
            for key in [one.shape.to_owned(), format!("as {}", one.side), format!("by {:?}", one.channel)] {
                self.by.entry(key).or_default().take(one);
            }
        }
    }

    fn filled(&self, key: &str) -> u64 {
        self.by.get(key).map_or(0, |counts| counts.1)
    }

    /// Every shape and channel found rows, most queries did, and some failed on visible rows.
    pub fn assert_meaningful(&self, count: u64, channels: &[Channel]) {
        assert!(self.all.0 >= count, "{self}");
        assert!(self.all.1 * 10 > count * 6, "too few queries found rows\n{self}");
        assert!(self.all.2 * 100 > count, "too few queries failed on visible rows\n{self}");
        if count < 1_000 {
            return;
        }
        for shape in Asker::shapes() {
            assert!(self.filled(shape) > 10, "{shape} hardly finds rows\n{self}");
        }
        for channel in channels {
            assert!(self.filled(&format!("by {channel:?}")) * 20 > count, "{channel:?}\n{self}");
        }
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = |(key, counts): (&str, &Counts)| {
            format!("{key:24} {:7} asked {:7} with rows {:7} failed", counts.0, counts.1, counts.2)
        };
        let parts = self.by.iter().map(|(key, counts)| (key.as_str(), counts));
        let lines: Vec<String> = std::iter::once(("all", &self.all)).chain(parts).map(line).collect();
        f.write_str(&lines.join("\n"))
    }
}

/// Failures the generator means to cause. Any other means that a query could not be asked.
pub fn is_about_a_row(cause: &str) -> bool {
    ["Divide by zero", "Cannot cast", "Can't cast", "Error parsing", "Overflow", "写法不对", "超出"]
        .iter()
        .any(|known| cause.contains(known))
}
